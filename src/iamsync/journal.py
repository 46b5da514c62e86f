"""The audit journal: a line of JSON before each call is sent, one when it has ended, and one at the end of each run.

Each is on the disk before its subject goes on: a call that was sent is in the journal even when the process is killed
before the answer. Whoever rotates the file may: each run opens it again, so logrotate needs neither a signal nor
`copytruncate`. Only whoever runs iamsync may read it (0600), and a link is not followed.
"""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from iamsync import __version__
from iamsync.core.action import Action
from iamsync.core.arn import Account, Arn
from iamsync.core.change import removed_text
from iamsync.core.inert import inert_json
from iamsync.core.plan_data import old_data
from iamsync.core.report import Outcome, Report, Status
from iamsync.errors import IamsyncError, JournalError, PlanRefused

_ROOM = 64 * 1024
"""Bytes that must be free before the first call: some dozens of lines."""

_DEVICES: Final = Path("/dev")
"""Where links are the system's own (/dev/stdout in a container), and what they lead to has the mode it has."""

_FOR_OTHERS: Final = 0o077
"""The bits of a mode that let anybody but the owner in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What all lines of one run have in common: where, by whom, which plan, from which commit of the files, which run.
    None is what is not known yet.
    """

    account: Account | None = None
    caller: Arn | None = None
    plan: str | None = None
    commit: str | None = None
    run: str = ""

    def entry(self, event: str) -> dict[str, object]:
        """How each line begins."""
        return {
            "time": datetime.now(tz=UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "run": self.run,
            "version": __version__,
            "account": self.account.id if self.account else None,
            "caller": self.caller,
            "plan": self.plan,
            "commit": self.commit,
        }


class Run:
    """One run, from its first look to its end, as its last line will say it."""

    def __init__(self) -> None:
        self.occasion = Occasion(run=token_hex(4))
        self._result = ""
        self._why = ""
        self._counts: dict[str, int] = {}

    def learned(
        self, *, account: Account | None = None, caller: Arn | None = None, plan: str | None = None, commit: str | None
    ) -> None:
        """What has become known of the run."""
        self.occasion = replace(self.occasion, account=account, caller=caller, plan=plan, commit=commit)

    def ended(self, report: Report, *, held_back: int) -> None:
        """The run has come to its end."""
        self._counts = {**{status.value: report.count(status) for status in Status}, "held_back": held_back}
        if report.outcomes:
            self._result = "interrupted" if report.interrupted else "applied" if report.complete else "failed"
        else:
            self._result = "held back" if held_back else "in sync"

    def declined(self) -> None:
        """A person has not agreed to the plan."""
        self._result = "declined"

    def broken_off(self, error: BaseException) -> None:
        """The run has ended in an error. What nobody foresaw is named, and not quoted."""
        match error:
            case _ if self._result:
                pass
            case PlanRefused(reasons=reasons):
                self._result, self._why = "refused", "; ".join(reasons)
            case KeyboardInterrupt():
                self._result = "interrupted"
            case IamsyncError():
                self._result, self._why = "error", "; ".join(str(error).splitlines())
            case _:
                self._result, self._why = "error", type(error).__name__

    def entry(self) -> dict[str, object]:
        """The line of the run."""
        return {**self.occasion.entry("run"), "result": self._result or "error", "why": self._why, **self._counts}


@contextmanager
def recorded(path: Path | None) -> Iterator[Run]:
    """A run that leaves one line in the journal at `path` when it ends, however that is.

    Raises JournalError when a run that has come to its end cannot be written down.
    """
    run = Run()
    try:
        yield run
    except BaseException as error:
        run.broken_off(error)
        with suppress(JournalError):  # there is a more important error
            _append_run(path, run)
        raise
    _append_run(path, run)


def _append_run(path: Path | None, run: Run) -> None:
    if path is not None:
        with opened(path, run.occasion) as journal:
            journal.end(run)


class Journal:
    """An open journal. Threads may share it."""

    def __init__(self, path: Path, descriptor: int, occasion: Occasion) -> None:
        self._path = path
        self._descriptor = descriptor
        self._occasion = occasion
        self._lock = threading.Lock()
        self._sent = 0
        # A pipe or a terminal (/dev/stdout in a container) has no end to look at and nothing to flush.
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def announce(self, action: Action) -> int:
        """Append that the call of `action` is about to be sent; its number in this run. Raises JournalError."""
        with self._lock:
            self._sent += 1
            self._append_entry({**self._occasion.entry("sent"), "call": self._sent, **_call(action)})
            return self._sent

    def write(self, outcome: Outcome, number: int) -> None:
        """Append what became of the call that was announced under `number`. Raises JournalError."""
        with self._lock:
            self._append_entry({**self._occasion.entry("call"), "call": number, **_ended(outcome)})

    def end(self, run: Run) -> None:
        """Append what became of the run. Raises JournalError."""
        with self._lock:
            self._append_entry(run.entry())

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

    def _append_entry(self, entry: dict[str, object]) -> None:
        self._append((inert_json(entry) + "\n").encode())  # the file may be a terminal, or the output of CI

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
    """The journal at `path`, which is for its owner alone (0600), whoever has made the file.

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


def _call(action: Action) -> dict[str, object]:
    """What is called, why, and what it replaces or removes."""
    removed = removed_text(action.change)
    return {
        "subject": action.subject,
        "verb": action.verb.value,
        "reason": str(action.reason) if action.reason else None,
        "operation": action.operation,
        "params": dict(action.params),
        "old": old_data(action.old),
        "removed": removed.render() if removed else "",
    }


def _ended(outcome: Outcome) -> dict[str, object]:
    call = _call(outcome.action)
    is_done = outcome.status is Status.DONE
    return {
        **call,
        "result": outcome.status.value,
        "why": outcome.why,
        "error": outcome.error_code,
        "request_id": outcome.request_id,
        "attempts": outcome.attempts,
        "seconds": outcome.seconds,
        "removed": call["removed"] if is_done else "",
    }


def _open(path: Path) -> int:
    is_device = path.parent == _DEVICES
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | (0 if is_device else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise JournalError(f"the journal {path} is a link, which is not followed: name the file itself") from None
        raise _unwritable(path, error) from None
    try:
        if not is_device:
            _close_to_others(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _close_to_others(descriptor: int, path: Path) -> None:
    """Take from others what the mode of an existing file gives them. Raises JournalError if that is refused."""
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or not found.st_mode & _FOR_OTHERS:
        return
    try:
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        mode = stat.S_IMODE(found.st_mode)
        why = f"has mode {mode:04o}, and mode 0600 cannot be set ({error.strerror})"
        raise JournalError(f"the journal {path} {why}: nothing is done without it") from None


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(f"the journal {path} cannot be written ({error.strerror}): nothing is done without it")


def _is_full(descriptor: int) -> bool:
    """Whether the disk has no room to speak of. A file system that does not know has no blocks at all."""
    disk = os.fstatvfs(descriptor)
    return disk.f_blocks > 0 and disk.f_bavail * disk.f_frsize < _ROOM


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
