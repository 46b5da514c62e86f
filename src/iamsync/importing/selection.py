"""Which users, groups and policies of an account are meant. What several options name adds up."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iamsync.core.arn import Arn
from iamsync.core.model import Group, LiveState, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Users by name, by the beginning of their path, and by group; groups by name. Names are glob patterns, which are
    compared without case, as IAM compares names.
    """

    users: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    everything: bool = False

    def users_of(self, live: LiveState) -> list[User]:
        """The users, by name. A group means its members."""
        return [user for _, user in sorted(live.users.items()) if self._means(user)]

    def groups_of(self, live: LiveState) -> list[str]:
        """The names of the groups, sorted."""
        return [name for name in sorted(live.groups) if self.everything or _fits(name, self.groups)]

    def policies_of(self, live: LiveState) -> list[Arn]:
        """The customer-managed policies that these users and groups have, attached or as a boundary, sorted. All others
        stay with whoever uses them.
        """
        users = self.users_of(live)
        owners: list[User | Group] = [*users, *(live.groups[name] for name in self.groups_of(live))]
        named = {one.policy for owner in owners for one in owner.attachments}
        named |= {user.boundary for user in users if user.boundary is not None}
        return sorted(named & live.policies.keys())

    def _means(self, user: User) -> bool:
        return (
            self.everything
            or _fits(user.name, self.users)
            or user.path.startswith(self.paths)
            or any(_fits(name, self.groups) for name in user.groups or ())
        )


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)
