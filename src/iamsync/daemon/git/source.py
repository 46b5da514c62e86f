"""The newest good commit of a repository elsewhere; while it cannot be had, the last good one."""

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from iamsync.daemon.git.address import Address
from iamsync.daemon.git.commit import read_commit
from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.daemon.git.remote import Known, Newest, fetch, newest
from iamsync.daemon.git.signature import refuse_unsigned
from iamsync.daemon.git.store import Store
from iamsync.daemon.git.tree import write_tree
from iamsync.daemon.versions import FetchFailure, RefusedCommit, SourceState
from iamsync.desired.files import fingerprint
from iamsync.errors import SourceError
from iamsync.source import Checkout

FIRST_DELAY: Final = 30.0
LONGEST_DELAY: Final = 900.0
"""Seconds after which a remote that has failed is asked again: the first after one failure, then twice as long for each
one more, up to the longest.
"""

_REASONS: Final = 20
"""How many sentences are kept of a commit that is wrong in many places."""

_log = logging.getLogger("iamsync.source")


def _report(commit: str | None, why: str) -> None:
    """A line in the log that something is wrong with what is on this machine."""
    _log.log(logging.ERROR, "source", extra={"fields": {"commit": commit, "why": why}})


def _text(words: str) -> str:
    """The words with names that are no Unicode spelled out: a state must be fit to be written down."""
    return words.encode("utf-8", "backslashreplace").decode("utf-8")


def _utc() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a commit must meet. With `signers`, a file of allowed signers, only commits that they have signed are used,
    the one in force included. `accepted` is the id of a commit that may be in force although it does not come after the
    one that is. The `bounds` are for one fetch and for the files of one commit.
    """

    signers: Path | None = None
    accepted: str | None = None
    bounds: Bounds = field(default_factory=Bounds)


ANY: Final = Conditions()
"""Any commit that comes after the one in force."""


class GitSource:
    """The files of a repository, as `iamsync.daemon.versions.Versions` says it. One thread uses it; any may read
    `state`.

    A commit is at hand when its files are on the disk, and in force when a cycle has accepted them. `now` gives the
    time, `ticks` seconds of a clock that only grows.
    """

    def __init__(
        self,
        address: Address,
        folder: Path,
        conditions: Conditions = ANY,
        *,
        now: Callable[[], datetime] = _utc,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the last good commit from the disk. Raises SourceError if the folder cannot be used."""
        self._address = address
        self._signers = conditions.signers
        self._accepted = conditions.accepted
        self._bounds = conditions.bounds
        self._now = now
        self._ticks = ticks
        self._store = Store(folder, address)
        self._at_hand: dict[str, str] = {}
        self._verified: set[str] = set()
        self._newest: str | None = None
        self._hopeless: dict[str, RefusedCommit] = {}
        self._next_try = float("-inf")
        self.state: SourceState = self._store.load()
        self._restore()

    def close(self) -> None:
        """Let another process use the folder."""
        self._store.close()

    def current(self) -> Checkout:
        """The newest commit at hand that may be used, or the one in force. Asks the remote, unless it has failed.

        Raises SourceError if there is neither.
        """
        self._look()
        why = ""
        for commit in dict.fromkeys((self._newest, self.state.commit)):
            if commit is None or commit not in self._at_hand:
                continue
            try:
                self._verify(commit)
            except CommitRefused as refusal:
                why = refusal.why
                if commit != self.state.commit:
                    self._note_refused(commit, (why,), self._date_of(commit))
                continue
            return self._checkout(commit)
        raise SourceError(f"no commit can be in force: {why or self._why_none()}")

    def hurry(self) -> None:
        """Ask the remote at the next look, whatever it said before."""
        self._next_try = float("-inf")

    def accept(self, checkout: Checkout) -> None:
        """Put a commit in force, and remove what is no longer needed."""
        commit, before = checkout.commit, self.state
        refused = None if commit == self._newest else before.refused
        if commit == before.commit and refused == before.refused:
            return
        since = before.since if commit == before.commit else self._now()
        date = before.committed if commit == before.commit else self._date_of(commit or "")
        self._become(replace(before, commit=commit, committed=date, since=since, refused=refused))
        self._keep_only(commit, self._newest)

    def refuse(self, checkout: Checkout, why: Sequence[str]) -> Checkout | None:
        """Leave the commit in force that is: its files. None if there is no other."""
        commit = checkout.commit
        if commit is None or commit == self.state.commit:
            return None
        root = f"{self._store.files(commit)}/"
        self._note_refused(commit, [one.replace(root, "") for one in why], self._date_of(commit))
        in_force = self.state.commit
        if in_force is None or in_force not in self._at_hand:
            return None
        try:
            self._verify(in_force)
        except CommitRefused as refusal:
            raise SourceError(f"no commit can be in force: {refusal.why}") from None
        return self._checkout(in_force)

    def _checkout(self, commit: str) -> Checkout:
        """The files, which are as they were written: whatever cleans up old files may have been here."""
        path = self._path(commit)
        if fingerprint(path) != self._at_hand[commit]:
            _report(commit, f"files in {path} were changed or removed by another program: they are written again")
            self._write(commit)
        return Checkout(path=path, commit=commit)

    def _path(self, commit: str) -> Path:
        return self._store.files(commit) / self._address.folder

    def _write(self, commit: str) -> None:
        """Bring the files of a commit on the disk to hand. Raises SourceError or CommitRefused."""
        self._at_hand.pop(commit, None)
        shutil.rmtree(self._store.files(commit), ignore_errors=True)
        path = self._path(commit)
        write_tree(self._store.repository(commit), commit, self._address.folder, self._bounds, path)
        self._at_hand[commit] = fingerprint(path)

    def _keep_only(self, *commits: str | None) -> None:
        self._at_hand = {one: found for one, found in self._at_hand.items() if one in commits}
        self._store.keep_only(commits)

    def _restore(self) -> None:
        """Write the files of the commit in force again, for the process before may have been killed at any moment."""
        commit = self.state.commit
        self._store.keep_only({commit})
        if commit is None:
            return
        try:
            self._write(commit)
        except (SourceError, CommitRefused) as error:
            _report(commit, str(error))

    def _look(self) -> None:
        """Bring the newest commit here, if it is another one."""
        if self._ticks() < self._next_try:
            return
        try:
            looked = newest(self._address, self._bounds, self._store.folder)
            if looked.commit in self._hopeless:
                self._newest = None
                self._note(self._hopeless[looked.commit])
            elif looked.commit in self._at_hand:
                self._newest = looked.commit
            else:
                self._newest = self._fetched(looked)
        except SourceError as error:
            self._note_failure(str(error))
            return
        recovered = self.state.failure is not None
        self.state = replace(self.state, failure=None, looked=self._now())
        if recovered:
            self._become(self.state)

    def _fetched(self, looked: Newest) -> str | None:
        """The commit that is now at hand; None if it can never be used as it is."""
        with self._store.incoming() as incoming:
            repository, files = incoming / "repository", incoming / "files" / self._address.folder
            try:
                commit = fetch(
                    self._address, looked, Known(self.state.commit, self._accepted), self._bounds, repository
                )
                write_tree(repository, commit, self._address.folder, self._bounds, files)
            except CommitRefused as refusal:
                date = read_commit(repository, refusal.commit, self._bounds).committed
                self._hopeless = {looked.commit: self._note_refused(refusal.commit, (refusal.why,), date)}
                return None
            if commit in self._at_hand:
                return commit  # somebody has pushed since the look, and it is the one in force
            self._store.keep(incoming, commit)
        self._at_hand[commit] = fingerprint(self._path(commit))
        self._keep_only(commit, self.state.commit)
        return commit

    def _verify(self, commit: str) -> None:
        """Raise CommitRefused if the commit must be signed and is not. While that cannot be found out, what was
        verified before stays so.
        """
        if self._signers is None:
            return
        try:
            refuse_unsigned(read_commit(self._store.repository(commit), commit, self._bounds), self._signers)
        except SourceError as error:
            if commit not in self._verified:
                raise CommitRefused(commit, str(error)) from None
            _report(commit, str(error))
        else:
            self._verified.add(commit)

    def _date_of(self, commit: str) -> datetime | None:
        try:
            return read_commit(self._store.repository(commit), commit, self._bounds).committed
        except SourceError:
            return None

    def _note_refused(self, commit: str, why: Sequence[str], date: datetime | None) -> RefusedCommit:
        before = self.state.refused
        since = before.since if before and before.commit == commit else self._now()
        refused = RefusedCommit(commit=commit, why=tuple(map(_text, why[:_REASONS])), since=since, committed=date)
        self._note(refused)
        return refused

    def _note(self, refused: RefusedCommit) -> None:
        if refused != self.state.refused:
            self._become(replace(self.state, refused=refused))

    def _note_failure(self, why: str) -> None:
        before = self.state.failure
        count = before.count + 1 if before else 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(count - 1, 10))
        self._next_try = self._ticks() + delay
        now = self._now()
        since = before.since if before else now
        failure = FetchFailure(why=_text(why), since=since, count=count, next_try=now + timedelta(seconds=delay))
        self._become(replace(self.state, failure=failure))

    def _become(self, state: SourceState) -> None:
        """Take a state, and keep it on the disk. A full disk is reported, and stops nothing."""
        self.state = state
        try:
            self._store.save(state)
        except OSError as error:
            why = (
                f"{self._store.folder} cannot be written ({error.strerror}): after a restart, the commit before counts"
            )
            _report(state.commit, why)

    def _why_none(self) -> str:
        state = self.state
        if state.refused is not None and self._newest is None and state.failure is None:
            return "; ".join(state.refused.why)
        if state.failure is not None:
            return f"{state.failure.why}; tried again at {state.failure.next_try:%H:%M:%S} UTC"
        return f"the files of commit {state.commit} are lost"
