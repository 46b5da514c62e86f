"""From the names of users who have lost their passwords to a plan that gives them others. Makes no write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import boto3

from iamsync import aws, live
from iamsync.aws.said import in_words
from iamsync.core import guard
from iamsync.core.hold import together
from iamsync.core.plan import Plan
from iamsync.core.reset import named, refused, reset
from iamsync.core.scope import Note
from iamsync.delivery import Destinations, RunContext
from iamsync.errors import PlanRefused
from iamsync.planning import sign_in_problems, trapped, undelivered
from iamsync.reconcile import Proposal, begun, carrier
from iamsync.source import Checkout


def propose_reset(
    checkout: Checkout, session: boto3.Session, names: Sequence[str], *, now: datetime, destinations: Destinations
) -> Proposal:
    """Plan another password for each of these users, and nothing else. `now` is aware, in UTC.

    Who would get one that cannot be delivered, or with which nobody can sign in, is held back; so is a user whose
    secrets go elsewhere than before. Raises what `propose` raises, and PlanRefused when a name is that of nobody who
    may get a password.
    """
    declaration, caller = begun(checkout, session)
    wanted = declaration.state(caller.account, now)
    iam = aws.reader(session)
    with in_words():
        bulk = live.read_in_bulk(iam, caller.account)
        if reasons := list(refused(names, wanted, bulk)):
            raise PlanRefused(reasons)
        mine = named(names, wanted)
        found = live.completed(iam, mine, bulk, at_once=aws.CONCURRENT_READS, now=now)
        plan_input, notes = reset(mine, found)
        plan = Plan.of(plan_input, holds=together(notes))
        traps = sign_in_problems(iam, plan, plan_input.desired, found)
        run = RunContext(account=caller.account, iam=iam, destinations=destinations)
        holds: list[Note] = [*notes, *trapped(traps), *undelivered(plan, run)]
        plan = replace(Plan.of(plan_input, holds=together(holds)), managed=len(mine.users))
        refusals = guard.lockouts(plan, found, carrier(iam, caller, plan))
    warnings = (*declaration.warnings, *(trap for trap in traps if trap.warning))
    return Proposal(plan=plan, refusals=refusals, warnings=warnings, checkout=checkout, caller=caller)
