"""iamsync in a process of its own that begins at once: forked from one that has imported everything already.

A process can be killed, and it can be short of disk; neither can be played inside the process of the tests.
"""

import gc
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import deliveries
import models
import pytest
from hearing import after_hearing, wait_for
from surroundings import bare

LONGEST = 300
"""Seconds of a processor after which a process that never ends is killed."""

HEARD = ".heard"
"""The file that a process makes in its folder when it has heard a signal."""


@dataclass(slots=True, kw_only=True)
class Fork:
    """A process that runs `iamsync` with some arguments."""

    pid: int
    megabytes: float = 0.0
    """The most memory that it had, when it has ended."""
    _folder: Path
    _server: "subprocess.Popen[str]"

    def send(self, number: signal.Signals) -> None:
        """Send a signal, and come back when it has been heard: what is answered after that comes too late."""
        os.kill(self.pid, number)
        if number is not signal.SIGKILL:
            wait_for(self._folder / HEARD)

    def ended(self) -> tuple[int, str]:
        """Its exit code, which is negative for a signal, and what it said on stdout and stderr, when it has ended."""
        assert self._server.stdout is not None
        code, said, self.megabytes = json.loads(self._server.stdout.readline())
        return code, said


class Forks:
    """Where the processes come from. One at a time."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def start(
        self,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str],
        file_size: int | None = None,
        at_delivery: str = "",
        debug: bool = False,
    ) -> Fork:
        """Begin `iamsync` in a folder; with `file_size`, no file can grow beyond that. `at_delivery` is what happens
        where it delivers the first secret (`deliveries`). With `debug`, all libraries log what they do to stderr.
        """
        order = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": dict(environment),
            "size": file_size,
            "at_delivery": at_delivery,
            "debug": debug,
        }
        (folder / HEARD).unlink(missing_ok=True)
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Fork(pid=int(self._server.stdout.readline()), _folder=folder, _server=self._server)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The process from which all others are forked."""
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    path = str(Path(__file__).parents[1])
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=bare(PYTHONPATH=path)) as server:
        yield Forks(server)
        server.terminate()


def _serve() -> None:
    """For each order on stdin: fork, say the child's pid, and then how it ended."""
    import iamsync.cli  # noqa: F401, PLC0415 - what takes long is done once, before any fork
    from iamsync import aws  # noqa: PLC0415 - as above
    from iamsync.__main__ import CALM  # noqa: PLC0415 - as above

    gc.set_threshold(*CALM)
    models.read_once()
    aws.reader(aws.open_session())
    for line in sys.stdin:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            _be_iamsync(json.loads(line), into)
        os.close(into)
        print(child, flush=True)  # noqa: T201 - this is the protocol
        with open(out, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor, no path
            said = pipe.read()
        _, status, used = os.wait4(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), said, used.ru_maxrss / 1024]), flush=True)  # noqa: T201


def _be_iamsync(order: Mapping[str, object], out: int) -> None:
    from iamsync.cli import main  # noqa: PLC0415 - imported before the fork

    arguments = order["arguments"]
    assert isinstance(arguments, list)
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.update(order["environment"])  # type: ignore[call-overload]  # what the test wrote
        os.chdir(str(order["folder"]))
        after_hearing(Path(HEARD).touch)
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        if order["debug"]:
            logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
        if order["at_delivery"]:
            deliveries.install(str(order["at_delivery"]))
        if isinstance(size := order["size"], int):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        code = main(arguments)
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
