"""What is left alone. These rules edit the two inputs of the diff, never the diff itself.

Nothing that iamsync does not own is changed: ownership is the tag `iamsync:owner` with the owner's name as its value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from iamsync.core.arn import Arn
from iamsync.core.model import (
    OWNER_TAG,
    Attachment,
    DesiredState,
    LiveState,
    Origin,
    Policy,
    User,
    policy_subject,
    user_subject,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a reviewer must know that is no action: who it is about, what is so, and what to do about it."""

    subject: str
    text: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Both sides without what is left alone.

    `held_back` says why something declared is not brought into line, `orphans` names users that are owned but no longer
    declared, `unmanaged_users` counts the live users that are nobody's here.
    """

    desired: DesiredState
    live: LiveState
    held_back: tuple[Note, ...]
    orphans: tuple[str, ...]
    unmanaged_users: int


def leave_alone(desired: DesiredState, live: LiveState) -> Scope:
    """Take out of both sides: what exists without our mark, who relies on it, what nobody declared, ignored tags."""
    owner = desired.settings.owner
    policies = dict(_policies_held_back(desired, live))
    users = dict(_users_held_back(desired, live, frozenset(policies)))
    declared = {name: user for name, user in desired.users.items() if name not in users}
    owned = {name for name, user in live.users.items() if user.tags.get(OWNER_TAG) == owner}
    orphans = sorted(owned - set(desired.users))
    return Scope(
        desired=replace(
            desired,
            users=declared,
            policies={arn: policy for arn, policy in desired.policies.items() if arn not in policies},
        ),
        live=replace(
            live,
            users={name: _without_ignored(user, desired) for name, user in live.users.items() if name in declared},
            policies={arn: _policy_without_ignored(policy, desired) for arn, policy in live.policies.items()},
        ),
        held_back=(*policies.values(), *users.values()),
        orphans=tuple(orphans),
        unmanaged_users=len(live.users) - len(owned),
    )


def _policies_held_back(desired: DesiredState, live: LiveState) -> Iterator[tuple[Arn, Note]]:
    by_name = {policy.name.casefold(): policy for policy in live.policies.values()}
    for arn, policy in sorted(desired.policies.items()):
        found = by_name.get(policy.name.casefold())
        if found is None:
            continue
        if found.arn != arn:
            text = f"exists as {found.arn}: a policy's name and path can not be changed; declare it as it is"
        elif not _owned(found.tags, desired):
            text = _not_owned(found.tags, f"aws iam tag-policy --policy-arn {arn}", desired.settings.owner)
        else:
            continue
        yield arn, Note(subject=policy_subject(policy.name), text=text, origin=policy.origin)


def _users_held_back(desired: DesiredState, live: LiveState, policies: frozenset[Arn]) -> Iterator[tuple[str, Note]]:
    by_name = {user.name.casefold(): user for user in live.users.values()}
    for name, user in sorted(desired.users.items()):
        found = by_name.get(name.casefold())
        if found is not None and found.name != name:
            text = f"exists as {found.name}: IAM takes names that differ only in case for one; declare it as it is"
        elif found is not None and not _owned(found.tags, desired):
            text = _not_owned(found.tags, f"aws iam tag-user --user-name {name}", desired.settings.owner)
        elif relied_on := sorted(_names(user.attachments, desired.policies) & _held(policies, desired)):
            text = f"waits for {', '.join(relied_on)}: a policy that is not ours may not say what was reviewed here"
        else:
            continue
        yield name, Note(subject=user_subject(name), text=text, origin=user.origin)


def _names(attachments: frozenset[Attachment], policies: Mapping[Arn, Policy]) -> set[str]:
    return {policies[one.policy].name for one in attachments if one.policy in policies}


def _held(policies: frozenset[Arn], desired: DesiredState) -> set[str]:
    return {desired.policies[arn].name for arn in policies}


def _owned(tags: Mapping[str, str], desired: DesiredState) -> bool:
    return tags.get(OWNER_TAG) == desired.settings.owner


def _not_owned(tags: Mapping[str, str], command: str, owner: str) -> str:
    if (other := tags.get(OWNER_TAG)) is not None:
        return f'exists, owned by "{other}", not by "{owner}": agree on one owner, then change its tag {OWNER_TAG}'
    return f"exists, not owned: left alone; to adopt it: {command} --tags Key={OWNER_TAG},Value={owner}"


def _without_ignored(user: User, desired: DesiredState) -> User:
    return replace(user, tags=_tags_that_count(user.tags, desired))


def _policy_without_ignored(policy: Policy, desired: DesiredState) -> Policy:
    return replace(policy, tags=_tags_that_count(policy.tags, desired))


def _tags_that_count(tags: Mapping[str, str], desired: DesiredState) -> dict[str, str]:
    """`aws:*` tags belong to AWS and cannot be changed (IAM User Guide, "Tagging IAM resources")."""
    ignored = ("aws:*", *desired.settings.ignore_tags)
    return {key: value for key, value in tags.items() if not any(fnmatchcase(key, pattern) for pattern in ignored)}
