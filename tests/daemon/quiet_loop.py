"""A loop that makes a cycle for each line on its stdin, and says what the process holds then. Alone in a process, since
that of the tests holds what other tests have left.
"""

import gc
import json
import sys
import threading
from pathlib import Path

from iamsync import aws
from iamsync.cli.loop_options import Address
from iamsync.cli.serving import Beside, started
from iamsync.daemon.http.site import Doors
from iamsync.daemon.pause import never
from iamsync.daemon.watched import Watched
from iamsync.reconcile import Means
from iamsync.source import Folder


def main() -> None:
    """Cycles on the folder `desired` of the current folder."""
    here, nowhere = Path(), Address("127.0.0.1", 0)
    watched = Watched(Folder(here / "desired"), aws.open_session(), every=300, csv=here, means=Means(), paused=never)
    with started(Beside(doors=Doors(), metrics=nowhere, site=nowhere), watched.board, lambda: None):
        for _ in sys.stdin:
            result = watched.tick().result
            watched.pace(300)
            gc.collect()
            print(json.dumps({"result": result.value, **held()}), flush=True)  # noqa: T201 - this is the protocol


def held() -> dict[str, int]:
    """Pages of memory (proc(5), statm), open files, and threads."""
    return {
        "pages": int(Path("/proc/self/statm").read_text().split()[1]),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
    }


if __name__ == "__main__":
    main()
