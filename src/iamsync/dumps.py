"""No core dumps: the memory of a process that makes secrets must not be written to a disk when it crashes."""

import ctypes
import resource
import sys
from contextlib import suppress
from typing import Final

_PR_SET_DUMPABLE: Final = 4
"""prctl(2): without it the kernel also hands no dump to a program like systemd-coredump, which ignores the limit."""


def disable() -> None:
    """From now on, for this process and its children; where the system does not let us, as far as it does."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
