"""A commit object: its date, and its signature apart from what was signed (gitformat-signature(5))."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from iamsync.daemon.git.program import Bounds, ProgramFailed, git
from iamsync.errors import SourceError

_COMMITTED = re.compile(rb"^committer .* (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_SIGNATURES = (b"gpgsig ", b"gpgsig-sha256 ")


class Commit(NamedTuple):
    """A commit: `payload` is what a `signature` of it covers, empty where it has none. The date is aware, in UTC."""

    id: str
    committed: datetime | None
    payload: bytes
    signature: bytes


def read_commit(repository: Path, commit: str, bounds: Bounds) -> Commit:
    """The commit with this id. Raises SourceError if the repository does not have it."""
    try:
        return parsed(commit, git(repository, "cat-file", "commit", commit, bounds=bounds))
    except ProgramFailed as error:
        raise SourceError(f"commit {commit} cannot be read from {repository} ({error})") from None


def parsed(commit: str, text: bytes) -> Commit:
    """The parts of a commit. Only a header counts as a signature, whatever the message says."""
    head, blank, message = text.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    is_signature = False
    for line in head.split(b"\n"):
        is_signature = line.startswith(_SIGNATURES) or (is_signature and line.startswith(b" "))
        if is_signature:
            signature.append(line.partition(b" ")[2])
        else:
            kept.append(line)
    found = _COMMITTED.search(head)
    return Commit(
        id=commit,
        committed=_moment(int(found[1])) if found else None,
        payload=b"\n".join(kept) + blank + message,
        signature=b"\n".join(signature) + b"\n" if signature else b"",
    )


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
