"""All that a user is granted by name, whichever entry says so."""

from iamsync.desired.grants import Granted, listed, name_of, times_of
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.schema import UserEntry


def granted(user: Declared[UserEntry], whole: Merged, field: str) -> tuple[Granted, ...]:
    """What `policies`, `policy_sets` or `groups` grant a user: what the user's own entry names, then memberships that
    groups list.
    """
    at, grants = listed(user.value, field)
    own = []
    for index, grant in enumerate(grants):
        start, until = times_of(grant)
        own.append(Granted(name=name_of(grant), origin=user.origin_of(*at, index), start=start, until=until))
    return (*own, *(whole.members.get(user.name, ()) if field == "groups" else ()))
