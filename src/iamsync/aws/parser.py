"""What came back, read so that only an answer of AWS counts as one.

A proxy, a captive portal or a broken connection answers with a page, or with half a text. botocore takes some of these
for success, and for others raises an error that shows the text: half an answer to CreateAccessKey has the secret in it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import Shape
from botocore.parsers import QueryParser, ResponseParser, ResponseParserFactory

UNREADABLE = "UnreadableAnswer"
"""An error code that AWS has not: what came is no answer, and nobody knows what became of the call."""

_ANSWER = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<\w+Response[\s>]")
_REDIRECT, _SERVER_ERROR = 300, 500


class WaryParserFactory(ResponseParserFactory):
    """Parsers that raise nothing and show nothing, for the protocol that IAM and STS speak, by which `moment` reads the
    times; botocore's own for others.
    """

    def __init__(self, moment: Callable[[str], datetime]) -> None:
        super().__init__()
        self._moment = moment

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """The parser of a protocol."""
        return _WaryParser(self._moment) if protocol_name == "query" else super().create_parser(protocol_name)


class _WaryParser(QueryParser):
    def parse(self, response: Mapping[str, Any], shape: Any) -> Any:  # noqa: ANN401 - as botocore has it
        try:
            parsed = super().parse(response, shape)
        except Exception:  # noqa: BLE001 - botocore raises whatever happens to fail, mostly with the text
            return _unreadable(response)
        # botocore reads an error a second time, for the fields that only this error has.
        is_answer = _is_error(shape) or _is_answer(response, parsed)
        return parsed if is_answer else _unreadable(response)

    def _node_tag(self, node: Any) -> str:  # noqa: ANN401 - as botocore has it
        return _without_namespace(node.tag)


@lru_cache(maxsize=1024)
def _without_namespace(tag: str) -> str:
    """The name of an element. A large answer has tens of thousands of elements, of a few names."""
    return tag.rpartition("}")[2]


def _is_error(shape: Shape | None) -> bool:
    return shape is not None and bool(shape.metadata.get("exception"))


def _is_answer(response: Mapping[str, Any], parsed: Mapping[str, Any]) -> bool:
    if response["status_code"] >= _REDIRECT:
        return bool((parsed.get("Error") or {}).get("Code"))
    return bool(_ANSWER.match(response["body"]))


def _unreadable(response: Mapping[str, Any]) -> dict[str, Any]:
    """As if AWS had said so itself, with the status of an error of its own: it is treated as one."""
    kind = response["headers"].get("Content-Type") or "of no type"
    message = f"what came is no answer of AWS (HTTP {response['status_code']}, {kind}, {len(response['body'])} bytes)"
    return {
        "Error": {"Code": UNREADABLE, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": _SERVER_ERROR, "HTTPHeaders": {}, "RetryAttempts": 0},
    }


def refuse_unreadable(**event: Any) -> None:  # noqa: ANN401 - as botocore tells what has happened after a call
    """Raise ClientError for what cannot be read: by itself botocore would take any HTTP 200 for success."""
    if event["parsed"].get("Error", {}).get("Code") == UNREADABLE:
        raise ClientError(event["parsed"], event["model"].name)
