"""What a cycle does with its proposal: apply it, or only look."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import boto3

from iamsync.apply import Closed, always_open
from iamsync.core.report import Report
from iamsync.delivery import Destinations
from iamsync.delivery.credentials_csv import file_in
from iamsync.journal import Run
from iamsync.reconcile import Means, Proposal, carry_out, refuse

NO_PLACES = Destinations(csv=None)
"""No place but that of the CSV files."""


class Way(Protocol):
    """How all cycles of a loop end."""

    @property
    def journal(self) -> Path | None:
        """The file in which each cycle leaves its lines."""

    def closed(self) -> Closed | None:
        """Why this process may not write all that a cycle proposes, if so."""

    def destinations(self, now: datetime) -> Destinations | None:
        """Where the new passwords and access keys of a cycle go; None if the cycle makes none."""

    def end(
        self, proposal: Proposal, session: boto3.Session, destinations: Destinations | None, run: Run
    ) -> Report | None:
        """What was done; None if nothing ever is. Raises PlanRefused when a guard refuses."""


@dataclass(frozen=True, slots=True)
class Applying:
    """Each cycle applies what it proposes, by these means. Secrets go to a new file in the folder `csv`, or the other
    `places`; without one they are not made.
    """

    means: Means
    csv: Path | None
    places: Destinations

    @property
    def journal(self) -> Path | None:
        """As the means say."""
        return self.means.journal

    def closed(self) -> Closed | None:
        """As the means say."""
        return self.means.gate()

    def destinations(self, now: datetime) -> Destinations:
        """A new file for each cycle."""
        return replace(self.places, csv=None if self.csv is None else file_in(self.csv, now))

    def end(self, proposal: Proposal, session: boto3.Session, destinations: Destinations | None, run: Run) -> Report:
        """Apply it."""
        return carry_out(proposal, session, destinations=destinations or NO_PLACES, means=self.means, run=run)


@dataclass(frozen=True, slots=True)
class Looking:
    """No cycle changes anything; each reports what it would do, as `plan` does."""

    journal: None = None

    def closed(self) -> None:
        """Nothing is written anyway."""
        return always_open()

    def destinations(self, _: datetime) -> None:
        """Nothing is delivered."""

    def end(self, proposal: Proposal, *_: object) -> None:
        """Report a refusal, and no more."""
        refuse(proposal)
