"""The commands that look at an AWS account, and those that change it once: `plan`, `apply`, `release`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import boto3
import typer

from iamsync import aws, dumps, saved
from iamsync.cli.consent import adoptions, consent_to
from iamsync.cli.delivery_options import Csv, DeliveryCommand, DeliveryEnv, DeliveryTimeout, Sealed
from iamsync.cli.means import means_of, places_of, program_of
from iamsync.cli.options import (
    CHANGES,
    DONE,
    ERROR,
    INTERRUPTED,
    REFUSED,
    Adopt,
    AdoptAll,
    AllowRemovals,
    AnnotationsWanted,
    AwsChecks,
    Desired,
    ExpectDigest,
    JournalFile,
    Live,
    MaxAge,
    OnlyThese,
    Outputs,
    Parallel,
    PatienceTime,
    PlanFormats,
    RemoveDeny,
    SavedPlanFile,
    SaveTo,
    Verbose,
    Yes,
    now,
    plan_outputs,
    seconds,
)
from iamsync.cli.output import is_annotated, show_plan, show_text, shown_of, tell_runner, tell_runner_of, warn
from iamsync.cli.reviewed import review, to_save
from iamsync.cli.snapshot import proposed
from iamsync.core.part import Only
from iamsync.core.report import Outcome, Report
from iamsync.delivery import Destinations
from iamsync.errors import DesiredStateError, PlanRefused
from iamsync.journal import Run, recorded
from iamsync.reconcile import Means, Proposal, carry_out, propose, propose_release
from iamsync.render import annotations, screen
from iamsync.render.delivery import receipt_lines
from iamsync.render.difference import difference, reviewed_calls
from iamsync.render.line import line
from iamsync.render.text import problem_count, refusal_lines, report_lines
from iamsync.source import Folder


def plan(  # noqa: PLR0913 - a command has the options it has
    desired_dir: Desired = Path("desired"),
    *,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", envvar="IAMSYNC_DETAILED_EXITCODE", help="Exit with 2 when changes are pending."
        ),
    ] = False,
    form: PlanFormats = None,
    output: Outputs = None,
    out: SaveTo = None,
    annotated: AnnotationsWanted = None,
    verbose: Verbose = False,
    unmanaged: Annotated[
        bool,
        typer.Option(
            "--unmanaged",
            envvar="IAMSYNC_UNMANAGED",
            help="Name the users, policies and groups that are left alone, administrators first.",
        ),
    ] = False,
    adopt: Adopt = None,
    adopt_all: AdoptAll = False,
    remove_deny: RemoveDeny = None,
    allow_removals: AllowRemovals = None,
    aws_checks: AwsChecks = False,
    only: OnlyThese = None,
    live: Live = None,
) -> int:
    """Show what `apply` would change. Changes nothing itself."""
    outputs, moment = plan_outputs(form, output), now()
    consent = consent_to(adoptions(adopt, everything=adopt_all), remove_deny, allow_removals, only)
    try:
        proposal = proposed(Folder(desired_dir), moment, consent, live=live, aws_checks=aws_checks)
    except (DesiredStateError, PlanRefused) as error:
        if not is_annotated(annotated):
            raise
        return _annotated(error)
    if is_annotated(annotated):
        screen.annotate(annotations.of_problems(proposal.warnings), on_stdout=False)
    else:
        warn(proposal.warnings)
    shown = shown_of(proposal, verbose=verbose, unmanaged=unmanaged)
    show_plan(shown, outputs)
    tell_runner(shown)
    if out is not None and not proposal.refusals:
        saved.write(to_save(proposal, consent, moment), out)
    if is_annotated(annotated):
        screen.annotate(annotations.of_refusals(proposal.refusals), on_stdout=False)
        screen.annotate(annotations.of_notes(proposal.plan), on_stdout=False)
    elif proposal.refusals:
        screen.message(refusal_lines(proposal.refusals))
    if proposal.refusals or proposal.plan.held_back:
        return REFUSED
    return CHANGES if detailed_exitcode and proposal.plan.actions else DONE


def _annotated(error: DesiredStateError | PlanRefused) -> int:
    """The exit code of a plan that is not there; why, as annotations."""
    if isinstance(error, PlanRefused):
        screen.annotate(annotations.of_refusals(error.reasons), on_stdout=False)
        return REFUSED
    screen.annotate(annotations.of_problems(error.problems), on_stdout=False)
    screen.message([problem_count(error.problems)])
    return ERROR


def apply(  # noqa: PLR0913 - a command has the options it has
    plan_file: SavedPlanFile = None,
    desired_dir: Desired = Path("desired"),
    *,
    yes: Yes = False,
    verbose: Verbose = False,
    csv: Csv = None,
    sealed: Sealed = None,
    delivery_command: DeliveryCommand = None,
    delivery_env: DeliveryEnv = None,
    delivery_timeout: DeliveryTimeout = "60s",
    adopt: Adopt = None,
    adopt_all: AdoptAll = False,
    remove_deny: RemoveDeny = None,
    allow_removals: AllowRemovals = None,
    only: OnlyThese = None,
    expect_digest: ExpectDigest = None,
    max_age: MaxAge = "24h",
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Make the changes that `plan` shows. Asks for confirmation on a terminal, unless the plan was reviewed before."""
    means = means_of(parallel, patience, journal)
    consent = consent_to(adoptions(adopt, everything=adopt_all), remove_deny, allow_removals, only)
    age = seconds(max_age, "--max-age")
    reviewed = review(plan_file, expect_digest, consent=consent, now=now(), max_age=age)
    if reviewed is not None and reviewed.plan is not None:
        consent = replace(consent, only=Only(reviewed.plan.only))
    session = aws.open_session()
    command = program_of(delivery_command, delivery_env, delivery_timeout)
    destinations = places_of(csv=csv, sealed=sealed, command=command, now=now())
    dumps.disable()
    source = Folder(desired_dir)

    with recorded(means.journal) as run:

        def planned() -> Proposal:
            checkout = source.current()
            run.learned(commit=checkout.commit)
            return propose(checkout, session, now=now(), consent=consent, destinations=destinations)

        proposal = agreed(planned, run, yes=yes or reviewed is not None, verbose=verbose)
        if reviewed is not None:
            reviewed.refuse_others(proposal, has_place=None not in {destinations.csv, destinations.sealed})
        return carried_out(proposal, session, means, destinations, run)


def release(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Users, policies, groups: aiko, or group/ops.")],
    desired_dir: Desired = Path("desired"),
    *,
    yes: Yes = False,
    verbose: Verbose = False,
    journal: JournalFile = None,
) -> int:
    """Remove the ownership tag from users and policies, move groups back, and change nothing else."""
    means = means_of(aws.CONCURRENT_WRITES, "2m", journal)
    session = aws.open_session()
    source = Folder(desired_dir)
    with recorded(means.journal) as run:

        def planned() -> Proposal:
            checkout = source.current()
            run.learned(commit=checkout.commit)
            return propose_release(checkout, session, names)

        proposal = agreed(planned, run, yes=yes, verbose=verbose)
        return carried_out(proposal, session, means, Destinations(csv=Path()), run)


def agreed(planned: Callable[[], Proposal], run: Run, *, yes: bool, verbose: bool) -> Proposal:
    """What is shown, and may be done. Hours may pass before somebody answers, so then it is planned again.

    Raises Abort if the person at the terminal does not agree, PlanRefused if the plan has become another one.
    """
    proposal = planned()
    warn(proposal.warnings)
    shown = shown_of(proposal, verbose=verbose)
    show_text(shown)
    tell_runner(shown)
    is_question = proposal.plan.actions and not proposal.refusals and not yes and screen.can_ask()
    if not is_question:
        return proposal
    if not screen.ask("Apply this plan?"):
        run.declined()
        raise typer.Abort
    again = planned()
    if again.plan.digest != proposal.plan.digest:
        changed = difference(reviewed_calls(proposal.plan), reviewed_calls(again.plan))
        what_then = (
            "the account or the files have changed since the question: nothing was done, apply again to see the plan"
        )
        raise PlanRefused([*(f"changed plan: {words}" for words in changed), f"changed plan: {what_then}"])
    return again


def carried_out(proposal: Proposal, session: boto3.Session, means: Means, destinations: Destinations, run: Run) -> int:
    """The exit code of an apply."""
    heard: list[Outcome] = []
    try:
        with screen.progress(len(proposal.plan.actions)) as listener:

            def hear(outcome: Outcome) -> None:
                heard.append(outcome)
                listener(outcome)

            means = replace(means, listener=hear)
            report = carry_out(proposal, session, destinations=destinations, means=means, run=run)
    except Exception as error:
        if heard:
            screen.result([line(), *report_lines(Report(outcomes=tuple(heard)))])
        screen.message(line(note) for note in getattr(error, "__notes__", ()))
        raise
    try:
        if report.outcomes:
            screen.result([line(), *report_lines(report)])
            tell_runner_of(report)
    finally:
        if report.receipts:
            screen.message(receipt_lines(report.receipts))
    if report.interrupted:
        return INTERRUPTED
    if not report.complete:
        return ERROR
    return REFUSED if proposal.plan.held_back else DONE
