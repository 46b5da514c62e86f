"""Whose something live is."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from iamsync.core.model import Group, LiveState, Settings, group_subject, is_owned, policy_subject, user_subject
from iamsync.core.scope.groups import adopted_path, owner_of_group
from iamsync.core.tags import OWNER_TAG


def may_take(tags: Mapping[str, str], settings: Settings, subject: str) -> bool:
    """Whether a live user or policy is ours, or is to become ours."""
    return is_owned(tags, settings.owner) or (_is_nobodys(tags) and _may_adopt(subject, settings))


def _may_adopt(subject: str, settings: Settings) -> bool:
    return settings.adopt or any(is_named(subject, name) for name in settings.adopt_names)


def may_take_group(group: Group, settings: Settings) -> bool:
    """Whether a live group is ours, or is to become ours."""
    owner = owner_of_group(group)
    return owner == settings.owner or (owner is None and _may_adopt_group(group, settings))


def _may_adopt_group(group: Group, settings: Settings) -> bool:
    return settings.adopt or any(is_named(group_subject(group.name), name) for name in settings.adopt_names)


def is_named(subject: str, pattern: str) -> bool:
    """Whether a person who adopts `pattern` means a subject: its name, `user/NAME` or the like, or a glob pattern of
    either. Names of groups are compared without case, as they are where they are declared.
    """
    if subject.startswith(group_subject("")):
        subject, pattern = subject.casefold(), pattern.casefold()
    return fnmatchcase(subject, pattern) or fnmatchcase(subject.partition("/")[2], pattern)


def group_not_ours(group: Group, settings: Settings) -> str:
    """Why a live group may not be taken, and what to do."""
    if (other := owner_of_group(group)) is not None:
        return f'exists, owned by "{other}", not by "{settings.owner}": let {other} release it first'
    return (
        f"exists as {group.path}{group.name}, not owned: left alone. To adopt it, which moves it to "
        f"{adopted_path(group.path, settings.owner)}{group.name}: --adopt {group_subject(group.name)}, or "
        "settings.adopt: true. To only use it: do not declare it, and name it in `groups` of the users"
    )


def _is_nobodys(tags: Mapping[str, str]) -> bool:
    return OWNER_TAG not in tags and _stack(tags) is None


def _stack(tags: Mapping[str, str]) -> str | None:
    """The CloudFormation stack that something belongs to: its name or, where only that is there, its id."""
    return tags.get("aws:cloudformation:stack-name", tags.get("aws:cloudformation:stack-id"))


def not_ours(tags: Mapping[str, str], settings: Settings, name: str) -> str:
    """Why a live user or policy may not be taken, and what to do."""
    if (other := tags.get(OWNER_TAG)) is not None:
        return f'exists, owned by "{other}", not by "{settings.owner}": let {other} release it first'
    if (stack := _stack(tags)) is not None:
        return (
            f'exists, owned by the CloudFormation stack "{stack}", not by "{settings.owner}": take it out there first'
        )
    return f"exists, not owned: left alone; to adopt it: --adopt {name}, or settings.adopt: true"


def is_owned_group(group: Group, owner: str) -> bool:
    """Whether a group is the owner's: groups cannot carry tags, so the path is the mark."""
    return owner_of_group(group) == owner


def owned(live: LiveState, owner: str) -> Iterator[str]:
    """The subjects that are the owner's."""
    yield from (user_subject(name) for name, user in live.users.items() if is_owned(user.tags, owner))
    yield from (group_subject(name) for name, group in live.groups.items() if is_owned_group(group, owner))
    yield from (policy_subject(one.name) for one in live.policies.values() if is_owned(one.tags, owner))
