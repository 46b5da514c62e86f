"""The order of IAM calls, found by trial, and the graph that an executor may run side by side.

1. `phase` is the order that a reader expects, and decides where several actions are equally safe.
2. `core.picture` is the account at one moment. Every action changes one entity of it: a user, a group or a policy text.
3. `moments` says what an action violates at a moment: the user gains what neither end allows, or loses what both allow.
4. `trial` does the first action, in the order of phases, that violates nothing for any user whom it concerns. Where
   there is none, `search` looks at all orders; then texts change in two steps; only then an action opens a temporary
   window, and `windows` says which, for whom and until when.
5. `needs` are the edges without which no order is possible at all; `concern` says which users an action concerns in any
   order; `graph` joins each action to the last one before it that concerns a common user. Every order that keeps to
   these edges shows every user exactly the moments that were tried.
6. `progress` asks the question of 3 again after a failure, of every account that may be the real one.

docs/order.md explains it with pictures.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iamsync.core.action import USER, Action
from iamsync.core.order.concern import Planned, concerned, planned
from iamsync.core.order.edges import topological
from iamsync.core.order.graph import Graph, graph
from iamsync.core.order.moments import Judge
from iamsync.core.order.needs import needs_of
from iamsync.core.order.phase import Phase, effect_of, phase_of
from iamsync.core.order.progress import Ended, Hindrance, Progress
from iamsync.core.order.trial import Found, ordered
from iamsync.core.order.windows import with_windows
from iamsync.core.plan_input import PlanInput

__all__ = [
    "Ended",
    "Graph",
    "Hindrance",
    "Ordered",
    "Phase",
    "Progress",
    "concerned",
    "effect_of",
    "in_order",
    "phase_of",
]


@dataclass(frozen=True)
class Ordered:
    """Actions in order, and what may run side by side. If there are `texts`, a plan in which these change in two steps
    may have fewer violations.
    """

    actions: tuple[Action, ...]
    graph: Graph
    texts: frozenset[str]

    @property
    def violations(self) -> int:
        """How many violations the windows of this order announce, other than at a limit."""
        return sum(len(one.window.violations) for one in self.actions if one.window and not one.limit)


def in_order(actions: Sequence[Action], plan: PlanInput) -> Ordered:
    """The actions of a plan in an order that harms nobody, or as few as possible."""
    by_phase = sorted(((phase_of(one, plan), one) for one in actions), key=lambda item: (item[0], item[1].subject))
    before = plan.picture
    listed = planned([action for _, action in by_phase], before)
    phases = [phase for phase, _ in by_phase]
    judge = Judge(before, listed)
    needs = needs_of(listed, before, judge.after.picture)
    edges = needs.all
    chosen: dict[int, Action] = {}
    texts: set[str] = set()
    for component in _components(listed):
        places = {one.place for one in component}
        inner = {place: edges[place] & places for place in places}
        if _only_ends_are_seen(component, judge) or _grants_then_revokes(component, phases):
            found = Found(topological(component, inner), is_harmless=True)
        else:
            found = ordered(component, inner, judge, plan.in_steps)
        texts |= found.texts
        chosen |= zip((one.place for one in found.order), with_windows(found, judge), strict=True)
        for one, then in zip(found.order, found.order[1:], strict=False):
            edges[then.place].add(one.place)
    merged = topological(listed, edges)
    return Ordered(
        actions=tuple(chosen.get(one.place, one.action) for one in merged),
        graph=graph(merged, needs),
        texts=frozenset(texts),
    )


def _only_ends_are_seen(component: Sequence[Planned], judge: Judge) -> bool:
    return not any(judge.sees_more_than_the_ends(name) for one in component for name in one.users)


def _grants_then_revokes(component: Sequence[Planned], phases: Sequence[Phase]) -> bool:
    """Whether a user first only gains Allows and then only loses some, while no text, no Deny, no boundary and nothing
    of the principal changes. No order of phases harms such a user: what is allowed at a moment, one of the ends allows;
    and until all is granted that the user is to have, all is there that the user had.
    """
    changing = [one for one in component if one.changes_permissions]
    return all(one.key[0] == USER and phases[one.place] in {Phase.GRANT, Phase.REVOKE} for one in changing)


def _components(listed: Sequence[Planned]) -> list[list[Planned]]:
    """The actions that concern common users, directly or through other users; each in the order of phases."""
    leader: dict[str, str] = {}

    def leader_of(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    concerning = [one for one in listed if one.users]
    for one in concerning:
        first, *others = sorted(one.users)
        for other in others:
            leader[leader_of(other)] = leader_of(first)
    found: Mapping[str, list[Planned]] = defaultdict(list)
    for one in concerning:
        found[leader_of(min(one.users))].append(one)
    return list(found.values())
