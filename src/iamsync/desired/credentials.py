"""Passwords and access keys, as the files declare them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, PlainValidator, Tag, WithJsonSchema

from iamsync.core.iam_limits import ACCESS_KEYS
from iamsync.delivery import DEFAULT
from iamsync.desired.fields import (
    MAPPING,
    SCALAR,
    ChannelName,
    Flag,
    Strict,
    Whole,
    WholeDays,
    either,
    known_channel,
    truth,
)

_LEFT_OUT: Final = "; `deliver` of the user if left out"


class DeliveryEntry(Strict):
    """Delivery channels by kind of secret."""

    password: ChannelName = Field(
        default=DEFAULT, description="The channel that delivers new passwords", examples=["csv"]
    )
    access_key: ChannelName = Field(
        default=DEFAULT, description="The channel that delivers new access keys", examples=["csv"]
    )


def _by_kind(value: object) -> object:
    """One channel for both kinds, as a mapping; anything else as it is."""
    if isinstance(value, dict | DeliveryEntry):
        return value
    channel = known_channel(value)
    return {"password": channel, "access_key": channel}


_OneOrByKind: Any = ChannelName | DeliveryEntry
Delivery = Annotated[DeliveryEntry, BeforeValidator(_by_kind, json_schema_input_type=_OneOrByKind)]
"""One channel, or one for each kind of secret."""


class ConsoleEntry(Strict):
    """The console password of a user."""

    password_reset_required: Flag = Field(
        default=True,
        description="Whether the user must set a new password at the first sign-in. It matters only when iamsync "
        "creates the password",
        examples=[True],
    )
    deliver: ChannelName = Field(
        default="", description=f"The channel that delivers the password{_LEFT_OUT}", examples=["csv"]
    )
    claim_within: WholeDays | None = Field(
        default=None,
        description="Within how many whole days after the delivery the user must sign in. Otherwise the password is "
        "deleted, and not made again until `iamsync reset-password`",
        examples=["7d"],
    )


class AccessKeysEntry(Strict):
    """The access keys of a user."""

    count: Annotated[int, Whole(0, ACCESS_KEYS)] = Field(
        description="How many active access keys the user has. Missing keys are created. If there are more, the plan "
        "warns, since iamsync cannot tell which key is in use. `0` deactivates and deletes all",
        examples=[1],
    )
    rotate_after: WholeDays | None = Field(
        default=None,
        description="The age at which a key is replaced, in whole days (`90d`, `12w`); only with `count: 1`. A second "
        "key is created. When it has been used, and the old key has not been used for a day, the old key is "
        "deactivated; 7 days later it is deleted",
        examples=["90d"],
    )
    deliver: ChannelName = Field(
        default="", description=f"The channel that delivers a new key{_LEFT_OUT}", examples=["csv"]
    )


UNMANAGED: Final = "unmanaged"
"""Says that iamsync leaves a thing of a user alone, whatever the default is."""
_Unmanaged = Literal["unmanaged"]


def _truth_or_unmanaged(value: object) -> bool | str:
    return UNMANAGED if value == UNMANAGED else truth(value)


def _count_or_unmanaged(value: object) -> int | str:
    return UNMANAGED if value == UNMANAGED else Whole(0, ACCESS_KEYS).checked(value)


_Enabled = Annotated[
    bool | _Unmanaged,
    PlainValidator(_truth_or_unmanaged),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": [UNMANAGED]}]}),
]
_Count = Annotated[
    int | _Unmanaged,
    PlainValidator(_count_or_unmanaged),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": ACCESS_KEYS}, {"enum": [UNMANAGED]}]}),
]
ConsoleOrFlag = Annotated[
    Annotated[_Enabled, Tag(SCALAR)] | Annotated[ConsoleEntry, Tag(MAPPING)],
    either("true, false or a mapping like {password_reset_required: true, deliver: csv}"),
]
AccessKeysOrCount = Annotated[
    Annotated[_Count, Tag(SCALAR)] | Annotated[AccessKeysEntry, Tag(MAPPING)],
    either("0, 1, 2 or a mapping like {count: 1, rotate_after: 90d}"),
]
