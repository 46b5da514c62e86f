"""Passwords and access keys, as the files declare them."""

from typing import Annotated, Literal

from pydantic import Field

from iamsync.desired.fields import Duration, Flag, Strict, Whole


class ConsoleEntry(Strict):
    """A password for the console."""

    password_reset_required: Flag = Field(
        default=True,
        description="Whether the first password must be changed at first sign-in. For creation only, never compared",
        examples=[True],
    )
    deliver: Literal["csv"] = Field(default="csv", description="How the password is handed over", examples=["csv"])


class AccessKeysEntry(Strict):
    """Access keys for programs. A new one is written to the CSV beside new passwords; which keys exist is compared."""

    count: Annotated[int, Whole(0, 2)] = Field(
        description="How many active keys the user has. Fewer: made; more: warned of, for which one is in use is not "
        "guessed; `0`: all are switched off and deleted",
        examples=[1],
    )
    rotate_after: Duration | None = Field(
        default=None,
        description="After how many days (`d`) or weeks (`w`) a key is replaced, with `count: 1`: a new one is made "
        "beside it; when that has been used and the old one has not been for a day, the old one is switched off, and "
        "deleted 7 days later",
        examples=["90d"],
    )
    deliver: Literal["csv"] = Field(default="csv", description="How a key is handed over", examples=["csv"])
