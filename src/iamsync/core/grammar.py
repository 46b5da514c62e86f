"""What IAM takes at each place of an identity policy, and the words for what it does not take.

Rules from the IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements reference".
Where AWS is known to be lenient so is this, because every live document must be readable.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from itertools import product
from string import ascii_lowercase, ascii_uppercase
from typing import Final, Literal, NoReturn
from urllib.parse import unquote

OLD_VERSION: Final = "2008-10-17"
"""What an absent Version means. Policy variables are plain text under it, so it never equals the current one
(IAM User Guide, "IAM JSON policy elements: Version")."""

VERSIONS: Final = ("2012-10-17", OLD_VERSION)

DOCUMENT_ELEMENTS: Final = ("Version", "Statement")
STATEMENT_ELEMENTS: Final = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")

_FOREIGN_ELEMENTS: Final = {
    "Id": "names a resource policy; an identity policy is named by IAM, so remove it",
    "Principal": "belongs to resource and trust policies; an identity policy speaks of whoever it is attached to",
    "NotPrincipal": "belongs to resource and trust policies; an identity policy speaks of whoever it is attached to",
}

# IAM User Guide, "IAM JSON policy elements: Condition operators". IfExists goes with every operator but Null.
_COMPARISONS: Final = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_BASIC_OPERATORS: Final = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
    *("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    *(f"Numeric{comparison}" for comparison in _COMPARISONS),
    *(f"Date{comparison}" for comparison in _COMPARISONS),
)
_OPERATORS: Final = tuple(
    f"{quantifier}{basic}{optional}"
    for quantifier, basic, optional in product(
        ("", "ForAllValues:", "ForAnyValue:"), _BASIC_OPERATORS, ("", "IfExists")
    )
    if f"{basic}{optional}" != "NullIfExists"
)

_ASCII_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_OPERATOR_BY_FOLDED: Final = {operator.translate(_ASCII_LOWER): operator for operator in _OPERATORS}
_EXAMPLES: Final = "there is StringEquals, Bool, ForAnyValue:StringLikeIfExists, ..."
_IGNORES_CASE: Final = ("IgnoreCase", "Bool", "Null")

_ACTION = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[ -9;-~]+")
_PARTITION = re.compile(r"\*|aws[a-z0-9*?-]*")
_FRACTION = re.compile(r"[+-]?\d+\.\d+", re.ASCII)
_SERVICE = re.compile(r"[^*?]+")
_SID = re.compile(r"[A-Za-z0-9]*")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_PLAIN_STEP = re.compile(r"[\w:./${}*-]{1,128}", re.ASCII)
_LONGEST_QUOTE: Final = 80


class DocumentError(ValueError):
    """What was given is not an identity policy that IAM would take.

    `path` is the way to the place (`Statement[1].Condition.Bool`, counted from 0; empty for the whole document),
    `message` says what was found and what was expected.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Number(str):
    """A JSON number as it was written: no digits lost, and not a string that somebody quoted."""

    __slots__ = ()


class JsonObject(dict[str, object]):
    """A JSON object that knows which of its names came twice (Python keeps the last one and says nothing)."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = None if len(self) == len(names) else next(name for name in self if names.count(name) > 1)


def refuse(path: str, message: str) -> NoReturn:
    """Raise DocumentError. Usable as an expression: a rule reads as "the good value, or a refusal"."""
    raise DocumentError(path, message)


def folded(name: str) -> str:
    """`name` for comparing without regard to case.

    Only ASCII letters fold: what AWS does with the Kelvin sign or a dotted I is not known, and a difference shown in
    vain is better than one hidden.
    """
    return name.lower() if name.isascii() else name.translate(_ASCII_LOWER)


def decoded(source: str) -> object:
    """The JSON value in `source`. What begins with % cannot be JSON: it is how IAM answers, URL-encoded (RFC 3986)."""
    json_text = source.strip(" \t\r\n")
    try:
        return json.loads(
            unquote(json_text, errors="strict") if json_text.startswith("%") else json_text,
            object_pairs_hook=JsonObject,
            parse_int=Number,
            parse_float=Number,
            parse_constant=lambda name: refuse("", f"not JSON: {name} is no number of JSON"),
        )
    except json.JSONDecodeError as error:
        refuse("", f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    except UnicodeDecodeError:
        refuse("", "not JSON: URL-encoded, but not in UTF-8")
    except RecursionError:
        refuse("", "nested deeper than any policy document")


def members(value: object, path: str, known: Collection[str] = ()) -> Mapping[str, object]:
    """The members of an object. Where only `known` elements may stand, any other is refused."""
    if not isinstance(value, Mapping):
        refuse(path, f"found {_kind(value)}, expected an object")
    for name in value:
        if not isinstance(name, str):
            refuse(path, f"found {_kind(name)} as a name, expected a string")
        if known and name not in known:
            otherwise = f"known are {', '.join(known)}"
            unknown = f"no element of an identity policy here; {suggestion(name, known, otherwise)}"
            refuse(step(path, name), _FOREIGN_ELEMENTS.get(name, unknown))
    if isinstance(value, JsonObject) and value.repeated is not None:
        refuse(step(path, value.repeated), "there twice, expected once")
    return value


def items(value: object, path: str, *, may_be_empty: bool = False) -> Iterator[tuple[str, object]]:
    """Each item of a list with its path; what is not a list is its own only item."""
    if not isinstance(value, list | tuple):
        yield path, value
        return
    if not value and not may_be_empty:
        refuse(path, "found an empty list, expected at least one entry")
    for index, item in enumerate(value):
        yield f"{path}[{index}]", item


def text(value: object, path: str) -> str:
    """A string that IAM can store: U+0009, U+000A, U+000D and from U+0020, beyond U+00FF as an escape."""
    if not isinstance(value, str) or isinstance(value, Number):
        refuse(path, f"found {_kind(value)}, expected a string")
    if found := _UNSTORABLE.search(value):
        refuse(path, f"found the character U+{ord(found[0]):04X}, expected only characters that IAM stores")
    return value


def version(value: object, path: str) -> str:
    """One of the two versions of the policy language."""
    found = text(value, path)
    message = (
        f'found {quoted(found)}, expected "{VERSIONS[0]}": the version of the policy language, not a date of yours'
    )
    return found if found in VERSIONS else refuse(path, message)


def sid(value: object, path: str) -> str:
    """A statement id; empty is as good as none."""
    found = text(value, path)
    return found if _SID.fullmatch(found) else refuse(path, f"found {quoted(found)}, expected only A-Z, a-z and 0-9")


def effect(value: object, path: str) -> Literal["Allow", "Deny"]:
    """Allow or Deny, in exactly these letters."""
    match text(value, path):
        case "Allow":
            return "Allow"
        case "Deny":
            return "Deny"
        case found:
            refuse(path, f'found {quoted(found)}, expected exactly "Allow" or "Deny"')


def action(value: object, path: str) -> str:
    """An action or a pattern of actions. IAM does not ask whether any action is called that; lint does."""
    found = text(value, path)
    if not _ACTION.fullmatch(found):
        refuse(path, f'found {quoted(found)}, expected "*" or a service, one colon and a name, like "s3:GetObject"')
    return found


def resource(value: object, path: str) -> str:
    """`*` or an ARN pattern. AWS fills an ARN that ends early with wildcards (`arn:aws:sqs` is all of SQS) unless there
    is a gap in it; the service is spelled out (IAM User Guide, "IAM JSON policy elements: Resource").
    """
    found = text(value, path)
    if found == "*":
        return found
    match found.split(":"):
        case ["arn", partition, service, *rest]:
            if not _PARTITION.fullmatch(partition):
                refuse(path, f"found the partition {quoted(partition)}, expected aws, aws-cn, aws-us-gov, ... or *")
            if not _SERVICE.fullmatch(service):
                refuse(path, f"found the service {quoted(service)}, expected its name without wildcards")
            if len(rest) < len(("region", "account", "resource")) and "::" in found:
                refuse(path, f"found {quoted(found)}, expected six parts with colons between, like arn:aws:s3:::bucket")
            return found
        case _:
            refuse(path, f'found {quoted(found)}, expected "*" or an ARN like "arn:aws:s3:::bucket/*"')


def operator(name: str, path: str) -> str:
    """The condition operator in its canonical spelling."""
    return _OPERATOR_BY_FOLDED.get(folded(name)) or refuse(
        path, f"found {quoted(name)}, expected a condition operator; {suggestion(name, _OPERATORS, _EXAMPLES)}"
    )


def meaning_of(canonical_operator: str) -> Callable[[str], str]:
    """What two values have in common that the operator takes for one: `True` and `true`, `ALICE` and `alice`, `3600.0`
    and `3600`.
    """
    if any(word in canonical_operator for word in _IGNORES_CASE):
        return folded
    return number if "Numeric" in canonical_operator else str


def number(written: str) -> str:
    """A number without the zeros at its end that do not count. What is no number is left as it is."""
    return written.rstrip("0").rstrip(".") if _FRACTION.fullmatch(written) else written


def condition_value(value: object, path: str) -> str:
    """The text that IAM compares: `true` is "true" to it, 3600 is "3600"."""
    match value:
        case bool():
            return "true" if value else "false"
        case Number():
            return str(value)
        case float() if not math.isfinite(value):
            refuse(path, f"found {value}, expected a number of JSON")
        case int() | float():
            try:
                return repr(value)
            except ValueError:  # Python's guard against numbers of thousands of digits
                refuse(path, "found a number of thousands of digits, expected a shorter one or a string")
        case _:
            return text(value, path)


def step(path: str, name: str) -> str:
    """The path to the member `name`, printable whatever the name holds."""
    plain = name if _PLAIN_STEP.fullmatch(name) else quoted(name)
    return f"{path}.{plain}" if path else plain


def quoted(found: str) -> str:
    """`found` for a message: short, and in ASCII."""
    return json.dumps(found if len(found) <= _LONGEST_QUOTE else f"{found[:_LONGEST_QUOTE]}...")


def _kind(value: object) -> str:
    match value:
        case str() if not isinstance(value, Number):
            return quoted(value)
        case None | bool():
            return json.dumps(value)
        case int() | float() | Number():
            return "a number"
        case Mapping() | list() | tuple():
            return "an object" if isinstance(value, Mapping) else "a list"
        case _:
            return f"a {type(value).__name__}"


def suggestion(name: str, known: Collection[str], otherwise: str) -> str:
    """The question whether a known name was meant, or `otherwise` if none is near."""
    spelling = {folded(one): one for one in known}
    near = get_close_matches(folded(name)[:_LONGEST_QUOTE], spelling, n=1)
    return f'did you mean "{spelling[near[0]]}"?' if near else otherwise
