"""How many calls a process has made, by service, operation and how each try ended."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import boto3

from iamsync.aws.tries import Ended
from iamsync.errors import DENIED

Call = tuple[str, str, str]
"""Service (`iam`), operation (`ListUsers`), and one of OUTCOMES."""

OUTCOMES: Final = ("ok", "throttled", "denied", "not_found", "refused", "server_error", "no_answer")

_SERVER_ERROR: Final = 500


class Calls:
    """A count that any thread may add to, through the clients of the sessions that it watches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Call] = Counter()

    def watch(self, session: boto3.Session) -> None:
        """Count each try of the clients that this session makes from now on."""
        session.events.register("response-received", self._received)

    @property
    def counts(self) -> Mapping[Call, int]:
        """The counts by now."""
        with self._lock:
            return dict(self._counts)

    def _received(
        self,
        event_name: str,
        parsed_response: Mapping[str, Any] | None = None,
        exception: Exception | None = None,
        **_: object,
    ) -> None:
        service, operation = event_name.split(".")[1:3]
        with self._lock:
            self._counts[service, operation, outcome(parsed_response, exception)] += 1


def outcome(parsed: Mapping[str, Any] | None, exception: Exception | None) -> str:
    """How a try ended, as one of OUTCOMES."""
    if parsed is None:
        return "no_answer"
    if Ended.of((None, parsed), exception).throttled:
        return "throttled"
    status, code = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0), parsed.get("Error", {}).get("Code", "")
    if status >= _SERVER_ERROR:
        return "server_error"
    if code in DENIED:
        return "denied"
    if code == "NoSuchEntity":
        return "not_found"
    return "refused" if code else "ok"
