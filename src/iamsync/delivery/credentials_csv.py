"""Deliver by CSV file: the columns of the console's own download, readable by its owner alone. What `put` has returned
is on the disk, so no crash can lose it.

Each cell is what AWS or iamsync made, letter for letter, for a program must be able to use it. A password begins with a
letter; names and secret keys may begin with a sign (= + - @) that a spreadsheet takes for a formula.
"""

import csv
import io
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.arn import Account
from iamsync.core.receipt import Receipt
from iamsync.delivery.channel import NewCredential, RunContext
from iamsync.errors import DENIED, DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

COLUMNS = ("User name", "Password", "Access key ID", "Secret access key", "Console login link")
"""As the console writes them, so that whoever reads its CSV reads ours."""

_GIT_TIMEOUT = 10
"""Seconds."""
_SIGN_IN_DOMAINS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}


def file_for(where: Path, now: datetime) -> Path:
    """The file a run writes to: `where` itself or, if that is a folder, a file in it that is named after the time."""
    return file_in(where, now) if where.is_dir() else where


def file_in(folder: Path, now: datetime) -> Path:
    """A file that is named after the time, and after this run: another one may begin in the same second."""
    return folder / f"iamsync-credentials-{now:%Y%m%dT%H%M%SZ}-{token_hex(3)}.csv"


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

    def __init__(self, path: Path, descriptor: int, link: str) -> None:
        self._path = path
        self._descriptor = descriptor
        self._link = link
        self._lock = threading.Lock()
        self._rows: dict[Receipt, tuple[int, int]] = {}

    @property
    def empty(self) -> bool:
        """Whether no row stays in it."""
        return not self._rows

    def put(self, new: NewCredential) -> Receipt:
        """Write the secret's row, which is on the disk when this returns. Raises DeliveryError."""
        receipt = Receipt(channel="csv", user=new.user, kind=new.kind, place=str(self._path), key_id=new.key_id)
        password, secret_key = ("", new.secret) if new.kind is Secret.ACCESS_KEY else (new.secret, "")
        with self._lock:
            self._rows[receipt] = self._append((new.user, password, new.key_id, secret_key, self._link))
        return receipt

    def start(self) -> None:
        """Write the header."""
        self._append(COLUMNS)

    def withdraw(self, receipt: Receipt) -> None:
        """Remove a row. Raises DeliveryError.

        A row that others follow is blanked where it stands (readers of CSV skip empty lines): to move the rows behind
        it could lose them in a crash.
        """
        with self._lock:
            start, end = self._rows[receipt]
            try:
                if end == os.lseek(self._descriptor, 0, os.SEEK_END):
                    os.ftruncate(self._descriptor, start)
                else:
                    os.pwrite(self._descriptor, b"\n" * (end - start), start)
                os.fsync(self._descriptor)
            except OSError as error:
                raise _unwritable(self._path, error) from None
            del self._rows[receipt]

    def _append(self, row: tuple[str, ...]) -> tuple[int, int]:
        """Where the new row starts and ends, now that it is on the disk."""
        line = csv_line(row).encode()
        start = os.lseek(self._descriptor, 0, os.SEEK_END)
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, start)
            raise _unwritable(self._path, error) from None
        return start, start + len(line)


@contextmanager
def prepare(run: RunContext, actions: Sequence[Action]) -> Iterator[CredentialsFile]:
    """The file for the secrets of these actions. Reads the account's alias, which is in the sign-in link of each row;
    who may not read it gets the link with the account's id, which leads there too.

    Raises DeliveryError.
    """
    if run.destinations.csv is None:
        raise DeliveryError("no file is named, and nobody is at a terminal: name a file or a folder with --csv")
    with credentials_file(run.destinations.csv, link=sign_in_link(run, actions)) as file:
        yield file


def sign_in_link(run: RunContext, actions: Sequence[Action]) -> str:
    """Where the users of these actions sign in; "" where that is not known, and nobody gets a password.

    Raises DeliveryError where somebody does.
    """
    needs_link = any(action.secret is Secret.PASSWORD for action in actions)
    return console_link(run.account, _alias(run.iam)) if needs_link or has_console(run.account) else ""


def csv_line(row: tuple[str, ...]) -> str:
    """A row as a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def may_read_alias(iam: "IAMClient") -> bool:
    """Whether the caller may read the account's alias."""
    try:
        iam.list_account_aliases()
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        return False
    return True


def _alias(iam: "IAMClient") -> str | None:
    try:
        return next(iter(iam.list_account_aliases()["AccountAliases"]), None)
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        return None


@contextmanager
def credentials_file(path: Path, *, link: str) -> Iterator[CredentialsFile]:
    """A new file, mode 0600, never over an existing one; it is removed again if no row stays in it.

    Raises DeliveryError when it exists already or cannot be written.
    """
    if _may_be_committed(path):
        raise DeliveryError(
            f"{path} is in a Git work tree that does not ignore it: name a file elsewhere with --csv, or add it to "
            ".gitignore"
        )
    descriptor = _create(path)
    try:
        file = CredentialsFile(path, descriptor, link)
        try:
            file.start()
            flush_folder(path.parent, "--csv")
            yield file
        finally:
            if file.empty:
                path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _may_be_committed(path: Path) -> bool:
    """Whether the file would be in a Git work tree whose rules do not ignore it, or whose rules cannot be read."""
    folder = path.parent.resolve()
    if not (folder.is_dir() and any((one / ".git").exists() for one in (folder, *folder.parents))):
        return False
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        asked = subprocess.run(  # noqa: S603 - no part of it is anybody else's
            ["git", "-C", str(folder), "check-ignore", "--quiet", "--no-index", "--", path.name],  # noqa: S607 - as in `source`
            env=clean,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return asked.returncode != 0


def _unwritable(path: Path, error: OSError) -> DeliveryError:
    return DeliveryError(f"{path} cannot be written ({error.strerror})")


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


def flush_folder(folder: Path, option: str) -> None:
    """A file survives a crash only when its folder's entry does. Raises DeliveryError, which names the option."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DeliveryError(
            f"{folder} cannot be read ({error.strerror}): name a file in a folder of yours with {option}"
        ) from None
