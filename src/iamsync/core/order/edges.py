"""Edges between the actions of a plan, by place, and an order that keeps to them."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence

from iamsync.core.order.concern import Planned

Edges = Mapping[int, set[int]]
"""For each action, the places of those before it."""


def topological(listed: Sequence[Planned], before: Edges) -> list[Planned]:
    """An order as near to that of phases as the edges allow."""
    by_place = {one.place: one for one in listed}
    waits_for = {place: len(others) for place, others in before.items()}
    behind = reversed_edges(before)
    free = [place for place, number in waits_for.items() if not number]
    heapq.heapify(free)
    found: list[Planned] = []
    while free:
        found.append(by_place[place := heapq.heappop(free)])
        for other in behind.get(place, ()):
            waits_for[other] -= 1
            if not waits_for[other]:
                heapq.heappush(free, other)
    if len(found) < len(listed):
        raise AssertionError("actions wait for each other")
    return found


def reversed_edges(edges: Edges) -> Mapping[int, list[int]]:
    """For each place, those that come after it."""
    behind: dict[int, list[int]] = defaultdict(list)
    for place, others in edges.items():
        for other in others:
            behind[other].append(place)
    return behind
