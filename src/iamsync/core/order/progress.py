"""How far a plan has been applied: which action may start, and which must not after a failure.

An action may start if the actions that it needs are done, and if it harms no user whom it concerns: it causes neither
an excess nor a loss, as in planning. An action whose outcome is unknown may have been done or not, so both accounts are
checked.

Users about whom everything was done as planned need no check: planning has tried exactly these moments.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import combinations
from typing import Final

from iamsync.core.action import Action
from iamsync.core.order.concern import planned
from iamsync.core.order.edges import Waiting
from iamsync.core.order.graph import Graph
from iamsync.core.order.moments import Judge, Moment
from iamsync.core.picture import AccountPicture

MOST_UNKNOWN: Final = 4
"""With more unknown outcomes about one user, no action that changes the user's permissions is done: the accounts to
look at double with each."""


class Ended(Enum):
    """How an action ended."""

    DONE = auto()
    NOT_DONE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why an action must not be done: the action `blocked_by`, which it needs, was not; or it would harm a user."""

    blocked_by: int | None = None
    harmed: str = ""


class Progress:
    """A plan that is being applied. One thread asks; it hears of every action that has ended."""

    def __init__(self, actions: Sequence[Action], graph: Graph, before: AccountPicture) -> None:
        self._graph = graph
        self._planned = planned(actions, before)
        self._judge = Judge(before, self._planned)
        self._now = Moment.beginning(before)
        self._ended: dict[int, Ended] = {}
        self._unknown: dict[str, list[int]] = defaultdict(list)
        self._off_course: set[str] = set()
        self._waiting = Waiting(dict(enumerate(graph.after)))

    @property
    def is_waiting(self) -> bool:
        """Whether nothing can start before an action that has started ends."""
        return not self._waiting.free

    def start(self) -> int:
        """The number of the action that starts next, the first in the order of the plan."""
        return heapq.heappop(self._waiting.free)

    def end(self, number: int, ended: Ended) -> None:
        """An action that had started has ended."""
        self._ended[number] = ended
        one = self._planned[number]
        if ended is Ended.DONE:
            self._now.do(one)
        else:
            self._off_course |= one.users
        if ended is Ended.UNKNOWN:
            for name in one.users:
                self._unknown[name].append(number)
        self._waiting.end(number)

    def done_after_all(self, number: int) -> None:
        """An action that had ended without being done is done now."""
        self._ended[number] = Ended.DONE
        self._now.do(self._planned[number])

    def hindrance(self, number: int) -> Hindrance | None:
        """Why an action that would start now must not be done; None if it may."""
        for needed in sorted(self._graph.needs[number]):
            if self._ended[needed] is not Ended.DONE:
                return Hindrance(blocked_by=needed)
        one = self._planned[number]
        if not one.changes_permissions:
            return None
        concerned = sorted(one.users & self._off_course)
        return next((Hindrance(harmed=name) for name in concerned if self._may_harm(name, number)), None)

    def _may_harm(self, name: str, number: int) -> bool:
        if len(self._unknown[name]) > MOST_UNKNOWN:
            return True
        one = self._planned[number]
        return any(
            self._judge.violations(moment, one, moment.after(one.action), name) for moment in self._possible(name)
        )

    def _possible(self, name: str) -> Iterator[Moment]:
        """The moments that may be the real one, as far as the user can tell them apart."""
        unknown = self._unknown[name]
        for size in range(len(unknown) + 1):
            for done in combinations(unknown, size):
                moment = self._now
                for number in done:
                    moment = moment.after(self._planned[number].action)
                yield moment
