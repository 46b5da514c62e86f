"""What is ours and no longer declared: what goes, and what would but stays."""

from collections.abc import Iterator

from iamsync.core.arn import Arn
from iamsync.core.model import (
    DesiredState,
    Group,
    LiveState,
    User,
    group_subject,
    is_owned,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.note import Note
from iamsync.core.scope.ownership import may_take, owned


def leaving(desired: DesiredState, live: LiveState) -> tuple[frozenset[str], frozenset[str]]:
    """Subjects that are owned and not declared: those that go, and those that stay as orphans.

    A group stays while somebody who is not ours is in it, or a declared user names it; a user stays whose name the
    files still know as a previous one.
    """
    declared = {
        *map(user_subject, desired.users),
        *map(group_subject, desired.groups),
        *(policy_subject(policy.name) for policy in desired.policies.values()),
    }
    # Names that differ only in case are one to IAM: what the files spell otherwise is held back, not gone.
    folded = {subject.casefold() for subject in declared}
    orphans = frozenset(one for one in owned(live, desired.settings.owner) if one.casefold() not in folded)
    if not desired.settings.prune:
        return frozenset(), orphans
    kept_by_others = {
        group_subject(name)
        for user in live.users.values()
        if not _will_be_ours(user, desired)
        for name in user.groups or ()
    }
    named = {
        group_subject(name).casefold()
        for user in desired.users.values()
        for name in (user.groups or frozenset()) | user.added_groups
    }
    formerly = {user_subject(old) for user in desired.users.values() for old in user.previous_names}
    staying = orphans & (kept_by_others | formerly) | {one for one in orphans if one.casefold() in named}
    return orphans - staying, staying


def _will_be_ours(live: User, desired: DesiredState) -> bool:
    if live.name in desired.users:
        return may_take(live.tags, desired.settings, user_subject(live.name))
    return is_owned(live.tags, desired.settings.owner)


def policies_in_use(going: frozenset[str], kept: DesiredState, live: LiveState) -> Iterator[tuple[str, Note]]:
    """Policies that would go, but that somebody keeps: who is not in our hands, or is declared with it."""
    ending = {arn: policy for arn, policy in live.policies.items() if policy_subject(policy.name) in going}
    released = {*map(user_subject, kept.users), *map(group_subject, kept.groups), *going}
    keeping: dict[Arn, set[str]] = {arn: set(live.used_by.get(arn, ())) - released for arn in ending}
    declared: list[User | Group] = [*kept.users.values(), *kept.groups.values()]
    for one in declared:
        for arn in _policies_of(one) & ending.keys():
            keeping[arn].add(user_subject(one.name) if isinstance(one, User) else group_subject(one.name))
    for arn, policy in sorted(ending.items()):
        if users := keeping[arn]:
            subject = policy_subject(policy.name)
            text = f"is not declared, but stays: {', '.join(sorted(users))} still has it"
            yield subject, Note(subject=subject, text=text)


def _policies_of(one: User | Group) -> set[Arn]:
    boundary = {one.boundary} if isinstance(one, User) and one.boundary else set()
    return {attachment.policy for attachment in one.attachments} | boundary


def groups_in_use(going: frozenset[str], kept: DesiredState, live: LiveState) -> Iterator[tuple[str, Note]]:
    """Groups that would go, but that somebody is in who is left alone."""
    for name in sorted(name for name in live.groups if group_subject(name) in going):
        members = sorted(
            user_subject(user)
            for user, facts in live.users.items()
            if name in (facts.groups or ()) and user not in kept.users and user_subject(user) not in going
        )
        if members:
            text = f"is not declared, but stays: {', '.join(members)} is in it and left alone"
            yield group_subject(name), Note(subject=group_subject(name), text=text)
