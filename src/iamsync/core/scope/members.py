"""Strangers: who is in a group of ours and is not declared."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from iamsync.core.model import DesiredState, LiveState, User

Members = Mapping[str, tuple[str, ...]]
"""Names of users by group, both sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """The live members of each declared group who are not declared: those who stay, and those who are removed."""

    staying: Members = field(default_factory=dict)
    removed: Members = field(default_factory=dict)


def strangers_in(wanted: DesiredState, kept: DesiredState, live: LiveState, compared: Collection[str]) -> Strangers:
    """Of the groups that are `kept`, of all that is `wanted`. Users who are declared and left alone are removed from no
    group that they are declared to be in; protected and required users from none. Who is `compared` and not kept is to
    be deleted, and leaves every group anyway.
    """
    staying: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    entries = wanted.users.values()
    declared = {name.casefold(): one for one in entries for name in (*one.previous_names, one.name)}
    for name, user in sorted(live.users.items()):
        for group in user.groups or () if name not in kept.users else ():
            if group in kept.groups:
                is_removed = kept.groups[group].removes_strangers and not _stays(user, group, declared, wanted)
                if not (is_removed and name in compared):
                    (removed if is_removed else staying).setdefault(group, []).append(name)
    return Strangers(staying=_sorted(staying), removed=_sorted(removed))


def _stays(user: User, group: str, declared: Mapping[str, User], wanted: DesiredState) -> bool:
    entry = declared.get(user.name.casefold())
    is_member = entry is not None and group in (entry.groups or frozenset()) | entry.added_groups
    guards = wanted.settings.guards
    return is_member or user.name in guards.required_users or guards.protecting(user.name) is not None


def _sorted(members: Mapping[str, list[str]]) -> Members:
    return {group: tuple(members[group]) for group in sorted(members)}
