"""Deliver by CSV file: the columns of the console's own download, readable by its owner alone.

A password's row is on the disk before the password is live, so no crash can lose one that works. An access key is live
when AWS tells it; its row is on the disk before anything else is done.
"""

import csv
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from iamsync.core.arn import Account
from iamsync.delivery.password import PasswordRules, mint
from iamsync.errors import DeliveryError

COLUMNS = ("User name", "Password", "Access key ID", "Secret access key", "Console login link")
"""As the console writes them, so that whoever reads its CSV reads ours."""

_SIGN_IN_DOMAINS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}


def file_for(where: Path, now: datetime) -> Path:
    """The file a run writes to: `where` itself or, if that is a folder, a file in it that is named after the time."""
    return file_in(where, now) if where.is_dir() else where


def file_in(folder: Path, now: datetime) -> Path:
    """A file that is named after the time."""
    return folder / f"iamsync-credentials-{now:%Y%m%dT%H%M%SZ}.csv"


def has_console(account: Account) -> bool:
    """Whether it is known where users of the account's partition sign in."""
    return account.partition in _SIGN_IN_DOMAINS


def console_link(account: Account, alias: str | None) -> str:
    """Where a user of the account signs in (IAM User Guide, "How IAM users sign in to AWS").

    Raises DeliveryError for a partition whose sign-in address is not known.
    """
    domain = _SIGN_IN_DOMAINS.get(account.partition)
    if domain is None:
        raise DeliveryError(
            f"no console sign-in address is known for partition {account.partition}: declare no console for its users"
        )
    return f"https://{alias or account.id}.{domain}/console"


class CredentialsFile:
    """An open CSV file of this run, to which rows are appended. Threads may share it."""

    def __init__(self, path: Path, descriptor: int, link: str, rules: PasswordRules) -> None:
        self._path = path
        self._descriptor = descriptor
        self._link = link
        self._rules = rules
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], tuple[int, int]] = {}

    @property
    def empty(self) -> bool:
        """Whether no row stays in it."""
        return not self._rows

    def new_password(self, user_name: str) -> str:
        """Mint a password for `user_name`; its row is on the disk when this returns."""
        password = mint(self._rules)
        with self._lock:
            self._rows[user_name, ""] = self._append((user_name, password, "", "", self._link))
        return password

    def new_access_key(self, user_name: str, key_id: str, secret: str) -> None:
        """Hand over an access key of `user_name`; its row is on the disk when this returns. Raises DeliveryError."""
        with self._lock:
            self._rows[user_name, key_id] = self._append((user_name, "", key_id, secret, self._link))

    def start(self) -> None:
        """Write the header."""
        self._append(COLUMNS)

    def take_back(self, user_name: str, key_id: str = "") -> None:
        """Remove the row of `user_name`, of that access key or, without one, of the password: it will never work.

        A row that others follow is blanked where it stands (readers of CSV skip empty lines): to move the rows behind
        it could lose them in a crash.
        """
        with self._lock:
            start, end = self._rows.pop((user_name, key_id))
            if end == os.lseek(self._descriptor, 0, os.SEEK_END):
                os.ftruncate(self._descriptor, start)
            else:
                os.pwrite(self._descriptor, b"\n" * (end - start), start)
            os.fsync(self._descriptor)

    def _append(self, row: tuple[str, ...]) -> tuple[int, int]:
        """Where the new row starts and ends, now that it is on the disk."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row)
        line = text.getvalue().encode()
        start = os.lseek(self._descriptor, 0, os.SEEK_END)
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, start)
            raise DeliveryError(f"{self._path} cannot be written ({error.strerror})") from None
        return start, start + len(line)


@contextmanager
def credentials_file(path: Path, *, link: str, rules: PasswordRules) -> Iterator[CredentialsFile]:
    """A new file, mode 0600, never over an existing one; it is removed again if no row stays in it.

    Raises DeliveryError when it exists already or cannot be written.
    """
    descriptor = _create(path)
    try:
        file = CredentialsFile(path, descriptor, link, rules)
        try:
            file.start()
            _flush_folder(path.parent)
            yield file
        finally:
            if file.empty:
                path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _create(path: Path) -> int:
    try:
        # O_EXCL also refuses a symbolic link that somebody else may have put there.
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise DeliveryError(f"{path} exists already and may hold secrets: name another file with --csv") from None
    except (FileNotFoundError, NotADirectoryError):
        raise DeliveryError(f"the folder {path.parent} is missing: make it, or name another with --csv") from None
    except OSError as error:
        raise DeliveryError(
            f"{path} cannot be written ({error.strerror}): name a file in a folder of yours with --csv"
        ) from None


def _flush_folder(folder: Path) -> None:
    """A file survives a crash only when its folder's entry does. Raises DeliveryError."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DeliveryError(
            f"{folder} cannot be read ({error.strerror}): name a file in a folder of yours with --csv"
        ) from None
