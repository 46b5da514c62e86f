"""How soon the next cycle follows one in which AWS could not be asked: sooner than usual, and never later.

A back-off that made pauses longer than the interval would slow what takes access away.
"""

from collections.abc import Callable
from random import random
from typing import Final

from iamsync.daemon.result import CycleResult, Result

FIRST: Final = 10.0
"""Seconds after the first failure; twice as long after each further one, up to the interval."""

_AWS_DOWN: Final = frozenset({"AccountError", "CredentialsError", "LiveStateError"})


class Pace:
    """The pauses of a loop whose cycles are made by `cycle`. Chance shortens those after a failure, so that many loops
    do not ask AWS in step.
    """

    def __init__(self, cycle: Callable[[], CycleResult]) -> None:
        self._cycle = cycle
        self._failures = 0

    def tick(self) -> CycleResult:
        """Make a cycle."""
        result = self._cycle()
        self._failures = failures_after(self._failures, result)
        return result

    def __call__(self, planned: float) -> float:
        """The pause before the next cycle, in seconds, where this one was planned."""
        pause = pause_after(self._failures, planned)
        return pause if pause == planned else pause * (0.5 + random() / 2)  # noqa: S311 - chance, no secret


def failures_after(failures: int, result: CycleResult) -> int:
    """How many cycles in a row could not ask AWS."""
    return failures + 1 if result.result is Result.ERROR and result.error_kind in _AWS_DOWN else 0


def pause_after(failures: int, planned: float) -> float:
    """The pause before the next cycle, in seconds, where `planned` is that after a good one."""
    return min(planned, FIRST * 2.0 ** min(failures - 1, 16)) if failures else planned
