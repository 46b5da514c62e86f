"""The account before a plan and after it, with everybody in it, also who is left alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from iamsync.core.arn import Arn
from iamsync.core.diff.sides import Sides
from iamsync.core.diff.suspension import as_suspended
from iamsync.core.model import Group, User

Carrier = tuple[str, str]
"""What carries statements to several users: a policy or a group."""


@dataclass(frozen=True, kw_only=True)
class End:
    """Users by the names they are to have, groups, and who is reached by what."""

    users: Mapping[str, User]
    groups: Mapping[str, Group]
    members: Mapping[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    holders: Mapping[Arn, set[str]] = field(default_factory=lambda: defaultdict(set))
    bounded: Mapping[Arn, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def before(cls, sides: Sides) -> "End":
        """Before the first call."""
        names = {user.name: name for name, user in sides.live.users.items()}
        users = {names.get(name, name): user for name, user in sides.known.users.items()}
        return cls(users=users, groups=sides.known.groups)

    def after(self, sides: Sides) -> "End":
        """After the last call of a plan that begins here."""
        desired, live = sides.desired, sides.live
        users = {name: user for name, user in self.users.items() if name not in live.users}
        for name, user in desired.users.items():
            users[name] = _as_it_will_be(as_suspended(user), live.users.get(name), self.users.get(name))
        groups = {name: group for name, group in self.groups.items() if name not in live.groups}
        return End(users=users, groups={**groups, **desired.groups})

    def __post_init__(self) -> None:
        for name, user in self.users.items():
            for group in user.groups or ():
                self.members[group].add(name)
            for policy in self._policies(user):
                self.holders[policy].add(name)
            if user.boundary is not None:
                self.bounded[user.boundary].add(name)

    def _policies(self, user: User) -> Iterator[Arn]:
        yield from (attachment.policy for attachment in user.attachments)
        for group in user.groups or ():
            yield from self.carried(group)

    def carried(self, group: str) -> Iterator[Arn]:
        """The policies that a group carries."""
        if group in self.groups:
            yield from (attachment.policy for attachment in self.groups[group].attachments)

    def reaches(self, carrier: Carrier, user: str) -> bool:
        """Whether a carrier reaches a user."""
        kind, name = carrier
        if kind == "group":
            return user in self.members[name]
        return user in (self.bounded if kind == "boundary" else self.holders)[Arn(name)]


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
