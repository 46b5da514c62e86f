"""Who goes side by side, who waits, who is skipped."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from secrets import token_hex
from typing import TYPE_CHECKING

from iamsync.apply.access_keys import new_access_key
from iamsync.apply.answers import SoFar
from iamsync.apply.claims import claim, if_still_noted
from iamsync.apply.passwords import new_password
from iamsync.apply.patience import Patience
from iamsync.apply.renames import new_name
from iamsync.apply.sending import Sending
from iamsync.apply.stop import Stop, signals_deferred
from iamsync.apply.versions import new_version
from iamsync.aws import CONCURRENT_WRITES
from iamsync.aws.rate import Rate
from iamsync.core.action import Action, Secret
from iamsync.core.plan import Outcome, Plan, Report, Status, barrier
from iamsync.delivery import Delivery
from iamsync.journal import Journal

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

Listener = Callable[[Outcome], None]


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
) -> Report:
    """Make the calls of `plan` and say, in the plan's order, what became of each.

    `delivery` takes the secrets that it mints, `journal` a line for each call, `listener` each outcome as it comes.
    `run_id` tells this run from others of the same plan; drawn by chance if empty.
    Phases are barriers; inside one, `parallel` subjects go side by side and one subject's actions in order.

    Never raises for one action: a failure stops its subject and whoever needs it, the others go on. SIGINT and SIGTERM
    let the calls in flight land and start no other.
    """
    stop = Stop()
    run_id = run_id or token_hex(4)
    actions = tuple(action.in_run(run_id) for action in plan.actions)
    sending = Sending(
        iam,
        SoFar(plan.account),
        patience=patience or Patience(),
        journal=journal,
        stop=stop,
        rate=rate or Rate(),
        run_id=run_id,
    )
    run = _Run(sending, delivery, stop, listener)
    with signals_deferred(stop), sending.wire.watched(), ThreadPoolExecutor(parallel, "apply") as pool:
        for wave in _waves(actions):
            for chain in [pool.submit(run.in_order, actions) for actions in wave]:
                chain.result()
    outcomes = tuple(run.outcomes[id(action)] for action in actions)
    return Report(outcomes=outcomes, signalled=stop.signalled)


def _waves(actions: Sequence[Action]) -> Iterator[list[list[Action]]]:
    """The plan cut into what may go side by side: each wave holds a list of actions per subject.

    A stage of a phase is a wave, or several: whoever needs a subject that acts earlier in the same phase waits for it.
    """
    for _, group in groupby(actions, key=barrier):
        wave: dict[str, list[Action]] = {}
        for action in group:
            if (action.needs - {action.subject}) & wave.keys():
                yield list(wave.values())
                wave = {}
            wave.setdefault(action.subject, []).append(action)
        yield list(wave.values())


class _Run:
    """What the threads of one run share: the outcomes, and who is out of it, why."""

    def __init__(self, sending: Sending, delivery: Delivery | None, stop: Stop, listener: Listener) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._out: dict[str, str] = {}
        self._sending = sending
        self._delivery = delivery
        self._stop = stop
        self._listener = listener
        self._lock = threading.Lock()

    def in_order(self, actions: list[Action]) -> None:
        """Make one subject's actions, one after the other."""
        try:
            for action in actions:
                hindrance = self._stop.reason or self._hindrance(action)
                self._note(_skipped(action, hindrance) if hindrance else self._made(action))
        except BaseException:
            self._stop.ask("iamsync itself failed")  # a bug must not go on beside the others
            raise

    def _hindrance(self, action: Action) -> str:
        """Why an action may not be made: something failed that it builds on."""
        return next((self._out[one] for one in (action.subject, *sorted(action.needs)) if one in self._out), "")

    def _made(self, action: Action) -> Outcome:
        sending = self._sending
        if action.operation == "create_policy_version":
            return sending.told(action, lambda _: new_version(action, sending))
        if action.secret is Secret.PASSWORD:
            return sending.told(action, lambda tries: new_password(action, sending, self._delivery, tries))
        if action.secret is Secret.ACCESS_KEY:
            return sending.told(action, lambda _: new_access_key(action, sending, self._delivery))
        if action.premise is not None:
            way = if_still_noted if action.premise.notes else claim
            return sending.told(action, lambda _: way(action, sending))
        if "NewUserName" in action.params:
            return sending.told(action, lambda tries: new_name(action, sending, tries))
        return sending.told(action, lambda _: sending.patiently(action))

    def _note(self, outcome: Outcome) -> None:
        action = outcome.action
        with self._lock:
            self.outcomes[id(action)] = outcome
            if outcome.status is Status.FAILED:
                self._out[action.subject] = f"{action.subject}: {action.summary} failed"
            elif outcome.status is Status.SKIPPED:
                self._out.setdefault(action.subject, outcome.why)
            self._listener(outcome)


def _skipped(action: Action, why: str) -> Outcome:
    return Outcome(action=action, status=Status.SKIPPED, why=why)
