"""What editors learn of texts and documents whose own rules the core checks, as far as a JSON Schema can say it."""

from typing import Any, Final

from iamsync.core import iam_limits
from iamsync.core.arn import QUARANTINE

_DATE: Final = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME: Final = r"[Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?([Zz]|[+-]\d{2}:\d{2})"
MOMENT: Final = f"^{_DATE}({_TIME})?$"

_NOT_IN_TAGS: Final = r"""\x00-\x1f!"#$%&'()*,;<>?\[\]^`{|}~\\"""
"""In patterns nothing is escaped that need not be: with the flag u, JavaScript refuses such a pattern."""
SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}
"""A text that may be written without quotes although it looks like a number; patterns look at strings only."""
ACCOUNT_ID: Final[dict[str, Any]] = {
    "type": ["string", "integer"],
    "pattern": r"^\d{12}$",
    "minimum": 1,
    "maximum": 999_999_999_999,
}
TAG_VALUE: Final = rf"^[^{_NOT_IN_TAGS}]*$|\{{\{{"
TAGS: Final[dict[str, Any]] = {
    "propertyNames": {"maxLength": iam_limits.TAG_KEY, "pattern": rf"^(?![Aa][Ww][Ss]:|iamsync:)[^{_NOT_IN_TAGS}]+$"},
    "maxProperties": iam_limits.TAGS - 1,
}


def _texts(pattern: str) -> dict[str, Any]:
    one = {"type": "string", "pattern": rf"{pattern}|\{{\{{"}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


_ACTIONS: Final = _texts(r"^(\*|[A-Za-z0-9.-]+:[!-~]+)$")
_RESOURCES: Final = _texts(r"^(\*|arn:[^:]+:[^:]+.*)$")
_STATEMENT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "Sid": {"type": "string", "pattern": "^[A-Za-z0-9]*$"},
        "Effect": {"enum": ["Allow", "Deny"]},
        "Action": _ACTIONS,
        "NotAction": _ACTIONS,
        "Resource": _RESOURCES,
        "NotResource": _RESOURCES,
        "Condition": {"type": "object", "additionalProperties": {"type": "object"}},
    },
    "required": ["Effect"],
    "allOf": [
        {"oneOf": [{"required": ["Action"]}, {"required": ["NotAction"]}]},
        {"oneOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}]},
    ],
}
DOCUMENT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "Version": {"const": "2012-10-17"},
        "Statement": {"anyOf": [_STATEMENT, {"type": "array", "items": _STATEMENT, "minItems": 1}]},
    },
    "required": ["Version", "Statement"],
}
INLINE_DOCUMENT: Final[dict[str, Any]] = {
    **DOCUMENT,
    "properties": {**DOCUMENT["properties"], "Version": {"enum": ["2012-10-17", "2008-10-17"]}},
    "required": ["Statement"],
}
"""An inline policy may be of the old version, or of none."""
FILE: Final = r"^[^/~\\][^\\]*\.json$"
NETWORK: Final = r"^[0-9A-Fa-f.:]+/[1-9][0-9]{0,2}$|\{\{"
DESCRIPTION: Final = "^[\\t\\n\\r -~\\u00a1-\\u00ff]*$"
GROUP_PATH: Final = r"^/iamsync/[!-~]*$|\{\{"
REFERENCE: Final = (
    rf"^(arn:[a-z-]+:iam::(\d{{12}}|aws):policy/[!-~]+|aws:(?!aws-service-role/|root-task/|{QUARANTINE})"
    r"[A-Za-z0-9_+=,.@/-]+|[A-Za-z0-9_+=,.@-]+)$|\{\{"
)
