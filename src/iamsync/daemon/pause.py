"""Why the loop only takes access away at a moment: somebody has paused it, or no maintenance window is open."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from iamsync.daemon.windows import Window, next_opening

MOST_WORDS: Final = 200
"""Characters of a pause file that are shown as the reason."""

Paused = Callable[[datetime], str]
"""Why the loop is paused at a moment (aware, in UTC); "" if it is not."""

_UNPAUSED: Final = "only what takes access away is done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What can pause a loop: a file that exists, and the time outside of all maintenance windows, if there are any."""

    file: Path | None = None
    windows: tuple[Window, ...] = ()

    def __call__(self, now: datetime) -> str:
        """Why the loop is paused at this moment; "" if it is not."""
        return "; ".join(why for why in (self._by_file(), _outside(self.windows, now)) if why)

    def _by_file(self) -> str:
        """What cannot be looked at counts as there: when in doubt, iamsync waits."""
        if self.file is None:
            return ""
        try:
            with self.file.open("rb") as content:
                since = datetime.fromtimestamp(os.fstat(content.fileno()).st_mtime, tz=UTC)
                said = content.read(4 * MOST_WORDS).decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"paused: the pause file {self.file} cannot be read ({error.strerror}): {_UNPAUSED}"
        words = " ".join(said.split())[:MOST_WORDS]
        reason = f" ({words})" if words else ""
        return f"paused since {since:%Y-%m-%d %H:%M} UTC{reason}: {_UNPAUSED}; to go on, remove {self.file}"


def never(_: datetime) -> str:
    """A loop that is not paused."""
    return ""


def pause(file: Path, reason: str) -> None:
    """Create the pause file, for its owner alone. Where it exists, the pause goes on as it is. Raises OSError."""
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as content:
            content.write(" ".join(reason.split())[:MOST_WORDS])


def resume(file: Path) -> None:
    """Remove the pause file. Raises OSError."""
    file.unlink(missing_ok=True)


def _outside(windows: Iterable[Window], now: datetime) -> str:
    windows = tuple(windows)
    if not windows or any(window.is_open(now) for window in windows):
        return ""
    begins = next_opening(windows, now)
    opening = f"the next begins at {begins:%Y-%m-%d %H:%M} UTC" if begins else "none begins"
    return f"outside of the maintenance windows ({', '.join(map(str, windows))}): {_UNPAUSED}; {opening}"
