"""The order with the fewest violations: the cheapest path over sets of actions already done."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from iamsync.core.order.concern import Planned
from iamsync.core.order.edges import Edges
from iamsync.core.order.moments import Judge, Moment

LONGEST: Final = 40
"""A component with more tried actions is not searched."""

QUESTIONS: Final = 40_000
"""How often a search may ask what an action does to a user. With fewer, more plans have a window that need not be."""


@dataclass(frozen=True)
class Best:
    """An order, and how many violations it has, over all users and actions."""

    order: Sequence[Planned]
    violations: int


def best_order(component: Sequence[Planned], before: Edges, judge: Judge) -> Best | None:
    """The order of a component that keeps to `before` and has the fewest violations; None if there are too many to look
    for it.
    """
    if sum(one.is_tried for one in component) > LONGEST:
        return None
    number, questions = count(), 0
    start = Moment(judge.before.picture)
    queue: list[tuple[int, int, int, frozenset[int], Moment, tuple[Planned, ...]]] = []
    heapq.heappush(queue, (0, 0, next(number), frozenset(), start, ()))
    seen: set[frozenset[int]] = set()
    while queue and questions < QUESTIONS:
        harm, depth, _, done, now, path = heapq.heappop(queue)
        if done in seen:
            continue
        seen.add(done)
        if len(path) == len(component):
            return Best(path, harm)
        for one in _candidates(component, before, done):
            then = now.after(one.action)
            added = harm_of(one, now, then, judge) if one.is_tried else 0
            questions += len(one.users)
            item = (done | {one.place}, then, (*path, one))
            heapq.heappush(queue, (harm + added, depth - 1, next(number), *item))
    return None


def _candidates(component: Sequence[Planned], before: Edges, done: frozenset[int]) -> Sequence[Planned]:
    """What may be done next. An action that is not tried need not wait for others."""
    ready = [one for one in component if one.place not in done and before[one.place] <= done]
    untried = next((one for one in ready if not one.is_tried), None)
    return [untried] if untried else ready


def harm_of(one: Planned, now: Moment, then: Moment, judge: Judge) -> int:
    """How many violations an action adds between two moments, over all users."""
    return sum(len(judge.violations(now, one, then, name)) for name in one.users)
