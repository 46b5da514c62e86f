"""Names that stand in for the old and the new name of a user who is renamed: many users are compared as one.

A text that says `${aws:username}` says something else to each user, but often the name makes no difference to how two
texts compare: it is a whole segment of a resource, and no other pattern is about that segment. Then what is found under
the names that stand in holds for every user, with the user's own names in their place.
"""

import re
from functools import lru_cache
from typing import Final

from iamsync.core.document import Document
from iamsync.core.permissions.patterns import Patterns
from iamsync.core.permissions.permission import Permission, Permissions

OLD_NAME: Final = "\0old"
NEW_NAME: Final = "\0new"
"""No name and no policy contains this character."""

_ABOUT_THE_NAME: Final = ("aws:username", "aws:principalarn")
_WITH_A_NAME: Final = re.compile(r"(?P<head>[^*?$\0]*)\0(old|new)([/:][^$\0]*)?")
_COLONS_OF_AN_ARN: Final = 5
_OPEN: Final = re.compile(r"[*?$]")


@lru_cache(maxsize=8192)
def takes_stand_in(document: Document) -> bool:
    """Whether a text uses a user's name only to fill it in, and not for resources that are users themselves."""
    conditions = [one for statement in document.statements for one in statement.conditions]
    resources = [entry for statement in document.statements for entry in statement.resources.meaning]
    return not (
        any(one.key.startswith(_ABOUT_THE_NAME) for one in conditions)
        or any("${" in value for one in conditions for value in one.values.meaning)
        or any(":user" in entry.replace("${aws:username}", "") for entry in resources)
    )


@lru_cache(maxsize=8192)
def is_same_for_all(parts: frozenset[Permissions], users_of_account: str) -> bool:
    """Whether permissions that name a stand-in compare with each other as they do with any two names in its place.
    `users_of_account` is how the ARNs of users begin: a text may be about the user who asks, too.
    """
    patterns = {pattern for part in parts for one in part for pattern in one.resources.patterns}
    heads = {users_of_account}
    for pattern in [one for one in patterns if "\0" in one]:
        found = _WITH_A_NAME.fullmatch(pattern)
        if found is None or found["head"].count(":") < _COLONS_OF_AN_ARN:
            return False
        heads.add(found["head"])
        patterns.remove(pattern)
    if any(_may_begin_alike(one, other) for one in heads for other in heads if one != other):
        return False
    return all(_treats_alike(pattern, head) for pattern in patterns for head in heads)


def _treats_alike(pattern: str, head: str) -> bool:
    """Whether a pattern takes in all that begins with `head`, or nothing of it, whatever name follows."""
    start = _OPEN.split(pattern, maxsplit=1)[0]
    return not _may_begin_alike(start, head) or (head.startswith(start) and pattern in {start, f"{start}*"})


def _may_begin_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def with_names(permission: Permission, old: str, new: str) -> Permission:
    """A permission with the names of a user in place of those that stand in."""
    listed, is_named = permission.resources
    resources = Patterns(frozenset(one.replace(OLD_NAME, old).replace(NEW_NAME, new) for one in listed), is_named)
    return Permission(permission.actions, resources, permission.conditions)


def forget() -> None:
    """Free what is remembered of texts and permissions."""
    takes_stand_in.cache_clear()
    is_same_for_all.cache_clear()
