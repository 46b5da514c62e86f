"""Webhooks: whether a delivery is signed, and whether it was seen before. What is in it does not matter: each starts a
cycle, and the cycle asks the source.

GitHub signs the body (`X-Hub-Signature-256`), GitLab sends its secret (`X-Gitlab-Token`), everybody else may sign the
body like GitHub, in `X-Signature`. None signs a time, so a delivery can be repeated by whoever has seen it.
"""

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from iamsync.daemon.http.exchange import Request
from iamsync.daemon.http.secret import is_same

REMEMBERED: Final = 1000
"""Deliveries that are known again."""

SPACING: Final = 10.0
"""Seconds between two cycles that webhooks start, at least."""

_IDS: Final = ("x-github-delivery", "x-gitlab-event-uuid", "x-delivery")
_MOST_ID: Final = 200


def is_signed(request: Request, secret: bytes) -> bool:
    """Whether a delivery is from somebody who has the secret."""
    expected = b"sha256=" + hmac.new(secret, request.body, sha256).hexdigest().encode()
    for header in ("x-hub-signature-256", "x-signature"):
        if header in request.headers:
            return is_same(request.headers[header].strip().encode("latin-1", "replace"), expected)
    token = request.headers.get("x-gitlab-token")
    return token is not None and is_same(token.strip().encode("latin-1", "replace"), secret)


def delivery_ids(request: Request) -> tuple[str, ...]:
    """By what a delivery is known again: the id that its sender gives it and, as that is not signed, what GitHub
    signs. Others may sign the same body twice and mean it.
    """
    ids = tuple(f"{name} {request.headers[name][:_MOST_ID]}" for name in _IDS if name in request.headers)
    signature = request.headers.get("x-hub-signature-256", "") if "x-github-event" in request.headers else ""
    return (*ids, signature[:_MOST_ID]) if signature else ids


class Deliveries:
    """The deliveries that were accepted of late. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def is_new(self, ids: tuple[str, ...]) -> bool:
        """Whether none of these ids was seen; from now on, all were."""
        with self._lock:
            is_new = not any(one in self._seen for one in ids)
            for one in ids:
                self._seen[one] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
            return is_new


class Bell:
    """Wakes a loop, at most every SPACING seconds. What comes in between wakes it once, at the end of that time."""

    def __init__(self, wake: Callable[[], None], *, spacing: float = SPACING) -> None:
        self._wake = wake
        self._spacing = spacing
        self._lock = threading.Lock()
        self._next = 0.0

    def ring(self) -> None:
        """Wake the loop, now or soon. For any thread."""
        with self._lock:
            now = time.monotonic()
            if now < self._next - self._spacing:
                return  # it will be woken after this moment
            wait = max(0.0, self._next - now)
            self._next = now + wait + self._spacing
        if wait:
            timer = threading.Timer(wait, self._wake)
            timer.daemon = True
            timer.start()
        else:
            self._wake()
