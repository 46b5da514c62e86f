"""One cycle of the loop, which never raises, and what one cycle leaves to the next."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3

from iamsync import aws
from iamsync.apply import Closed
from iamsync.aws.said import FATAL_FOR_THE_RUN
from iamsync.core.recent import Recent, Write, written
from iamsync.core.report import Outcome, Report, Status
from iamsync.core.tags import HOLD_TAG
from iamsync.daemon.drift import LEAST_SPAN, Repairs, Settled, drift, repaired, settled
from iamsync.daemon.log import log, log_action
from iamsync.daemon.pause import Paused, never
from iamsync.daemon.proposed import proposed_from
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.versions import Versions
from iamsync.daemon.way import NO_PLACES, Applying, Looking, Way
from iamsync.delivery import Destinations
from iamsync.errors import CredentialsError, IamsyncError, PlanRefused
from iamsync.journal import recorded
from iamsync.live import PolicyTags
from iamsync.reconcile import USUAL, Known, Means, Proposal, propose
from iamsync.source import Checkout, Source

KEPT_FOR = 3600.0
"""Seconds for which a cycle takes the tags of policies for what they were; each costs a call, and few ever change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one cycle leaves to the next: who it was, in which account; writes of this process that a read may not show
    yet; the tags of policies, read at that time of a clock that only grows; and whether AWS no longer takes the
    credentials of its session. What it `settled` separates drift from change; `repairs` are those made so far.
    """

    caller: aws.Caller | None = None
    writes: tuple[Write, ...] = ()
    policy_tags: PolicyTags = field(default_factory=dict)
    read_at: float = 0.0
    rejected: bool = False
    settled: Settled = field(default_factory=Settled)
    repairs: Repairs = field(default_factory=Repairs)

    def known_at(self, now: float) -> Known:
        """What of it holds at that time."""
        tags = self.policy_tags if now - self.read_at < KEPT_FOR else {}
        account = self.caller.account if self.caller else None
        return Known(account=account, recent=Recent(writes=self.writes, now=now), policy_tags=tags)


class Cycles:
    """The cycles of one loop. `last` is the result of the last one; each is given to `listener`.

    New passwords and access keys of a cycle go to a new file in the folder `csv`, or to the other `places`; without one
    they are not made. While `paused` gives a reason, a cycle only takes access away. `span` is the time over which
    repairs of the same thing are counted. Unless it `applies`, a cycle changes nothing and reports what it would do.
    `on_session` gets each session that the loop uses, before its first client.
    """

    def __init__(  # noqa: PLR0913 - a loop has the properties it has
        self,
        source: Source,
        session: boto3.Session,
        *,
        csv: Path | None,
        places: Destinations = NO_PLACES,
        means: Means = USUAL,
        listener: Callable[[CycleResult], None] = log,
        paused: Paused = never,
        span: timedelta = LEAST_SPAN,
        applies: bool = True,
        on_session: Callable[[boto3.Session], None] = lambda _: None,
    ) -> None:
        self.last: CycleResult | None = None
        self._source = source
        self._session = session
        self._listener = listener
        self._paused = paused
        means = replace(means, listener=_both(log_action, means.listener))
        self._way = Applying(means, csv, places) if applies else Looking()
        self._on_session = on_session
        on_session(session)
        self._memory = Memory(repairs=Repairs(span=span))

    def next(self) -> CycleResult:
        """Reconcile once. Raises nothing but KeyboardInterrupt, if a signal has asked to stop in the meantime."""
        if self._memory.rejected:
            self._renew()
        self.last, self._memory = cycle(
            self._source,
            self._session,
            way=self._way,
            memory=self._memory,
            paused=self._paused,
        )
        self._listener(self.last)
        if self.last.report.signalled:
            raise KeyboardInterrupt
        return self.last

    def _renew(self) -> None:
        session = aws.renewed(self._session)
        if session is not self._session:
            self._on_session(session)
        self._session = session


def _both(first: Callable[[Outcome], None], second: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    def heard(outcome: Outcome) -> None:
        first(outcome)
        second(outcome)

    return heard


def cycle(
    source: Source, session: boto3.Session, *, way: Way, memory: Memory, paused: Paused
) -> tuple[CycleResult, Memory]:
    """Reconcile once; what happened, and what to give to the next cycle as `memory`. Raises only KeyboardInterrupt."""
    started, now = time.monotonic(), datetime.now(tz=UTC)
    memory, known = replace(memory, rejected=False), memory.known_at(started)
    result = _by(memory.caller, CycleResult(result=Result.ERROR, started=now))
    try:
        with recorded(way.journal) as run:
            result = _with_gate(replace(result, paused=paused(now)), way.closed())
            destinations = way.destinations(now)

            def propose_from(checkout: Checkout) -> Proposal:
                nonlocal result
                run.learned(commit=checkout.commit)
                result = replace(result, commit=checkout.commit)
                return propose(checkout, session, now=now, known=known, destinations=destinations, paused=result.paused)

            proposal = proposed_from(source, propose_from)
            result = _with_proposal(result, proposal, memory)
            read_at = memory.read_at if known.policy_tags else started
            memory = replace(
                memory,
                caller=proposal.caller,
                writes=proposal.unseen,
                policy_tags=proposal.policy_tags,
                read_at=read_at,
            )
            if (
                not result.standby
            ):  # a plan that a standby has made is not applied: the other may have done it meanwhile
                result = _with_gate(result, _for_all(way.closed()))
            if result.standby:
                result = replace(result, result=Result.STANDBY, drifted=())
            else:
                result = _with_report(result, way.end(proposal, session, destinations, run))
                if result.report.count(Status.SKIPPED):
                    result = _with_gate(result, way.closed())
            memory = _with_result(memory, proposal, result)
            result = replace(result, contested=memory.repairs.contested)
    except Exception as error:  # noqa: BLE001 - the loop outlives a bug; the next cycle starts from IAM again
        result = _with_error(result, error)
        memory = replace(memory, rejected=isinstance(error, CredentialsError))
    state = source.state if isinstance(source, Versions) else None
    return replace(result, source=state, seconds=time.monotonic() - started), memory


def _with_gate(result: CycleResult, closed: Closed | None) -> CycleResult:
    """A cycle that writes nothing where the gate is closed at all, and else only takes access away."""
    if closed is None:
        return result
    if closed.at_all:
        return replace(result, standby=closed.why)
    return replace(result, paused="; ".join(why for why in (result.paused, closed.why) if why))


def _for_all(closed: Closed | None) -> Closed | None:
    """The gate after the plan is made: what only closes it for what gives is seen to by the apply."""
    return closed if closed and closed.at_all else None


def _by(caller: aws.Caller | None, result: CycleResult) -> CycleResult:
    return replace(result, account=caller.account, caller=caller.arn) if caller else result


def _with_proposal(result: CycleResult, proposal: Proposal, memory: Memory) -> CycleResult:
    plan, wanted = proposal.plan, proposal.wanted
    users = wanted.users.values() if wanted else ()
    return replace(
        _by(proposal.caller, result),
        digest=plan.digest,
        planned=plan.actions,
        put_off=proposal.put_off,
        held_back=plan.held_back,
        warnings=plan.warnings,
        orphans=plan.orphans,
        managed=plan.managed,
        unmanaged_users=len(plan.unmanaged.users),
        suspended=sum(user.suspended for user in users),
        on_hold=sum(HOLD_TAG in user.tags for user in plan.before.users.values()),
        expiries=proposal.expiries,
        drifted=drift(plan.actions, wanted, memory.settled),
    )


def _with_result(memory: Memory, proposal: Proposal, result: CycleResult) -> Memory:
    report = result.report
    return replace(
        memory,
        writes=memory.writes + written(report, time.monotonic()),
        rejected=any(one.error_code in FATAL_FOR_THE_RUN for one in report.outcomes),
        settled=settled(proposal.wanted, result.planned, report, result.put_off, result.held_back),
        repairs=memory.repairs.after(repaired(result.drifted, report), result.started),
    )


def _with_report(result: CycleResult, report: Report | None) -> CycleResult:
    if report is None:
        return replace(result, result=Result.DRIFT if result.planned or result.held_back else Result.IN_SYNC)
    if result.planned:
        ended = Result.APPLIED if report.complete else Result.FAILED
    else:
        ended = Result.PENDING if result.put_off or result.held_back else Result.IN_SYNC
    return replace(result, result=ended, report=report)


def _with_error(result: CycleResult, error: Exception) -> CycleResult:
    result = replace(result, error_kind=type(error).__name__)
    match error:
        case PlanRefused():
            return replace(result, result=Result.REFUSED, reasons=error.reasons)
        case CredentialsError():
            return replace(result, reasons=(f"{error}; the next cycle reads them again",))
        case IamsyncError():
            return replace(result, reasons=tuple(str(error).splitlines()))
        case _:
            notes = getattr(error, "__notes__", ())
            return replace(result, reasons=(f"{type(error).__name__}: {error}", *notes))
