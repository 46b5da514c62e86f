"""Letting go: the ownership mark comes off, and nothing else is changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from iamsync.core.model import (
    OWNER_TAG,
    DesiredState,
    LiveState,
    Policy,
    Settings,
    User,
    is_owned,
    policy_subject,
    user_subject,
)
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope import Note


def released(names: Iterable[str], live: LiveState, settings: Settings) -> PlanInput:
    """Each user or policy of the owner that is named (`aiko`, `user/aiko`, `policy/Deploy`), as it is and without the
    mark. The guards of the settings hold.
    """
    found = [one for name in names for one in _named(name, live) if is_owned(one.tags, settings.owner)]
    users = {one.name: one for one in found if isinstance(one, User)}
    policies = {one.arn: one for one in found if isinstance(one, Policy)}
    desired = DesiredState(
        account=live.account,
        users={name: replace(user, tags=_unmarked(user.tags)) for name, user in users.items()},
        policies={arn: replace(policy, tags=_unmarked(policy.tags)) for arn, policy in policies.items()},
        settings=settings,
    )
    return PlanInput(desired=desired, live=replace(live, users=users, groups={}, policies=policies), known=live)


def _unmarked(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key != OWNER_TAG}


def refused(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    """The names that stand for nothing at all; and, where no name stands for anything of the owner's, all of them."""
    others = _not_ours(names, live, owner)
    return [name for name in others if not _named(name, live)] if set(names) - set(others) else others


def left_alone(names: Iterable[str], live: LiveState, owner: str) -> Iterator[Note]:
    """What is named and is not the owner's: perhaps an earlier release let go of it, of which other calls failed."""
    for one in (one for name in _not_ours(names, live, owner) for one in _named(name, live)):
        subject = user_subject(one.name) if isinstance(one, User) else policy_subject(one.name)
        yield Note(subject=subject, text=f'exists, not owned by "{owner}": left alone')


def _not_ours(names: Iterable[str], live: LiveState, owner: str) -> list[str]:
    return [name for name in names if not any(is_owned(one.tags, owner) for one in _named(name, live))]


def _named(name: str, live: LiveState) -> list[User | Policy]:
    users = [user for user in live.users.values() if name in {user.name, user_subject(user.name)}]
    return [*users, *(one for one in live.policies.values() if name in {one.name, policy_subject(one.name)})]
