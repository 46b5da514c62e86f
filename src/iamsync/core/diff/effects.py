"""Whom a call concerns, and which statements begin and cease to judge each of them: what the order is made from.

A statement reaches a user over a way: user, perhaps group, policy, text. Two calls may both be about one way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from iamsync.core.action import Action, Verb
from iamsync.core.arn import Arn
from iamsync.core.diff.sides import ANYTHING, Sides, as_boundary
from iamsync.core.document import Document, Statement
from iamsync.core.model import Group, User
from iamsync.core.overlap import Change, common, difference, entries, meet, not_covered

Carrier = tuple[str, str]
"""What carries statements to several users: a policy or a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a call does to whom.

    `refills` are the carriers whose contents it changes, `contents` what they gain and lose. `opens` and `closes` say
    who begins and who ceases to be reached by which carrier; `bounds` if by a boundary.
    """

    users: Mapping[str, Change]
    refills: tuple[Carrier, ...] = ()
    opens: frozenset[tuple[str, Carrier]] = frozenset()
    closes: frozenset[tuple[str, Carrier]] = frozenset()
    contents: Change = field(default_factory=Change)
    bounds: bool = False


@dataclass(frozen=True, kw_only=True)
class _End:
    """The account before the plan or after it, with everybody in it, also who is left alone."""

    users: Mapping[str, User]
    groups: Mapping[str, Group]
    members: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    holders: Mapping[Arn, set[str]] = field(default_factory=lambda: defaultdict(set))
    bounded: Mapping[Arn, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for name, user in self.users.items():
            for group in user.groups or ():
                self.members[group].add(name)
            for policy in self.policies(user):
                self.holders[policy].add(name)
            if user.boundary is not None:
                self.bounded[user.boundary].add(name)

    def policies(self, user: User) -> Iterator[Arn]:
        yield from (attachment.policy for attachment in user.attachments)
        for group in user.groups or ():
            yield from self.carried(group)

    def carried(self, group: str) -> Iterator[Arn]:
        if group in self.groups:
            yield from (attachment.policy for attachment in self.groups[group].attachments)

    def reaches(self, carrier: Carrier, user: str) -> bool:
        kind, name = carrier
        if kind == "group":
            return user in self.members[name]
        return user in (self.bounded if kind == "boundary" else self.holders)[Arn(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """The statements that judge a user before and after, and those that do so all the while; without the boundary's."""

    before: frozenset[Statement]
    after: frozenset[Statement]
    throughout: frozenset[Statement]
    is_bounded: bool

    def that_matter(self, change: Change) -> Change:
        """The change without what is said, or denied, all the while."""
        denied = [
            replace(one, effect="Allow") for one in self.throughout if one.effect == "Deny" and not one.conditions
        ]
        allowed = (*self.throughout, *denied)
        return Change(
            denies_come=not_covered(change.denies_come, self.throughout),
            allows_come=not_covered(change.allows_come, allowed),
            allows_go=not_covered(change.allows_go, allowed),
            denies_go=not_covered(change.denies_go, self.throughout),
        )

    def are_harmed_by(self, statements: Sequence[Statement]) -> bool:
        """Whether statements that are there for a moment only, at neither end, may do harm."""
        there = self.before | self.after
        denied = [one for one in there if one.effect == "Deny"]
        allows = [one for one in statements if one.effect == "Allow"]
        may_be_held_down = bool(allows) and (self.is_bounded or meet(allows, denied))
        return may_be_held_down or bool(not_covered(statements, there))


class Effects:
    """The effects of the calls of one plan, each asked for in the order of the plan."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._texts: dict[Arn, Document] = {}
        self._judges: dict[str, Judges] = {}

    @cached_property
    def _before(self) -> _End:
        known, live = self._sides.known, self._sides.live
        names = {user.name: name for name, user in live.users.items()}
        return _End(users={names.get(name, name): user for name, user in known.users.items()}, groups=known.groups)

    @cached_property
    def _after(self) -> _End:
        desired, live = self._sides.desired, self._sides.live
        before = self._before
        users = {name: user for name, user in before.users.items() if name not in live.users}
        for name, user in desired.users.items():
            users[name] = _as_it_will_be(user, live.users.get(name), before.users.get(name))
        groups = {name: group for name, group in before.groups.items() if name not in live.groups}
        return _End(users=users, groups={**groups, **desired.groups})

    def judges(self, name: str) -> "Judges":
        """What judges a user at both ends, and throughout."""
        if name not in self._judges:
            before, after = self._ways(name, self._before), self._ways(name, self._after)
            both = [(before[way], after[way]) for way in before.keys() & after.keys()]
            self._judges[name] = Judges(
                before=frozenset(one for text in before.values() for one in entries(text)),
                after=frozenset(one for text in after.values() for one in entries(text)),
                throughout=frozenset(one for old, new in both for one in common(old, new)),
                is_bounded=any(name in end.users and end.users[name].boundary for end in (self._before, self._after)),
            )
        return self._judges[name]

    def _ways(self, name: str, end: _End) -> dict[tuple[str, ...], Document]:
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

    def _text(self, policy: Arn, end: _End) -> Document:
        return self._sides.text_after(policy) if end is self._after else self._sides.text_before(policy)

    def of(self, action: Action) -> Effect:
        """What one call does."""
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

    def _contents(self, carrier: Carrier, end: _End) -> Iterator[Statement]:
        kind, name = carrier
        if kind == "policy":
            yield from entries(self._text(Arn(name), end))
            return
        for policy in end.carried(name):
            yield from entries(self._text(policy, end))
        if name in end.groups:
            for document in end.groups[name].inline.values():
                yield from entries(document or ANYTHING)

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


def _as_it_will_be(desired: User, compared: User | None, before: User | None) -> User:
    """A declared user with what nobody declares and so nobody takes away."""
    if compared is None or before is None:
        return desired
    groups = (before.groups or frozenset()) - (compared.groups or frozenset())
    return replace(
        desired,
        groups=(desired.groups or frozenset()) | groups,
        attachments=desired.attachments | (before.attachments - compared.attachments),
    )
