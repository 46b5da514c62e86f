"""Which action runs when: the graph of the plan, as far as failures allow."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from queue import SimpleQueue
from secrets import token_hex
from typing import TYPE_CHECKING

from iamsync.apply.access_keys import new_access_key
from iamsync.apply.answers import SoFar
from iamsync.apply.claims import claim, if_still_noted
from iamsync.apply.gate import Closed, Gate, always_open, waits
from iamsync.apply.identities import Identities
from iamsync.apply.passwords import new_password, other_password
from iamsync.apply.patience import Patience
from iamsync.apply.renames import new_name
from iamsync.apply.sending import Sending
from iamsync.apply.stop import Stop, signals_deferred
from iamsync.apply.versions import new_version
from iamsync.apply.wire import Tries
from iamsync.aws import CONCURRENT_WRITES
from iamsync.aws.rate import Rate
from iamsync.core.action import Action
from iamsync.core.change import CreateAccessKey, CreatePassword, NewVersion, Rename, ReplacePassword
from iamsync.core.order import Progress
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Report, Status
from iamsync.delivery import Delivery
from iamsync.journal import Journal

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Listener = Callable[[Outcome], None]
_BROKEN = "iamsync itself failed"


def apply(  # noqa: PLR0913 - what a run may be given, each with what it is without
    plan: Plan,
    iam: "IAMClient",
    delivery: Delivery | None,
    *,
    parallel: int = CONCURRENT_WRITES,
    patience: Patience | None = None,
    journal: Journal | None = None,
    rate: Rate | None = None,
    listener: Listener = lambda _: None,
    run_id: str = "",
    gate: Gate = always_open,
) -> Report:
    """Make the calls of `plan` and say, in the plan's order, what became of each.

    `delivery` takes the secrets that it mints (None: none can be), `journal` a line for each call, `listener` each
    outcome as it comes. An action starts when those before it in the graph of the plan have ended; at most `parallel`
    run at once. `run_id` tells this run from others of the same plan; drawn by chance if empty. What the `gate` does
    not let through is skipped; it is asked before each action and before each call that writes.

    Never raises for one action: after a failure `core.order.progress` says what is still done. SIGINT and SIGTERM let
    the calls in flight land and start no other.
    """
    stop, delivery = Stop(), delivery or Delivery({})
    run_id = run_id or token_hex(4)
    plan = replace(plan, actions=tuple(action.in_run(run_id) for action in plan.actions))
    sending = Sending(
        iam,
        SoFar(plan.account),
        patience=patience or Patience(),
        journal=journal,
        stop=stop,
        rate=rate or Rate(),
        run_id=run_id,
        forbidden=lambda action: _why_not(action, plan, gate(), begun=True),
    )
    with signals_deferred(stop), sending.wire.watched(), ThreadPoolExecutor(parallel, "apply") as pool:
        users = Identities(plan, sending)
        run = _Run(plan, lambda action: _outcome(action, sending, delivery, users), stop, listener, gate)
        outcomes = run.to_the_end(pool, parallel)
    return Report(
        outcomes=tuple(outcomes[number] for number in range(len(plan.actions))),
        signalled=stop.signalled,
        receipts=delivery.receipts,
    )


class _Run:
    """One run through the graph of a plan. All decisions are made in the thread that called `apply`; the pool only
    makes calls.
    """

    def __init__(
        self, plan: Plan, make: Callable[[Action], Outcome], stop: Stop, listener: Listener, gate: Gate
    ) -> None:
        self._plan = plan
        self._make = make
        self._stop = stop
        self._listener = listener
        self._gate = gate
        self._progress = Progress(plan.actions, plan.graph, plan.before)
        self._outcomes: dict[int, Outcome] = {}
        self._in_flight: set[int] = set()
        self._ended: SimpleQueue[tuple[int, Outcome | BaseException]] = SimpleQueue()

    def to_the_end(self, pool: ThreadPoolExecutor, parallel: int) -> Mapping[int, Outcome]:
        """What became of each action, by number."""
        try:
            while self._in_flight or not self._progress.is_waiting:
                if len(self._in_flight) < parallel and not self._progress.is_waiting:
                    number = self._progress.start()
                    if (outcome := self._skipped(number)) is None:
                        self._in_flight.add(number)
                        pool.submit(self._in_pool, number)
                        continue
                else:
                    number, outcome = self._next_outcome()
                self._note(number, outcome)
        except BaseException:
            self._stop.ask(_BROKEN)  # a bug must not go on beside the others
            self._let_land()
            raise
        return self._outcomes

    def _let_land(self) -> None:
        """Tell of the calls in flight, although the run is broken, as far as that is possible."""
        while self._in_flight:
            with suppress(Exception):
                self._listener(self._ended_one()[1])

    def _in_pool(self, number: int) -> None:
        try:
            self._ended.put((number, self._make(self._plan.actions[number])))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            self._ended.put((number, error))

    def _next_outcome(self) -> tuple[int, Outcome]:
        number, outcome, error = self._ended_one()
        if error is not None:
            self._listener(outcome)
            raise error
        return number, outcome

    def _ended_one(self) -> tuple[int, Outcome, BaseException | None]:
        """The next call that ends, and what became of it; of one that broke, nobody knows."""
        number, ended = self._ended.get()
        self._in_flight.discard(number)
        if not isinstance(ended, BaseException):
            return number, ended, None
        why = f"{_BROKEN} ({type(ended).__name__})"
        broken = Outcome(action=self._plan.actions[number], status=Status.FAILED, why=why, unknown=True)
        return number, broken, ended

    def _note(self, number: int, outcome: Outcome) -> None:
        self._outcomes[number] = outcome
        self._progress.end(number, outcome.ended)
        self._listener(outcome)

    def _skipped(self, number: int) -> Outcome | None:
        """The outcome of an action that must not be made: somebody has asked to stop, the gate is closed, or after a
        failure it must not be done.
        """
        skipped = Outcome(action=self._plan.actions[number], status=Status.SKIPPED)
        if self._stop.reason:
            return replace(skipped, why=self._stop.reason)
        if why := _why_not(skipped.action, self._plan, self._gate(), begun=False):
            return replace(skipped, why=why)
        hindrance = self._progress.hindrance(number)
        if hindrance is None:
            return None
        if hindrance.blocked_by is None:
            return replace(skipped, harmed=hindrance.harmed)
        earlier = self._outcomes[hindrance.blocked_by]
        return replace(skipped, blocked_by=earlier.blocked_by or earlier.action)


def _why_not(action: Action, plan: Plan, closed: Closed | None, *, begun: bool) -> str:
    """Why an action is not made, or no further call of one that has begun is sent; "" if nothing is in the way. What
    has begun and takes access away goes on in any case: it may take back a key that was not delivered.
    """
    if closed is None:
        return ""
    return closed.why if (closed.at_all and not begun) or waits(action, plan) else ""


def _outcome(action: Action, sending: Sending, delivery: Delivery, users: Identities) -> Outcome:
    """What becomes of an action when it is made."""

    def way(tries: Tries) -> str:
        users.confirm(action)
        return _made(action, sending, delivery, tries)

    return sending.outcome(action, way)


def _made(action: Action, sending: Sending, delivery: Delivery, tries: Tries) -> str:
    """Make a call; what is worth saying of it. Some must not be sent twice without a look in between."""
    match action.change:
        case NewVersion() as version:
            return new_version(action, version, sending)
        case CreatePassword() as password:
            return new_password(action, password, sending, delivery, tries)
        case ReplacePassword() as password:
            return other_password(action, password, sending, delivery, tries)
        case CreateAccessKey() as key:
            return new_access_key(action, key, sending, delivery)
        case Rename() as rename:
            return new_name(action, rename, sending, tries)
        case _ if action.premise is not None:
            return (if_still_noted if action.premise.notes else claim)(action, sending)
        case _:
            return sending.patiently(action)
