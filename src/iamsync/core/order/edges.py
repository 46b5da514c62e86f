"""Edges between the actions of a plan, by place, and an order that keeps to them."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from iamsync.core.order.concern import Planned

Edges = Mapping[int, AbstractSet[int]]
"""For each action, the places of those before it."""


class Waiting:
    """The places that wait for others, and those that are `free`: a heap with the first in front."""

    def __init__(self, before: Edges) -> None:
        self._left = {place: len(others) for place, others in before.items()}
        self._behind: dict[int, list[int]] = defaultdict(list)
        for place, others in before.items():
            for other in others:
                self._behind[other].append(place)
        self.free = [place for place, number in self._left.items() if not number]
        heapq.heapify(self.free)

    def end(self, place: int) -> None:
        """Nothing waits for a place any more."""
        for other in self._behind.get(place, ()):
            self._left[other] -= 1
            if not self._left[other]:
                heapq.heappush(self.free, other)


def topological(listed: Sequence[Planned], before: Edges) -> list[Planned]:
    """An order as near to that of phases as the edges allow."""
    by_place = {one.place: one for one in listed}
    waiting = Waiting(before)
    found: list[Planned] = []
    while waiting.free:
        place = heapq.heappop(waiting.free)
        found.append(by_place[place])
        waiting.end(place)
    if len(found) < len(listed):
        raise AssertionError("actions wait for each other")
    return found
