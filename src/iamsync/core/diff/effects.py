"""Whom a call concerns, and which statements begin and cease to judge each of them: what the order is made from.

A statement reaches a user over a way: user, perhaps group, policy, text. Two calls may both be about one way. What a
statement says may depend on who the user is, and a call may change that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from iamsync.core.action import Action, Verb
from iamsync.core.arn import Arn
from iamsync.core.diff.ends import Carrier, End
from iamsync.core.diff.judges import Judges
from iamsync.core.diff.people import Becoming, Person, changes_who_a_user_is
from iamsync.core.diff.sides import ALLOWS_ANYTHING, ANYTHING, Sides, as_boundary, shift_of
from iamsync.core.document import Document
from iamsync.core.model import Group, User
from iamsync.core.overlap import Change, Statements, difference, entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a call does to whom.

    `refills` are the carriers whose contents it changes, `contents` what they gain and lose. `opens` and `closes` say
    who begins and who ceases to be reached by which carrier; `bounds` if by a boundary. `written` is what changes for
    who becomes another, before it is read with that in mind.
    """

    users: Mapping[str, Change]
    written: Mapping[str, Change] = field(default_factory=dict)
    refills: tuple[Carrier, ...] = ()
    opens: frozenset[tuple[str, Carrier]] = frozenset()
    closes: frozenset[tuple[str, Carrier]] = frozenset()
    contents: Change = field(default_factory=Change)
    bounds: bool = False


class Effects:
    """The effects of the calls of one plan, each asked for in the order of the plan."""

    def __init__(self, sides: Sides, actions: Iterable[Action]) -> None:
        self._sides = sides
        self._texts: dict[Arn, Document] = {}
        self._judges: dict[str, Judges] = {}
        self.becoming = self._who_become_others(actions)

    def _who_become_others(self, actions: Iterable[Action]) -> dict[str, Becoming]:
        """Those to whom, when they have another name, path or tags, what judges them says something else."""
        calls: dict[str, list[Action]] = defaultdict(list)
        for action in filter(changes_who_a_user_is, actions):
            calls[action.subject.partition("/")[2]].append(action)
        found = {}
        for name, those in calls.items():
            start = Person.of(self._before.users[name], self._sides.known.account)
            becoming = Becoming.of(start, those, self._met(name))
            if becoming.calls:
                found[name] = becoming
        return found

    @cached_property
    def _before(self) -> End:
        return End.before(self._sides)

    @cached_property
    def _after(self) -> End:
        return self._before.after(self._sides)

    def judges(self, name: str) -> Judges:
        """What judges a user at both ends, and throughout."""
        if name not in self._judges:
            written = self._as_written(name)
            self._judges[name] = written.seen_by(self.becoming[name]) if name in self.becoming else written
        return self._judges[name]

    def _as_written(self, name: str) -> Judges:
        is_bounded = any(name in end.users and end.users[name].boundary for end in (self._before, self._after))
        return Judges.between(self._ways(name, self._before), self._ways(name, self._after), is_bounded=is_bounded)

    def _bounds(self, name: str) -> Judges:
        """The same of the boundary alone."""
        arns = [(end, end.users[name].boundary if name in end.users else None) for end in (self._before, self._after)]
        before, after = (ALLOWS_ANYTHING if arn is None else self._text(arn, end) for end, arn in arns)
        return Judges.between({(): before}, {(): after})

    def _met(self, name: str) -> Statements:
        """All that may judge a user on the way from one end to the other: whatever reaches the user at either, with
        what is in it at either.
        """
        ends = self._before, self._after
        people = [end.users[name] for end in ends if name in end.users]
        groups = {group for user in people for group in user.groups or ()}
        owners: list[User | Group] = [*people, *(end.groups[one] for end in ends for one in groups & end.groups.keys())]
        policies = {one.policy for owner in owners for one in owner.attachments}
        policies |= {user.boundary for user in people if user.boundary is not None}
        texts = [document or ANYTHING for owner in owners for document in owner.inline.values()]
        texts += [self._text(policy, end) for policy in policies for end in ends]
        return frozenset().union(*map(entries, texts))

    def _ways(self, name: str, end: End) -> dict[tuple[str, ...], Document]:
        """Every text that judges a user, by the way it reaches the user."""
        if name not in end.users:
            return {}
        owners: list[User | Group] = [end.users[name]]
        owners += [end.groups[group] for group in end.users[name].groups or () if group in end.groups]
        found: dict[tuple[str, ...], Document] = {}
        for owner in owners:
            way = ("group", owner.name) if isinstance(owner, Group) else ("user",)
            found |= {(*way, "inline", text): document or ANYTHING for text, document in owner.inline.items()}
            found |= {(*way, one.policy): self._text(one.policy, end) for one in owner.attachments}
        return found

    def _text(self, policy: Arn, end: End) -> Document:
        return self._sides.text_after(policy) if end is self._after else self._sides.text_before(policy)

    def with_shift(self, action: Action) -> Action:
        """The call; with what it does to rights if it gives a user another name, path or tags and that matters."""
        name = action.subject.partition("/")[2]
        if name not in self.becoming or self.becoming[name].number(action) is None:
            return action
        return replace(action, shift=shift_of(self.of(action).users[name]))

    def of(self, action: Action) -> Effect:
        """What one call does, to each as the user is then."""
        if changes_who_a_user_is(action):
            name = action.subject.partition("/")[2]
            return Effect(users={name: self._turned(name, action)})
        effect = self._of(action)
        others = {user: change for user, change in effect.users.items() if user in self.becoming}
        if not others:
            return effect
        seen = {user: self.becoming[user].seen(change) for user, change in others.items()}
        return replace(effect, users={**effect.users, **seen}, written=others)

    def _of(self, action: Action) -> Effect:
        kind, _, name = action.subject.partition("/")
        match action.operation:
            case "attach_user_policy" | "detach_user_policy":
                return self._moved({name}, {name}, [_policy(action)], action)
            case "add_user_to_group" | "remove_user_from_group":
                return self._moved({name}, {name}, self._with_policies(str(action.params["GroupName"])), action)
            case "attach_group_policy" | "detach_group_policy":
                members = self._before.members[name], self._after.members[name]
                effect = self._moved(*members, [_policy(action)], action)
                return replace(effect, refills=((kind, name),), contents=self._ever_in(action))
            case "put_user_permissions_boundary" | "delete_user_permissions_boundary":
                return self._bounded(name, action)
            case "create_policy_version" | "set_default_policy_version":
                return self._text_of_a_policy(Arn(_policy(action)[1]), action)
            case _:
                return self._inline(kind, name, action)

    def _turned(self, name: str, action: Action) -> Change:
        """The user becomes another: what says something else then goes, and comes."""
        becoming = self.becoming[name]
        number = becoming.number(action) or 0
        step = becoming.moments[number], becoming.moments[number + 1]
        return self._as_written(name).turned(*step) | as_boundary(self._bounds(name).turned(*step))

    def are_harmed_between(self, user: str, old: Person, now: Person) -> bool:
        """Whether a user may be harmed by being, for a moment, neither who it was nor who it is to be."""
        then = self.becoming[user].moments[-1]
        between = self._as_written(user).said_between(old, now, then)
        return self.judges(user).are_harmed_by(between) or bool(self._bounds(user).said_between(old, now, then))

    def bounds_differ(self, user: str, old: Person, new: Person) -> bool:
        """Whether the boundary of a user lets through something else when the user is another."""
        bounds = self._bounds(user)
        return any(old.sees(one) != new.sees(one) for one in bounds.before | bounds.after)

    def is_bound_by(self, user: str, effect: Effect) -> bool:
        """Whether what a call changes is, or is in, the boundary of a user."""
        bounds = [one for one in effect.refills if one[0] == "boundary"]
        return effect.bounds or any(end.reaches(one, user) for end in (self._before, self._after) for one in bounds)

    def are_harmed(self, user: str, statements: Statements) -> bool:
        """Whether what is there for a moment only, at neither end, may do harm to a user."""
        said = statements
        if user in self.becoming:
            said = frozenset(seen for one in self.becoming[user].moments for seen in one.sees_of(statements))
        return self.judges(user).are_harmed_by(said)

    def _with_policies(self, group: str) -> list[Carrier]:
        policies = {*self._before.carried(group), *self._after.carried(group)}
        return [("group", group), *(("policy", policy) for policy in sorted(policies))]

    def _moved(self, before: set[str], after: set[str], carriers: list[Carrier], action: Action) -> Effect:
        """Users begin or cease to be reached by the first of these carriers, and by the others through it."""
        if action.verb is Verb.REMOVE:
            lost = Change.of(go=self._contents(carriers[0], self._before))
            closes = {(user, one) for user in before for one in carriers if not self._after.reaches(one, user)}
            return Effect(users=dict.fromkeys(before, lost), closes=frozenset(closes))
        gained = Change.of(come=self._contents(carriers[0], self._after))
        opens = {(user, one) for user in after for one in carriers if not self._before.reaches(one, user)}
        return Effect(users=dict.fromkeys(after, gained), opens=frozenset(opens))

    def _ever_in(self, action: Action) -> Change:
        """What a group gains or loses with a policy, whatever that says at the moment."""
        texts = {self._text(Arn(_policy(action)[1]), end) for end in (self._before, self._after)}
        found = [one for text in texts for one in entries(text)]
        return Change.of(go=found) if action.verb is Verb.REMOVE else Change.of(come=found)

    def _contents(self, carrier: Carrier, end: End) -> Statements:
        kind, name = carrier
        if kind == "policy":
            return entries(self._text(Arn(name), end))
        texts = [self._text(policy, end) for policy in end.carried(name)]
        if name in end.groups:
            texts += [document or ANYTHING for document in end.groups[name].inline.values()]
        return frozenset().union(*map(entries, texts))

    def _bounded(self, name: str, action: Action) -> Effect:
        new = action.params.get("PermissionsBoundary")
        old = self._before.users[name].boundary if name in self._before.users else None
        change = self._sides.boundary_change(old, None if new is None else Arn(str(new)))
        opens = frozenset() if new is None else frozenset({(name, ("boundary", str(new)))})
        closes = frozenset() if old is None else frozenset({(name, ("boundary", str(old)))})
        return Effect(users={name: change}, opens=opens, closes=closes, bounds=True)

    def _text_of_a_policy(self, policy: Arn, action: Action) -> Effect:
        old = self._texts.get(policy) or self._sides.text_before(policy)
        text = action.params.get("PolicyDocument")
        new = self._sides.text_after(policy) if text is None else Document.parse(str(text))
        self._texts[policy] = new
        change = difference(old, new)
        users = self._reached(change, self._before.holders[policy], self._after.holders[policy])
        bounded = self._before.bounded[policy] | self._after.bounded[policy]
        for user in bounded:
            users[user] = users.get(user, Change()) | as_boundary(change)
        return Effect(users=users, refills=(("policy", policy), ("boundary", policy)), contents=change)

    def _inline(self, kind: str, name: str, action: Action) -> Effect:
        old = Document.parse(action.removed) if action.removed else None
        text = action.params.get("PolicyDocument")
        new = None if text is None else Document.parse(str(text))
        change = _text_change(action, old, new)
        if kind == "user":
            return Effect(users={name: change})
        users = self._reached(change, self._before.members[name], self._after.members[name])
        return Effect(users=users, refills=((kind, name),), contents=change)

    @staticmethod
    def _reached(change: Change, before: set[str], after: set[str]) -> dict[str, Change]:
        """Who is there at one end only gains, or loses, what that end has."""
        gained = Change(denies_come=change.denies_come, allows_come=change.allows_come)
        lost = Change(denies_go=change.denies_go, allows_go=change.allows_go)
        return {
            **dict.fromkeys(before & after, change),
            **dict.fromkeys(after - before, gained),
            **dict.fromkeys(before - after, lost),
        }


def _policy(action: Action) -> Carrier:
    return "policy", str(action.params["PolicyArn"])


def _text_change(action: Action, old: Document | None, new: Document | None) -> Change:
    """Between two inline texts. One that is there but cannot be read may say anything."""
    if new is None:
        return Change.of(go=entries(old or ANYTHING))
    if old is None:
        is_new = action.verb is Verb.CREATE
        return Change.of(come=entries(new), go=() if is_new else entries(ANYTHING))
    return difference(old, new)
