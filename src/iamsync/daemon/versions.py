"""What a source that keeps the last good commit says of itself, and what the loop asks of it beside the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from iamsync.source import Checkout, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCommit:
    """The newest commit, which is not in force: why, a sentence each, and since when (aware, in UTC). `committed` is
    the commit's own date, if it is known.
    """

    commit: str
    why: tuple[str, ...]
    since: datetime
    committed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """The remote cannot be asked: why, since when, how many fetches in a row have failed, and before which moment no
    other is tried (aware, in UTC).
    """

    why: str
    since: datetime
    count: int
    next_try: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Where a source stands. `commit` is in force since `since`; its own date is `committed`. `refused` is a newer one
    that is not. `failure` is there while the remote cannot be asked, and `looked` is when it last answered. All times
    are aware, in UTC.
    """

    commit: str | None = None
    committed: datetime | None = None
    since: datetime | None = None
    refused: RefusedCommit | None = None
    failure: FetchFailure | None = None
    looked: datetime | None = None


@runtime_checkable
class Versions(Source, Protocol):
    """A source of commits, of which the last good one stays in force while a newer one is refused.

    Each cycle asks for the `current` files and says what became of them: `accept`, or `refuse`.
    """

    @property
    def state(self) -> SourceState:
        """Where it stands now. For any thread."""

    def accept(self, checkout: Checkout) -> None:
        """The files of this commit are good: it is in force from now on."""

    def refuse(self, checkout: Checkout, why: Sequence[str]) -> Checkout | None:
        """The files of this commit are not good. The files of the commit in force, if that is another one.

        Raises SourceError if that is refused, too.
        """

    def hurry(self) -> None:
        """Ask the remote in the next cycle, even if it has just failed. For any thread and any signal handler."""
