"""The members that groups list: each must be declared, and agree with what the user's own entry says of groups."""

from collections.abc import Iterator

from iamsync.core.model import Problem
from iamsync.core.validate import shown
from iamsync.desired.grants import Grant, GroupsEntry, listed, name_of, times_of
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.near import did_you_mean
from iamsync.desired.schema import GroupEntry, UserEntry


def problems(whole: Merged) -> Iterator[Problem]:
    """Members whom no file declares, and those whose own entry disagrees."""
    for group in whole.groups.values():
        for index, member in enumerate(group.value.members):
            name = name_of(member)
            if isinstance(member, Grant) and member.start and member.until and member.until <= member.start:
                yield group.problem("until is not after from, so this never holds", "members", index, "until")
            elif name in whole.users:
                yield from _disagreement(group, index, whole.users[name])
            elif name not in whole.names["users"] and whole.is_complete and "{{" not in name:
                hint = did_you_mean(name, whole.names["users"])
                at = ("members", index) if isinstance(member, str) else ("members", index, "name")
                yield group.problem(f"no user {shown(name)} is declared{hint}", *at)


def _disagreement(group: Declared[GroupEntry], index: int, user: Declared[UserEntry]) -> Iterator[Problem]:
    """That the user's own entry says something else of this membership. One that names groups differently in each
    account may or may not name this one.
    """
    at, grants = listed(user.value, "groups")
    same = [grant for grant in grants if name_of(grant).casefold() == group.name.casefold()]
    names_all = "groups" in user.value.model_fields_set and not isinstance(user.value.groups, GroupsEntry)
    place = user.origin_of(*at)
    if same and times_of(group.value.members[index]) not in map(times_of, same):
        message = f"the user's own groups, at {place}, name this group for another time; say it once, or the same twice"
        yield group.problem(message, "members", index)
    elif not same and names_all and not any("{{" in name_of(grant) for grant in grants):
        message = (
            f"the user's own list of groups, at {place}, names all of them and not this one; add it there, or write "
            "groups: {add: [...]} there"
        )
        yield group.problem(message, "members", index)
