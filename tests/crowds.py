"""Threads that call an account side by side, in seconds that only a simulation knows: thousands pass in one."""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from iamsync.aws.rate import Rate

LATENCY = 0.05
TRIES = 8


class Clock:
    """Seconds, as the test wants them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Account(Protocol):
    """Who takes calls, or throttles them."""

    def takes(self, now: float) -> bool:
        """Whether a call that arrives now is accepted."""


class Bucket:
    """An account that takes so many calls a second, as AWS does."""

    def __init__(self, a_second: float) -> None:
        self.a_second = a_second
        self._tokens, self._filled = a_second, 0.0

    def takes(self, now: float) -> bool:
        self._tokens = min(self.a_second, self._tokens + (now - self._filled) * self.a_second)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Chance:
    """An account that throttles a share of the calls, however slowly they come."""

    def __init__(self, throttled: float, seed: int) -> None:
        self._throttled = throttled
        self._dice = random.Random(seed)  # noqa: S311 - chance that can be repeated is what is wanted

    def takes(self, _: float) -> bool:
        return self._dice.random() >= self._throttled


@dataclass(slots=True)
class Tally:
    """What became of the calls; `lost` are those that were throttled to the last try."""

    accepted: int = 0
    throttled: int = 0
    lost: int = 0
    slowest: float = float("inf")
    """The lowest rate that was seen."""


@dataclass(slots=True, kw_only=True)
class Crowd:
    """So many threads, each with one call after the other; between tries they back off, and give up, as ours do."""

    rate: Rate | None
    account: Account
    clock: Clock
    threads: int = 8
    seed: int = 1
    _tally: Tally = field(default_factory=Tally)
    _agenda: list[tuple[float, int, Iterator[float]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 - as above
        for number in range(self.threads):
            heapq.heappush(self._agenda, (self.clock.now, number, self._calls(dice.random)))

    def calls_for(self, seconds: float) -> Tally:
        """What becomes of the calls of the next seconds."""
        self._tally = Tally()
        until = self.clock.now + seconds
        while self._agenda[0][0] < until:
            self.clock.now, number, thread = heapq.heappop(self._agenda)
            heapq.heappush(self._agenda, (self.clock.now + next(thread), number, thread))
        self.clock.now = until
        return self._tally

    def pause(self, seconds: float) -> None:
        """Let time pass in which nobody calls."""
        self.clock.now += seconds
        self._agenda = [(at + seconds, number, thread) for at, number, thread in self._agenda]

    def _calls(self, chance: Callable[[], float]) -> Iterator[float]:
        """One thread: how long it waits for what comes next."""
        while True:
            for attempt in count():
                if attempt >= TRIES and not (self.rate and self.rate.is_flowing):
                    self._tally.lost += 1
                    break
                yield self.rate.turn() if self.rate else 0.0
                taken = self.account.takes(self.clock.now)
                yield LATENCY
                self._note(taken=taken, again=attempt > 0)
                if taken:
                    break
                yield chance() * min(2**attempt, 20)

    def _note(self, *, taken: bool, again: bool) -> None:
        if taken:
            self._tally.accepted += 1
        else:
            self._tally.throttled += 1
        if self.rate:
            self.rate.answered(accepted=taken, again=again)
            self._tally.slowest = min(self._tally.slowest, self.rate.per_second)
