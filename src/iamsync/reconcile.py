"""The whole program: load, ask who we are, read, plan, guard; and then, only if asked, apply.

`plan` is `propose`; `apply` is `propose` and `carry_out`; `run` is that continuously. What only looks gets a
client that cannot write.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from iamsync import aws, desired, journal, live, snapshot
from iamsync.apply import Gate, Patience, always_open, apply
from iamsync.aws.offline import answered_by
from iamsync.aws.said import in_words
from iamsync.core import guard
from iamsync.core.action import Action
from iamsync.core.arn import Account
from iamsync.core.guard import Refusal
from iamsync.core.model import DesiredState, Problem
from iamsync.core.part import Only
from iamsync.core.plan import WHOLE, Plan
from iamsync.core.recent import Recent, Write, settled
from iamsync.core.release import left_alone, refused, released
from iamsync.core.report import Outcome, Report
from iamsync.core.snapshot_note import SnapshotNote
from iamsync.delivery import Destinations, RunContext, prepared
from iamsync.desired.expiries import Expiry
from iamsync.errors import DesiredStateError, PlanRefused
from iamsync.journal import Run
from iamsync.planning import Look, is_calm, looked
from iamsync.snapshot import Snapshot
from iamsync.source import Checkout

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person allows for one run: names to adopt, undeclared Denies to remove, and how many removals; and which
    part of the plan is meant.
    """

    adopt: frozenset[str] = frozenset()
    remove_denies: frozenset[str] = frozenset()
    removals: int | None = None
    only: Only = WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What this process knows from before it looks: the account in which it began, and stays; writes that IAM may not
    show yet; tags of policies, trusted only to find that there is nothing to do. With a `snapshot`, nothing is read but
    that.
    """

    account: Account | None = None
    recent: Recent = field(default_factory=Recent)
    policy_tags: live.PolicyTags = field(default_factory=dict)
    snapshot: Snapshot | None = None


NOTHING = Known()
"""What a process knows that has just begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be done, and every reason not to; from which files, and as whom.

    `put_off` are calls that this process has just made and whose effect, `unseen`, IAM does not show yet. Where nothing
    is left to do or report, `policy_tags` is what the next look need not ask for. `wanted` is what the files declare,
    `expiries` are what they end, and when. A plan from a `snapshot` says so, and what it cannot say.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    warnings: tuple[Problem, ...]
    checkout: Checkout
    caller: aws.Caller
    put_off: tuple[Action, ...] = ()
    unseen: tuple[Write, ...] = ()
    policy_tags: live.PolicyTags = field(default_factory=dict)
    wanted: DesiredState | None = None
    expiries: tuple[Expiry, ...] = ()
    snapshot: SnapshotNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How a proposal is carried out: how many subjects at once, how long IAM is waited for, where the calls are written
    down, who hears of each outcome, and whether this process may write at a moment.
    """

    parallel: int = aws.CONCURRENT_WRITES
    patience: Patience = field(default_factory=Patience)
    journal: Path | None = None
    listener: Callable[[Outcome], None] = lambda _: None
    gate: Gate = always_open


USUAL = Means()
"""What is done if nobody says otherwise."""


def propose(  # noqa: PLR0913 - a plan is made from what it is made from
    checkout: Checkout,
    session: boto3.Session,
    *,
    now: datetime,
    consent: Consent | None = None,
    known: Known = NOTHING,
    destinations: Destinations | None = None,
    aws_checks: bool = False,
    paused: str = "",
) -> Proposal:
    """Plan from the files of `checkout` to the live account. Makes no write; `now` is aware, in UTC. Where it is
    `paused`, for this reason, the plan only takes access away.

    With `destinations`, the channels that deliver secrets are tried: who would get one that cannot be delivered is held
    back. Without, another machine applies the plan.

    Raises DesiredStateError, AccountError, LiveStateError, or PlanRefused when it is the wrong account.
    """
    consent = consent or Consent()
    declaration, caller = begun(checkout, session, known)
    declared = declaration.in_account(caller.account, now)
    wanted = _with_consent(declared.state, consent)
    if known.snapshot and (missing := snapshot.lacking(known.snapshot, wanted)):
        raise PlanRefused(missing)
    iam = aws.reader(session)
    with in_words():
        look = Look(
            iam=iam,
            wanted=wanted,
            now=now,
            removals=consent.removals,
            only=consent.only,
            destinations=destinations,
            tagging=partial(aws.tagging, session, caller.account.partition),
            analyzer=aws.checker(session) if aws_checks or wanted.settings.aws_checks else None,
            places=declaration.place_in_document,
            paused=paused,
        )
        wanted, found, whole, part, traps = looked(look, known.policy_tags)
        parts = settled(part, known.recent)
        judged = whole if consent.only.patterns else parts.plan
        refusals = guard.refusals(judged, wanted, found, carrier(iam, caller, judged))
    return Proposal(
        plan=parts.plan,
        refusals=refusals,
        warnings=(
            *(*declaration.warnings, *declared.warnings, *declaration.account_warnings),
            *(trap for trap in traps if trap.warning),
        ),
        checkout=checkout,
        caller=caller,
        put_off=parts.put_off,
        unseen=parts.unseen,
        policy_tags=live.tags_that_matter(wanted, found) if is_calm(whole) else {},
        wanted=wanted,
        expiries=declaration.expiries(now),
    )


def propose_from(taken: Snapshot, checkout: Checkout, *, now: datetime, consent: Consent | None = None) -> Proposal:
    """The plan that `propose` makes, from a snapshot in place of the account: without credentials and without a call.

    Raises DesiredStateError, or PlanRefused when the snapshot is of another account or does not have what the files
    need.
    """
    answers = snapshot.Answers(taken)
    session = answered_by(answers, taken.partition)
    proposal = propose(checkout, session, now=now, consent=consent, known=Known(snapshot=taken))
    return replace(proposal, snapshot=snapshot.note(taken, proposal.plan, answers.assumed, now))


def take_snapshot(checkout: Checkout, session: boto3.Session, *, now: datetime, complete: bool) -> Snapshot:
    """What plans from these files need of the account, or all of it if `complete`. Makes no write.

    Raises what `propose` raises.
    """
    declaration, caller = begun(checkout, session)
    wanted = declaration.state(caller.account, now)
    with in_words():
        return snapshot.take(aws.reader(session), wanted, caller, now=now, complete=complete)


def propose_release(checkout: Checkout, session: boto3.Session, names: Sequence[str]) -> Proposal:
    """Plan to take the ownership mark off users, policies and groups, and to leave the rest. Makes no write.

    Raises what `propose` raises, and PlanRefused when a name stands for nothing, or all of them for nothing of ours.
    """
    declaration, caller = begun(checkout, session)
    iam = aws.reader(session)
    with in_words():
        found = live.read_marks(iam, caller.account, at_once=aws.CONCURRENT_READS)
    owner = declaration.settings.owner
    if strangers := refused(names, found, owner):
        raise PlanRefused([f"not owned: {name} is no user, policy or group that {owner} owns" for name in strangers])
    plan_input = released(names, found, declaration.settings)
    plan = replace(Plan.of(plan_input), warnings=tuple(left_alone(names, found, owner)))
    with in_words():
        refusals = guard.lockouts(plan, found, carrier(iam, caller, plan))
    return Proposal(plan=plan, refusals=refusals, warnings=declaration.warnings, checkout=checkout, caller=caller)


def begun(checkout: Checkout, session: boto3.Session, known: Known = NOTHING) -> tuple[desired.Declaration, aws.Caller]:
    """What the files declare, and who we are in the account that they are for; nothing else has been asked of AWS."""
    declaration = desired.load(checkout.path)
    if declaration.unsupported:
        raise DesiredStateError(declaration.unsupported)
    caller = aws.caller(session)
    refusal = guard.changed_account(known.account, caller.account)
    is_wrong = guard.snapshot_of_another if known.snapshot else guard.wrong_account
    if refusal := refusal or is_wrong(declaration.settings, caller.account):
        raise PlanRefused([str(refusal)])
    return declaration, caller


def _with_consent(wanted: DesiredState, consent: Consent) -> DesiredState:
    settings = replace(wanted.settings, adopt_names=consent.adopt, remove_denies=consent.remove_denies)
    return replace(wanted, settings=settings)


def carrier(iam: "IAMClient", caller: aws.Caller, plan: Plan) -> guard.Caller:
    """Who carries the plan out; a role's policies are asked for only if the plan changes policies."""
    role = caller.role_name
    changes_policies = any(action.subject.startswith("policy/") for action in plan.actions)
    policies = live.role_policies(iam, role) if role and changes_policies else frozenset()
    return guard.Caller(arn=caller.arn, policies=policies)


def carry_out(
    proposal: Proposal,
    session: boto3.Session,
    *,
    destinations: Destinations,
    means: Means = USUAL,
    run: Run | None = None,
) -> Report:
    """Apply a proposal by these means; what is delivered to files on this machine goes to `destinations`. `run` hears
    what becomes of it.

    Raises PlanRefused when a guard refuses, JournalError when calls could not be recorded; then nothing was done.
    """
    run, plan = run or Run(), proposal.plan
    caller, commit = proposal.caller, proposal.checkout.commit
    run.learned(account=caller.account, caller=caller.arn, plan=plan.digest, commit=commit)
    refuse(proposal)
    report = _applied(proposal, session, destinations, means, run) if plan.actions else Report()
    run.ended(report, held_back=len(plan.held_back))
    return report


def refuse(proposal: Proposal) -> None:
    """Raise PlanRefused if a guard refuses the proposal."""
    if proposal.refusals:
        raise PlanRefused([str(refusal) for refusal in proposal.refusals])


def _applied(proposal: Proposal, session: boto3.Session, destinations: Destinations, means: Means, run: Run) -> Report:
    with ExitStack() as stack:
        book = stack.enter_context(journal.opened(means.journal, run.occasion)) if means.journal else None
        with in_words():
            context = RunContext(account=proposal.plan.account, iam=aws.reader(session), destinations=destinations)
            delivery = stack.enter_context(prepared(proposal.plan, context))
        return apply(
            proposal.plan,
            aws.writer(session, at_once=means.parallel),
            delivery,
            parallel=means.parallel,
            patience=means.patience,
            rate=aws.rate_of(session),
            journal=book,
            listener=means.listener,
            run_id=run.occasion.run,
            gate=means.gate,
        )
