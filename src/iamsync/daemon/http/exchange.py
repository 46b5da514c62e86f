"""A request and a response as values: functions from one to the other decide what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asks. Names of headers are in lower case; the path is without the query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the client gets."""

    status: HTTPStatus = HTTPStatus.OK
    body: str = ""
    kind: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Response]


def answer(status: HTTPStatus, words: str, **headers: str) -> Response:
    """A line of text."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Response(status=status, body=f"{words}\n", headers=named)


NOT_FOUND = answer(HTTPStatus.NOT_FOUND, "not found")


def allowing(methods: str) -> Response:
    """The answer to another method than those."""
    return answer(HTTPStatus.METHOD_NOT_ALLOWED, f"use {methods}", Allow=methods)
