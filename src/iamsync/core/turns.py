"""Which of the calls that change rights comes first, where the table of phases alone does not say it.

Of two calls that concern one user and may speak of the same request

- a Deny comes before an Allow comes, so that what is granted does not escape it, and before another Deny goes;
- an Allow comes before another Allow goes, so that nothing is missing between;
- an Allow goes before a Deny goes, so that what the Deny held down is not let loose.

And of two calls that are about one way to a user: who joins a group or gets a policy does so after it has lost what it
loses, and who leaves does so before it gains what it gains.

Any order that keeps to this is safe. Where it goes round in circles, no order is: a text in the circle then changes in
steps, and what cannot be split opens a window, which is written on the call that opens it.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import permutations

from iamsync.core.action import Action
from iamsync.core.diff.effects import Carrier, Effect, Effects, Judges
from iamsync.core.diff.sides import Sides
from iamsync.core.overlap import Change, meet, not_covered

Before = Mapping[int, set[int]]
"""For each call (by number) those that must be made before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Calls in a safe order; `texts` are those that would have to change in steps for it."""

    actions: tuple[Action, ...]
    texts: frozenset[str]


def in_turn(actions: Sequence[Action], sides: Sides) -> Turns:
    """The calls in an order as near to that of `actions` as is safe."""
    effects = Effects(sides)
    known = [effects.of(action) for action in actions]
    before = _constraints(actions, known, effects)
    waiting = {number: set(others) for number, others in before.items() if others}
    behind: dict[int, set[int]] = defaultdict(set)
    for number, others in waiting.items():
        for other in others:
            behind[other].add(number)
    free = [number for number in range(len(actions)) if number not in waiting]
    heapq.heapify(free)
    order: list[Action] = []
    texts: set[str] = set()
    splittable = {number for number, action in enumerate(actions) if _can_be_split(action, known[number])}
    stages = _Stages(actions, before)
    while free or waiting:
        window = ""
        if free:
            number = heapq.heappop(free)
        else:
            circle = _circle(waiting, behind)
            number = min(circle)
            texts |= {text_of(actions[one]) for one in circle & splittable}
            window = _window([actions[other] for other in sorted(waiting.pop(number))])
        action = stages.placed(number)
        order.append(replace(action, window=window) if window else action)
        for other in sorted(behind[number] & waiting.keys()):
            waiting[other].discard(number)
            if not waiting[other]:
                del waiting[other]
                heapq.heappush(free, other)
    return Turns(actions=tuple(order), texts=frozenset(texts))


class _Stages:
    """What must wait for another subject's call of the same phase does so in a later stage of it."""

    def __init__(self, actions: Sequence[Action], before: Before) -> None:
        self._actions, self._before = actions, before
        self._stage = 0
        self._running: set[int] = set()

    def placed(self, number: int) -> Action:
        action = self._actions[number]
        others = self._running & self._before.get(number, set())
        if any(self._actions[other].subject != action.subject for other in others):
            self._stage += 1
            self._running = set()
        self._running.add(number)
        return replace(action, stage=self._stage)


def text_of(action: Action) -> str:
    """How a text is named that a call changes."""
    name = action.params.get("PolicyName")
    return f"{action.subject}/{name}" if isinstance(name, str) else action.subject


def _can_be_split(action: Action, effect: Effect) -> bool:
    is_text = action.operation in {
        "create_policy_version",
        "set_default_policy_version",
        "put_user_policy",
        "put_group_policy",
    }
    return is_text and any(change.kinds > 1 for change in effect.users.values())


def _constraints(actions: Sequence[Action], known: Sequence[Effect], effects: Effects) -> dict[int, set[int]]:
    before: dict[int, set[int]] = defaultdict(set)
    concerned: dict[str, list[int]] = defaultdict(list)
    for number, effect in enumerate(known):
        for user in effect.users:
            concerned[user].append(number)
    for user, numbers in concerned.items():
        if len(numbers) > 1:
            judges = effects.judges(user)
            changes = [(number, judges.that_matter(known[number].users[user])) for number in numbers]
            for (first, one), (then, other) in permutations(changes, 2):
                if first not in before[then] and _goes_before(one, other, judges):
                    before[then].add(first)
    _add_ways(before, known, effects)
    _add_steps(before, actions)
    return before


def _goes_before(first: Change, then: Change, judges: Judges) -> bool:
    """Who is denied already, or has the right already, is not harmed by an Allow that comes before a Deny; nor who is
    denied still, or has the right still, by a Deny that goes before an Allow.
    """
    if meet(first.denies_come, then.denies_go) or meet(first.allows_come, then.allows_go):
        return True
    if meet(first.denies_come, then.allows_come):
        new_denies = not_covered(first.denies_come, judges.before)
        if meet(new_denies, not_covered(then.allows_come, judges.before)):
            return True
    if meet(first.allows_go, then.denies_go):
        old_allows = not_covered(first.allows_go, judges.after)
        return meet(old_allows, not_covered(then.denies_go, judges.after))
    return False


def _add_ways(before: dict[int, set[int]], known: Sequence[Effect], effects: Effects) -> None:
    refilling: dict[Carrier, list[int]] = defaultdict(list)
    for number, effect in enumerate(known):
        for carrier in effect.refills:
            refilling[carrier].append(number)
    for number, effect in enumerate(known):
        for user, carrier in effect.opens:
            for one in refilling[carrier]:
                lost = known[one].contents.allows_go + known[one].contents.denies_go
                if one != number and (effect.bounds or effects.judges(user).are_harmed_by(lost)):
                    before[number].add(one)
        for user, carrier in effect.closes:
            for one in refilling[carrier]:
                gained = known[one].contents.allows_come + known[one].contents.denies_come
                if one != number and (effect.bounds or effects.judges(user).are_harmed_by(gained)):
                    before[one].add(number)


def _add_steps(before: dict[int, set[int]], actions: Sequence[Action]) -> None:
    last: dict[str, int] = {}
    for number, action in enumerate(actions):
        if "PolicyDocument" in action.params or "VersionId" in action.params:
            if (text := text_of(action)) in last:
                before[number].add(last[text])
                before[last[text]].discard(number)
            last[text] = number


def _circle(waiting: Before, behind: Before) -> set[int]:
    """Calls that wait for each other and for no one else."""
    one = min(waiting)
    while True:
        earlier = _reached(one, waiting, waiting.keys())
        circle = earlier & _reached(one, behind, waiting.keys())
        if circle == earlier:
            return circle
        one = min(earlier - circle)  # it does not wait for the one before it: so there are fewer each time


def _reached(number: int, edges: Before, among: AbstractSet[int]) -> set[int]:
    found: set[int] = set()
    open_ends = [number]
    while open_ends:
        new = (edges.get(open_ends.pop(), set()) & among) - found
        found |= new
        open_ends.extend(new)
    return found


def _window(others: Sequence[Action]) -> str:
    listed = "; ".join(dict.fromkeys(f"{other.subject}: {other.summary}" for other in others))
    return (
        f"no order of these calls is safe: until all is done ({listed}), rights may be missing that both ends give, "
        "or there that neither gives"
    )
