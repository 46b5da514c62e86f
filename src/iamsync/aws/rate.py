"""How fast an account takes calls, learned from its answers.

IAM's own limits are per account and operation, shared with the console and every other tool, and not published ("IAM
resources at scale", AWS Security Blog). So nothing is assumed: a call goes at once until AWS keeps on throttling.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

ENOUGH, SHARE = 10, 0.5
"""The account is full when, of so many calls that were sent again, AWS accepts a smaller share."""

WINDOW, LONGEST = 1.0, 5.0
"""Seconds whose answers are judged together. With fewer than ENOUGH calls sent again after the longest, it is calm."""

SLOWER = 0.9
"""Of what a bad window accepted: somebody waits already, and what is accepted in full is never left for those."""

FASTER, STEP = 1.1, 1.0
"""How a rate recovers: by a tenth, and one call, for each second of a better window."""

SLOWEST = 2.0
"""Calls a second that are tried even when AWS accepts none."""

SILENCE = 10.0
"""Seconds without any call accepted after which waiting for one's turn is no longer worth it."""


@dataclass(slots=True)
class _Window:
    """The answers since a moment: how many accepted a call, how many were to calls sent again, how many both."""

    began: float
    accepted: int = 0
    again: int = 0
    accepted_again: int = 0

    def add(self, *, accepted: bool, again: bool) -> None:
        """Count an answer."""
        self.accepted += accepted
        self.again += again
        self.accepted_again += accepted and again

    def is_over(self, seconds: float) -> bool:
        """Whether it can be judged, after so many seconds."""
        return seconds >= WINDOW and (not self.again or self.again >= ENOUGH or seconds >= LONGEST)

    @property
    def is_bad(self) -> bool:
        """Whether calls came too fast."""
        return self.again >= ENOUGH and self.accepted_again < SHARE * self.again


class Rate:
    """How many calls a second iamsync makes to one account, learned from AWS's answers.

    All threads that call the account share one Rate. Before each call, a thread calls `turn` and sleeps for as many
    seconds as that returns. After each answer, it calls `answered`. Answers are judged together, in windows of one to
    five seconds:

    - At first there is no limit.
    - A window is bad if AWS throttles most of the calls that were already throttled once and sent again. The limit then
      becomes nine tenths of what AWS accepted. Example: 40 calls accepted in 2 seconds lead to a limit of 18 a second.
    - After any other window the limit rises: for each second, by a tenth and by one call a second.

    Why only calls that are sent again count: one throttled call may be chance. If each lowered the limit, it would fall
    and fall, because AWS accepts fewer calls when fewer are sent. And in the share of all calls those that wait before
    they are sent again would hardly count: they could wait without end while new calls pass them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._per_second = float("inf")
        self._next_turn = self._last_accepted = float("-inf")
        self._last_answer = clock()
        self._window = _Window(began=self._last_answer)

    @property
    def per_second(self) -> float:
        """Calls a second, at this moment; infinite as long as AWS never complained."""
        return self._per_second

    def turn(self) -> float:
        """Take the next turn; how many seconds are left until it."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self._per_second
            return turn - now

    def answered(self, *, accepted: bool, again: bool) -> None:
        """AWS answered Throttling, or `accepted` a call, whatever else it said; `again` if it was not the first try."""
        with self._lock:
            now = self._clock()
            if now - self._last_answer > WINDOW:
                self._window = _Window(began=now)  # a pause of ours says nothing of how fast one may call
            self._last_answer = now
            self._last_accepted = now if accepted else self._last_accepted
            self._window.add(accepted=accepted, again=again)
            self._judge(now)

    @property
    def is_flowing(self) -> bool:
        """Whether AWS accepts calls of ours at present, so that one which is throttled will have its turn."""
        return self.accepted_since(self._clock() - SILENCE)

    def accepted_since(self, moment: float) -> bool:
        """Whether AWS accepted any call since that time of the clock."""
        return self._last_accepted >= moment

    def now(self) -> float:
        """The time, by the clock that was passed in."""
        return self._clock()

    def _judge(self, now: float) -> None:
        window, seconds = self._window, now - self._window.began
        if not window.is_over(seconds):
            return
        if window.is_bad:
            self._per_second = max(SLOWEST, SLOWER * window.accepted / seconds)
        else:
            self._per_second = self._per_second * FASTER**seconds + STEP * seconds
        self._window = _Window(began=now)
