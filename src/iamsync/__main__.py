"""The process: `iamsync` and `python -m iamsync` are the same program."""

import gc
import os
import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn

CALM = (100_000, 50, 100)
"""Thresholds of the garbage collector. What is read and planned is a million values, none of them garbage: to look for
some as often as Python does takes a tenth of a run. What is imported is not looked at even once.
"""

_INTERRUPTED = 130


def run() -> NoReturn:
    """Run the command that the arguments name, and exit with its code."""
    gc.set_threshold(*CALM)
    gc.disable()
    # Other packages have no business in here, and to look for those that bring plugins takes a tenth of the start.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # SIGTERM is what Ctrl-C is; while calls are made, `apply` lets them land. Who ignores one for us is obeyed.
    signals = [one for one in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(one) != signal.SIG_IGN]
    for one in signals:
        signal.signal(one, _nothing_begun)
    from iamsync.cli import main  # noqa: PLC0415 - after all that
    from iamsync.render import screen  # noqa: PLC0415 - as above

    screen.guard()
    gc.freeze()
    gc.enable()
    try:
        for one in signals:
            signal.signal(one, signal.default_int_handler)
        code = main()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    screen.flush()
    # Nothing is left to do, and Python would do much: free a million values one by one, and wait for reads in flight,
    # which may take a minute to get an answer that nobody wants any more.
    os._exit(code)


def _nothing_begun(_: int, __: FrameType | None) -> NoReturn:
    """End at once. An exception that breaks into an import may come out of it as another one."""
    with suppress(OSError):
        os.write(2, b"Interrupted; nothing was changed.\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    run()
