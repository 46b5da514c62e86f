"""What of the account is left alone because it is neither owned nor declared to be adopted."""

from dataclasses import dataclass

from iamsync.core.model import DesiredState, LiveState, is_owned
from iamsync.core.scope.ownership import is_owned_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmanaged:
    """Names of live users, groups and customer-managed policies, each sorted.

    The tags of policies that are not declared are read only where `settings.prune` is on: without, an owned policy that
    is no longer declared is among these.
    """

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


def unmanaged(kept: DesiredState, live: LiveState) -> Unmanaged:
    """All of them; `kept` is what is declared and may be changed, `live` has users by the names that they are to have.
    Who is adopted by this plan is not among them.
    """
    owner = kept.settings.owner
    users = (
        user.name for name, user in live.users.items() if name not in kept.users and not is_owned(user.tags, owner)
    )
    groups = (
        name for name, group in live.groups.items() if name not in kept.groups and not is_owned_group(group, owner)
    )
    policies = (
        policy.name
        for arn, policy in live.policies.items()
        if arn not in kept.policies and not is_owned(policy.tags, owner)
    )
    return Unmanaged(users=tuple(sorted(users)), groups=tuple(sorted(groups)), policies=tuple(sorted(policies)))
