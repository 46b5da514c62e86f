"""How fast an account takes calls, learned from its answers.

IAM's own limits are per account and operation, shared with the console and every other tool, and not published ("IAM
resources at scale", AWS Security Blog). So nothing is assumed: a call goes at once until AWS says Throttling.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 1.0
"""Seconds over which accepted calls are counted, and in which AWS is believed once: the calls that were in flight at
the first Throttling tell nothing new."""

SLOWER = 0.9
"""Of what the last window accepted."""

FASTER, STEP = 1.1, 1.0
"""How a rate recovers: by a tenth, and one call, for each second without Throttling."""

SLOWEST = 2.0
"""Calls a second that are tried even when AWS accepts none."""


class Rate:
    """A token bucket of one token, shared by all threads that call one account.

    Unlimited until the first Throttling. That sets the rate to nine tenths of what the last second accepted, whether
    that was ten calls or a thousand, and every second without another one raises it again. The clock is passed in.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._per_second = float("inf")
        self._next_turn = self._slowed_at = self._grown_at = float("-inf")
        self._accepted: deque[float] = deque()
        self._last_accepted = float("-inf")

    @property
    def per_second(self) -> float:
        """Calls a second, at this moment; infinite as long as AWS never complained."""
        return self._per_second

    def turn(self) -> float:
        """Take the next turn; how many seconds are left until it."""
        with self._lock:
            now = self._clock()
            self._recover(now)
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self._per_second
            return turn - now

    def accepted(self) -> None:
        """AWS answered a call, whatever it said, with something else than Throttling."""
        with self._lock:
            self._last_accepted = self._clock()
            self._accepted.append(self._last_accepted)
            self._forget_before(self._last_accepted - WINDOW)

    def throttled(self) -> None:
        """AWS answered Throttling."""
        with self._lock:
            now = self._clock()
            if now - self._slowed_at < WINDOW:
                return
            self._forget_before(now - WINDOW)
            known = self._per_second if self._per_second != float("inf") else 0.0
            # A second in which little was asked tells little: no single Throttling more than halves a known rate.
            self._per_second = max(SLOWEST, SLOWER * len(self._accepted) / WINDOW, known / 2)
            self._slowed_at = self._grown_at = now
            self._next_turn = max(self._next_turn, now + 1 / self._per_second)

    def accepted_since(self, moment: float) -> bool:
        """Whether AWS accepted any call since that time of the clock."""
        return self._last_accepted >= moment

    def now(self) -> float:
        """The time, by the clock that was passed in."""
        return self._clock()

    def _recover(self, now: float) -> None:
        calm = now - max(self._slowed_at + WINDOW, self._grown_at)
        if calm > 0 and self._per_second != float("inf"):
            self._per_second = self._per_second * FASTER**calm + STEP * calm
            self._grown_at = now

    def _forget_before(self, moment: float) -> None:
        while self._accepted and self._accepted[0] < moment:
            self._accepted.popleft()
