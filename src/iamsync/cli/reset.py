"""The command that gives somebody another password: `reset-password`."""

from pathlib import Path
from typing import Annotated

import typer

from iamsync import aws, dumps
from iamsync.cli.account import agreed, carried_out
from iamsync.cli.delivery_options import Csv, DeliveryCommand, DeliveryEnv, DeliveryTimeout, Sealed
from iamsync.cli.means import means_of, places_of, program_of
from iamsync.cli.options import Desired, JournalFile, PatienceTime, Verbose, Yes, now
from iamsync.journal import recorded
from iamsync.reconcile import Proposal
from iamsync.resetting import propose_reset
from iamsync.source import Folder


def reset_password(  # noqa: PLR0913 - a command has the options it has
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Users: aiko, or user/aiko.")],
    desired_dir: Desired = Path("desired"),
    *,
    yes: Yes = False,
    verbose: Verbose = False,
    csv: Csv = None,
    sealed: Sealed = None,
    delivery_command: DeliveryCommand = None,
    delivery_env: DeliveryEnv = None,
    delivery_timeout: DeliveryTimeout = "60s",
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Give users another console password, delivered as their first one, and change nothing else."""
    means = means_of(aws.CONCURRENT_WRITES, patience, journal)
    session, source = aws.open_session(), Folder(desired_dir)
    command = program_of(delivery_command, delivery_env, delivery_timeout)
    destinations = places_of(csv=csv, sealed=sealed, command=command, now=now())
    dumps.disable()
    with recorded(means.journal) as run:

        def planned() -> Proposal:
            checkout = source.current()
            run.learned(commit=checkout.commit)
            return propose_reset(checkout, session, names, now=now(), destinations=destinations)

        proposal = agreed(planned, run, yes=yes, verbose=verbose)
        return carried_out(proposal, session, means, destinations, run)
