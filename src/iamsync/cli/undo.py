"""The command that takes a run back: `undo`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from iamsync import aws, dumps
from iamsync import history as journals
from iamsync.cli.account import agreed, carried_out
from iamsync.cli.journals import Journals
from iamsync.cli.means import means_of
from iamsync.cli.options import DONE, REFUSED, AllowRemovals, Desired, PatienceTime, Verbose, Yes, now
from iamsync.cli.output import show_text, shown_of, warn
from iamsync.delivery import Destinations
from iamsync.history import RunRecord
from iamsync.journal import recorded
from iamsync.reconcile import Proposal
from iamsync.render import screen
from iamsync.render.history import unreadable_lines
from iamsync.render.line import Line, line
from iamsync.render.text import refusal_lines
from iamsync.source import DIRTY, Folder
from iamsync.undoing import propose_undo, run_to_undo


def undo(  # noqa: PLR0913 - a command has the options it has
    desired_dir: Desired = Path("desired"),
    *,
    journal: Journals,
    run_id: Annotated[
        str,
        typer.Option("--run", metavar="ID", envvar="IAMSYNC_RUN", help="The run. [default: the last that made a call]"),
    ] = "",
    plan_only: Annotated[
        bool, typer.Option("--plan", envvar="IAMSYNC_PLAN", help="Show the plan, and change nothing.")
    ] = False,
    yes: Yes = False,
    verbose: Verbose = False,
    allow_removals: AllowRemovals = None,
    patience: PatienceTime = "2m",
) -> int:
    """Take back what a run did, as its journal says: a plan like any other. The last journal gets the new calls."""
    found = journals.read(journal)
    if found.unreadable:
        screen.message(unreadable_lines(found))
    taken_back = run_to_undo(found.runs, run_id)
    session, source, moment = aws.open_session(), Folder(desired_dir), now()
    screen.message(_words(taken_back))

    def planned() -> Proposal:
        return propose_undo(source.current(), session, taken_back, now=moment, removals=allow_removals)

    if plan_only:
        return _shown(planned(), verbose=verbose)
    means = means_of(aws.CONCURRENT_WRITES, patience, journal[-1])
    dumps.disable()
    with recorded(means.journal) as run:
        proposal = agreed(planned, run, yes=yes, verbose=verbose)
        return carried_out(proposal, session, means, Destinations(csv=None), run)


def _words(run: RunRecord) -> Iterator[Line]:
    """Which run, and that the files still want what it did."""
    yield line(f"Run {run.run} of {run.time:%Y-%m-%dT%H:%M:%SZ}, by {run.caller or 'nobody known'}:")
    again = "The next apply does the same again, unless the files are reverted first"
    commit = (run.commit or "").removesuffix(DIRTY)
    if commit:
        yield line(("warning: ", "yellow"), f"{again}. They were at commit {commit}: git revert {commit}")
    else:
        yield line(("warning: ", "yellow"), f"{again}. The journal does not say of which commit they were")


def _shown(proposal: Proposal, *, verbose: bool) -> int:
    """The exit code of a plan that is only shown."""
    warn(proposal.warnings)
    show_text(shown_of(proposal, verbose=verbose))
    if proposal.refusals:
        screen.message(refusal_lines(proposal.refusals))
    return REFUSED if proposal.refusals or proposal.plan.held_back else DONE
