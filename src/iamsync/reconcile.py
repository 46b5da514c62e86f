"""The whole program: load, ask who we are, read, plan, guard; and then, only if asked, apply.

`plan` is `propose`; `apply` is `propose` and `carry_out`; `run` is that for ever. What only looks gets a client that
cannot write.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import boto3

from iamsync import aws, desired, live
from iamsync.apply import apply
from iamsync.core import guard, validate
from iamsync.core.guard import Refusal
from iamsync.core.model import Problem
from iamsync.core.plan import Plan, Report
from iamsync.delivery import channel
from iamsync.errors import DesiredStateError, PlanRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be done, and every reason not to."""

    plan: Plan
    refusals: tuple[Refusal, ...]
    warnings: tuple[Problem, ...]


def propose(root: Path, session: boto3.Session, *, now: datetime) -> Proposal:
    """Plan from the files below `root` to the live account. Makes no write; `now` is aware, in UTC.

    Raises DesiredStateError, AccountError, LiveStateError, or PlanRefused when it is the wrong account.
    """
    declaration = desired.load(root)
    caller = aws.caller(session)
    if refusal := guard.wrong_account(declaration.settings, caller.account):
        raise PlanRefused([str(refusal)])
    wanted = declaration.state(caller.account, now)
    if problems := sorted(validate.problems(wanted)):
        raise DesiredStateError(problems)
    with aws.in_words():
        found = live.read(aws.reader(session), wanted, at_once=aws.CONCURRENT_READS)
    plan = Plan.between(wanted, found)
    return Proposal(plan=plan, refusals=guard.refusals(plan, wanted, found), warnings=declaration.warnings)


def carry_out(proposal: Proposal, session: boto3.Session, *, csv: Path) -> Report:
    """Apply a proposal; passwords go to the new file `csv`.

    Raises PlanRefused when a guard refuses, DeliveryError when a secret could not be delivered; then nothing was done.
    """
    if proposal.refusals:
        raise PlanRefused([str(refusal) for refusal in proposal.refusals])
    if not proposal.plan.actions:
        return Report()
    with aws.in_words():
        delivery = channel(proposal.plan, aws.reader(session), csv)
    with delivery as way:
        return apply(proposal.plan, aws.writer(session), way)
