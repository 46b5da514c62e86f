"""A small HTTP server that bounds everything: connections at once and per second, the time and the size of a request.

It answers one request per connection, each in a thread of its own, and what is beyond a bound is refused at once or
waits in the backlog of the system. So whatever comes in, it takes a small share of the process, and the loop goes on.
"""

import io
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Final, Self

from iamsync.daemon.http.exchange import Handler, Request, Response, answer
from iamsync.errors import IamsyncError

AT_ONCE: Final = 8
"""Connections that are served at once; further ones are refused."""

PER_SECOND: Final = 50.0
BURST: Final = 100.0
"""Connections that are accepted in a second, and after a calm time at once; further ones wait in the backlog."""

BACKLOG: Final = 16

DEADLINE: Final = 10.0
"""Seconds that a client has, from the first byte to the last."""

MOST_HEADERS: Final = 32 * 1024
MOST_BODY: Final = 1024 * 1024
"""Bytes."""

_BUSY = b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class ListenError(IamsyncError):
    """An address cannot be listened on."""


class _Bucket:
    """A token bucket for one thread: how long to wait before the next connection is accepted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._tokens, self._at = clock, BURST, clock()

    def wait(self) -> float:
        """Take a token; the seconds to wait first."""
        now = self._clock()
        self._tokens = min(BURST, self._tokens + (now - self._at) * PER_SECOND) - 1
        self._at = now
        return max(0.0, -self._tokens / PER_SECOND)


class Server:
    """Answers by `handler` at an address, for as long as the `with` block lasts. `count` hears of each connection,
    whether it was `answered` or `refused`. Raises ListenError when the address cannot be taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        handler: Handler,
        *,
        count: Callable[[str], None] = lambda _: None,
        deadline: float = DEADLINE,
    ) -> None:
        self._handler = handler
        self._count = count
        self._deadline = deadline
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._socket = _listening(host, port)
        self._is_closed = threading.Event()

    @property
    def port(self) -> int:
        """The port: a free one, if 0 was asked for."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="http", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends the accept
        self._socket.close()

    def _accept(self) -> None:
        bucket = _Bucket()
        while not self._is_closed.wait(bucket.wait()):
            try:
                connection, _ = self._socket.accept()
            except OSError:
                self._is_closed.wait(0.1)  # closed, or no file descriptors are left
                continue
            if self._places.acquire(blocking=False):
                self._begin(connection)
            else:
                self._refuse(connection)

    def _begin(self, connection: socket.socket) -> None:
        try:
            threading.Thread(target=self._serve, args=(connection,), name="http request", daemon=True).start()
        except RuntimeError:  # the system gives no thread
            self._places.release()
            self._refuse(connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(self._deadline)
                _Exchange(connection, self._handler, self._deadline, self._count).handle()
        except OSError:
            self._count("refused")  # the client was too slow, or has gone
        finally:
            self._places.release()

    def _refuse(self, connection: socket.socket) -> None:
        self._count("refused")
        with connection, suppress(OSError):
            connection.setblocking(False)
            connection.send(_BUSY)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise ListenError(f"{host}:{port} cannot be listened on ({error}): name another address") from None


class _Slowly(io.RawIOBase):
    """What a client sends, until the deadline and up to a number of bytes."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._ends = time.monotonic() + deadline
        self.left = MOST_HEADERS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer has no type of its own before Python 3.12
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self.left <= 0:
            return 0
        self._connection.settimeout(left)
        received = self._connection.recv_into(memoryview(buffer)[: self.left])
        self.left -= received
        return received


class _Exchange(BaseHTTPRequestHandler):
    """One request, read with the parser of the standard library, and its answer."""

    server_version, sys_version = "iamsync", ""

    def __init__(
        self, connection: socket.socket, handler: Handler, deadline: float, count: Callable[[str], None]
    ) -> None:
        self._handler = handler
        self._count = count
        self._raw = _Slowly(connection, deadline)
        self._deadline = time.monotonic() + deadline
        self.connection = connection
        self.client_address = ("", 0)
        self.rfile = io.BufferedReader(self._raw, 4096)
        self.wfile = self._answer = io.BytesIO()
        self.close_connection = True

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(MOST_HEADERS)
        if not self.raw_requestline:
            self._count("refused")
            return
        is_request = self.parse_request()  # or `send_error` was called
        if is_request:
            self._send(self._answered())
        self.connection.settimeout(max(0.1, self._deadline - time.monotonic()))
        self.connection.sendall(self._answer.getvalue())
        self._count("answered" if is_request else "refused")
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self._swallow_rest()

    def _answered(self) -> Response:
        if self._raw.left <= 0:
            return answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too large")
        try:
            length = _length(self.headers)
        except ValueError as error:
            return answer(HTTPStatus.BAD_REQUEST, str(error))
        if length > MOST_BODY:
            return answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {MOST_BODY} bytes")
        self._raw.left = MOST_BODY
        body = self.rfile.read(length)
        if len(body) < length:
            return answer(HTTPStatus.BAD_REQUEST, "the body is shorter than Content-Length")
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        try:
            return self._handler(Request(method=self.command, path=path, headers=headers, body=body))
        except Exception:  # noqa: BLE001 - a bug in a page must end neither the loop nor the server, and shows nothing
            return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "an error in iamsync")

    def _send(self, response: Response) -> None:
        self.request_version = "HTTP/1.0"  # the parser may not have come so far, and 0.9 has no headers
        body = response.body.encode("utf-8", "replace")
        self.send_response(response.status)
        for name, value in {
            "Content-Type": response.kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Connection": "close",
            **response.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _swallow_rest(self) -> None:
        """Read what is on its way, for a moment and without end of memory: closed with bytes unread, the system would
        reset the connection, and the client might never see the answer.
        """
        self.connection.settimeout(0.2)
        swallowed = 0
        while swallowed <= MOST_BODY and (received := len(self.connection.recv(65536))):
            swallowed += received

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        self._send(answer(HTTPStatus(code), HTTPStatus(code).phrase))

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name of the standard library
        """A request leaves no line: whoever floods the server would flood the log."""


def _length(headers: Message) -> int:
    """The length of the body. Raises ValueError, with a sentence, unless it is named once, and in digits."""
    if headers.get("Transfer-Encoding") is not None:
        raise ValueError("Transfer-Encoding is not supported: send Content-Length")
    named = headers.get_all("Content-Length") or ["0"]
    if len(named) > 1 or not (named[0].isascii() and named[0].isdigit()) or len(named[0]) > len(str(2**63)):
        raise ValueError("Content-Length must be one number")
    return int(named[0])
