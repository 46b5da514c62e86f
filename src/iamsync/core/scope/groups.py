"""Groups: one spelling of each name, whose a group is, and where it goes. Groups cannot carry tags, so the path is the
mark of ownership: adoption and release move a group.
"""

from collections.abc import Iterable
from dataclasses import replace

from iamsync.core.iam_limits import PATH
from iamsync.core.model import DesiredState, Group, LiveState, User, own_path

_ALL_OWNERS = "/iamsync/"


def with_one_spelling(desired: DesiredState, live: Iterable[str] = ()) -> DesiredState:
    """The same state, in which each group has one spelling, that of the account if it is there: IAM takes names that
    differ only in case for one (IAM User Guide, "IAM name requirements").
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
    """Where a group goes that is adopted: its path is kept as the rest of the new one, so that release can restore it.
    `/teams/` becomes `/iamsync/<owner>/teams/`.
    """
    return own_path(owner) + path.removeprefix("/")


def released_path(path: str, owner: str) -> str:
    """Where an owned group goes that is released: `/iamsync/<owner>/teams/` becomes `/teams/`."""
    return "/" + path.removeprefix(own_path(owner))


def is_too_long(path: str) -> bool:
    """Whether IAM refuses a path for its length."""
    return len(path) > PATH


def placed(group: Group, live: LiveState, owner: str) -> Group:
    """A declared group with its path: where none is declared, it stays below the owner's path as it is, is adopted with
    its path as the rest of the new one, or is created at the top.
    """
    if group.path:
        return group
    found = live.groups.get(group.name)
    if found is None:
        return replace(group, path=own_path(owner))
    return replace(group, path=found.path if owner_of_group(found) == owner else adopted_path(found.path, owner))
