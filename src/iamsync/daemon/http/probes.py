"""What machines ask: /healthz, /readyz and /metrics. Anybody may: there is nothing in it but numbers and a commit."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus

from iamsync.daemon.board import Seen
from iamsync.daemon.http.exchange import NOT_FOUND, Handler, Request, Response, allowing, answer
from iamsync.daemon.metrics import CONTENT_TYPE, metrics_text

OFTEN = 1.0
"""Seconds for which the same text is given to all who ask."""


def probes(seen: Callable[[], Seen], clock: Callable[[], float] = time.monotonic) -> Handler:
    """Answers about a loop."""
    metrics = kept(lambda: metrics_text(seen()), clock)

    def handle(request: Request) -> Response:
        if request.path not in {"/healthz", "/readyz", "/metrics"}:
            return NOT_FOUND
        if request.method not in {"GET", "HEAD"}:
            return allowing("GET, HEAD")
        if request.path == "/metrics":
            return Response(body=metrics(), kind=CONTENT_TYPE)
        status = seen().status
        if request.path == "/healthz":
            return _of(status.is_alive(clock()), "the loop is stuck")
        words = "no good cycle" if status.is_current else "not on the newest commit"
        return _of(status.is_ready(clock()), f"{words} within three intervals")

    return handle


def kept(make: Callable[[], str], clock: Callable[[], float]) -> Callable[[], str]:
    """What `make` returns, for OFTEN seconds the same: a flood of requests makes it once a second."""
    lock = threading.Lock()
    made: list[tuple[float, str]] = []

    def text() -> str:
        with lock:
            if not made or clock() - made[0][0] >= OFTEN:
                made[:] = [(clock(), make())]
            return made[0][1]

    return text


def _of(is_good: bool, words: str) -> Response:  # noqa: FBT001 - the answer to a question
    return answer(HTTPStatus.OK, "ok") if is_good else answer(HTTPStatus.SERVICE_UNAVAILABLE, words)
