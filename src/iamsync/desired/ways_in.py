"""Passwords and access keys, as the files declare them."""

from typing import Annotated, Final

from pydantic import Field

from iamsync.desired.fields import ChannelName, Flag, Strict, Whole, WholeDays

_LEFT_OUT: Final = "; `settings.delivery` if left out"


class ConsoleEntry(Strict):
    """A password for the console."""

    password_reset_required: Flag = Field(
        default=True,
        description="Whether the first password must be changed at first sign-in. For creation only, never compared",
        examples=[True],
    )
    deliver: ChannelName = Field(
        default="", description=f"The channel that delivers the password{_LEFT_OUT}", examples=["csv"]
    )


class AccessKeysEntry(Strict):
    """Access keys for programs. Which keys exist is compared."""

    count: Annotated[int, Whole(0, 2)] = Field(
        description="How many active keys the user has. Fewer: made; more: warned of, for which one is in use is not "
        "guessed; `0`: all are deactivated and deleted",
        examples=[1],
    )
    rotate_after: WholeDays | None = Field(
        default=None,
        description="The age at which a key is replaced (whole days, like `90d` or `12w`), with `count: 1`: a new one "
        "is created beside it; when that has been used and the old one has not been for a day, the old one is "
        "deactivated, and deleted 7 days later",
        examples=["90d"],
    )
    deliver: ChannelName = Field(
        default="", description=f"The channel that delivers a new key{_LEFT_OUT}", examples=["csv"]
    )
