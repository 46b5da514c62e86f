"""What a process that a test starts finds around it when it is to find nothing of ours: where programs are, and what is
the machine's own: its clock, its zone, its language.
"""

import os

OF_THE_MACHINE = frozenset(
    {
        "PATH",
        "TZ",
        "LC_ALL",
        "PYTHONUTF8",
        "PYTHONCOERCECLOCALE",
        "LD_PRELOAD",
        "DONT_FAKE_MONOTONIC",
        "FAKETIME",
        "FAKETIME_CACHE_DURATION",
    }
)
"""`make test-anyday` sets most of them: a child that lived on another day than its test would see a sandbox from the
future.
"""


def bare(**more: str) -> dict[str, str]:
    """An environment of that, and of `more`."""
    return {name: value for name, value in os.environ.items() if name in OF_THE_MACHINE} | more
