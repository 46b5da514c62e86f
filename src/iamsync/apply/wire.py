"""What happens between a call and the network, by botocore's own events: turns, quick retries, and what is known of
each try.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError
from botocore.model import OperationModel

from iamsync.apply.stop import Stop
from iamsync.aws.rate import Rate
from iamsync.aws.tries import Ended, Response
from iamsync.core.operations import READS

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

NOT_BLINDLY = frozenset({"CreatePolicyVersion", "CreateAccessKey"})
"""Calls that have a second effect when they are repeated: after a lost answer somebody must look first."""


class NotAllowed(BotoCoreError):
    """A call was not sent, because this process may not write it any more."""

    fmt = "{why}"


@dataclass(slots=True)
class Tries:
    """The tries of one action.

    `sends` counts the calls that were sent, `in_vain` those of them that got no connection. `doubtful`: an answer was
    lost, so a call may have had an effect. `request_id` is AWS's id of the last call. `announce` is called once, before
    the first call is sent; `forbidden` before each, and says why it must not be sent, if so.
    """

    sends: int = 0
    in_vain: int = 0
    doubtful: bool = False
    request_id: str = ""
    announce: Callable[[], None] = lambda: None
    announced: bool = False
    forbidden: Callable[[], str] = lambda: ""

    @property
    def may_have_arrived(self) -> bool:
        """Whether AWS may have heard of it."""
        return self.sends > self.in_vain


class Wire:
    """The network side of one run: takes turns at the account's rate, counts tries, makes the quick ones."""

    def __init__(self, iam: "IAMClient", rate: Rate, stop: Stop) -> None:
        self._iam = iam
        self._rate = rate
        self._stop = stop
        self._here = threading.local()
        self._last_accepted_write = float("-inf")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this holds, the client's events come here."""
        hooks: dict[str, Callable[..., Any]] = {
            "before-call.iam": self._before_call,
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
    def counting(self, announce: Callable[[], None], forbidden: Callable[[], str]) -> Iterator[Tries]:
        """The tries of this thread from here on. A block inside a block counts for itself alone."""
        outer = self._tries
        tries = self._here.tries = Tries(announce=announce, forbidden=forbidden)
        try:
            yield tries
        finally:
            self._here.tries = outer

    def accepted_since(self, moment: float) -> bool:
        """Whether AWS has accepted a write of this run since that time of the rate's clock. Reads have limits apart."""
        return self._last_accepted_write >= moment

    @property
    def _tries(self) -> Tries:
        return getattr(self._here, "tries", None) or Tries()

    def _before_call(self, model: OperationModel, **_: object) -> None:
        if (model.service_model.service_name, model.name) not in READS and not self._tries.announced:
            self._tries.announce()  # nothing is sent if this raises
            self._tries.announced = True

    def _before_send(self, event_name: str, **_: object) -> None:
        # Asked to stop, what has begun is not held up any longer.
        if pause := self._rate.turn():
            self._stop.wait(pause)
        if not _is_read(event_name):
            if why := self._tries.forbidden():  # after the turn: this is the last moment before the network
                raise NotAllowed(why=why)
            self._tries.sends += 1

    def _answered(
        self,
        event_name: str,
        operation: OperationModel,
        attempts: int,
        response: Response | None,
        caught_exception: Exception | None,
        **_: object,
    ) -> int | None:
        """Note what a try ended with. 0 makes botocore send the call again at once: the pause has been made here, where
        a request to stop ends it, while botocore would sleep.
        """
        if isinstance(caught_exception, NotAllowed):
            return None
        ended = Ended.of(response, caught_exception)
        if ended.answered:
            self._rate.answered(accepted=not ended.throttled, again=attempts > 1)
        if not _is_read(event_name):
            if ended.answered and not ended.throttled:
                self._last_accepted_write = self._rate.now()
            self._tries.in_vain += ended.never_sent
            self._tries.doubtful = self._tries.doubtful or ended.lost
            self._tries.request_id = ended.request_id
        pause = ended.pause(attempts, self._rate)
        if pause is None or (ended.lost and operation.name in NOT_BLINDLY):
            return None
        return None if self._stop.wait(pause) else 0


def _is_read(event_name: str) -> bool:
    """Whether an event is one of a call that changes nothing (`before-send.iam.GetUser`)."""
    _, service, operation = event_name.split(".")
    return (service, operation) in READS
