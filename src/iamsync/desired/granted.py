"""What holds for a user, whichever entry says so: the user's own, the defaults of users, or a group."""

from collections.abc import Iterator
from typing import Final

from iamsync.core.model import Origin
from iamsync.desired.credentials import UNMANAGED
from iamsync.desired.grants import Granted, listed, name_of, times_of
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.schema import UserEntry

_DEFAULTED: Final = ("path", "permissions_boundary", "policy_sets", "groups", "console", "access_keys")
"""Keys whose default holds where a user does not have them. `tags` are combined instead."""
_CREDENTIALS: Final = ("console", "access_keys")


def with_defaults(user: Declared[UserEntry], whole: Merged) -> UserEntry:
    """The entry of a user with the defaults for the keys that it leaves out, and without what is unmanaged."""
    own, defaults = user.value, whole.settings.defaults.user
    missing = {key: getattr(defaults, key) for key in _DEFAULTED if is_default(key, user, whole)}
    keys = {key: getattr(own, key) for key in own.model_fields_set} | missing
    unmanaged = [key for key in _CREDENTIALS if keys.get(key) == UNMANAGED]
    if not (missing or unmanaged):
        return own
    return UserEntry.model_construct(None, **{key: value for key, value in keys.items() if key not in unmanaged})


def is_default(key: str, user: Declared[UserEntry], whole: Merged) -> bool:
    """Whether the default holds for a key of a user."""
    return key not in user.value.model_fields_set and key in whole.settings.defaults.user.model_fields_set


def place_of(key: str, user: Declared[UserEntry], whole: Merged) -> Origin:
    """Where what holds for a key of a user is written."""
    return whole.default_places[key] if is_default(key, user, whole) else user.origin_of(key)


def granted(user: Declared[UserEntry], whole: Merged, field: str) -> tuple[Granted, ...]:
    """What `policies`, `policy_sets` or `groups` grant a user: what the user's own entry names or else the defaults do,
    then memberships that groups list.
    """
    named = whole.default_grants[field] if is_default(field, user, whole) else tuple(_own(user, field))
    return (*named, *(whole.members.get(user.name, ()) if field == "groups" else ()))


def _own(user: Declared[UserEntry], field: str) -> Iterator[Granted]:
    at, grants = listed(user.value, field)
    for index, grant in enumerate(grants):
        start, until = times_of(grant)
        yield Granted(name=name_of(grant), origin=user.origin_of(*at, index), start=start, until=until)
