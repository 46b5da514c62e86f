"""What the files end by themselves: grants with `until`, users with `expires`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from iamsync.core.model import Origin, user_subject
from iamsync.desired.granted import granted
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
    found = (one for user in whole.users.values() for one in _of_user(user, whole) if one.at > now)
    return tuple(sorted(found, key=lambda one: (one.at, one.subject, one.what)))


def _of_user(user: Declared[UserEntry], whole: Merged) -> Iterator[Expiry]:
    entry, subject = user.value, user_subject(user.name)
    if entry.expires is not None and not entry.suspended:
        yield Expiry(at=entry.expires, subject=subject, what="is suspended", origin=user.origin_of("expires"))
    for field, word in (("policies", "policy"), ("policy_sets", "policy set"), ("groups", "group")):
        for one in granted(user, whole, field):
            if one.until is not None:
                what = f"loses {word} {one.name}"
                yield Expiry(at=one.until, subject=subject, what=what, origin=one.origin)
