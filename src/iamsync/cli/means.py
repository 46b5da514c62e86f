"""What options say of how a plan is carried out, and of where new passwords and access keys go."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from iamsync.apply import Patience
from iamsync.cli.options import seconds
from iamsync.delivery import Destinations, Program
from iamsync.delivery.credentials_csv import file_for
from iamsync.journal import refuse_unwritable
from iamsync.reconcile import Means
from iamsync.render import screen


def means_of(parallel: int, patience: str, journal: Path | None) -> Means:
    """How to apply. Raises JournalError before anything is begun."""
    if journal is not None:
        refuse_unwritable(journal)
    return Means(parallel=parallel, patience=Patience(total=seconds(patience, "--patience")), journal=journal)


def here() -> Path | None:
    """The current folder, where somebody is at a terminal to find what is put there."""
    return Path() if screen.can_ask() else None


def program_of(name: str | None, environment: Sequence[str] | None, timeout: str) -> Program | None:
    """The program that delivers, if one is named."""
    if name is None:
        return None
    return Program(name=name, environment=tuple(environment or ()), seconds=seconds(timeout, "--delivery-timeout"))


def places_of(*, csv: Path | None, sealed: Path | None, command: Program | None, now: datetime) -> Destinations:
    """Where one run delivers: the places that are named, or the current folder on a terminal."""
    folder = csv or here()
    file = None if folder is None else file_for(folder, now)
    return Destinations(csv=file, sealed=sealed or here(), command=command)
