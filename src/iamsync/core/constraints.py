"""Which call must be made before which: what the rules of `turns` say of any two calls."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations

from iamsync.core.action import Action, When
from iamsync.core.diff.effects import Effect, Effects
from iamsync.core.diff.ends import Carrier
from iamsync.core.diff.judges import Judges, differing
from iamsync.core.diff.people import changes_who_a_user_is
from iamsync.core.overlap import Change, meet

Before = Mapping[int, set[int]]
"""For each call (by number) those that must be made before it."""


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """What must be made before what for the sake of rights, and the `steps` to which there is no other way."""

    before: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    steps: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, actions: Sequence[Action], known: Sequence[Effect], effects: Effects) -> "Constraints":
        """The constraints between these calls."""
        found = cls()
        concerned: dict[str, list[int]] = defaultdict(list)
        for number, effect in enumerate(known):
            for user in effect.users:
                concerned[user].append(number)
        for user, numbers in concerned.items():
            found._add_rules(_that_count(numbers, actions), known, user, effects.judges(user))
            if user in effects.becoming:
                found._add_moments(numbers, known, user, effects, actions)
        found._add_ways(known, effects)
        found._add_texts(actions)
        return found

    def _add_rules(self, numbers: Sequence[int], known: Sequence[Effect], user: str, judges: Judges) -> None:
        if len(numbers) > 1:
            weighed = []
            for number in numbers:
                change = known[number].users[user]
                if (matters := judges.that_matter(change)).kinds:
                    weighed.append((number, matters, matters & judges.that_are_new(change)))
            for (first, one, new), (then, other, other_new) in permutations(weighed, 2):
                if first not in self.before[then] and (_goes_before(one, other) or _guards(new, other_new)):
                    self.before[then].add(first)

    def _add_moments(
        self, numbers: Sequence[int], known: Sequence[Effect], user: str, effects: Effects, actions: Sequence[Action]
    ) -> None:
        """Of what a call brings, or takes away, a user who becomes another would for a moment see what is said to
        nobody at either end.
        """
        becoming = effects.becoming[user]
        places = {becoming.number(actions[number]): number for number in numbers if user not in known[number].written}
        calls = [places[place] for place in range(len(becoming.calls))]
        for one, then in pairwise(calls):
            self._add_step(one, then)
        that_count = _that_count(numbers, actions)
        for number, (old, new) in zip(calls, pairwise(becoming.moments), strict=True):
            if number not in that_count:
                break
            if effects.are_harmed_between(user, old, new):
                self.before[number].add(calls[-1])
            for other in numbers:
                if user not in known[other].written:
                    continue
                change = known[other].written[user]
                bounds = effects.is_bound_by(user, known[other]) and effects.bounds_differ(user, old, new)
                if bounds or effects.judges(user).are_harmed_by(differing(change.come, old, new)):
                    self.before[other].add(number)
                if bounds or effects.judges(user).are_harmed_by(differing(change.go, new, old)):
                    self.before[number].add(other)

    def _add_ways(self, known: Sequence[Effect], effects: Effects) -> None:
        refilling: dict[Carrier, list[int]] = defaultdict(list)
        for number, effect in enumerate(known):
            for carrier in effect.refills:
                refilling[carrier].append(number)
        for number, effect in enumerate(known):
            for user, carrier in effect.opens:
                for one in refilling[carrier]:
                    if one != number and (effect.bounds or effects.are_harmed(user, known[one].contents.go)):
                        self.before[number].add(one)
            for user, carrier in effect.closes:
                for one in refilling[carrier]:
                    if one != number and (effect.bounds or effects.are_harmed(user, known[one].contents.come)):
                        self.before[one].add(number)

    def _add_texts(self, actions: Sequence[Action]) -> None:
        last: dict[str, int] = {}
        for number, action in enumerate(actions):
            if "PolicyDocument" in action.params or "VersionId" in action.params:
                if (text := text_of(action)) in last:
                    self._add_step(last[text], number)
                    self.before[last[text]].discard(number)
                last[text] = number

    def _add_step(self, one: int, then: int) -> None:
        self.before[then].add(one)
        self.steps[then].add(one)


def _that_count(numbers: Sequence[int], actions: Sequence[Action]) -> Sequence[int]:
    """The calls up to the one that cuts a user off: after that none makes a difference."""
    end = next((place for place, one in enumerate(numbers, start=1) if _cuts_off(actions[one])), len(numbers))
    return numbers[:end]


def _cuts_off(action: Action) -> bool:
    return action.when is When.FIRST and not changes_who_a_user_is(action)


def text_of(action: Action) -> str:
    """How a text is named that a call changes."""
    name = action.params.get("PolicyName")
    return f"{action.subject}/{name}" if isinstance(name, str) else action.subject


def _goes_before(first: Change, then: Change) -> bool:
    return meet(first.denies_come, then.denies_go) or meet(first.allows_come, then.allows_go)


def _guards(first: Change, then: Change) -> bool:
    """Who is denied already, or has the right already, is not harmed by an Allow that comes before a Deny; nor who is
    denied still, or has the right still, by a Deny that goes before an Allow.
    """
    return meet(first.denies_come, then.allows_come) or meet(first.allows_go, then.denies_go)
