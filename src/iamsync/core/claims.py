"""Passwords that must be claimed: who has not signed in for so long after the delivery has no password any more.

A password is claimed by a sign-in. One that was deleted because nobody claimed it is not made again, as long as the
files declare `claim_within`: a tag on the user says so, until `reset-password` makes another. So no password is
delivered again and again to somebody who does not take it.
"""

import re
from dataclasses import dataclass
from typing import Final

from iamsync.core.model import Console, DesiredState, User
from iamsync.core.tags import DELIVERED_TAG, UNCLAIMED_TAG

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclaimedNote:
    """For how many whole days a password has not been claimed, and within how many it must be."""

    days: int
    within: int


def unclaimed(wanted: Console, live: Console) -> UnclaimedNote | None:
    """Why a live password is deleted, if it is."""
    days, within = live.unclaimed_days, wanted.claim_within_days
    if not (wanted.enabled and live.enabled) or days is None or within is None or days < within:
        return None
    return UnclaimedNote(days=days, within=within)


def must_claim(desired: DesiredState, live_name: str) -> bool:
    """Whether the password of a live user must be claimed, by whatever name the files know the user."""
    return any(
        user.console is not None and user.console.claim_within_days is not None
        for user in desired.users.values()
        if live_name in {user.name, *user.previous_names}
    )


def gave_up(desired: User, live: User) -> bool:
    """Whether no password is made for a user, because an earlier one was not claimed."""
    claims = desired.console is not None and desired.console.enabled and desired.console.claim_within_days is not None
    without = live.console is not None and not live.console.enabled
    return claims and without and UNCLAIMED_TAG in live.tags


def has_wrong_note(live: User, today: str) -> bool:
    """Whether the tag that says when a password was delivered is no day, or one of the future (`today` is a day in
    UTC): iamsync has not written it.
    """
    noted = live.tags.get(DELIVERED_TAG)
    return noted is not None and (_DAY.fullmatch(noted) is None or noted > today)
