"""The order of actions that concern common users, by trial: the first that may be done and harms nobody.

Where every candidate harms somebody, `search` looks for the order with the fewest violations. If each has some, texts
among the candidates change in two steps; only then an action opens a temporary window.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from iamsync.core import change as to
from iamsync.core.order.concern import Planned
from iamsync.core.order.edges import Edges, reversed_edges, topological
from iamsync.core.order.moments import Judge, Moment
from iamsync.core.order.search import best_order, harm_of
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
    if not any(judge.sees_more_than_the_ends(name) for one in component for name in one.users):
        return Found(topological(component, before), is_harmless=True)
    trial = _Trial(component, before, judge)
    order = trial.order()
    if not trial.is_stuck:
        return Found(order, is_harmless=True)
    best = best_order(component, before, judge)
    if best is None:
        return Found(order, is_harmless=False, is_best=False, texts=frozenset(trial.texts - in_steps))
    is_harmless = best.violations == 0
    return Found(best.order, is_harmless, texts=frozenset() if is_harmless else frozenset(trial.texts - in_steps))


@dataclass
class _Trial:
    """The first action in the order of phases that harms nobody; if there is none, the one that does least harm.

    An action that would harm a user is parked with that user and what is violated, and tried again when an action about
    the user is done that may touch on it. `changes` counts the actions about each user: what a user may do is not
    enough to tell, since a tag, or the text of a policy that is attached later, leaves it as it is and still decides
    what the next action does.
    """

    component: Sequence[Planned]
    before: Edges
    judge: Judge
    is_stuck: bool = False
    texts: set[str] = field(default_factory=set)
    changes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unharmed: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    parked: dict[str, dict[int, Violation]] = field(default_factory=lambda: defaultdict(dict))
    parked_with: dict[int, str] = field(default_factory=dict)

    @cached_property
    def by_place(self) -> dict[int, Planned]:
        """The actions of the component."""
        return {one.place: one for one in self.component}

    def order(self) -> list[Planned]:
        """The actions in that order."""
        by_place = self.by_place
        waits_for = {place: len(self.before[place]) for place in by_place}
        behind = reversed_edges(self.before)
        ready = [place for place, number in waits_for.items() if not number]
        heapq.heapify(ready)
        now = Moment.beginning(self.judge.before.picture)
        found: list[Planned] = []
        while len(found) < len(by_place):
            if ready:
                one = by_place[heapq.heappop(ready)]
                if self._is_parked(one, now):
                    continue
            else:
                one = self._least_harmful([by_place[place] for places in self.parked.values() for place in places], now)
                del self.parked[self.parked_with[one.place]][one.place]
            found.append(one)
            for place in self._woken(one, now):
                heapq.heappush(ready, place)
            now.do(one)
            for place in behind.get(one.place, ()):
                waits_for[place] -= 1
                if not waits_for[place]:
                    heapq.heappush(ready, place)
        return found

    def _is_parked(self, one: Planned, now: Moment) -> bool:
        """Park an action that would harm somebody now. The user with whom it was parked last is asked first."""
        if not one.is_tried:
            return False
        then, unharmed, last = now.after(one.action), self.unharmed[one.place], self.parked_with.get(one.place)
        for name in sorted(one.users, key=lambda name: (name != last, name)):
            if unharmed.get(name) == self.changes[name]:
                continue
            if found := self.judge.violations(now, one, then, name):
                self.parked[name][one.place] = found[0]
                self.parked_with[one.place] = name
                return True
            unharmed[name] = self.changes[name]
        return False

    def _woken(self, one: Planned, now: Moment) -> list[int]:
        """What is parked with users whom an action concerns, and may be harmless when it is done."""
        woken = []
        touched = self.judge.touched(one, now)
        for name in one.users:
            self.changes[name] += 1
            parked = self.parked.get(name)
            for place, violation in list(parked.items()) if parked else ():
                if touched.may_matter(name, violation, self.by_place[place].key):
                    woken.append(place)
                    del self.parked[name][place]
        return woken

    def _least_harmful(self, candidates: Sequence[Planned], now: Moment) -> Planned:
        self.is_stuck = True
        self.texts |= {one.text for one in candidates if _can_be_split(one)}
        return min(candidates, key=lambda one: (harm_of(one, now, now.after(one.action), self.judge), one.place))


def _can_be_split(one: Planned) -> bool:
    match one.action.change:
        case to.NewVersion(_, old, new) | to.RestoreVersion(_, _, old, new) | to.PutInline(_, _, old, new):
            return old is not None and text_effect(old, new).is_twofold
        case _:
            return False
