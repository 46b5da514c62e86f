"""Short ways to write what a cycle of the loop found and did."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from states import ACCOUNT, EC2, S3, desired, live, user

from iamsync.core.action import Action
from iamsync.core.hold import HeldBack
from iamsync.core.model import Origin
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Report, Status
from iamsync.daemon.drift import Contested
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import LoopStatus
from iamsync.desired.expiries import Expiry

NOW = datetime(2033, 5, 3, 12, tzinfo=UTC)
CLOCK = 5000.0
BEGUN = LoopStatus(began=NOW, began_by=CLOCK, every=300)
ATTACH, DETACH = Plan.between(desired(user("aiko", S3)), live(user("aiko", EC2))).actions
WRONG_ACCOUNT = "wrong account: the files are for 1, the credentials for 2"


def cycle(result: Result, *actions: Action, failed: Iterable[Action] = (), **more: Any) -> CycleResult:  # noqa: ANN401
    """A cycle that did these actions, but for those that failed."""
    bad = list(failed)
    outcomes = tuple(
        Outcome(action=one, status=Status.FAILED, why="AccessDenied: no", error_code="AccessDenied")
        if one in bad
        else Outcome(action=one, status=Status.DONE)
        for one in actions
    )
    told = {"started": NOW, "seconds": 2.0, "account": ACCOUNT, "commit": "c0ffee", **more}
    return CycleResult(result=result, planned=actions, report=Report(outcomes=outcomes), **told)


IN_SYNC = cycle(Result.IN_SYNC)
APPLIED = cycle(Result.APPLIED, ATTACH, DETACH)
DRIFTED = replace(APPLIED, drifted=(ATTACH,))
FAILED = cycle(Result.FAILED, ATTACH, DETACH, failed=[ATTACH])
DOWN = cycle(Result.ERROR, reasons=("AWS cannot be reached: x",), error_kind="AccountError")
REFUSED = cycle(Result.REFUSED, reasons=(WRONG_ACCOUNT,), error_kind="PlanRefused")
LOOKED = replace(cycle(Result.DRIFT, ATTACH), report=Report())
HELD = cycle(Result.PENDING, held_back=(HeldBack(subject="user/bo", text="the quota is full", actions=(ATTACH,)),))
PAUSED = replace(
    cycle(Result.PENDING, held_back=(HeldBack(subject="user/bo", text="paused since then", actions=(ATTACH,)),)),
    paused="paused since then",
)
STANDBY = replace(LOOKED, result=Result.STANDBY, standby="replica-2 holds the lease iamsync/iamsync")
CONTESTED = replace(
    DRIFTED, contested=(Contested(subject="user/aiko", what="attach Deploy", times=5, span=timedelta(hours=1)),)
)
ENDING = replace(
    IN_SYNC,
    expiries=(
        Expiry(
            at=NOW + timedelta(days=3),
            subject="user/cy",
            what="loses group billing",
            origin=Origin(file="users.yaml", line=7),
        ),
    ),
)
ALL = (IN_SYNC, APPLIED, DRIFTED, FAILED, DOWN, REFUSED, LOOKED, HELD, PAUSED, CONTESTED, ENDING, STANDBY)


def after(results: Sequence[CycleResult], begun: LoopStatus = BEGUN) -> LoopStatus:
    """The status after these cycles, one every five minutes, and in the pause after the last."""
    status = begun
    for number, result in enumerate(results):
        moment = timedelta(seconds=300 * number)
        status = status.beginning(CLOCK + moment.total_seconds())
        status = status.after(replace(result, started=NOW + moment), CLOCK + moment.total_seconds() + 2)
    return status.pausing(300, NOW + timedelta(seconds=300 * len(results)), CLOCK + 300 * len(results))
