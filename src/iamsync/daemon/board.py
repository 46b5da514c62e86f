"""Where the thread of the loop leaves its status, and any other thread finds it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from iamsync.aws.calls import Call, Calls
from iamsync.daemon.result import CycleResult
from iamsync.daemon.status import LoopStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that there is to see of a loop at a moment: its status; calls to AWS; and what happened beside the cycles,
    by kind and how it ended: `("webhook", "accepted")`; and whether it `leads`: no other replica writes.
    """

    status: LoopStatus
    calls: Mapping[Call, int] = field(default_factory=dict)
    beside: Mapping[tuple[str, str], int] = field(default_factory=dict)
    leads: bool = True


class Board:
    """The status of one loop. Only the loop writes it; what happens beside the cycles, any thread counts."""

    def __init__(self, *, every: float, calls: Calls, leads: Callable[[], bool] = lambda: True) -> None:
        self._status = LoopStatus(began=datetime.now(tz=UTC), began_by=time.monotonic(), every=every)
        self._calls = calls
        self._leads = leads
        self._lock = threading.Lock()
        self._beside: Counter[tuple[str, str]] = Counter()

    @property
    def seen(self) -> Seen:
        """What there is to see now."""
        with self._lock:
            beside = dict(self._beside)
        return Seen(status=self._status, calls=self._calls.counts, beside=beside, leads=self._leads())

    def begin(self) -> None:
        """A cycle begins."""
        self._status = self._status.beginning(time.monotonic())

    def hear(self, result: CycleResult) -> None:
        """A cycle has ended."""
        self._status = self._status.after(result, time.monotonic())

    def wait(self, seconds: float) -> None:
        """The next cycle begins in so many seconds."""
        self._status = self._status.pausing(seconds, datetime.now(tz=UTC), time.monotonic())

    def count(self, kind: str, ended: str) -> None:
        """Something happened beside the cycles."""
        with self._lock:
            self._beside[kind, ended] += 1
