"""Which of the calls that change rights comes first, where the table of phases alone does not say it.

Of two calls that concern one user and may speak of the same request

- a Deny comes before an Allow comes, so that what is granted does not escape it, and before another Deny goes;
- an Allow comes before another Allow goes, so that nothing is missing between;
- an Allow goes before a Deny goes, so that what the Deny held down is not let loose.

And of two calls that are about one way to a user: who joins a group or gets a policy does so after it has lost what it
loses, and who leaves does so before it gains what it gains.

A call that gives a user another name, path or tag changes what statements say that ask for it: some come by it and some
go, as if a text had changed. What is attached before, though meant for who the user is to be, or still attached after,
though meant for who the user was, would say something for a moment only: it is not there then, if that may do harm. A
new name comes before all else, since the other calls use it, and the mark of who is taken over, since nobody else's
users are changed; what that opens is a window, too.

Who is suspended is cut off before a new name comes, and so by the old one. From then on nothing makes a difference.

Any order that keeps to this is safe. Where it goes round in circles, no order is: a text in the circle then changes in
steps, and what cannot be split opens a window, which is written on the call that opens it.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from iamsync.core.action import Action, When
from iamsync.core.constraints import Before, Constraints, text_of
from iamsync.core.diff.effects import Effect, Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Calls in a safe order; `texts` are those that would have to change in steps for it."""

    actions: tuple[Action, ...]
    texts: frozenset[str]


def in_turn(actions: Sequence[Action], effects: Effects) -> Turns:
    """The calls in an order as near to that of `actions` as is safe; what must be first stays so."""
    known = [effects.of(action) for action in actions]
    constraints = Constraints.of(actions, known, effects)
    first = {number for number, action in enumerate(actions) if action.when is When.FIRST}
    before = {number: others - first for number, others in constraints.before.items() if number not in first}
    waiting = {number: set(others) for number, others in before.items() if others}
    behind: dict[int, set[int]] = defaultdict(set)
    for number, others in waiting.items():
        for other in others:
            behind[other].add(number)
    free = [number for number in range(len(actions)) if number not in waiting]
    heapq.heapify(free)
    order: list[Action] = []
    made: set[int] = set()
    texts: set[str] = set()
    splittable = {number for number, action in enumerate(actions) if _can_be_split(action, known[number])}
    stages = _Stages(actions, before)
    while free or waiting:
        window = ""
        if free:
            number = heapq.heappop(free)
            if others := constraints.before[number] - made:
                window = _window("this is done before all else", actions, others)
        else:
            circle = _circle(waiting, behind)
            number = min(one for one in circle if not constraints.steps[one] & circle)
            texts |= {text_of(actions[one]) for one in circle & splittable}
            window = _window("no order of these calls is safe", actions, waiting.pop(number))
        action = stages.placed(number)
        order.append(replace(action, window=window) if window else action)
        made.add(number)
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


def _can_be_split(action: Action, effect: Effect) -> bool:
    is_text = action.operation in {
        "create_policy_version",
        "set_default_policy_version",
        "put_user_policy",
        "put_group_policy",
    }
    return is_text and any(change.kinds > 1 for change in effect.users.values())


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


def _window(why: str, actions: Sequence[Action], others: Iterable[int]) -> str:
    listed = "; ".join(dict.fromkeys(f"{actions[other].subject}: {actions[other].summary}" for other in sorted(others)))
    return (
        f"{why}: until all is done ({listed}), rights may be missing that both ends give, or there that neither gives"
    )
