"""The process: `iamsync` and `python -m iamsync` are the same program."""

import gc
import os
import sys
from typing import NoReturn

CALM = (100_000, 50, 100)
"""Thresholds of the garbage collector. What is imported, read and planned is a million values, none of them garbage:
to look for some as often as Python does takes a tenth of a run.
"""


def run() -> NoReturn:
    """Run the command that the arguments name, and exit with its code."""
    gc.set_threshold(*CALM)
    from iamsync.cli import main  # noqa: PLC0415 - after the collector has been calmed

    code = main()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as it is for a process that was started without it
            stream.flush()
    # Nothing is left to do, and Python would do much: free a million values one by one, and wait for reads in flight,
    # which may take a minute to get an answer that nobody wants any more.
    os._exit(code)


if __name__ == "__main__":
    run()
