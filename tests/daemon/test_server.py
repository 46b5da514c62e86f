"""The server bounds everything: connections, time, size. Whatever comes in, it answers the next client."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

import pytest

from iamsync.daemon.http.exchange import Request, Response, answer
from iamsync.daemon.http.server import AT_ONCE, MOST_BODY, ListenError, Server

QUICK = 0.5
"""Seconds that a client has here."""


def echo(request: Request) -> Response:
    """Tell what was asked."""
    if request.path == "/bug":
        raise ZeroDivisionError("secret")
    return answer(HTTPStatus.OK, f"{request.method} {request.path} {len(request.body)} {request.headers.get('x', '')}")


@pytest.fixture
def counted() -> "Counter[str]":
    return Counter()


@pytest.fixture
def server(counted: "Counter[str]") -> Iterator[Server]:
    lock = threading.Lock()

    def count(ended: str) -> None:
        with lock:
            counted[ended] += 1

    with Server("127.0.0.1", 0, echo, count=count, deadline=QUICK) as running:
        yield running


def asked(
    server: Server, method: str = "GET", path: str = "/", body: bytes | None = None, **headers: str
) -> tuple[int, str]:
    """The answer to a request: its status and body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def raw(server: Server, sent: bytes, *, shut: bool = True) -> bytes:
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        with suppress(OSError):
            connection.sendall(sent)
            if shut:
                connection.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(ConnectionError):
            while more := connection.recv(65536):
                received += more
        return received


def test_a_request_is_answered_without_its_query(server: Server) -> None:
    assert asked(server, path="/a?b=c", x="1") == (200, "GET /a 0 1\n")
    assert asked(server, "POST", "/a", b"body") == (200, "POST /a 4 \n")
    assert asked(server, "HEAD") == (200, "")


def test_every_answer_has_the_headers_that_keep_a_browser_safe(server: Server) -> None:
    head = raw(server, b"GET / HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")[0].decode().lower().splitlines()

    for header in (
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        "server: iamsync",
    ):
        assert any(line.startswith(header) for line in head), header
    assert not any("python" in line for line in head)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n\r\n", b""),
        (b"GET\r\n\r\n", b" 400 "),
        (b"GET / HTTP/9.9\r\n\r\n", b" 505 "),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b" 431 "),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b" 431 "),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b" 4"),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nabc", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 1e3\r\n\r\nabc", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", b" 400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 4000 + b"\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b" 400 "),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b" 400 "),
        (b"\xff" * 50_000, b" 4"),
        (b"", b""),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_is_answered(server: Server, sent: bytes, status: bytes) -> None:
    received = raw(server, sent)

    assert status in received[:20]
    assert b"Traceback" not in received
    assert asked(server)[0] == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server) -> None:
    said = raw(server, b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), shut=False)

    assert b" 413 " in said[:20]
    assert asked(server, "POST", "/", b"x" * MOST_BODY) == (200, f"POST / {MOST_BODY} \n")


def test_a_bug_shows_nothing_and_ends_nothing(server: Server) -> None:
    assert asked(server, path="/bug") == (500, "an error in iamsync\n")
    assert asked(server)[0] == 200


def test_clients_that_send_nothing_hold_no_place_for_long(server: Server, counted: "Counter[str]") -> None:
    """One place more than there are is held by clients that say nothing; when their time is over, others are served."""
    with ExitStack() as stack:
        for _ in range(AT_ONCE + 1):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        statuses = set[int]()
        while 200 not in statuses:
            with suppress(ConnectionError, HTTPException):
                statuses.add(asked(server)[0])

    assert statuses <= {200, 503}
    assert counted["refused"] >= 1


def test_a_client_that_sends_a_byte_now_and_then_is_given_up_at_its_deadline(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        stop = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while not stop.wait(QUICK / 10):
                    slow.sendall(b"X: y\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            with suppress(ConnectionError):
                assert slow.recv(100) == b"", "it is closed without an answer"
        finally:
            stop.set()
            dripping.join()


def test_a_client_that_reads_nothing_is_given_up_too(counted: "Counter[str]") -> None:
    ended = threading.Event()

    def count(how: str) -> None:
        counted[how] += 1
        ended.set()

    large = Response(body="x" * 50_000_000)
    with (
        Server("127.0.0.1", 0, lambda _: large, count=count, deadline=QUICK) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as deaf,
    ):
        deaf.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert ended.wait(60)

    assert counted == {"refused": 1}


def test_of_a_flood_each_is_answered_or_refused(server: Server, counted: "Counter[str]") -> None:
    def ask(_: int) -> int:
        try:
            return asked(server)[0]
        except (ConnectionError, HTTPException):
            return 0

    with ThreadPoolExecutor(32) as pool:
        statuses = Counter(pool.map(ask, range(150)))

    assert set(statuses) <= {0, 200, 503}
    assert statuses[200] > 0
    assert counted["answered"] >= statuses[200]
    assert asked(server)[0] == 200


def test_at_most_so_many_are_served_at_once() -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def handle(_: Request) -> Response:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.05)
        with lock:
            inside -= 1
        return Response()

    with Server("127.0.0.1", 0, handle) as running, ThreadPoolExecutor(40) as pool:

        def ask(_: int) -> None:
            with suppress(ConnectionError, HTTPException):
                asked(running)

        list(pool.map(ask, range(80)))

    assert 1 <= most <= AT_ONCE


def test_an_address_that_is_taken_is_said_in_a_sentence(server: Server) -> None:
    with pytest.raises(ListenError, match=f"127.0.0.1:{server.port} cannot be listened on"):
        Server("127.0.0.1", server.port, echo)
    with pytest.raises(ListenError, match=r"no\.such\.host\.invalid:1 cannot be listened on"):
        Server("no.such.host.invalid", 1, echo)


def test_a_server_that_has_ended_listens_no_more(counted: "Counter[str]") -> None:
    with Server("127.0.0.1", 0, echo, count=lambda ended: counted.update([ended])) as server:
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=60)
