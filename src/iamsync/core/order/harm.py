"""What each action would violate if it were done now, for each user it concerns."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from iamsync.core.order.concern import Planned
from iamsync.core.order.moments import Judge, Moment, Violations


class Harms:
    """The answers of the judge. Each is kept until an action about the user is done.

    Equal permissions are no reason to keep an answer longer: a tag, or the text of a policy that is attached later,
    leaves them as they are and still decides what the next action does.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._unasked: dict[int, set[str]] = {}
        self._asked: dict[str, set[int]] = defaultdict(set)
        self._harmed: dict[int, dict[str, Violations]] = defaultdict(dict)
        self._total: Counter[int] = Counter()
        self._ranked: list[tuple[int, int]] = []
        self._to_rank: set[int] = set()

    def first(self, one: Planned, now: Moment, asked_first: str | None) -> tuple[str, Violations] | None:
        """A user whom an action would harm, and how; None if it harms nobody."""
        self._to_rank.add(one.place)
        known = self._harmed[one.place].items()
        return next(iter(known or self._answers(one, now, asked_first)), None)

    def least(self, candidates: Mapping[int, Planned], now: Moment) -> int:
        """The place of the candidate with the fewest violations; of several, the first in the order of phases. Each has
        been given to `first` before.
        """
        for place in self._to_rank & candidates.keys():
            for _ in self._answers(candidates[place], now):
                pass
            heapq.heappush(self._ranked, (self._total[place], place))
        self._to_rank.clear()
        while True:
            total, place = self._ranked[0]
            if place in candidates and total == self._total[place]:
                return place
            heapq.heappop(self._ranked)

    def forget(self, name: str) -> None:
        """An action about a user has been done."""
        for place in self._asked.pop(name, ()):
            self._unasked[place].add(name)
            self._total[place] -= len(self._harmed[place].pop(name, ()))
            self._to_rank.add(place)

    def _answers(self, one: Planned, now: Moment, asked_first: str | None = None) -> Iterator[tuple[str, Violations]]:
        """Ask what is not known yet of an action, user by user; gives the users whom it would harm."""
        unasked = self._unasked.setdefault(one.place, set(one.users))
        then = now.after(one.action)
        for name in sorted(unasked, key=lambda name: (name != asked_first, name)):
            found = self._judge.violations(now, one, then, name)
            unasked.remove(name)
            self._asked[name].add(one.place)
            if found:
                self._harmed[one.place][name] = found
                self._total[one.place] += len(found)
                yield name, found
