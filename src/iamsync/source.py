"""Where the files of the desired state come from."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_GIT_TIMEOUT = 5
"""Seconds that Git gets to name a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files of a desired state below `path`, and the id of the Git commit that they are from, if that is known."""

    path: Path
    commit: str | None = None


class Source(Protocol):
    """A place that the files of the desired state come from: each run, and each cycle of the loop, asks it once."""

    def current(self) -> Checkout:
        """The newest files. They stay as they are until the next call.

        Raises IamsyncError, with a sentence that says what to do, if there are none to work with.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that somebody else keeps up to date: a work tree in CI, a ConfigMap, git-sync."""

    path: Path

    def current(self) -> Checkout:
        """The folder as it is now. Whether it exists, and what is in it, is judged where its files are read."""
        return Checkout(path=self.path, commit=_commit_of(self.path))


def _commit_of(folder: Path) -> str | None:
    """The commit that is checked out where `folder` is, or None if it is not in a Git work tree."""
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, and the folder is one argument
            ["git", "-C", str(folder), "rev-parse", "--verify", "--quiet", "HEAD"],  # noqa: S607 - git is on the PATH
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() or None
