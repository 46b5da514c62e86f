"""What stays on the disk of one repository: the commits at hand, and which of them is in force.

    LOCK              held as long as a loop uses the folder: two loops never share one
    state.json        the commit in force, and what is wrong since when
    COMMIT/           repository: the fetched objects; files: the desired state, written from them
    incoming-*/       a fetch that is under way, or that was killed

A commit appears under its name by one rename, and the one in force by another: whatever is killed, and when, the next
start finds the one before or the one after, whole. Nothing here is a secret, and nothing is read by anybody but us.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from iamsync.daemon.git.address import Address
from iamsync.daemon.git.remote import ID
from iamsync.daemon.versions import SourceState
from iamsync.errors import SourceError

_INCOMING: Final = "incoming-"
_STATE: Final = "state.json"
_AS_JSON: Final = TypeAdapter(SourceState)


class Store:
    """The folder of one address, below `folder`. Another repository, ref or path has another one."""

    def __init__(self, folder: Path, address: Address) -> None:
        """Take the folder. Raises SourceError if another process has it, or if it cannot be used."""
        named = repr((address.url, address.ref, address.folder))
        self.folder = folder.absolute() / hashlib.sha256(named.encode()).hexdigest()[:12]
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._lock = (self.folder / "LOCK").open("a")
        except OSError as error:
            raise SourceError(f"the folder {self.folder} cannot be used ({error.strerror}), see --state") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise SourceError(f"another process uses the folder {self.folder}: give each its own --state") from None

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()

    def load(self) -> SourceState:
        """What was saved last; a state that says nothing if that cannot be read, or if there is none."""
        try:
            state = _AS_JSON.validate_json((self.folder / _STATE).read_bytes())
        except (OSError, ValueError):
            return SourceState()
        return state if state.commit is None or ID.fullmatch(state.commit) else SourceState()

    def save(self, state: SourceState) -> None:
        """Keep a state, whole or not at all. Raises OSError."""
        new = self.folder / f"{_STATE}.new"
        with new.open("wb") as file:
            file.write(_AS_JSON.dump_json(state))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / _STATE)
        _sync(self.folder)

    def repository(self, commit: str) -> Path:
        """Where the objects of a commit are."""
        return self.folder / commit / "repository"

    def files(self, commit: str) -> Path:
        """Where the files of a commit are."""
        return self.folder / commit / "files"

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A new folder for a fetch, which is gone after the block unless it was kept. Raises SourceError."""
        try:
            folder = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=self.folder))
        except OSError as error:
            raise SourceError(f"the folder {self.folder} cannot be written ({error.strerror})") from None
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, incoming: Path, commit: str) -> None:
        """Give a fetched commit its name. Raises SourceError."""
        try:
            shutil.rmtree(self.folder / commit, ignore_errors=True)
            incoming.rename(self.folder / commit)
            _sync(self.folder)
        except OSError as error:
            raise SourceError(f"the folder {self.folder} cannot be written ({error.strerror})") from None

    def keep_only(self, commits: Collection[str | None]) -> None:
        """Remove all other commits, and what fetches have left that were killed."""
        with suppress(OSError):
            for entry in list(self.folder.iterdir()):
                if entry.is_dir() and entry.name not in commits:
                    shutil.rmtree(entry, ignore_errors=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
