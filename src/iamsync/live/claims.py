"""Whether somebody has signed in with a password since it was delivered."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from iamsync.core.claims import has_wrong_note
from iamsync.core.model import User
from iamsync.core.tags import DELIVERED_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def unclaimed_days(iam: "IAMClient", user: User, created: datetime, within: int, now: datetime) -> int | None:
    """For how many whole days nobody has signed in since a password was delivered; None if somebody has, or if it is
    younger than `within` days, so that nobody asks.

    A password is delivered when its login profile is created, and on the day that a reset has noted in a tag, if that
    is later. PasswordLastUsed (GetUser) outlives the password, so a sign-in before does not count. One on the noted day
    does: in doubt nothing is taken. A note in the future is ignored.
    """
    noted, days = _noted(user, now), (now - created).days
    if noted is not None:
        days = min(days, (now.astimezone(UTC).date() - noted).days - 1)
    if days < within:
        return None
    used = iam.get_user(UserName=user.name)["User"].get("PasswordLastUsed")
    if used is not None and used >= created and (noted is None or used.astimezone(UTC).date() >= noted):
        return None
    return days


def _noted(user: User, now: datetime) -> date | None:
    """The day that the tag says; None if it says none, or one that cannot be."""
    if DELIVERED_TAG not in user.tags or has_wrong_note(user, f"{now.astimezone(UTC):%Y-%m-%d}"):
        return None
    try:
        return date.fromisoformat(user.tags[DELIVERED_TAG])
    except ValueError:
        return None
