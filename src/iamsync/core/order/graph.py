"""Which actions may run side by side: a partial order of which every completion is as safe as the order of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from iamsync.core import change as to
from iamsync.core.action import USER, Key
from iamsync.core.order.concern import Planned
from iamsync.core.order.needs import Needs


@dataclass(frozen=True)
class Graph:
    """For each action of a plan, by number: `needs` are those that must be done before it, `after` those that must have
    ended, done or not.
    """

    needs: tuple[frozenset[int], ...] = ()
    after: tuple[frozenset[int], ...] = ()

    def without(self, left_out: frozenset[int]) -> "Graph":
        """The graph of the other actions, renumbered: what came after one that is left out comes after what that
        came after.
        """
        needs, after = list(self.needs), list(self.after)
        for number in range(len(needs)):
            for edges in (needs, after):
                gone = edges[number] & left_out
                edges[number] = (edges[number] - gone).union(*(edges[one] for one in gone))
        kept = [number for number in range(len(needs)) if number not in left_out]
        renumbered = {number: new for new, number in enumerate(kept)}
        needs, after = (
            [frozenset(renumbered[one] for one in edges[number]) for number in kept] for edges in (needs, after)
        )
        return Graph(tuple(needs), tuple(after))


def graph(order: Sequence[Planned], needs: Needs) -> Graph:
    """An order as a graph: each action comes after the last one before it that concerns a common user or the same
    entity, and after what it needs.
    """
    number_of = {one.place: number for number, one in enumerate(order)}
    last: dict[Key, int] = {}
    needed, after = [], []
    for number, one in enumerate(order):
        keys = _met(one)
        needed.append(frozenset(number_of[place] for place in needs.needs[one.place]))
        follows = {number_of[place] for place in needs.follows[one.place]}
        after.append(needed[-1] | follows | {last[key] for key in keys if key in last})
        last |= dict.fromkeys(keys, number)
    return Graph(tuple(needed), tuple(after))


def _met(one: Planned) -> set[Key]:
    """The users an action concerns, a user also by the name before a rename, and the entity it changes."""
    names = {*one.users, one.key[1]} if one.key[0] == USER else set(one.users)
    if isinstance(one.action.change, to.Rename):
        names.add(one.action.change.old)
    users = {(USER, name.lower()) for name in names}
    return users | {(one.key[0], one.key[1].lower())}
