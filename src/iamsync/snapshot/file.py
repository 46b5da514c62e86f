"""The file of a snapshot. Only its owner can read it (mode 0600): it holds no secret, but who can do what helps whoever
attacks the account.

The seal is no signature: it finds damage and edits by hand. Whoever can write the file can make a plan show what they
want, so take it from where the authors of a change cannot write; `apply` never reads it.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from iamsync import __version__
from iamsync.core.inert import inert_json
from iamsync.errors import OutputError, SnapshotError
from iamsync.snapshot.entries import Snapshot

VERSION: Final = 1
_KIND: Final = "iamsync snapshot"
_MOST_BYTES: Final = 256 * 1024 * 1024
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_AGAIN: Final = "take a new one (iamsync snapshot --out FILE)"


def write(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot to a file, which is replaced as a whole or not at all. Raises OutputError."""
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            raise OutputError(f"the snapshot cannot be written to {path}: it exists and is no file")
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".snapshot", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text_of(snapshot))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"the snapshot cannot be written to {path} ({why})") from error


def read(path: Path) -> Snapshot:
    """The snapshot in a file. Raises SnapshotError if it cannot be read, is none, or has been changed."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SnapshotError(f"the snapshot {path} cannot be read ({why})") from error
    return parsed(text, path)


def parsed(text: bytes, path: Path) -> Snapshot:
    """The snapshot in the text of a file. Raises SnapshotError if it is none, or has been changed."""
    content = _content(text, path)
    seal = content.pop("seal")
    for name in ("kind", "version", "tool"):
        content.pop(name, None)
    try:
        snapshot = Snapshot.model_validate(content)
    except (ValidationError, RecursionError) as error:
        raise _not_one(path) from error
    if seal != _seal(_written(snapshot)) or not snapshot.is_of_one_account:
        raise SnapshotError(f"{path} has been changed since iamsync wrote it: {_AGAIN}")
    return snapshot


def text_of(snapshot: Snapshot) -> str:
    """The text of the file."""
    written = _written(snapshot)
    head = {"kind": _KIND, "version": VERSION, "tool": __version__}
    return inert_json({**head, **written, "seal": _seal(written)}, indent=1) + "\n"


def refusals(snapshot: Snapshot, path: Path, now: datetime) -> Iterator[str]:
    """Why nothing is planned from a snapshot, whatever the files say."""
    if snapshot.taken > now + _CLOCKS_DIFFER:
        taken = snapshot.taken.astimezone(UTC).isoformat(timespec="seconds")
        yield f"snapshot from the future: {path} was taken at {taken}: check the clocks, then {_AGAIN}"


def _content(text: bytes, path: Path) -> dict[str, Any]:
    """The JSON of a snapshot of this version."""
    try:
        content = json.loads(text) if len(text) <= _MOST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _not_one(path) from error
    if not isinstance(content, dict) or content.get("kind") != _KIND or not {"version", "seal"} <= content.keys():
        raise _not_one(path)
    if content["version"] != VERSION:
        version = json.dumps(content["version"])[:20]
        words = f"{path} has version {version} of snapshots, and this iamsync ({__version__}) reads {VERSION}"
        raise SnapshotError(f"{words}: {_AGAIN}")
    return content


def _not_one(path: Path) -> SnapshotError:
    return SnapshotError(f"{path} is no snapshot that iamsync wrote: {_AGAIN}")


def _written(snapshot: Snapshot) -> dict[str, Any]:
    return snapshot.model_dump(mode="json")


def _seal(written: dict[str, Any]) -> str:
    return sha256(inert_json(written).encode()).hexdigest()
