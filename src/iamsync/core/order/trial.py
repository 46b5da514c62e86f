"""The order of actions that concern common users, by trial: the first that may be done and harms nobody.

Where every candidate harms somebody, `search` looks for the order with the fewest violations. If each has some, texts
among the candidates change in two steps; only then an action opens a temporary window.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from iamsync.core import change as to
from iamsync.core.order.concern import Planned
from iamsync.core.order.edges import Edges, Waiting
from iamsync.core.order.harm import Harms
from iamsync.core.order.moments import Judge, Moment
from iamsync.core.order.search import best_order
from iamsync.core.permissions import Violation, text_effect


@dataclass(frozen=True)
class Found:
    """An order. `is_harmless` says that no action that was tried harms anybody in it, `is_best` that no order has fewer
    violations. `texts` should change in two steps.
    """

    order: Sequence[Planned]
    is_harmless: bool
    is_best: bool = True
    texts: frozenset[str] = frozenset()


def ordered(component: Sequence[Planned], before: Edges, judge: Judge, in_steps: frozenset[str]) -> Found:
    """Actions that concern common users, directly or through other users, in the order that does least harm. `before`
    holds for each the places of those that come first in any order; `in_steps` are the texts that do so already.
    """
    trial = _Trial(component, before, judge)
    order = trial.order()
    if not trial.is_stuck:
        return Found(order, is_harmless=True)
    best = best_order(component, before, judge)
    if best is None:
        return Found(order, is_harmless=False, is_best=False, texts=frozenset(trial.texts - in_steps))
    is_harmless = best.violations == 0
    return Found(best.order, is_harmless, texts=frozenset() if is_harmless else frozenset(trial.texts - in_steps))


class _Trial:
    """The first action in the order of phases that harms nobody; if there is none, the one that does least harm.

    An action that would harm a user is parked with that user and the violation. It is tried again after another action
    about the user that may change the violation.
    """

    def __init__(self, component: Sequence[Planned], before: Edges, judge: Judge) -> None:
        self.is_stuck = False
        self.texts: set[str] = set()
        self._by_place = {one.place: one for one in component}
        self._before = before
        self._judge = judge
        self._harms = Harms(judge)
        self._parked: dict[int, Planned] = {}
        self._witness: dict[int, str] = {}
        self._parked_with: dict[str, dict[int, Violation]] = defaultdict(dict)
        self._parked_texts: dict[int, str] = {}

    def order(self) -> list[Planned]:
        """The actions in that order."""
        waiting = Waiting(self._before)
        now = Moment.beginning(self._judge.before.picture)
        found: list[Planned] = []
        while len(found) < len(self._by_place):
            if waiting.free:
                one = self._by_place[heapq.heappop(waiting.free)]
                if self._is_harmful(one, now):
                    continue
            else:
                one = self._least_harmful(now)
            found.append(one)
            for place in self._woken(one, now):
                heapq.heappush(waiting.free, place)
            now.do(one)
            waiting.end(one.place)
        return found

    def _is_harmful(self, one: Planned, now: Moment) -> bool:
        """Whether an action would harm somebody now, with whom it is parked then."""
        harmed = self._harms.first(one, now, self._witness.get(one.place)) if one.is_tried else None
        if harmed is None:
            return False
        name, violations = harmed
        self._parked[one.place] = one
        self._witness[one.place] = name
        self._parked_with[name][one.place] = violations[0]
        if _can_be_split(one):
            self._parked_texts[one.place] = one.text
        return True

    def _woken(self, one: Planned, now: Moment) -> list[int]:
        """What is parked with users whom an action concerns, and may be harmless when it is done."""
        parked: list[tuple[str, int, Violation]] = []
        for name in one.users:
            self._harms.forget(name)
            parked += [(name, *item) for item in self._parked_with[name].items()]
        touched = self._judge.touched(one, now) if parked else None
        woken = []
        for name, place, violation in parked:
            if touched and touched.may_matter(name, violation, self._parked[place].key):
                woken.append(place)
                self._unpark(place)
        return woken

    def _unpark(self, place: int) -> Planned:
        del self._parked_with[self._witness[place]][place]
        self._parked_texts.pop(place, None)
        return self._parked.pop(place)

    def _least_harmful(self, now: Moment) -> Planned:
        self.is_stuck = True
        self.texts |= set(self._parked_texts.values())
        return self._unpark(self._harms.least(self._parked, now))


def _can_be_split(one: Planned) -> bool:
    match one.action.change:
        case to.NewVersion(_, old, new) | to.RestoreVersion(_, _, old, new) | to.PutInline(_, _, old, new):
            return old is not None and text_effect(old, new).is_twofold
        case _:
            return False
