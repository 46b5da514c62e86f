"""The command that takes a snapshot of an account, and how a plan is made from one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from iamsync import aws
from iamsync.cli.options import DONE, Desired, now
from iamsync.errors import PlanRefused
from iamsync.reconcile import Consent, Proposal, propose, propose_from, take_snapshot
from iamsync.render import screen
from iamsync.render.line import line
from iamsync.snapshot import read, refusals, write
from iamsync.source import Folder


def snapshot(
    desired_dir: Desired = Path("desired"),
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", envvar="IAMSYNC_OUT", help="Where the snapshot is written (mode 0600)."),
    ],
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            envvar="IAMSYNC_ALL",
            help="The whole account. Otherwise what the files name or own, and what has a part in it.",
        ),
    ] = False,
) -> int:
    """Save what planning reads of the account, for plan --live on a machine without credentials. Changes nothing."""
    found = take_snapshot(Folder(desired_dir).current(), aws.open_session(), now=now(), complete=everything)
    write(found, out)
    unnamed = found.unnamed
    kinds = (
        ("users", found.users, unnamed.users),
        ("groups", found.groups, unnamed.groups),
        ("policies", found.policies, unnamed.policies),
    )
    counts = ", ".join(f"{len(named)} of {len(named) + len(rest)} {kind}" for kind, named, rest in kinds)
    screen.result([line(f"Snapshot of account {found.account}: {counts}. Written to {out}.")])
    return DONE


def proposed(source: Folder, moment: datetime, consent: Consent, *, live: Path | None, aws_checks: bool) -> Proposal:
    """The plan from the account, or from a snapshot, the file `live`. Raises SnapshotError, and as `propose`."""
    if live is None:
        return propose(source.current(), aws.open_session(), now=moment, consent=consent, aws_checks=aws_checks)
    if aws_checks:
        raise typer.BadParameter("--aws-checks asks AWS, and --live does not", param_hint="--live")
    found = read(live)
    if refused := [*refusals(found, live, moment)]:
        raise PlanRefused(refused)
    return propose_from(found, source.current(), now=moment, consent=consent)
