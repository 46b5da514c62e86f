"""What happens between a call and the network, by botocore's own events: turns, quick retries, and what is known of
each try.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import random
from typing import TYPE_CHECKING, Any

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

TRIES = 8
"""How often a call is sent that is throttled, or whose answer is lost. `aws.writer` leaves that to us."""

THROTTLED, LOST, LONGEST = 1.0, 0.05, 20.0
"""Seconds before the second try at most, for either reason; each further pause is twice as long, up to the longest.
The numbers are those of botocore's standard mode.
"""

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
    """The network side of one run: takes turns at the account's rate, counts tries, makes the quick ones."""

    def __init__(self, iam: "IAMClient", rate: Rate, stop: Stop) -> None:
        self._iam = iam
        self._rate = rate
        self._stop = stop
        self._here = threading.local()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this holds, the client's events come here."""
        hooks: dict[str, Callable[..., Any]] = {
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
    ) -> int | None:
        """Note what a try ended with. 0 makes botocore send the call again at once: the pause has been made here, where
        a request to stop ends it, while botocore would sleep.
        """
        parsed = response[1] if response else {}
        throttled = _code(parsed) in THROTTLING
        lost = caught_exception is not None or _is_server_error(parsed)
        if response:
            self._rate.answered(accepted=not throttled, again=attempts > 1)
        if operation.name not in READS:
            self._tries.doubtful = self._tries.doubtful or lost
            self._tries.request_id = parsed.get("ResponseMetadata", {}).get("RequestId", "")
        may_be_repeated = throttled or (lost and operation.name not in NOT_BLINDLY)
        if not may_be_repeated or attempts >= TRIES:
            return None
        pause = min((THROTTLED if throttled else LOST) * 2 ** (attempts - 1), LONGEST)
        return None if self._stop.wait(pause * random()) else 0  # noqa: S311 - so that threads do not keep step


def _operation(event_name: str) -> str:
    return event_name.rpartition(".")[2]


def _code(parsed: Mapping[str, Any]) -> str:
    return str(parsed.get("Error", {}).get("Code", ""))


def _is_server_error(parsed: Mapping[str, Any]) -> bool:
    return bool(parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR)
