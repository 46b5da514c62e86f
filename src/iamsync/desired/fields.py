"""The kinds of value that fields take, each with what it accepts, what it refuses and what an editor shows.

Text takes what is written. Only a field that expects something else looks at whether a scalar was quoted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from iamsync.core import duration, iam_limits, validate
from iamsync.core.validate import shown
from iamsync.delivery import CHANNELS
from iamsync.desired import editors
from iamsync.desired.nodes import NULLS, SWITCHES, TRUTHS, Items, Node, Scalar


class Plain(str):
    """A scalar that was not quoted, so that it may be a number, a truth or a date where one is expected."""

    __slots__ = ()


def as_plain(node: Node) -> object:
    """The tree as dictionaries, lists, texts and None, for pydantic."""
    if isinstance(node, Scalar):
        if not node.plain:
            return node.text
        return None if node.text in NULLS else Plain(node.text)
    if isinstance(node, Items):
        return [as_plain(item) for item in node.items]
    return {key: as_plain(entry.value) for key, entry in node.entries.items()}


def found(node: Node | None) -> str:
    """What is there, for a message."""
    match node:
        case None:
            return "nothing"
        case Scalar(plain=True) if node.text in NULLS:
            return "nothing" if node.text == "" else f"nothing ({node.text})"
        case Scalar(plain=True):
            return node.text if len(node.text) <= 60 and node.text.isprintable() else shown(node.text)  # noqa: PLR2004 - short enough to repeat
        case Scalar():
            return f"the text {shown(node.text)}"
        case Items():
            return "a list"
        case _:
            return "a mapping"


def expected(what: str) -> NoReturn:
    """Refuse a value: what was expected in its place, for the message."""
    raise PydanticCustomError("expected", "{what}", {"what": what})


def truth(value: object) -> bool:
    """A boolean, written without quotes."""
    if isinstance(value, Plain) and value in TRUTHS:
        return TRUTHS[value]
    if isinstance(value, Plain) and value in SWITCHES:
        means = "true" if value.lower() in {"yes", "on", "y"} else "false"
        expected(f"true or false; write {means}, programs disagree about {value}")
    is_quoted = isinstance(value, str) and not isinstance(value, Plain)
    expected("true or false, without quotes" if is_quoted else "true or false")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within limits."""

    low: int
    high: int

    def checked(self, value: object) -> int:
        """The number, if it is one within the limits."""
        number = int(value) if isinstance(value, Plain) and re.fullmatch(r"0|[1-9][0-9]{0,8}", value) else None
        if number is not None and self.low <= number <= self.high:
            return number
        limits = f"{self.low}" if self.low == self.high else f"a whole number from {self.low} to {self.high}"
        is_quoted = isinstance(value, str) and not isinstance(value, Plain)
        expected(f"{limits}, without quotes" if is_quoted else limits)

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.checked)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Matching:
    """A text that a pattern describes in full. What substitution may still change is checked after it instead."""

    pattern: str
    expected: str
    schema: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What editors learn beside it."""

    def _checked(self, value: object) -> str:
        fits = isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII)
        return str(value) if fits else expected(self.expected)

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {**editors.SCALAR, "pattern": f"^(?:{self.pattern})$", **self.schema}


def known_channel(value: object) -> str:
    """The name of a delivery channel."""
    if isinstance(value, str) and value in CHANNELS:
        return str(value)
    *others, last = (f"'{name}'" for name in sorted(CHANNELS))
    expected = f"{', '.join(others)} or {last}" if others else last
    raise PydanticCustomError("literal_error", "{expected}", {"expected": expected})


class _KnownChannel:
    """The name of a delivery channel."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(known_channel)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": "string", "enum": sorted(CHANNELS)}


ChannelName = Annotated[str, _KnownChannel()]


def later(pattern: str, longest: int) -> Any:  # noqa: ANN401 - pydantic's own word for a field
    """A text that is checked after substitution; the pattern is for editors."""
    return Field(json_schema_extra={"pattern": rf"^(?:{pattern})$|\{{\{{", "maxLength": longest})


_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_MOMENT = re.compile(rf"{_DATE}(?:[Tt ]\d{{2}}:\d{{2}}(?::\d{{2}})?(?P<offset>Z|z|[+-]\d{{2}}:\d{{2}})?)?", re.ASCII)
_DATES: Final = "a date like 2027-03-31 (midnight UTC at its start) or a time like 2027-03-31T18:00:00Z"


def _moment(value: object) -> datetime:
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if not isinstance(value, str) or match is None:
        expected(_DATES)
    is_date = len(value) == len("2027-03-31")
    if not is_date and match["offset"] is None:
        expected(f"an offset after the time: {value.replace(' ', 'T')}Z is UTC, +02:00 is two hours ahead of it")
    try:
        moment = datetime.fromisoformat(value.upper().replace(" ", "T"))
        return moment.replace(tzinfo=UTC) if is_date else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = str(error).partition(":")[0]
        expected(f"a day and time that exist ({reason})")


def _whole_days(value: object) -> timedelta:
    seconds = duration.seconds_of(value) if isinstance(value, str) else None
    if seconds is None or seconds % duration.DAY:
        expected("whole days like 90d or 12w (s, m and h are seconds, minutes and hours)")
    return timedelta(seconds=seconds)


def _share(value: object) -> tuple[int, bool]:
    """A number, or a share in percent and True."""
    text = str(value) if isinstance(value, str) else ""
    if percent := re.fullmatch(r"(0|[1-9][0-9]{0,2})%", text):
        return (int(percent[1]), True) if int(percent[1]) <= 100 else expected("at most 100%")  # noqa: PLR2004 - percent
    if isinstance(value, Plain) and re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
        return int(value), False
    expected("a whole number like 5, or a share like 25%")


def kind(value: object) -> str | None:
    """Which branch of a union a value belongs to. The names hold a NUL, so that no key can be taken for one."""
    if isinstance(value, dict):
        return "\0mapping"
    if isinstance(value, list):
        return "\0list"
    return "\0scalar" if isinstance(value, str | bool | int) else None


class _Words(dict[str, Any]):
    """The words of an error. Hashable, so that a choice may be made between types in which there is another."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def either(expected: str) -> Discriminator:
    """The choice between a scalar, a list and a mapping, with the words for anything else."""
    return Discriminator(
        kind,
        custom_error_type="expected",
        custom_error_message="{what}",
        custom_error_context=_Words(what=expected),
    )


SCALAR: Final = "\0scalar"
MAPPING: Final = "\0mapping"
LIST: Final = "\0list"

Flag = Annotated[bool, BeforeValidator(truth)]
Moment = Annotated[
    datetime,
    PlainValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": editors.MOMENT}),
]
WholeDays = Annotated[
    timedelta, PlainValidator(_whole_days), WithJsonSchema({"type": "string", "pattern": duration.PATTERN})
]
Share = Annotated[
    tuple[int, bool],
    PlainValidator(_share),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^(0|[1-9][0-9]?|100)%$"}]}
    ),
]
AsWritten = Annotated[str, WithJsonSchema(editors.SCALAR)]
"""Text that people often write without quotes although it looks like a number."""
TagValue = Annotated[
    str,
    WithJsonSchema(
        {"type": ["string", "number", "boolean"], "maxLength": iam_limits.TAG_VALUE, "pattern": editors.TAG_VALUE}
    ),
]


def named(pattern: str, longest: int) -> dict[str, Any]:
    """For editors: what the names in a mapping look like."""
    return {"propertyNames": {"pattern": f"^(?:{pattern})$", "maxLength": longest}}


IamPath = Annotated[str, later(validate.PATH, iam_limits.PATH)]
PolicyPath = Annotated[str, later(validate.POLICY_PATH, iam_limits.PATH)]
AccountId = Annotated[str, Matching(r"\d{12}", "the 12 digits of an AWS account, in quotes", editors.ACCOUNT_ID)]
SEGMENT: Final = r"[A-Za-z0-9.,+@=_-]{1,64}"
SEGMENTS: Final = "1 to 64 letters, digits or any of . , + @ = _ -"
Segment = Annotated[str, Matching(SEGMENT, SEGMENTS)]
RoleName = Annotated[str, Matching(r"[\w+=,.@/-]{1,512}", "the name of a role, with its path if it has one")]
ExternalId = Annotated[str, Matching(r"[\w+=,.@:/-]{2,1224}", "2 to 1,224 letters, digits or any of + = , . @ : / - _")]
NonEmpty = Annotated[str, Field(min_length=1, json_schema_extra=editors.SCALAR)]
Reference = Annotated[str, Field(min_length=1, json_schema_extra={**editors.SCALAR, "pattern": editors.REFERENCE})]
FileName = Annotated[str, Field(min_length=1, json_schema_extra={"pattern": editors.FILE})]


Tags = Annotated[dict[str, TagValue], Field(json_schema_extra=editors.TAGS)]
PolicyDocument = Annotated[dict[str, Any], WithJsonSchema(editors.DOCUMENT)]
InlineDocument = Annotated[dict[str, Any], WithJsonSchema(editors.INLINE_DOCUMENT)]
GroupName = Annotated[
    str, Field(min_length=1, json_schema_extra={**editors.SCALAR, "pattern": rf"^{validate.NAME}$|\{{\{{"})
]


class Strict(BaseModel):
    """Anything that is not described is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=False)
