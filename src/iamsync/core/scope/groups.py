"""Groups: one spelling of each name, the owner, and the path. Groups cannot have tags, so the path is the mark of
ownership: adoption and release move a group.
"""

from collections.abc import Iterable
from dataclasses import replace

from iamsync.core.iam_limits import PATH
from iamsync.core.model import DesiredState, Group, LiveState, User, own_path

_ALL_OWNERS = "/iamsync/"


def with_one_spelling(desired: DesiredState, live: Iterable[str] = ()) -> DesiredState:
    """The same state, with one spelling of each group's name: that of the account if the group exists. For IAM, names
    that differ only in case are the same (IAM User Guide, "IAM name requirements").
    """
    spelling = {name.casefold(): name for name in (*desired.groups, *live)}
    groups = {spelling[name.casefold()]: group for name, group in desired.groups.items()}
    if len(groups) < len(desired.groups):  # IAM refuses that, and `validate` reports it
        groups = dict(desired.groups)
    return replace(
        desired,
        users={name: _spelled(user, spelling) for name, user in desired.users.items()},
        groups={name: group if group.name == name else replace(group, name=name) for name, group in groups.items()},
    )


def _spelled(user: User, spelling: dict[str, str]) -> User:
    named = (user.groups or frozenset()) | user.added_groups | user.ended_groups
    if all(spelling.get(name.casefold(), name) == name for name in named):
        return user

    def spelled(names: frozenset[str]) -> frozenset[str]:
        return frozenset(spelling.get(name.casefold(), name) for name in names)

    added = spelled(user.added_groups)
    groups = None if user.groups is None else spelled(user.groups)
    return replace(user, groups=groups, added_groups=added, ended_groups=spelled(user.ended_groups) - added)


def owner_of_group(group: Group) -> str | None:
    """The owner whose path a group is below, if it is below one."""
    owner, slash, _ = group.path.removeprefix(_ALL_OWNERS).partition("/")
    return owner if slash and group.path.startswith(_ALL_OWNERS) else None


def adopted_path(path: str, owner: str) -> str:
    """The new path of a group that is adopted: `/teams/` becomes `/iamsync/<owner>/teams/`, so that release can restore
    the old path.
    """
    return own_path(owner) + path.removeprefix("/")


def released_path(path: str, owner: str) -> str:
    """The new path of a group that is released: `/iamsync/<owner>/teams/` becomes `/teams/`."""
    return "/" + path.removeprefix(own_path(owner))


def is_too_long(path: str) -> bool:
    """Whether IAM refuses a path for its length."""
    return len(path) > PATH


def placed(group: Group, live: LiveState, owner: str) -> Group:
    """A declared group with its path. If the files declare none, it is:

    - for a new group, the owner's path (`/iamsync/<owner>/`);
    - for an owned group, its present path;
    - for a group that is adopted, the owner's path followed by its present path.
    """
    if group.path:
        return group
    found = live.groups.get(group.name)
    if found is None:
        return replace(group, path=own_path(owner))
    return replace(group, path=found.path if owner_of_group(found) == owner else adopted_path(found.path, owner))
