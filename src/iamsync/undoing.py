"""The reverse plan of a run: from a journal and the live account to a plan like any other. Makes no write."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import boto3

from iamsync import aws, live
from iamsync.aws.said import in_words
from iamsync.core import guard
from iamsync.core.arn import Account
from iamsync.core.model import Origin
from iamsync.core.part import Only
from iamsync.core.scope import Note
from iamsync.core.undo import Made, subject_of, undone
from iamsync.errors import JournalError, PlanRefused
from iamsync.history import UNKNOWN, Call, RunRecord
from iamsync.planning import Look, looked
from iamsync.reconcile import Proposal, begun, carrier
from iamsync.source import Checkout

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_CREATING: Final = frozenset({"create_user", "create_group", "create_policy"})
_CLOCKS_DIFFER: Final = timedelta(minutes=15)
"""The time of a call in the journal is this machine's; AWS has its own."""


def run_to_undo(runs: Sequence[RunRecord], run_id: str) -> RunRecord:
    """The run of that id, or the last one that made a call. Raises JournalError where there is none, or are two."""
    made = [run for run in runs if any(call.result in {"done", UNKNOWN} for call in run.calls.values())]
    found = [run for run in made if run.run == run_id] if run_id else made[-1:]
    if not found:
        known = ", ".join(run.run for run in made[-5:]) or "none"
        which = f"run {run_id}" if run_id else "run"
        raise JournalError(f"the journal has no {which} that made a call; the last ones that did: {known}")
    if len(found) > 1:
        raise JournalError(f"the journal has several runs {run_id}: it is not one that iamsync wrote")
    return found[0]


def propose_undo(
    checkout: Checkout, session: boto3.Session, run: RunRecord, *, now: datetime, removals: int | None = None
) -> Proposal:
    """Plan the way back from a run. `now` is aware, in UTC; `removals` is the limit of removals for this plan.

    Raises what `propose` raises, and PlanRefused where the run was in another account.
    """
    declaration, caller = begun(checkout, session)
    if run.account != caller.account.id:
        theirs = run.account or "an unknown account"
        raise PlanRefused(
            [f"wrong account: run {run.run} was in {theirs}, the credentials are for {caller.account.id}"]
        )
    calls = [one for _, one in sorted(run.calls.items()) if one.result in {"done", UNKNOWN}]
    iam = aws.reader(session)
    with in_words():
        others = dict(_others(iam, caller.account, calls))
        made = [one for one in map(_made, calls) if subject_of(one) not in others]
        marks = live.read_marks(iam, caller.account, at_once=aws.CONCURRENT_READS)
        way = undone(made, marks, declaration.settings, Origin(file=f"run {run.run}", line=0))
        look = Look(
            iam=iam,
            wanted=way.wanted,
            now=now,
            removals=removals,
            only=Only(way.subjects),
            destinations=None,
        )
        wanted, found, whole, part, traps = looked(look, {})
        plan = part if way.subjects else replace(part, actions=(), held_back=())
        plan = replace(plan, only=Only(), left_out=(), warnings=(*plan.warnings, *others.values(), *way.notes))
        refusals = guard.refusals(whole if way.subjects else plan, wanted, found, carrier(iam, caller, plan))
    warnings = (*declaration.warnings, *(trap for trap in traps if trap.warning))
    return Proposal(plan=plan, refusals=refusals, warnings=warnings, checkout=checkout, caller=caller)


def _made(call: Call) -> Made:
    return Made(operation=call.operation, params=call.params, old=call.old, removed=call.removed, verb=call.verb)


def _others(iam: "IAMClient", account: Account, calls: Sequence[Call]) -> Iterator[tuple[str, Note]]:
    """What the journal claims to be created by the run, and what has that name now is older or newer: another user,
    group or policy. Nothing is done to it.
    """
    for call in calls:
        if call.operation not in _CREATING:
            continue
        path, subject = call.params.get("Path"), subject_of(_made(call))
        created = live.creation(iam, account, subject, path if isinstance(path, str) else "/")
        if created is not None and abs(created - call.time) > _CLOCKS_DIFFER:
            text = f"not undone: what has this name now was created at {created:%Y-%m-%dT%H:%M:%SZ}, not by this run"
            yield subject, Note(subject=subject, text=text)
