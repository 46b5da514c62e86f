"""Letting go: the ownership mark comes off, and nothing else is changed. A group gets its old path back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from iamsync.core.model import (
    DesiredState,
    Group,
    LiveState,
    Policy,
    Settings,
    User,
    group_subject,
    is_owned,
    policy_subject,
    user_subject,
)
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note
from iamsync.core.scope.groups import released_path
from iamsync.core.scope.ownership import is_owned_group
from iamsync.core.tags import OWNER_TAG

Owned = User | Policy | Group


def released(names: Iterable[str], live: LiveState, settings: Settings) -> PlanInput:
    """Each user, policy or group of the owner that is named (`aiko`, `user/aiko`, `policy/Deploy`, `group/ops`), as it
    is and without the mark. The guards of the settings hold.
    """
    found = [one for name in names for one in _named(name, live) if _is_ours(one, settings.owner)]
    users = {one.name: one for one in found if isinstance(one, User)}
    groups = {one.name: one for one in found if isinstance(one, Group)}
    policies = {one.arn: one for one in found if isinstance(one, Policy)}
    desired = DesiredState(
        account=live.account,
        users={name: replace(user, tags=_unmarked(user.tags)) for name, user in users.items()},
        groups={name: replace(one, path=released_path(one.path, settings.owner)) for name, one in groups.items()},
        policies={arn: replace(policy, tags=_unmarked(policy.tags)) for arn, policy in policies.items()},
        settings=settings,
    )
    return PlanInput(desired=desired, live=replace(live, users=users, groups=groups, policies=policies), known=live)


def _is_ours(one: Owned, owner: str) -> bool:
    return is_owned_group(one, owner) if isinstance(one, Group) else is_owned(one.tags, owner)


def _unmarked(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key != OWNER_TAG}


def refused(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    """The names that stand for nothing at all; and, where no name stands for anything of the owner's, all of them."""
    others = _not_ours(names, live, owner)
    return [name for name in others if not _named(name, live)] if set(names) - set(others) else others


def left_alone(names: Iterable[str], live: LiveState, owner: str) -> Iterator[Note]:
    """What is named and is not the owner's: perhaps an earlier release let go of it, of which other calls failed."""
    for one in (one for name in _not_ours(names, live, owner) for one in _named(name, live)):
        yield Note(subject=_subject(one), text=f'exists, not owned by "{owner}": left alone')


def _not_ours(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    return [name for name in names if not any(_is_ours(one, owner) for one in _named(name, live))]


def _named(name: str, live: LiveState) -> list[Owned]:
    """What a name stands for. Names of groups are compared without case."""
    users = [user for user in live.users.values() if name in {user.name, user_subject(user.name)}]
    policies = [one for one in live.policies.values() if name in {one.name, policy_subject(one.name)}]
    groups = [
        one
        for one in live.groups.values()
        if name.casefold() in {one.name.casefold(), group_subject(one.name).casefold()}
    ]
    return [*users, *policies, *groups]


def _subject(one: Owned) -> str:
    match one:
        case User(name=name):
            return user_subject(name)
        case Group(name=name):
            return group_subject(name)
        case Policy(name=name):
            return policy_subject(name)
