"""The sandbox answers programs on this machine: no web page, no name that only leads here, nothing too large."""

from http.client import HTTPConnection

import pytest

from iamsync.sandbox import Sandbox
from iamsync.sandbox.server import MAX_REQUEST


def asked(sandbox: Sandbox, **headers: str) -> int:
    host, _, port = sandbox.url.removeprefix("http://").rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=600)
    try:
        connection.putrequest("POST", "/", skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("origin", ["https://example.com", "http://127.0.0.1:8000", "null"])
def test_a_web_page_cannot_write_to_it(sandbox: Sandbox, origin: str) -> None:
    assert asked(sandbox, Origin=origin, Content_Length="0") == 403
    assert sandbox.calls == []


@pytest.mark.parametrize("host", ["example.com", "iam.amazonaws.com:443", "127.0.0.1.example.com", ""])
def test_a_name_that_was_made_to_lead_here_is_refused(sandbox: Sandbox, host: str) -> None:
    assert asked(sandbox, Host=host, Content_Length="0") == 403
    assert sandbox.calls == []


@pytest.mark.parametrize("host", ["localhost", "localhost:5000", "127.0.0.1", "127.0.0.9:1", "[::1]:5000"])
def test_the_names_of_this_machine_are_served(sandbox: Sandbox, host: str) -> None:
    asked(sandbox, Host=host, Content_Length="0")
    assert len(sandbox.calls) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Length": str(MAX_REQUEST + 1)}, 413),
        ({"Content_Length": "9" * 30}, 400),
        ({"Content_Length": "-1"}, 400),
        ({"Transfer_Encoding": "chunked"}, 411),
    ],
)
def test_no_request_is_too_large_or_of_unknown_length(sandbox: Sandbox, headers: dict[str, str], status: int) -> None:
    assert asked(sandbox, **headers) == status
    assert sandbox.calls == []
