"""Drift: what a cycle repairs although the files declare what they declared in the cycle before; and what is contested,
because it is repaired again and again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from iamsync.core.action import Action
from iamsync.core.api import secret_by_name
from iamsync.core.hold import HeldBack
from iamsync.core.model import DesiredState
from iamsync.core.report import Report, Status
from iamsync.render.actions import summary

OFTEN = 3
"""Repairs of the same thing after which it is contested."""

LEAST_SPAN = timedelta(hours=1)
SPAN_IN_CYCLES = 12
"""Repairs are counted over this time: an hour, and with long intervals so many cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the files declared in a cycle, and the calls of which it is known that they were not made."""

    wanted: DesiredState | None = None
    waiting: frozenset[str] = frozenset()


def settled(
    wanted: DesiredState | None,
    planned: Iterable[Action],
    report: Report,
    put_off: Iterable[Action],
    held_back: Iterable[HeldBack],
) -> Settled:
    """What a cycle leaves to the next."""
    done = {_call(one.action) for one in report.outcomes if one.status is Status.DONE}
    held = (action for one in held_back for action in one.actions)
    waiting = {_call(action) for action in (*planned, *put_off, *held)} - done
    return Settled(wanted=wanted, waiting=frozenset(waiting))


def drift(planned: Iterable[Action], wanted: DesiredState | None, before: Settled) -> tuple[Action, ...]:
    """The actions that repair what somebody changed in the account since the cycle `before`."""
    if before.wanted is None or wanted != before.wanted:
        return ()
    return tuple(action for action in planned if _call(action) not in before.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """What is repaired again and again: somebody, or another tool, changes it back each time."""

    subject: str
    what: str
    times: int
    span: timedelta
    """The time over which the repairs are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """When each repair was made (aware, in UTC), by subject and summary, over the last `span`."""

    span: timedelta = LEAST_SPAN
    moments: Mapping[tuple[str, str], Sequence[datetime]] = field(default_factory=dict)

    def after(self, repaired: Iterable[Action], now: datetime) -> "Repairs":
        """With those of one more cycle."""
        moments = {
            what: recent for what, all_of_it in self.moments.items() if (recent := _since(now - self.span, all_of_it))
        }
        for what in {(action.subject, summary(action)) for action in repaired}:
            moments[what] = (*moments.get(what, ()), now)
        return Repairs(span=self.span, moments=moments)

    @property
    def contested(self) -> tuple[Contested, ...]:
        """What was repaired too often, the most frequent first."""
        often = sorted((-len(moments), what) for what, moments in self.moments.items() if len(moments) >= OFTEN)
        return tuple(Contested(subject=one, what=what, times=-times, span=self.span) for times, (one, what) in often)


def span_of(every: float) -> timedelta:
    """The time over which repairs are counted, for an interval in seconds."""
    return max(LEAST_SPAN, SPAN_IN_CYCLES * timedelta(seconds=every))


def repaired(drifted: Iterable[Action], report: Report) -> tuple[Action, ...]:
    """The actions among `drifted` that were done."""
    done = {_call(one.action) for one in report.outcomes if one.status is Status.DONE}
    return tuple(action for action in drifted if _call(action) in done)


def _since(moment: datetime, moments: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(one for one in moments if one > moment)


def _call(action: Action) -> str:
    return json.dumps([action.subject, action.operation, action.params], sort_keys=True, default=secret_by_name)
