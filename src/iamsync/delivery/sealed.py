"""Channels that write one sealed file for each user and run into a folder.

What is inside is a CSV with the columns of the console. Only sealed bytes ever reach the disk. When `put` has returned,
the file is whole and on the disk: a new one replaces it in one step, so no crash leaves half of it.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from secrets import token_hex

from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.change import Minting
from iamsync.core.model import Recipient
from iamsync.core.receipt import Receipt
from iamsync.delivery.channel import NewCredential, Prepare, RunContext
from iamsync.delivery.credentials_csv import COLUMNS, csv_line, flush_folder, sign_in_link
from iamsync.errors import DeliveryError

Seal = Callable[[bytes, Sequence[Recipient]], bytes]
"""Makes of some bytes what only the recipients can open. Raises DeliveryError."""

_OPTION = "--sealed"


class SealedFiles:
    """The files of one run, one for each user, named after both. Threads may share it."""

    def __init__(
        self, channel: str, folder: Path, seal: Seal, recipients: Mapping[str, Sequence[Recipient]], link: str = ""
    ) -> None:
        self._channel = channel
        self._folder = folder
        self._seal = seal
        self._recipients = recipients
        self._link = link
        self._run = f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{token_hex(3)}"
        self._lock = threading.Lock()
        self._delivered: dict[Receipt, NewCredential] = {}

    def put(self, new: NewCredential) -> Receipt:
        """Seal the secret with all that its user got before in this run. Raises DeliveryError."""
        path = self._folder / f"{new.user}.{self._run}.{self._channel}"
        receipt = Receipt(channel=self._channel, user=new.user, kind=new.kind, place=str(path), key_id=new.key_id)
        with self._lock:
            self._write(path, {**self._delivered, receipt: new})
            self._delivered[receipt] = new
        return receipt

    def withdraw(self, receipt: Receipt) -> None:
        """Seal what else the user got in this run; remove the file if there is nothing. Raises DeliveryError."""
        path = Path(receipt.place)
        with self._lock:
            left = {one: new for one, new in self._delivered.items() if one != receipt}
            if any(one.place == receipt.place for one in left):
                self._write(path, left)
            else:
                _remove(path)
            self._delivered = left

    def _write(self, path: Path, delivered: Mapping[Receipt, NewCredential]) -> None:
        """Replace the file by one with all of these that belong there."""
        mine = [new for receipt, new in delivered.items() if receipt.place == str(path)]
        recipients = self._recipients.get(mine[0].user, ())
        if not recipients:
            raise DeliveryError(f"no recipient is known for {mine[0].user}")
        content = self._seal("".join(_lines(mine, self._link)).encode(), recipients)
        part = path.with_name(f".{path.name}.part")
        try:
            _write_new(part, content)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise DeliveryError(f"{path} cannot be written ({error.strerror})") from None
        flush_folder(self._folder, _OPTION)


def _lines(mine: Sequence[NewCredential], link: str) -> Iterator[str]:
    """The rows of a user: the password beside the first access key."""
    passwords = [new for new in mine if new.kind is Secret.PASSWORD]
    keys = [new for new in mine if new.kind is Secret.ACCESS_KEY]
    yield csv_line(COLUMNS)
    for password, key in zip_longest(passwords, keys):
        key_cells = (key.key_id, key.secret) if key else ("", "")
        yield csv_line((mine[0].user, password.secret if password else "", *key_cells, link))


def channel(name: str, seal: Seal) -> Prepare:
    """The channel of that name, which is also the ending of its files."""

    @contextmanager
    def prepare(run: RunContext, actions: Sequence[Action]) -> Iterator[SealedFiles]:
        """The folder, proven to be one in which files can be made. Raises DeliveryError."""
        folder = run.destinations.sealed
        if folder is None:
            raise DeliveryError(f"no folder is named, and nobody is at a terminal: name a folder with {_OPTION}")
        _prove(folder)
        changes = [action.change for action in actions]
        recipients = {one.user: one.recipients for one in changes if isinstance(one, Minting)}
        yield SealedFiles(name, folder, seal, recipients, sign_in_link(run, actions))

    return prepare


def _prove(folder: Path) -> None:
    """Make a file in the folder and remove it. Raises DeliveryError."""
    if not folder.is_dir():
        raise DeliveryError(f"the folder {folder} is missing: make it, or name another with {_OPTION}")
    probe = folder / f".iamsync-{token_hex(6)}"
    try:
        _write_new(probe, b"")
        probe.unlink()
    except OSError as error:
        why = f"no file can be made in {folder} ({error.strerror})"
        raise DeliveryError(f"{why}: name a folder of yours with {_OPTION}") from None


def _write_new(path: Path, content: bytes) -> None:
    """Write a new file, mode 0600, onto the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise DeliveryError(f"{path} cannot be removed ({error.strerror})") from None
