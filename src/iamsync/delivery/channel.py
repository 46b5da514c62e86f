"""What a delivery channel is. It mints nothing, and knows nothing of the call that makes a secret live.

A password is delivered first and live afterwards: `put`, then CreateLoginProfile. An access key is live as soon as AWS
has made it: CreateAccessKey, then `put`. Wherever a run fails in between, the secret that will never work is withdrawn.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.arn import Account
from iamsync.core.receipt import Receipt

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """A minted secret on its way to a user. An access key has its `key_id`; the secret is in no representation."""

    user: str
    kind: Secret
    secret: str = field(repr=False)
    key_id: str = ""


class Channel(Protocol):
    """A channel that is prepared for one run. Threads may share it."""

    def put(self, new: NewCredential) -> Receipt:
        """Deliver a secret: when this returns, it is safe where its person will find it.

        Raises DeliveryError if that is not certain. The caller then makes sure that the secret never works.
        """

    def withdraw(self, receipt: Receipt) -> None:
        """Undo a delivery of this run, because the secret will never work. Raises DeliveryError if it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that delivers: its path, or a name that PATH leads to; the variables that it gets beside those that
    every program needs; and the seconds after which it is killed.
    """

    name: str
    environment: tuple[str, ...] = ()
    seconds: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """Where this machine puts secrets, for channels that keep them here. `csv` is a file that does not exist yet,
    `sealed` a folder for sealed files; None where nobody has named one and nobody is there to find it. `command` is the
    program that delivers, None if nobody has named one.
    """

    csv: Path | None
    sealed: Path | None = None
    command: Program | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a run gives to its channels: the account, a client of IAM that may only read, and where files go."""

    account: Account
    iam: "IAMClient"
    destinations: Destinations


class Prepare(Protocol):
    """How a channel begins and ends."""

    def __call__(self, run: RunContext, actions: Sequence[Action]) -> AbstractContextManager[Channel]:
        """The channel for the secrets of these actions, proven to work before the run makes its first call.

        It is also entered, and left at once, before the plan is shown: who would get a secret that cannot be delivered
        is held back.

        Entering it raises DeliveryError, with a sentence that says what to do, if the secrets could not be delivered.
        Leaving it removes whatever of the preparation was not needed.
        """
