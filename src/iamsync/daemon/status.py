"""The state of a loop as a value: metrics, the page and messages are made from it, and from nothing else."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from iamsync.core.action import Action
from iamsync.core.report import Outcome, Status
from iamsync.daemon.result import CycleResult, Result

_Key = TypeVar("_Key")

BUCKETS: Final = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
"""Upper bounds of the histogram of durations, in seconds."""

LATELY: Final = 50
"""Actions that are remembered."""

PATIENCE: Final = 3
"""Intervals within which there must be a good cycle."""

STUCK: Final = 3600.0
"""Seconds after which a cycle is taken for stuck."""

GRACE: Final = 60.0
"""Seconds that the next cycle may be late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An action that was done or failed, and when its cycle began (aware, in UTC)."""

    at: datetime
    outcome: Outcome
    is_drift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStatus:
    """What a loop has done since it `began`, and what it knows. `every` is the interval in seconds.

    `last` is its last cycle, `planned` the last that came to a plan. Times named `..._at` are aware, in UTC; `good_by`,
    `cycle_by` and `next_by` are seconds of a clock that only grows: the end of the last good cycle, the beginning of
    the cycle in progress, the beginning of the next. `durations` counts cycles by BUCKETS, the last beyond them all.
    """

    began: datetime
    began_by: float
    every: float
    cycles: Mapping[Result, int] = field(default_factory=dict)
    durations: tuple[int, ...] = (0,) * (len(BUCKETS) + 1)
    seconds: float = 0.0
    actions: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    drift: Mapping[tuple[str, str], int] = field(default_factory=dict)
    last: CycleResult | None = None
    planned: CycleResult | None = None
    good_at: datetime | None = None
    good_by: float | None = None
    commit: str | None = None
    commit_at: datetime | None = None
    lately: tuple[Done, ...] = ()
    cycle_by: float | None = None
    next_at: datetime | None = None
    next_by: float | None = None

    def beginning(self, now: float) -> "LoopStatus":
        """A cycle begins."""
        return replace(self, cycle_by=now, next_at=None, next_by=None)

    def pausing(self, seconds: float, at: datetime, now: float) -> "LoopStatus":
        """No cycle is in progress, and the next comes in so many seconds."""
        return replace(self, cycle_by=None, next_at=at + timedelta(seconds=seconds), next_by=now + seconds)

    def after(self, result: CycleResult, now: float) -> "LoopStatus":
        """A cycle has ended."""
        ended = result.started + timedelta(seconds=result.seconds)
        is_new = result.commit is not None and result.commit != self.commit
        is_planned = result.result not in {Result.REFUSED, Result.ERROR}
        return replace(
            self,
            cycles={**self.cycles, result.result: self.cycles.get(result.result, 0) + 1},
            durations=_counted(self.durations, result.seconds),
            seconds=self.seconds + result.seconds,
            actions=_added(self.actions, [(*_kind_and_verb(one.action), one.status.value) for one in _made(result)]),
            drift=_added(self.drift, map(_kind_and_verb, result.drifted)),
            last=result,
            planned=result if is_planned else self.planned,
            good_at=ended if result.is_good else self.good_at,
            good_by=now if result.is_good else self.good_by,
            commit=result.commit if is_new else self.commit,
            commit_at=result.started if is_new else self.commit_at,
            lately=(*_done(result), *self.lately)[:LATELY],
        )

    def is_ready(self, now: float) -> bool:
        """Whether a cycle was good within the last three intervals, and worked on the newest commit."""
        return self.good_by is not None and now - self.good_by <= PATIENCE * self.every + GRACE and self.is_current

    @property
    def is_current(self) -> bool:
        """Whether, as of the last cycle, it is at most three intervals since the newest commit was in force and the
        remote could be asked.
        """
        source = self.last.source if self.last else None
        if self.last is None or source is None:
            return True
        since = [wrong.since for wrong in (source.refused, source.failure) if wrong]
        return all((self.last.started - one).total_seconds() <= PATIENCE * self.every + GRACE for one in since)

    def is_alive(self, now: float) -> bool:
        """Whether the loop goes on: no cycle takes an hour, and the next is not overdue."""
        if self.cycle_by is not None:
            return now - self.cycle_by <= STUCK
        return now <= (self.began_by if self.next_by is None else self.next_by) + GRACE


def left_to_do(result: CycleResult) -> Counter[tuple[str, str]]:
    """What a cycle found different and did not change, by kind and verb, without what is held back."""
    done = Counter(_kind_and_verb(one.action) for one in result.report.outcomes if one.status is Status.DONE)
    return Counter(map(_kind_and_verb, result.planned)) - done


def _kind_and_verb(action: Action) -> tuple[str, str]:
    return action.subject.partition("/")[0], action.verb.value


def _counted(durations: tuple[int, ...], seconds: float) -> tuple[int, ...]:
    place = bisect_left(BUCKETS, seconds)
    return tuple(count + (number == place) for number, count in enumerate(durations))


def _added(counts: Mapping[_Key, int], more: Iterable[_Key]) -> dict[_Key, int]:
    return {**counts, **{key: counts.get(key, 0) + number for key, number in Counter(more).items()}}


def _made(result: CycleResult) -> list[Outcome]:
    return [one for one in result.report.outcomes if one.status is not Status.SKIPPED]


def _done(result: CycleResult) -> list[Done]:
    drifted = {id(action) for action in result.drifted}
    made = [Done(at=result.started, outcome=one, is_drift=id(one.action) in drifted) for one in reversed(_made(result))]
    return made[:LATELY]
