"""What people and their tools ask: the status page, the webhook, pause and resume."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from iamsync.daemon import pause
from iamsync.daemon.board import Seen
from iamsync.daemon.http.exchange import NOT_FOUND, Request, Response, allowing, answer
from iamsync.daemon.http.probes import kept
from iamsync.daemon.http.secret import SecretFileError, basic_password, bearer_token, has_token, secret_in
from iamsync.daemon.http.webhook import Bell, Deliveries, delivery_ids, is_signed
from iamsync.daemon.page import POLICY, page

_UNAUTHORIZED = answer(
    HTTPStatus.UNAUTHORIZED, "the token is missing or wrong", WWW_Authenticate='Basic realm="iamsync", charset="UTF-8"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What opens which door: the token of the page and the pause, the secret of the webhook, the file of the pause. A
    door without is closed; the page without a token is open to those who ask on this machine.
    """

    token: Path | None = None
    webhook_secret: Path | None = None
    pause_file: Path | None = None


class Site:
    """The answers. `wake` starts a cycle; `count` hears what became of each webhook."""

    def __init__(
        self,
        seen: Callable[[], Seen],
        doors: Doors,
        *,
        wake: Callable[[], None],
        bell: Bell,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._doors = doors
        self._wake = wake
        self._bell = bell
        self._count = count
        self._deliveries = Deliveries()
        self._page = kept(lambda: page(seen().status, datetime.now(tz=UTC), time.monotonic()), time.monotonic)

    def __call__(self, request: Request) -> Response:
        """The answer to a request."""
        match request.path:
            case "/":
                return self._shown(request)
            case "/webhook" if self._doors.webhook_secret is not None:
                return self._hooked(request, self._doors.webhook_secret)
            case "/pause" | "/resume" if self._doors.token is not None and self._doors.pause_file is not None:
                return self._paused(request, self._doors.token, self._doors.pause_file)
            case _:
                return NOT_FOUND

    def _shown(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return allowing("GET, HEAD")
        if self._doors.token is None:
            if not is_loopback(_host(request.headers.get("host", ""))):
                # A page elsewhere may have given its own name this machine's address, to read what is here.
                return answer(HTTPStatus.MISDIRECTED_REQUEST, "without a token, ask for it as localhost")
        elif not has_token(bearer_token(request.headers) or basic_password(request.headers), self._doors.token):
            return _UNAUTHORIZED
        kind = "text/html; charset=utf-8"
        return Response(body=self._page(), kind=kind, headers={"Content-Security-Policy": POLICY})

    def _hooked(self, request: Request, file: Path) -> Response:
        if request.method != "POST":
            return allowing("POST")
        try:
            secret = secret_in(file)
        except SecretFileError:
            return answer(HTTPStatus.SERVICE_UNAVAILABLE, "the secret of the webhook cannot be read")
        if not is_signed(request, secret):
            self._count("refused")
            return answer(HTTPStatus.UNAUTHORIZED, "the signature is missing or wrong")
        if not self._deliveries.is_new(delivery_ids(request)):
            self._count("repeated")
            return answer(HTTPStatus.OK, "this delivery was accepted before")
        self._count("accepted")
        self._bell.ring()
        return answer(HTTPStatus.ACCEPTED, "a cycle begins")

    def _paused(self, request: Request, token: Path, file: Path) -> Response:
        """A browser sends the password of a page on its own, also for a form elsewhere; so here it does not count."""
        if request.method != "POST":
            return allowing("POST")
        if not has_token(bearer_token(request.headers), token):
            return answer(HTTPStatus.UNAUTHORIZED, "the token is missing or wrong", WWW_Authenticate="Bearer")
        try:
            if request.path == "/resume":
                pause.resume(file)
            else:
                pause.pause(file, request.body[: 4 * pause.MOST_WORDS].decode("utf-8", "replace"))
        except OSError as error:
            return answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"the pause file cannot be changed ({error.strerror})")
        self._wake()
        return answer(HTTPStatus.OK, "paused" if request.path == "/pause" else "resumed")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _host(header: str) -> str:
    """The host of a Host header, without the port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]
