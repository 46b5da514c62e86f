"""The commands that look at an AWS account, and those that change it: `plan`, `apply`, `run`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import boto3
import typer
from rich.text import Text

from iamsync import aws
from iamsync.apply import Patience
from iamsync.cli.options import (
    CHANGES,
    DONE,
    ERROR,
    INTERRUPTED,
    REFUSED,
    Adopt,
    AllowRemovals,
    Csv,
    Desired,
    Format,
    JournalFile,
    Parallel,
    PatienceTime,
    ProblemFormat,
    Yes,
)
from iamsync.cli.talk import note, now, say, seconds, tell_problems, warn
from iamsync.delivery import Destinations
from iamsync.delivery.credentials_csv import file_for
from iamsync.errors import DesiredStateError
from iamsync.journal import refuse_unwritable
from iamsync.reconcile import Consent, Means, Proposal, carry_out, propose, propose_release
from iamsync.render.delivery import receipts_text
from iamsync.render.progress import progress
from iamsync.render.text import plan_text, refusals_text, report_text
from iamsync.source import Folder


def plan(
    desired_dir: Desired = Path("desired"),
    *,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", envvar="IAMSYNC_DETAILED_EXITCODE", help="Exit with 2 when changes are pending."
        ),
    ] = False,
    form: ProblemFormat = Format.TEXT,
    adopt: Adopt = None,
    allow_removals: AllowRemovals = None,
) -> int:
    """Show what `apply` would do. Writes nothing."""
    consent = Consent(adopt=frozenset(adopt or ()), removals=allow_removals)
    try:
        proposal = propose(Folder(desired_dir).current(), aws.open_session(), now=now(), consent=consent)
    except DesiredStateError as error:
        tell_problems(error.problems, form)
        return ERROR
    tell_problems(proposal.warnings, Format.TEXT if form is Format.JSON else form)
    say(plan_text(proposal.plan))
    if proposal.refusals:
        note(refusals_text(proposal.refusals))
        return REFUSED
    return CHANGES if detailed_exitcode and proposal.plan.actions else DONE


def apply(  # noqa: PLR0913 - a command has the options it has
    desired_dir: Desired = Path("desired"),
    *,
    yes: Yes = False,
    csv: Csv = Path(),
    adopt: Adopt = None,
    allow_removals: AllowRemovals = None,
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Bring the account to its desired state. Asks first on a terminal."""
    means = _means(parallel, patience, journal)
    session = aws.open_session()
    consent = Consent(adopt=frozenset(adopt or ()), removals=allow_removals)
    proposal = propose(Folder(desired_dir).current(), session, now=now(), consent=consent)
    return _shown_and_carried_out(proposal, session, means, yes=yes, csv=csv)


def release(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Users or policies: aiko, or policy/Deploy.")],
    desired_dir: Desired = Path("desired"),
    *,
    yes: Yes = False,
    journal: JournalFile = None,
) -> int:
    """Take the ownership mark off users and policies, and leave everything else as it is."""
    means = _means(aws.CONCURRENT_WRITES, "2m", journal)
    session = aws.open_session()
    proposal = propose_release(Folder(desired_dir).current(), session, names)
    return _shown_and_carried_out(proposal, session, means, yes=yes, csv=Path())


def _means(parallel: int, patience: str, journal: Path | None) -> Means:
    """How to apply. Raises JournalError before anything is begun."""
    if journal is not None:
        refuse_unwritable(journal)
    return Means(parallel=parallel, patience=Patience(total=seconds(patience, "--patience")), journal=journal)


def _shown_and_carried_out(proposal: Proposal, session: boto3.Session, means: Means, *, yes: bool, csv: Path) -> int:
    warn(proposal.warnings)
    say(plan_text(proposal.plan))
    if proposal.plan.actions and not proposal.refusals and not yes and sys.stdin.isatty():
        typer.confirm("Apply this plan?", abort=True, err=True)
    destinations = Destinations(csv=file_for(csv, now()))
    with progress(len(proposal.plan.actions)) as listener:
        report = carry_out(proposal, session, destinations=destinations, means=replace(means, listener=listener))
    try:
        if report.outcomes:
            say(Text())
            say(report_text(report))
    finally:
        if report.receipts:
            note(receipts_text(report.receipts))
    if report.interrupted:
        return INTERRUPTED
    if not report.complete:
        return ERROR
    return REFUSED if proposal.plan.held_back else DONE


def run(  # noqa: PLR0913 - as apply
    desired_dir: Desired = Path("desired"),
    *,
    every: Annotated[
        str, typer.Option(metavar="TIME", envvar="IAMSYNC_EVERY", help="Time between cycles: 30s, 5m, 1h.")
    ] = "5m",
    csv: Csv = Path(),
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Reconcile for ever: `apply` at once and then every few minutes, until SIGTERM or Ctrl-C."""
    from iamsync.daemon.cycle import Cycles  # noqa: PLC0415 - only the loop has any use for what these import
    from iamsync.daemon.loop import Loop  # noqa: PLC0415 - as above

    interval, means = seconds(every), _means(parallel, patience, journal)
    if not csv.is_dir():
        raise typer.BadParameter(f"{csv} is not a folder: each cycle that makes passwords writes a new file into it")
    cycles = Cycles(Folder(desired_dir), aws.open_session(), csv=csv, means=means)
    Loop(cycles.next, every=interval).run()
    return DONE
