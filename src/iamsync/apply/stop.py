"""Whether the rest of the plan is left undone, and why."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from iamsync.signals import ENDING, reported_at_once


class Stop:
    """A request, of anybody, that nothing new is started. What is in flight is waited for."""

    def __init__(self) -> None:
        self.reason = ""
        self.signalled = False
        self._asked = threading.Event()

    def ask(self, reason: str, *, signalled: bool = False) -> None:
        """Ask to stop. The first reason is the one that is reported."""
        self.reason = self.reason or reason
        self.signalled = self.signalled or signalled
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Whether it was asked to stop before so many seconds were over."""
        return self._asked.wait(seconds)


@contextmanager
def signals_deferred(stop: Stop) -> Iterator[None]:
    """While this holds, SIGINT and SIGTERM ask to stop instead of breaking into a call."""

    def ask(number: int, _: FrameType | None = None) -> None:
        stop.ask(f"stopped by {signal.Signals(number).name}", signalled=True)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    before = {number: signal.signal(number, ask) for number in ENDING}
    try:
        with reported_at_once(ask):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
