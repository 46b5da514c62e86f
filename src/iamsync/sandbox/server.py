"""The sandbox as a server: an HTTP endpoint on this machine, in a thread of this process."""

import ipaddress
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from email.message import Message
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from iamsync.errors import IamsyncError
from iamsync.sandbox import company
from iamsync.sandbox.accounts import Accounts
from iamsync.sandbox.application import Application
from iamsync.sandbox.quotas import QUOTAS
from iamsync.sandbox.tag_index import TagIndex
from iamsync.sandbox.wire import Call

_SERVER = "iamsync-sandbox"
MAX_REQUEST = 1_000_000
"""Bytes. IAM's own largest, a document that is URL-encoded, is far below."""
_TIMEOUT = 5
"""Seconds that a process at the address of a sandbox gets to answer."""


class SandboxError(IamsyncError):
    """The sandbox cannot be started as asked."""


class Sandbox:
    """A fake AWS on the loopback interface, for as long as the `with` block lasts.

    IAM and STS are empty but for the policies that AWS manages, nothing is authenticated, nothing leaves the machine.
    `quotas` raises or lowers what `iamsync.sandbox.quotas` lists. Sandboxes in one process do not see each other.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1", *, quotas: Mapping[str, int] | None = None) -> None:
        _refuse_unknown(quotas or {})
        self._address = _loopback(host), port
        self._accounts = Accounts({**QUOTAS, **(quotas or {})})
        self._application = Application(self._accounts)
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        listening = _listen(*self._address)
        self._address = listening.getsockname()[:2]
        self._server = _Server(listening, self._application)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        """The endpoint, as boto3's `endpoint_url` takes it."""
        return _url(*self._address)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead boto3, the AWS CLI and iamsync here."""
        return _environment(self.url)

    @property
    def calls(self) -> list[Call]:
        """Every API call so far, in the order in which they arrived."""
        return self._application.calls

    def forget_calls(self) -> None:
        """Start the list of calls again."""
        self._application.forget_calls()

    @property
    def tag_index(self) -> TagIndex:
        """What GetResources answers, which can be made late, incomplete or closed."""
        return self._application.tag_index

    def revise_aws_policy(self, name: str, document: Mapping[str, Any]) -> None:
        """Have a policy that AWS manages say something else from now on, in a new default version."""
        self._accounts.revise_aws_policy(name, document)

    def add_company(self) -> None:
        """Put the example company into the account, which must be empty, and forget the calls that made it."""
        company.call(company.client(self.environment))
        with self._accounts.first() as account:
            company.put(account)
        self.forget_calls()

    def reset(self) -> None:
        """Empty the account, and the list of calls with it."""
        self._accounts.forget()
        self.tag_index.catch_up()
        self._application.forget_calls()


def running(host: str, port: int) -> dict[str, str]:
    """The variables that lead to the sandbox which listens there, in whichever process.

    Raises SandboxError if none does.
    """
    host = _loopback(host)
    if not _is_sandbox(host, port):
        raise SandboxError(
            f"No sandbox listens on {host}, port {port}. Start one with iamsync sandbox, or name its --port."
        )
    return _environment(_url(host, port))


def _is_sandbox(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().getheader("Server") == _SERVER
    except (OSError, OverflowError, HTTPException):
        return False
    finally:
        connection.close()


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


class _Handler(WSGIRequestHandler):
    """werkzeug's handler, which closes the connection after each answer, made to keep it open: a client of IAM makes
    many small calls, and a new connection costs more than the call.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "_Server"

    def run_wsgi(self) -> None:
        """Read one request whole, write its answer whole."""
        if refusal := _refusal(self.headers):
            self.close_connection = True
            self.send_error(*refusal)
            return
        environ = self.make_environ()
        environ["wsgi.input"] = BytesIO(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        content = b"".join(chunks)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "connection", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def version_string(self) -> str:
        """What the Server header says."""
        return _SERVER

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - werkzeug's signature
        """Say nothing: the calls are on record in `Sandbox.calls`."""


def _refusal(headers: Message) -> tuple[int, str] | None:
    """Why a request is not served: a web page sent it (browsers name its origin), or one made this machine look like a
    host of its own; or it is too large, or of a length that nobody knows.
    """
    if headers.get("Origin") is not None:
        return 403, "the sandbox serves no web page"
    host = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    if host != "localhost" and not _is_loopback(host):
        return 403, "the sandbox serves only requests to this machine"
    if headers.get("Transfer-Encoding") is not None:
        return 411, "a request has its length in Content-Length"
    length = headers.get("Content-Length") or "0"
    if not re.fullmatch(r"[0-9]{1,18}", length, re.ASCII):
        return 400, "a length that is no number"
    return (413, f"a request has at most {MAX_REQUEST:,} bytes") if int(length) > MAX_REQUEST else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Server(ThreadedWSGIServer):
    """A thread per connection; knows its connections, so that it can end them."""

    def __init__(self, listening: socket.socket, application: Application) -> None:
        host, port = listening.getsockname()[:2]
        self._connections: set[socket.socket] = set()
        with listening:
            super().__init__(host, port, application, handler=_Handler, fd=listening.fileno())

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's signature
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SandboxError(
            f"The sandbox cannot listen on {host}, port {port}: {reason}. Choose another port, or 0 for any free one.",
        ) from problem


def _loopback(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    if _is_loopback(host):
        return host
    raise SandboxError(
        f"The sandbox listens on this machine only, because it lets everybody in: {host!r} is not a loopback address. "
        "Use 127.0.0.1.",
    )


def _refuse_unknown(quotas: Mapping[str, int]) -> None:
    for name in quotas:
        if name not in QUOTAS:
            near = get_close_matches(name, QUOTAS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(QUOTAS))}."
            raise SandboxError(f"There is no quota called {name!r}; {hint}")
