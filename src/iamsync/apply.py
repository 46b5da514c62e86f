"""Plan -> IAM calls -> Report. The calls of the plan, in its order, and no other."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_iam import IAMClient

from iamsync.aws import FATAL_FOR_THE_RUN, answer
from iamsync.core.action import Action, Secret
from iamsync.core.plan import Outcome, Plan, Report, Status
from iamsync.delivery import Delivery
from iamsync.errors import DeliveryError

_log = structlog.get_logger("iamsync.apply")


def apply(plan: Plan, iam: IAMClient, delivery: Delivery | None) -> Report:
    """Make the calls of `plan` and say what became of each; `delivery` takes the secrets that it mints.

    Never raises for one action: a failure stops its subject and whoever needs it, the others go on. SIGINT and SIGTERM
    let the running call finish and start no other.
    """
    outcomes: list[Outcome] = []
    out_of_the_run: dict[str, str] = {}
    with _signals_deferred() as stop:
        for action in plan.actions:
            hindrance = stop.reason or _hindrance(action, out_of_the_run)
            outcome = _skipped(action, hindrance) if hindrance else _made(action, iam, delivery)
            _log.debug("call", operation=action.operation, subject=action.subject, result=outcome.status.value)
            outcomes.append(outcome)
            if outcome.status is Status.FAILED:
                out_of_the_run[action.subject] = f"{action.subject}: {action.summary} failed"
            elif outcome.status is Status.SKIPPED:
                out_of_the_run.setdefault(action.subject, outcome.why)
            if outcome.error_code in FATAL_FOR_THE_RUN:
                stop.reason = f"no further call can succeed after {outcome.error_code}"
    return Report(outcomes=tuple(outcomes), interrupted=stop.signalled)


def _hindrance(action: Action, out_of_the_run: dict[str, str]) -> str:
    """Why an action may not be made: something failed that it builds on."""
    return next((out_of_the_run[one] for one in (action.subject, *sorted(action.needs)) if one in out_of_the_run), "")


def _skipped(action: Action, why: str) -> Outcome:
    return Outcome(action=action, status=Status.SKIPPED, why=why)


def _made(action: Action, iam: IAMClient, delivery: Delivery | None) -> Outcome:
    try:
        _call(action, iam, delivery)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return Outcome(action=action, status=Status.FAILED, why=answer(error), error_code=code)
    except BotoCoreError as error:
        return Outcome(action=action, status=Status.FAILED, why=f"{answer(error)}; whether it was done is not known")
    except DeliveryError as error:
        return Outcome(action=action, status=Status.FAILED, why=str(error))
    return Outcome(action=action, status=Status.DONE)


def _call(action: Action, iam: IAMClient, delivery: Delivery | None) -> None:
    if action.secret is None:
        getattr(iam, action.operation)(**action.params)
        return
    if delivery is None:
        raise DeliveryError("there is no way to deliver the secret, so it is not made")
    password = delivery.new_password(str(action.params["UserName"]))
    try:
        getattr(iam, action.operation)(**_with_secret(action, password))
    except ClientError as error:
        if _surely_without_effect(error):
            delivery.take_back()
        raise


def _with_secret(action: Action, secret: str) -> dict[str, Any]:
    return {key: secret if isinstance(value, Secret) else value for key, value in action.params.items()}


def _surely_without_effect(error: ClientError) -> bool:
    """Whether AWS refused the only try.

    A server's error, or a second try that finds the first one's work, may mean that the delivered password is live.
    """
    metadata = error.response["ResponseMetadata"]
    return metadata["HTTPStatusCode"] < 500 and not metadata.get("RetryAttempts")  # noqa: PLR2004 - HTTP's own classes


class _Stop:
    """Whether the rest of the plan is left undone, and why."""

    reason: str = ""
    signalled: bool = False


@contextmanager
def _signals_deferred() -> Iterator[_Stop]:
    """While this holds, SIGINT and SIGTERM ask to stop instead of breaking into a call."""
    stop = _Stop()

    def ask(number: int, _: object) -> None:
        stop.reason, stop.signalled = f"stopped by {signal.Signals(number).name}", True

    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread gets signals
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
