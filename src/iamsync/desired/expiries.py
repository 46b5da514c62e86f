"""What the files end by themselves: grants with `until`, users with `expires`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from iamsync.core.model import Origin, user_subject
from iamsync.desired.grants import Grant, listed
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.schema import UserEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What ends for a subject, when (aware), and where that is written."""

    at: datetime
    subject: str
    what: str
    origin: Origin | None


def expiries(whole: Merged, now: datetime) -> tuple[Expiry, ...]:
    """All that end after a moment, the next first."""
    found = (one for user in whole.users.values() for one in _of_user(user) if one.at > now)
    return tuple(sorted(found, key=lambda one: (one.at, one.subject, one.what)))


def _of_user(user: Declared[UserEntry]) -> Iterator[Expiry]:
    entry, subject = user.value, user_subject(user.name)
    if entry.expires is not None and not entry.suspended:
        yield Expiry(at=entry.expires, subject=subject, what="is suspended", origin=user.origin_of("expires"))
    for field, word in (("policies", "policy"), ("policy_sets", "policy set"), ("groups", "group")):
        path, grants = listed(entry, field)
        for index, grant in enumerate(grants):
            if isinstance(grant, Grant) and grant.until is not None:
                what, origin = f"loses {word} {grant.name}", user.origin_of(*path, index)
                yield Expiry(at=grant.until, subject=subject, what=what, origin=origin)
