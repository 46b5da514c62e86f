"""One call, until IAM takes it or says a final no; and what became of it."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.answers import Kind, No, SoFar, kind_of
from iamsync.apply.marks import Found, found
from iamsync.apply.patience import Patience
from iamsync.apply.stop import Stop
from iamsync.apply.wire import NotAllowed, Tries, Wire
from iamsync.aws.rate import Rate
from iamsync.aws.said import FATAL_FOR_THE_RUN, answer
from iamsync.aws.tries import NEVER_SENT, THROTTLING
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.change import CreateGroup, CreatePolicy, CreateUser
from iamsync.core.report import Outcome, Status
from iamsync.errors import DeliveryError, JournalError
from iamsync.journal import Journal

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Answer = TypeVar("Answer")

_log = logging.getLogger("iamsync.apply")

_SERVER_ERROR = 500
NOT_KNOWN = "whether it was done is not known"
_NOT_SENT = "it was not sent, so it was not done"


class NotDone(Exception):
    """An action did not succeed, and there is more to say of it than AWS's last answer."""

    def __init__(self, why: str, code: str = "") -> None:
        self.code = code
        super().__init__(why)


class NotRecorded(BotoCoreError):
    """A call was not sent, because the journal cannot be written."""

    fmt = "{why}"


@dataclass(frozen=True, slots=True)
class _End:
    """How an action ended; `unknown` if it may have had its effect although it failed."""

    status: Status
    why: str
    code: str = ""
    unknown: bool = False


class Sending:
    """The calls of one run: how they are sent, what they have in common, and where they are written down."""

    def __init__(  # noqa: PLR0913 - each is one thing that all calls of a run share
        self,
        iam: "IAMClient",
        so_far: SoFar,
        *,
        patience: Patience,
        journal: Journal | None,
        stop: Stop,
        rate: Rate,
        run_id: str,
        forbidden: Callable[[Action], str],
    ) -> None:
        self.iam = iam
        self.run_id = run_id
        self.wire = Wire(iam, rate, stop)
        self.so_far = so_far
        self._patience = patience
        self._journal = journal
        self._stop = stop
        self._rate = rate
        self._forbidden = forbidden

    def outcome(self, action: Action, way: Callable[[Tries], str]) -> Outcome:
        """Go one `way` of making `action` and say what became of it; nothing is raised. The way returns what is worth
        saying of a success, which is mostly nothing.
        """
        began = self._rate.now()
        numbers: list[int] = []
        announce, forbidden = lambda: numbers.extend(self._announced(action)), lambda: self._forbidden(action)
        with self.wire.counting(announce, forbidden) as tries:
            end = self._end(action, way, tries, began)
            outcome = Outcome(
                action=action,
                status=end.status,
                why=end.why,
                error_code=end.code,
                unknown=end.unknown,
                attempts=tries.sends,
                seconds=round(self._rate.now() - began, 3),
                request_id=tries.request_id,
            )
        said = {"operation": action.operation, "subject": action.subject, "result": end.status.value, "why": end.why}
        _log.debug("call", extra={"fields": said})
        for number in numbers:
            self._write_down(outcome, number)
        return outcome

    def patiently(
        self, action: Action, secret: str | None = None, *, take: Callable[[Mapping[str, Any]], None] = lambda _: None
    ) -> str:
        """Send `action`, with `secret` where it has a marker, and wait where the table of answers says so. `take` gets
        the answer to the call that succeeded.

        Raises what the last try ended with, or NotDone.
        """
        pauses = self.pauses()
        while True:
            try:
                answered = getattr(self.iam, action.operation)(**_with_secret(action.params, secret))
            except ClientError as error:
                match self._kind(error, action):
                    case Kind.ALREADY_DONE:
                        return "was so already"
                    case Kind.EXISTS if self._is_ours(action, error):
                        return "exists as asked for: an earlier try, or another run, has made it"
                    case Kind.EXISTS | Kind.PATIENCE:
                        self.wait(pauses, error)
                    case Kind.SUBJECT | Kind.RUN:
                        raise
            else:
                take(answered)
                return ""

    def repair(self, repair: Action, *, otherwise: str, secret: str | None = None) -> None:
        """Send a call that is in no plan because it mends what a planned one did; it has its own line in the journal.

        Raises NotDone, which begins with `otherwise`, if that fails.
        """
        outcome = self.outcome(repair, lambda _: self.patiently(repair, secret))
        if outcome.status is not Status.DONE:
            raise NotDone(f"{otherwise}: {outcome.why}", outcome.error_code)

    def pauses(self) -> Iterator[float]:
        """How long to wait before each further try."""
        return self._patience.pauses()

    def wait(self, pauses: Iterator[float], error: Exception) -> None:
        """Wait for the next pause to pass. Raises `error` when there is none left, or no retry is wanted."""
        pause = next(pauses, None)
        if pause is None or self._stop.wait(pause):
            raise error

    def seen(self, look: "Callable[[IAMClient], Answer]") -> Answer:
        """What a look shows. What it does not show yet (NoSuchEntity) is waited for."""
        pauses = self.pauses()
        while True:
            try:
                return look(self.iam)
            except self.iam.exceptions.NoSuchEntityException as error:
                self.wait(pauses, error)

    def _kind(self, error: ClientError, action: Action) -> Kind:
        no = No(code=code_of(error), message=error.response["Error"].get("Message", ""), action=action)
        return kind_of(no, self.so_far)

    def _is_ours(self, action: Action, error: ClientError) -> bool:
        change = action.change
        if not isinstance(change, CreateUser | CreateGroup | CreatePolicy):
            return False
        match found(change, self.iam):
            case Found.AS_ASKED:
                return True
            case Found.OTHERWISE:
                raise NotDone(
                    f"{answer(error)}: it is not what this plan asked for; plan again", code_of(error)
                ) from error
            case Found.NOT_YET:
                return False

    def _end(self, action: Action, way: Callable[[Tries], str], tries: Tries, began: float) -> _End:
        try:
            why = way(tries)
        except ClientError as error:
            unknown = tries.doubtful or has_server_error(error)
            return _End(Status.FAILED, self._no(error, action, began), code_of(error), unknown=unknown)
        except BotoCoreError as error:
            arrived = tries.may_have_arrived
            return _End(Status.FAILED, f"{answer(error)}; {NOT_KNOWN if arrived else _NOT_SENT}", unknown=arrived)
        except (DeliveryError, NotDone) as error:
            code = getattr(error, "code", "")
            return _End(Status.FAILED, str(error), code, unknown=tries.may_have_arrived)
        self.so_far.note(action)
        return _End(Status.DONE, why)

    def _no(self, error: ClientError, action: Action, began: float) -> str:
        """AWS's final no, in words; asks to stop where it is one for the whole run."""
        code, seconds = code_of(error), self._rate.now() - began
        if code in FATAL_FOR_THE_RUN:
            self._stop.ask(f"no further call can succeed after {code}")
        elif code in THROTTLING and not self.wire.accepted_since(began):
            self._stop.ask(f"AWS has throttled every call for {seconds:.0f} s: try again later")
        elif self._kind(error, action) is Kind.PATIENCE:
            return f"{answer(error)}; it was waited for, {seconds:.0f} s in all"
        elif has_server_error(error):
            return f"{answer(error)}; {NOT_KNOWN}"
        return answer(error)

    def _announced(self, action: Action) -> Iterator[int]:
        """The number of a call that is about to be sent. Raises NotRecorded if it must not be."""
        if self._journal is None:
            return
        try:
            yield self._journal.announce(action)
        except JournalError as error:
            self._stop.ask(str(error))
            raise NotRecorded(why=str(error)) from error

    def _write_down(self, outcome: Outcome, number: int) -> None:
        """What became of a call. A run that cannot be written down does not go on."""
        if self._journal is None:
            return
        try:
            self._journal.write(outcome, number)
        except JournalError as error:
            self._stop.ask(str(error))


def is_lost(error: Exception) -> bool:
    """Whether a call may have had its effect although it ended in this error."""
    if isinstance(error, ClientError):
        return has_server_error(error)
    return isinstance(error, BotoCoreError) and not isinstance(error, (*NEVER_SENT, NotRecorded, NotAllowed))


def is_full(error: Exception) -> bool:
    """Whether AWS says that one more would be too many."""
    return isinstance(error, ClientError) and code_of(error) == "LimitExceeded"


def has_server_error(error: ClientError) -> bool:
    """Whether AWS answered that something went wrong on its own side."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR


def code_of(error: ClientError) -> str:
    """AWS's code, or ""."""
    return error.response["Error"].get("Code", "")


def _with_secret(params: Mapping[str, object], secret: str | None) -> dict[str, Any]:
    return {key: secret if isinstance(value, Secret) else value for key, value in params.items()}
