"""The whole program: load, ask who we are, read, plan, guard; and then, only if asked, apply.

`plan` is `propose`; `apply` is `propose` and `carry_out`; `run` is that for ever. What only looks gets a client that
cannot write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from iamsync import aws, desired, journal, live
from iamsync.apply import Patience, apply
from iamsync.core import guard, quota, sign_in
from iamsync.core.action import Action
from iamsync.core.arn import Arn, is_aws_managed
from iamsync.core.change import CreatePassword, Minting
from iamsync.core.guard import Refusal
from iamsync.core.hold import together
from iamsync.core.missing import missing, used_anew
from iamsync.core.model import DesiredState, LiveState, Problem, User, user_subject
from iamsync.core.plan import Outcome, Plan, Report
from iamsync.core.recent import Recent, Write, settled
from iamsync.core.release import left_alone, refused, released
from iamsync.core.scope import Note
from iamsync.delivery import Destinations, RunContext, prepared, unready
from iamsync.delivery.password import rules_of
from iamsync.errors import DesiredStateError, PlanRefused
from iamsync.journal import Journal, Occasion
from iamsync.source import Checkout

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person allows for one run: names to adopt, and how many removals."""

    adopt: frozenset[str] = frozenset()
    removals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What this process knows from before it looks: writes that IAM may not show yet, and which are not planned again;
    tags of policies, trusted only to find that nothing is to be done.
    """

    recent: Recent = field(default_factory=Recent)
    policy_tags: live.PolicyTags = field(default_factory=dict)


NOTHING = Known()
"""What a process knows that has just begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be done, and every reason not to; from which files, and as whom.

    `put_off` are calls that this process has just made and whose effect, `unseen`, IAM does not show yet. Where nothing
    is to be done or told, `policy_tags` is what the next look need not ask for.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    warnings: tuple[Problem, ...]
    checkout: Checkout
    caller: aws.Caller
    put_off: tuple[Action, ...] = ()
    unseen: tuple[Write, ...] = ()
    policy_tags: live.PolicyTags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How a proposal is carried out: how many subjects at once, how long IAM is waited for, where the calls are written
    down, who is told of each outcome.
    """

    parallel: int = aws.CONCURRENT_WRITES
    patience: Patience = field(default_factory=Patience)
    journal: Path | None = None
    listener: Callable[[Outcome], None] = lambda _: None


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
) -> Proposal:
    """Plan from the files of `checkout` to the live account. Makes no write; `now` is aware, in UTC.

    With `destinations`, the channels that deliver secrets are tried: who would get one that cannot be delivered is held
    back. Without, another machine applies the plan.

    Raises DesiredStateError, AccountError, LiveStateError, or PlanRefused when it is the wrong account.
    """
    consent = consent or Consent()
    declaration, caller = _begun(checkout, session)
    wanted = _with_consent(declaration.state(caller.account, now), consent)
    iam = aws.reader(session)
    with aws.in_words():
        look = _Look(iam=iam, wanted=wanted, now=now, removals=consent.removals, destinations=destinations)
        found, whole, traps = _looked(look, known.policy_tags)
        parts = settled(whole, known.recent)
        plan = parts.plan
        refusals = guard.refusals(plan, wanted, found, _carrier(iam, caller, plan))
    return Proposal(
        plan=plan,
        refusals=refusals,
        warnings=(*declaration.warnings, *(trap for trap in traps if trap.warning)),
        checkout=checkout,
        caller=caller,
        put_off=parts.put_off,
        unseen=parts.unseen,
        policy_tags=live.tags_that_matter(wanted, found) if _is_calm(whole) else {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What a plan is made from, beside the account."""

    iam: "IAMClient"
    wanted: DesiredState
    now: datetime
    removals: int | None
    destinations: Destinations | None


def _looked(look: _Look, policy_tags: live.PolicyTags) -> tuple[LiveState, Plan, list[Problem]]:
    """What is there, the plan from it, and problems at sign-in. What would be done, or reported, is never based on tags
    of an earlier look.
    """
    wanted = look.wanted
    found = live.read(look.iam, wanted, at_once=aws.CONCURRENT_READS, now=look.now, policy_tags=policy_tags)
    plan = Plan.between(wanted, found, allowed_removals=look.removals)
    if policy_tags and not _is_calm(plan):
        return _looked(look, {})
    traps = _sign_in_problems(look.iam, plan, wanted, found)
    holds: dict[str, Note] = {}
    while more := [*_holds(look, plan, found, traps)]:  # what is held back may have been to make room for something
        if together((*holds.values(), *more)) == holds:
            break
        holds = together((*holds.values(), *more))
        plan = Plan.between(wanted, found, holds=holds, allowed_removals=look.removals)
    return found, plan, traps


def _holds(look: _Look, plan: Plan, found: LiveState, traps: Iterable[Problem]) -> Iterator[Note]:
    """What is in the way of the plan that only AWS, a delivery channel or the judge of sign-ins can tell."""
    absent = {arn for arn in {used[0] for used in used_anew(plan.actions)} if _is_absent(look.iam, arn)}
    yield from (missing(*used) for used in used_anew(plan.actions) if used[0] in absent)
    if quota.is_near(plan, found):
        yield from quota.exceeded(plan, found, live.account_summary(look.iam))
    for trap in traps:
        for name in trap.users if not trap.warning else ():
            yield Note(subject=user_subject(name), text=trap.message, origin=trap.origin)
    if look.destinations is not None:
        run = RunContext(account=plan.account, iam=look.iam, destinations=look.destinations)
        yield from _undelivered(plan, unready(plan, run))


def _undelivered(plan: Plan, reasons: Mapping[str, str]) -> Iterator[Note]:
    """Who would get a secret that cannot be delivered, and why."""
    for action in plan.actions:
        if isinstance(action.change, Minting) and action.change.channel in reasons:
            text = f"nothing can be delivered: {reasons[action.change.channel]}"
            yield Note(subject=action.subject, text=text, origin=action.reason)


def _is_calm(plan: Plan) -> bool:
    return not (plan.actions or plan.held_back)


def propose_release(checkout: Checkout, session: boto3.Session, names: Sequence[str]) -> Proposal:
    """Plan to take the ownership mark off users and policies, and to leave the rest. Makes no write.

    Raises what `propose` raises, and PlanRefused when a name stands for nothing, or all of them for nothing of ours.
    """
    declaration, caller = _begun(checkout, session)
    with aws.in_words():
        found = live.read_marks(aws.reader(session), caller.account, at_once=aws.CONCURRENT_READS)
    owner = declaration.settings.owner
    if strangers := refused(names, found, owner):
        raise PlanRefused([f"not owned: {name} is no user or policy that {owner} owns" for name in strangers])
    plan = replace(Plan.of(released(names, found, owner)), warnings=tuple(left_alone(names, found, owner)))
    return Proposal(plan=plan, refusals=(), warnings=declaration.warnings, checkout=checkout, caller=caller)


def _begun(checkout: Checkout, session: boto3.Session) -> tuple[desired.Declaration, aws.Caller]:
    """What the files declare, and who we are in the account that they are for; nothing else has been asked of AWS."""
    declaration = desired.load(checkout.path)
    if declaration.unsupported:
        raise DesiredStateError(declaration.unsupported)
    caller = aws.caller(session)
    if refusal := guard.wrong_account(declaration.settings, caller.account):
        raise PlanRefused([str(refusal)])
    return declaration, caller


def _sign_in_problems(iam: "IAMClient", plan: Plan, wanted: DesiredState, found: LiveState) -> list[Problem]:
    """Why somebody who gets a password by this plan could not sign in with it, or somebody whose rights it may change
    not once the password has expired.
    """
    newcomers = {one.change.user for one in plan.actions if isinstance(one.change, CreatePassword)}
    affected = _affected(plan, wanted)
    expected = partial(
        sign_in.problems, replace(wanted, users=affected), live=found, have_passwords=affected.keys() - newcomers
    )
    if not newcomers and not any(expected(passwords_expire=True)):
        return []  # whatever the account's rules are
    rules = rules_of(iam)
    return sorted(expected(users_may_change_password=rules.users_may_change, passwords_expire=rules.expire))


def _affected(plan: Plan, wanted: DesiredState) -> dict[str, User]:
    """Whose rights the plan may change: all, if it changes a policy or a group."""
    subjects = {action.subject for action in plan.actions}
    is_shared = any(not subject.startswith(user_subject("")) for subject in subjects)
    return {name: user for name, user in wanted.users.items() if is_shared or user_subject(name) in subjects}


def _with_consent(wanted: DesiredState, consent: Consent) -> DesiredState:
    return replace(wanted, settings=replace(wanted.settings, adopt_names=consent.adopt))


def _is_absent(iam: "IAMClient", policy: Arn) -> bool:
    """Whether an AWS-managed policy is one that iamsync does not know, and that AWS does not have either."""
    return is_aws_managed(policy) and not desired.is_known_to_be_aws(policy) and not live.is_attachable(iam, policy)


def _carrier(iam: "IAMClient", caller: aws.Caller, plan: Plan) -> guard.Caller:
    """Who carries the plan out; a role's policies are asked for only if the plan changes policies."""
    role = caller.role_name
    changes_policies = any(action.subject.startswith("policy/") for action in plan.actions)
    policies = live.role_policies(iam, role) if role and changes_policies else frozenset()
    return guard.Caller(arn=caller.arn, policies=policies)


def carry_out(
    proposal: Proposal, session: boto3.Session, *, destinations: Destinations, means: Means = USUAL
) -> Report:
    """Apply a proposal by these means; what is delivered to files on this machine goes to `destinations`.

    Raises PlanRefused when a guard refuses, JournalError when calls could not be recorded; then nothing was done.
    """
    if proposal.refusals:
        raise PlanRefused([str(refusal) for refusal in proposal.refusals])
    if not proposal.plan.actions:
        return Report()
    with ExitStack() as stack:
        book = stack.enter_context(_journal(proposal, means.journal))
        with aws.in_words():
            run = RunContext(account=proposal.plan.account, iam=aws.reader(session), destinations=destinations)
            delivery = stack.enter_context(prepared(proposal.plan, run))
        return apply(
            proposal.plan,
            aws.writer(session, at_once=means.parallel),
            delivery,
            parallel=means.parallel,
            patience=means.patience,
            rate=aws.rate_of(session),
            journal=book,
            listener=means.listener,
        )


def _journal(proposal: Proposal, path: Path | None) -> AbstractContextManager[Journal | None]:
    if path is None:
        return nullcontext()
    occasion = Occasion(
        account=proposal.caller.account,
        caller=proposal.caller.arn,
        plan=proposal.plan.digest,
        commit=proposal.checkout.commit,
    )
    return journal.opened(path, occasion)
