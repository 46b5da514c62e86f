"""What a user is granted by name, perhaps for a time only."""

from typing import Annotated

from pydantic import Field, Tag

from iamsync.desired.fields import MAPPING, SCALAR, AsWritten, GroupName, Moment, NonEmpty, Reference, Strict, either
from iamsync.desired.policies import MOST_NAMES


class Grant(Strict):
    """A grant with a beginning, an end, or both. Outside of this time it is not in force."""

    name: AsWritten = Field(
        description="What is granted: the name that you would write without a time", examples=["billing"]
    )
    start: Moment | None = Field(
        default=None,
        alias="from",
        description="When the grant begins. A date means 00:00 UTC on that day; a time needs an offset",
        examples=["2027-01-01"],
    )
    until: Moment | None = Field(
        default=None,
        description="When the grant ends. `until: 2027-03-31` ends it at 00:00 UTC on that day",
        examples=["2027-03-31", "2027-03-31T18:00:00+02:00"],
    )


_GRANT = either("a name, or a mapping with a name, from and until")
SetGrants = list[Annotated[Annotated[NonEmpty, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]
PolicyGrants = list[Annotated[Annotated[Reference, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]
GroupGrants = list[Annotated[Annotated[GroupName, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]


class GroupsEntry(Strict):
    """Memberships that must exist. Other memberships stay."""

    add: GroupGrants = Field(
        max_length=MOST_NAMES,
        description="Groups that the user must be in. Other memberships stay, except in groups that iamsync owns. A "
        "membership with `from` or `until` is removed outside of this time",
        examples=[["auditors", {"name": "billing", "until": "2027-03-31"}]],
    )


def listed(entry: Strict, field: str) -> tuple[tuple[str, ...], list[str | Grant]]:
    """The names in a list of an entry, and the path to that list: `groups` may hold it one level deeper."""
    value = getattr(entry, field)
    return ((field, "add"), value.add) if isinstance(value, GroupsEntry) else ((field,), value)
