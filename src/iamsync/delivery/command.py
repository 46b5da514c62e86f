"""Deliver by a program of whoever runs iamsync: for a password manager, a secret store, a mail.

The program is named by an option or a variable, never by the files. It gets one JSON object on its standard input and
nothing in its arguments, and its environment has only what a program needs to start, and the variables that are named.
Its exit code is the answer: 0 is done. What it prints goes nowhere, because a secret may be in it.

The verbs are `check` (could you deliver now?), `put`, and `withdraw`, for what was put and will never work.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.arn import Account
from iamsync.core.receipt import Receipt
from iamsync.delivery.channel import NewCredential, Program, RunContext
from iamsync.delivery.credentials_csv import sign_in_link
from iamsync.errors import DeliveryError

VERSION: Final = 1
"""Of the JSON; it grows when a key changes its meaning."""
PASSED_ON: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""The variables that the program gets without being named. None of them has credentials."""
_KINDS: Final = {Secret.PASSWORD: "password", Secret.ACCESS_KEY: "access_key"}


class Unanswered(DeliveryError):
    """The program was killed before it answered: perhaps it has done what it was asked."""


class Command:
    """A program that delivers. Threads may share it: each delivery is a process of its own."""

    def __init__(self, program: Program, path: Path, account: Account, link: str = "") -> None:
        self._program = program
        self._path = path
        self._account = account
        self._link = link
        self._lock = threading.Lock()
        self._delivered: dict[Receipt, dict[str, str | None]] = {}

    def check(self) -> None:
        """Raise DeliveryError if the program says that it could not deliver."""
        self._call({"verb": "check"})

    def put(self, new: NewCredential) -> Receipt:
        """Give the secret to the program. Raises DeliveryError unless it says that the secret is safe; a program that
        was killed is asked to withdraw it.
        """
        what: dict[str, str | None] = {
            "delivery": token_hex(16),
            "user": new.user,
            "kind": _KINDS[new.kind],
            "access_key_id": new.key_id or None,
            "sign_in_link": self._link or None,
        }
        try:
            self._call({"verb": "put", **what, "secret": new.secret})
        except Unanswered:
            with suppress(DeliveryError):
                self._call({"verb": "withdraw", **what})
            raise
        receipt = Receipt(channel="command", user=new.user, kind=new.kind, place=str(self._path), key_id=new.key_id)
        with self._lock:
            self._delivered[receipt] = what
        return receipt

    def withdraw(self, receipt: Receipt) -> None:
        """Have the program take back what it has delivered. Raises DeliveryError if it does not."""
        with self._lock:
            what = self._delivered[receipt]
        self._call({"verb": "withdraw", **what})
        with self._lock:
            del self._delivered[receipt]

    def _call(self, asked: dict[str, str | None]) -> None:
        account = {"account": self._account.id, "partition": self._account.partition}
        text = json.dumps({"version": VERSION, **account, **asked})
        try:
            process = subprocess.Popen(  # noqa: S603 - whoever runs iamsync has named it
                [self._path],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(self._program),
                start_new_session=True,  # a signal for iamsync does not interrupt a delivery
            )
        except OSError as error:
            raise DeliveryError(f"{self._path} cannot be started ({error.strerror})") from None
        with process:
            try:
                process.communicate(text.encode(), timeout=self._program.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
                raise Unanswered(f"{self._path} did not end within {self._program.seconds:g} seconds") from None
        if process.returncode < 0:
            raise Unanswered(f"{self._path} was ended by signal {-process.returncode}")
        if process.returncode > 0:
            code = f"ended with exit code {process.returncode} when it was asked to {asked['verb']}"
            raise DeliveryError(f"{self._path} {code}; what it prints is not shown, because a secret may be in it")


@contextmanager
def prepare(run: RunContext, actions: Sequence[Action]) -> Iterator[Command]:
    """The program, which says that it could deliver. Raises DeliveryError."""
    program = run.destinations.command
    if program is None:
        raise DeliveryError("no program is named: name one with --delivery-command")
    command = Command(program, _found(program), run.account, sign_in_link(run, actions))
    command.check()
    yield command


def _found(program: Program) -> Path:
    """The file of the program. Raises DeliveryError."""
    where = shutil.which(program.name)
    if where is None:
        why = f"{program.name} is no program that can be started"
        raise DeliveryError(f"{why}: name another with --delivery-command, or make it executable")
    return Path(where).resolve()


def _environment(program: Program) -> dict[str, str]:
    """Raises DeliveryError if a variable that is named is not set."""
    unset = [name for name in program.environment if name not in os.environ]
    if unset:
        raise DeliveryError(f"--delivery-env names {', '.join(unset)}, which is not set")
    names = (*PASSED_ON, *program.environment)
    return {name: os.environ[name] for name in names if name in os.environ}
