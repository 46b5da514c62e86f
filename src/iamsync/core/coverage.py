"""What of an account a plan from some files depends on, of whatever the files change later: all that they name or own,
whoever has a part in that, and what those have.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain

from iamsync.core.arn import Arn
from iamsync.core.model import DesiredState, Group, LiveState, User, is_owned
from iamsync.core.scope.ownership import is_owned_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What files name, as IAM compares names: without case. Of users also the previous names; `groups` and `policies`
    are declared ones, `used_groups` and `used_policies` (ARNs) all that somebody is given.
    """

    users: frozenset[str]
    groups: frozenset[str]
    policies: frozenset[str]
    used_groups: frozenset[str]
    used_policies: frozenset[Arn]

    @classmethod
    def of(cls, desired: DesiredState) -> "Names":
        """The names in a desired state."""
        users = desired.users.values()
        memberships = (chain(user.groups or (), user.added_groups, user.ended_groups) for user in users)
        owners: list[User | Group] = [*users, *desired.groups.values()]
        return cls(
            users=_folded(name for user in users for name in (user.name, *user.previous_names)),
            groups=_folded(desired.groups),
            policies=_folded(policy.name for policy in desired.policies.values()),
            used_groups=_folded(chain.from_iterable(memberships)),
            used_policies=frozenset(chain.from_iterable(map(policies_of, owners))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Names of users and groups, and ARNs of policies. `own_users` and `own_policies` are those that files name or own:
    a plan may change them. What others have of it is in `strangers_with`: by group (`group/ops`) or ARN, how many users
    and groups that are not covered.
    """

    users: AbstractSet[str]
    groups: AbstractSet[str]
    policies: AbstractSet[Arn]
    own_users: AbstractSet[str]
    own_policies: AbstractSet[Arn]
    strangers_with: dict[str, int] = field(default_factory=dict)


def everything(live: LiveState) -> Coverage:
    """All users, groups and policies."""
    return Coverage(
        users=live.users.keys(),
        groups=live.groups.keys(),
        policies=live.policies.keys(),
        own_users=live.users.keys(),
        own_policies=live.policies.keys(),
    )


def coverage(desired: DesiredState, live: LiveState) -> Coverage:
    """What plans from `desired`, and from what it becomes, depend on. `live` has the tags of all policies."""
    names, owner = Names.of(desired), desired.settings.owner
    own_users = {
        name for name, user in live.users.items() if name.casefold() in names.users or is_owned(user.tags, owner)
    }
    own_groups = {
        name for name, group in live.groups.items() if name.casefold() in names.groups or is_owned_group(group, owner)
    }
    own_policies = {
        arn
        for arn, policy in live.policies.items()
        if policy.name.casefold() in names.policies or is_owned(policy.tags, owner)
    }
    holding = own_groups | {
        name for name, group in live.groups.items() if not own_policies.isdisjoint(policies_of(group))
    }
    users = own_users | {
        name
        for name, user in live.users.items()
        if not (own_policies.isdisjoint(policies_of(user)) and holding.isdisjoint(user.groups or ()))
    }
    memberships = chain.from_iterable(live.users[name].groups or () for name in users)
    groups = holding | set(memberships) | {name for name in live.groups if name.casefold() in names.used_groups}
    groups &= live.groups.keys()
    owners: list[User | Group] = [*(live.users[name] for name in users), *(live.groups[name] for name in groups)]
    used = chain(names.used_policies, chain.from_iterable(map(policies_of, owners)))
    return Coverage(
        users=users,
        groups=groups,
        policies=own_policies | (set(used) & live.policies.keys()),
        own_users=own_users,
        own_policies=own_policies,
        strangers_with=_strangers_with(live, users, groups),
    )


def policies_of(owner: User | Group) -> set[Arn]:
    """The managed policies of a user or group, the boundary among them."""
    policies = {one.policy for one in owner.attachments}
    return policies | {owner.boundary} if isinstance(owner, User) and owner.boundary else policies


def _strangers_with(live: LiveState, users: AbstractSet[str], groups: AbstractSet[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for held in chain(
        (arn for name, user in live.users.items() if name not in users for arn in policies_of(user)),
        (arn for name, group in live.groups.items() if name not in groups for arn in policies_of(group)),
        (f"group/{one}" for name, user in live.users.items() if name not in users for one in user.groups or ()),
    ):
        counts[held] = counts.get(held, 0) + 1
    return counts


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
