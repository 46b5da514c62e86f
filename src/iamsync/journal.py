"""The audit journal: one line of JSON for each call that was made, on the disk before its subject's next call.

Whoever rotates it may: each run opens the file again, so logrotate needs neither a signal nor `copytruncate`.
"""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from iamsync.core.arn import Account, Arn
from iamsync.core.change import removed_text
from iamsync.core.inert import inert_json
from iamsync.core.plan import Outcome, Status
from iamsync.errors import JournalError

_ROOM = 64 * 1024
"""Bytes that must be free before the first call: some dozens of lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What all lines of one run have in common: where, by whom, which plan, from which commit of the files."""

    account: Account
    caller: Arn
    plan: str
    commit: str | None


class Journal:
    """An open journal. Threads may share it."""

    def __init__(self, path: Path, descriptor: int, occasion: Occasion) -> None:
        self._path = path
        self._descriptor = descriptor
        self._occasion = occasion
        self._lock = threading.Lock()
        # A pipe or a terminal (/dev/stdout in a container) has no end to look at and nothing to flush.
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def write(self, outcome: Outcome) -> None:
        """Append what became of one call. Raises JournalError."""
        line = inert_json(_entry(self._occasion, outcome)) + "\n"  # the file may be a terminal, or the output of CI
        with self._lock:
            self._append(line.encode())

    def start(self) -> None:
        """Begin a line of our own, even if a crash, or a full disk, cut the last one off. Raises JournalError where
        there is no room: that a file can be opened does not mean that anything can be written to it.
        """
        with self._lock:
            self._refuse_full()
            if self._is_file and not _ends_with_a_line(self._descriptor):
                self._append(b"\n")

    def _refuse_full(self) -> None:
        try:
            os.write(self._descriptor, b"")  # a device may refuse even that
        except OSError as error:
            raise _unwritable(self._path, error) from None
        if self._is_file and _is_full(self._descriptor):
            raise _unwritable(self._path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _append(self, line: bytes) -> None:
        try:
            written = os.write(self._descriptor, line)
            if self._is_file:
                os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self._path, error) from None
        if written < len(line):
            raise JournalError(f"the journal {self._path} cannot be written (only a part of a line fitted)")


@contextmanager
def opened(path: Path, occasion: Occasion) -> Iterator[Journal]:
    """The journal at `path`: a new file is for its owner alone (0600), an existing one keeps its mode.

    Raises JournalError when it cannot be written.
    """
    descriptor = _open(path)
    try:
        journal = Journal(path, descriptor, occasion)
        journal.start()
        yield journal
    finally:
        os.close(descriptor)


def refuse_unwritable(path: Path) -> None:
    """Raise JournalError unless `path` can be appended to."""
    os.close(_open(path))


def _entry(occasion: Occasion, outcome: Outcome) -> dict[str, object]:
    action = outcome.action
    removed = removed_text(action.change)
    return {
        "time": datetime.now(tz=UTC).isoformat(timespec="milliseconds"),
        "account": occasion.account.id,
        "caller": occasion.caller,
        "plan": occasion.plan,
        "commit": occasion.commit,
        "subject": action.subject,
        "verb": action.verb.value,
        "operation": action.operation,
        "params": dict(action.params),
        "result": outcome.status.value,
        "why": outcome.why,
        "error": outcome.error_code,
        "request_id": outcome.request_id,
        "attempts": outcome.attempts,
        "seconds": outcome.seconds,
        "removed": removed.render() if removed and outcome.status is Status.DONE else "",
    }


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(f"the journal {path} cannot be written ({error.strerror}): nothing is done without it")


def _is_full(descriptor: int) -> bool:
    """Whether the disk has no room to speak of. A file system that does not know has no blocks at all."""
    disk = os.fstatvfs(descriptor)
    return disk.f_blocks > 0 and disk.f_bavail * disk.f_frsize < _ROOM


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
