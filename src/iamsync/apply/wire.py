"""What happens between a call and the network, by botocore's own events, so that its retries are seen as well."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.model import OperationModel

from iamsync.apply.rate import Rate
from iamsync.apply.stop import Stop
from iamsync.aws import READS

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

THROTTLING = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})
"""How AWS says "too fast". IAM's LimitExceeded is a quota and not one of them."""

NOT_BLINDLY = frozenset({"CreatePolicyVersion", "CreateAccessKey"})
"""Calls that have a second effect when they are repeated: after a lost answer somebody must look first."""

_SERVER_ERROR = 500


@dataclass(slots=True)
class Tries:
    """How often one action was sent, whether one of these may have had an effect without our knowing, and the id that
    AWS gave to the last.
    """

    sends: int = 0
    doubtful: bool = False
    request_id: str = ""


class Wire:
    """The network side of one run: takes turns at the account's rate, counts tries, stops blind repetition."""

    def __init__(self, iam: "IAMClient", rate: Rate, stop: Stop) -> None:
        self._iam = iam
        self._rate = rate
        self._stop = stop
        self._here = threading.local()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this holds, the client's events come here."""
        hooks: dict[str, Callable[..., None]] = {
            "before-send.iam": self._before_send,
            "needs-retry.iam": self._answered,
        }
        events = self._iam.meta.events
        for name, hook in hooks.items():
            events.register_first(name, hook)
        try:
            yield
        finally:
            for name, hook in hooks.items():
                events.unregister(name, hook)

    @contextmanager
    def counting(self) -> Iterator[Tries]:
        """The tries of this thread from here on. A block inside a block counts for itself alone."""
        outer = self._tries
        tries = self._here.tries = Tries()
        try:
            yield tries
        finally:
            self._here.tries = outer

    @property
    def _tries(self) -> Tries:
        return getattr(self._here, "tries", None) or Tries()

    def _before_send(self, event_name: str, **_: object) -> None:
        # Asked to stop, what has begun is not held up any longer.
        if pause := self._rate.turn():
            self._stop.wait(pause)
        if _operation(event_name) not in READS:
            self._tries.sends += 1

    def _answered(
        self,
        operation: OperationModel,
        attempts: int,
        response: tuple[object, Mapping[str, Any]] | None,
        caught_exception: Exception | None,
        **_: object,
    ) -> None:
        """Note what a try ended with, and raise it where botocore may not try again by itself: its retries cannot be
        switched off for one operation, and a handler that raises ends them.
        """
        parsed = response[1] if response else {}
        if response:
            self._rate.answered(accepted=_code(parsed) not in THROTTLING, again=attempts > 1)
        lost = caught_exception is not None or _is_server_error(parsed)
        if operation.name not in READS:
            self._tries.doubtful = self._tries.doubtful or lost
            self._tries.request_id = parsed.get("ResponseMetadata", {}).get("RequestId", "")
        if not (self._stop.reason or (lost and operation.name in NOT_BLINDLY)):
            return
        if caught_exception is not None:
            raise caught_exception
        if _code(parsed):
            raise ClientError(parsed, operation.name)  # type: ignore[arg-type]  # botocore's parsed error answer


def _operation(event_name: str) -> str:
    return event_name.rpartition(".")[2]


def _code(parsed: Mapping[str, Any]) -> str:
    return str(parsed.get("Error", {}).get("Code", ""))


def _is_server_error(parsed: Mapping[str, Any]) -> bool:
    return bool(parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR)
