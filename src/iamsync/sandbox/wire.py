"""What crosses the wire: AWS's query protocol in, its XML out.

Source: botocore's query serializer and parser, and the IAM User Guide, "Calling the IAM API using HTTP query requests".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4
from xml.sax.saxutils import escape

Params = Mapping[str, Any]
"""Parameters under AWS's names. Lists and structures are nested, every value is the string that was sent."""

NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
SECRET_PARAMS = frozenset({"Password", "OldPassword", "NewPassword"})

STATUS = {
    "AccessDenied": 403,
    "NoSuchEntity": 404,
    "NotSupportedService": 404,
    "DeleteConflict": 409,
    "ReportNotPresent": 410,
    "EntityAlreadyExists": 409,
    "LimitExceeded": 409,
    "ServiceFailure": 500,
}
"""HTTP status of an error code, as in botocore's IAM model; every other code is 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One API call as it arrived. Passwords read `***`."""

    service: str
    operation: str
    params: Params


class Refused(Exception):
    """AWS says no: an error code and a message, as the API documents them."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS.get(self.code, 400)


class Entries(dict[str, Any]):
    """A map of the query protocol, which is written as a list of entries and not as a structure."""


def read_params(body: str) -> dict[str, Any]:
    """The parameters in a request: `Tags.member.1.Key=Team` becomes `{"Tags": [{"Key": "Team"}]}`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        *parents, leaf = name.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    params: dict[str, Any] = _with_lists(tree)
    return params


def masked(params: Params) -> dict[str, Any]:
    """The parameters without the secrets in them."""
    return {name: "***" if name in SECRET_PARAMS else value for name, value in params.items()}


def answer_xml(operation: str, result: Params) -> bytes:
    """The successful answer to an IAM operation. An operation without output has no result element."""
    parts: list[str] = []
    if result:
        _write(parts, f"{operation}Result", result)
    return (
        f'<{operation}Response xmlns="{NAMESPACE}">{"".join(parts)}'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def refusal_xml(code: str, message: str, status: int) -> bytes:
    """An error as AWS words it on the wire."""
    fault = "Sender" if status < 500 else "Receiver"  # noqa: PLR2004 - 5xx: the server's fault
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{fault}</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{uuid4()}</RequestId></ErrorResponse>"
    ).encode()


def _with_lists(node: Any) -> Any:  # noqa: ANN401 - a tree of unknown shape
    """The tree with `{"member": {"1": x, "2": y}}` as `[x, y]`."""
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        return [_with_lists(node["member"][index]) for index in sorted(node["member"], key=int)]
    return {name: _with_lists(value) for name, value in node.items()}


def _write(parts: list[str], name: str, value: object) -> None:
    """Append one element, with all that is in it. None is left out."""
    match value:
        case None:
            return
        case Entries():
            inner = "".join(f"<entry><key>{key}</key><value>{entry}</value></entry>" for key, entry in value.items())
            parts.append(f"<{name}>{inner}</{name}>")
        case dict():
            parts.append(f"<{name}>")
            for key, member in value.items():
                _write(parts, key, member)
            parts.append(f"</{name}>")
        case list():
            parts.append(f"<{name}>")
            for member in value:
                _write(parts, "member", member)
            parts.append(f"</{name}>")
        case bool():
            parts.append(f"<{name}>{'true' if value else 'false'}</{name}>")
        case datetime():
            parts.append(f"<{name}>{value:%Y-%m-%dT%H:%M:%SZ}</{name}>")
        case _:
            parts.append(f"<{name}>{escape(str(value))}</{name}>")
