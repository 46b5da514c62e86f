"""What is declared and not ours to change; and what is ours, and relies on it."""

from collections.abc import Iterable, Iterator, Mapping

from iamsync.core.arn import Arn
from iamsync.core.iam_limits import PATH
from iamsync.core.model import (
    Attachment,
    DesiredState,
    LiveState,
    Origin,
    Settings,
    User,
    group_subject,
    policy_subject,
    user_subject,
)
from iamsync.core.scope.groups import is_too_long, placed
from iamsync.core.scope.note import Note
from iamsync.core.scope.ownership import group_not_ours, may_take, may_take_group, not_ours


def foreign_policies(desired: DesiredState, live: LiveState) -> Iterator[tuple[Arn, Note]]:
    """Declared policies that are left alone, and why."""
    by_name = {policy.name.casefold(): policy for policy in live.policies.values()}
    for arn, policy in sorted(desired.policies.items()):
        found = by_name.get(policy.name.casefold())
        if found is None:
            continue
        if found.arn != arn:
            text = f"exists as {found.arn}: a policy's name and path cannot be changed; declare it as it is"
        elif not may_take(found.tags, desired.settings, policy_subject(policy.name)):
            text = not_ours(found.tags, desired.settings, policy.name)
        else:
            continue
        yield arn, Note(subject=policy_subject(policy.name), text=text, origin=policy.origin)


def foreign_groups(desired: DesiredState, live: LiveState) -> Iterator[tuple[str, Note]]:
    """Declared groups that are left alone, and why."""
    for name, group in sorted(desired.groups.items()):
        found = live.groups.get(name)
        if found is None:
            continue
        if not may_take_group(found, desired.settings):
            text = group_not_ours(found, desired.settings)
        elif is_too_long(path := placed(group, live, desired.settings.owner).path):
            text = f"its path would have {len(path)} characters, expected at most {PATH}: declare a `path`"
        else:
            continue
        yield name, Note(subject=group_subject(name), text=text, origin=group.origin)


def foreign_users(desired: DesiredState, live: LiveState) -> Iterator[tuple[str, Note]]:
    """Declared users who are left alone, and why."""
    by_name = {name.casefold(): name for name in live.users}
    for name, user in sorted(desired.users.items()):
        found = by_name.get(name.casefold())
        if found is not None and found != name:
            text = f"exists as {found}: IAM takes names that differ only in case for one; declare it as it is"
        elif found is not None and not may_take(live.users[found].tags, desired.settings, user_subject(name)):
            text = not_ours(live.users[found].tags, desired.settings, name)
        elif found is None and (stranger := _previous_name_of_a_stranger(user, live, desired.settings)):
            text = f"was to be renamed, but {stranger} {_why_not(stranger, live, desired.settings)}"
        else:
            continue
        yield name, Note(subject=user_subject(name), text=text, origin=user.origin)


def dependents(
    desired: DesiredState, live: LiveState, policies: Mapping[Arn, Note], groups: Mapping[str, Note]
) -> Iterator[tuple[str, Note]]:
    """The subjects that get nothing because they rely on what is left alone, or on a group that does not exist."""
    for name, group in sorted(desired.groups.items()):
        if relied_on := _relied_on(group.attachments, policies):
            yield group_subject(name), _depends(group_subject(name), relied_on, group.origin, frozenset(policies))
    for name, user in sorted(desired.users.items()):
        memberships = (user.groups or frozenset()) | user.added_groups
        missing = sorted(memberships - desired.groups.keys() - live.groups.keys())
        relied_on = [
            *_relied_on(user.attachments, policies),
            *([policies[user.boundary].subject] if user.boundary and user.boundary in policies else []),
            *sorted(groups[group].subject for group in memberships & groups.keys()),
        ]
        needs = frozenset({*policies, *groups, *missing})
        if relied_on:
            yield user_subject(name), _depends(user_subject(name), relied_on, user.origin, needs)
        elif missing:
            text = f"needs group {', '.join(missing)}, which does not exist: declare it, or create it first"
            yield user_subject(name), Note(subject=user_subject(name), text=text, origin=user.origin, needs=needs)


def _previous_name_of_a_stranger(user: User, live: LiveState, settings: Settings) -> str | None:
    """A previous name that is live and not ours: a second user beside it is not what was asked for."""
    return next(
        (
            old
            for old in user.previous_names
            if old in live.users and not may_take(live.users[old].tags, settings, user_subject(old))
        ),
        None,
    )


def _why_not(name: str, live: LiveState, settings: Settings) -> str:
    return not_ours(live.users[name].tags, settings, name)


def _relied_on(attachments: Iterable[Attachment], policies: Mapping[Arn, Note]) -> list[str]:
    return sorted(policies[one.policy].subject for one in attachments if one.policy in policies)


def _depends(subject: str, relied_on: Iterable[str], origin: Origin | None, needs: frozenset[str]) -> Note:
    text = f"depends on {', '.join(relied_on)}, which iamsync does not manage here"
    return Note(subject=subject, text=text, origin=origin, needs=needs)
