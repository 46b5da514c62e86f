"""Messages to people, by apprise: Slack, Teams, mail, SNS and many more, each by a URL in a file."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Final, Protocol, Self

from apprise import Apprise, NotifyFormat, NotifyType

from iamsync.daemon.notice import Notice
from iamsync.errors import IamsyncError

WAITING: Final = 20
"""Messages that wait at most; a further one is dropped."""

PAUSES: Final = (5.0, 30.0)
"""Seconds before the second and the third try; there is no fourth."""

AT_THE_END: Final = 5.0
"""Seconds that the end of the loop waits for messages on their way."""

_MOST_URLS: Final = 20


class NotifyFileError(IamsyncError):
    """The file of the URLs cannot be read, or one of them is none. No URL is quoted: it may hold a password."""


class Place(Protocol):
    """Where a message goes."""

    def notify(self, body: str, title: str, *, notify_type: NotifyType, body_format: NotifyFormat) -> object:
        """Send it; whether it has arrived, as a boolean or None."""


def places_in(file: Path) -> tuple[Place, ...]:
    """A place for each URL in a file, a line each; lines that begin with # are comments. Raises NotifyFileError."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines quote URLs
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise NotifyFileError(f"{file} cannot be read ({why}): write a URL of apprise on each line") from None
    places = list[Place]()
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            place = Apprise()
            if not place.add(line):
                raise NotifyFileError(
                    f"{file}:{number}: this is no URL of apprise, such as slack://... or mailto://..."
                )
            places.append(place)
    if not 1 <= len(places) <= _MOST_URLS:
        raise NotifyFileError(f"{file} has {len(places)} URLs: write 1 to {_MOST_URLS}")
    return tuple(places)


class Notifier:
    """Sends messages in a thread of its own, for as long as the `with` block lasts. `count` hears what became of each:
    `sent` to all places, `failed` at one of them, or `dropped`.
    """

    def __init__(
        self, places: Sequence[Place], *, count: Callable[[str], None], pauses: Sequence[float] = PAUSES
    ) -> None:
        self._places = places
        self._count = count
        self._pauses = pauses
        self._waiting: Queue[Notice] = Queue(WAITING)
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    def send(self, message: Notice) -> None:
        """Have a message sent soon, or drop it."""
        try:
            self._waiting.put_nowait(message)
        except Full:
            self._count("dropped")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed.set()
        self._thread.join(AT_THE_END)

    def _run(self) -> None:
        while True:
            try:
                message = self._waiting.get(timeout=0.5)
            except Empty:
                if self._is_closed.is_set():
                    return
                continue
            self._count("sent" if self._sent(message) else "failed")

    def _sent(self, message: Notice) -> bool:
        """Whether a message has arrived everywhere. Where it has, it is not sent again."""
        places = self._without_success(self._places, message)
        for pause in self._pauses:
            if not places or self._is_closed.wait(pause):
                break
            places = self._without_success(places, message)
        return not places

    def _without_success(self, places: Sequence[Place], message: Notice) -> list[Place]:
        return [place for place in places if not _arrived(place, message)]


def _arrived(place: Place, message: Notice) -> bool:
    kind = NotifyType.WARNING if message.is_bad else NotifyType.INFO
    with suppress(Exception):  # whatever a plugin raises, it may quote its URL
        return bool(place.notify(message.body, message.title, notify_type=kind, body_format=NotifyFormat.TEXT))
    return False
