"""What a user is granted by name, perhaps for a time only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, Tag

from iamsync.core import iam_limits, validate
from iamsync.core.model import Origin
from iamsync.desired import editors
from iamsync.desired.fields import (
    LIST,
    MAPPING,
    SCALAR,
    AsWritten,
    GroupName,
    Moment,
    NonEmpty,
    Reference,
    Strict,
    either,
)
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
_UserName = Annotated[
    str,
    Field(
        min_length=1,
        json_schema_extra={
            **editors.SCALAR,
            "pattern": rf"^{validate.NAME}$",
            "maxLength": iam_limits.USER_NAME,
        },
    ),
]
MemberGrants = list[Annotated[Annotated[_UserName, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]
GroupGrants = list[Annotated[Annotated[GroupName, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]


class GroupsEntry(Strict):
    """Memberships that must exist. Other memberships stay."""

    add: GroupGrants = Field(
        max_length=MOST_NAMES,
        description="Groups that the user must be in. Other memberships stay, except in groups that iamsync owns. A "
        "membership with `from` or `until` is removed outside of this time",
        examples=[["auditors", {"name": "billing", "until": "2027-03-31"}]],
    )


Groups = Annotated[
    Annotated[Annotated[GroupGrants, Field(max_length=MOST_NAMES)], Tag(LIST)] | Annotated[GroupsEntry, Tag(MAPPING)],
    either("a list of groups, or a mapping like {add: [auditors]}"),
]


def listed(entry: Strict, field: str) -> tuple[tuple[str, ...], list[str | Grant]]:
    """The names in a list of an entry, and the path to that list: `groups` may hold it one level deeper."""
    value = getattr(entry, field)
    return ((field, "add"), value.add) if isinstance(value, GroupsEntry) else ((field,), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a user is granted by name, from when to when, and where that is written.

    `listed_by` is the group that lists the user among its members; empty if the user's own entry names it, or
    `is_default` and the defaults of users do.
    """

    name: str
    origin: Origin
    start: datetime | None = None
    until: datetime | None = None
    listed_by: str = ""
    is_default: bool = False

    def has_begun(self, now: datetime) -> bool:
        """Whether the grant is in force, or was."""
        return self.start is None or self.start <= now

    def is_over(self, now: datetime) -> bool:
        """Whether the grant has ended."""
        return self.until is not None and self.until <= now

    def is_in_force(self, now: datetime) -> bool:
        """Whether the grant has begun and has not ended."""
        return self.has_begun(now) and not self.is_over(now)


def name_of(grant: str | Grant) -> str:
    """What is granted."""
    return grant if isinstance(grant, str) else grant.name


def times_of(grant: str | Grant) -> tuple[datetime | None, datetime | None]:
    """When a grant begins and ends; None for no limit."""
    return (None, None) if isinstance(grant, str) else (grant.start, grant.until)


def in_force(grants: Iterable[Granted], now: datetime) -> Iterator[Granted]:
    """The grants that hold at a moment."""
    return (one for one in grants if one.is_in_force(now))
