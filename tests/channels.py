"""Delivery channels for tests, which stand for the channel of whoever declared none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from iamsync.core.api import Secret
from iamsync.core.receipt import Receipt
from iamsync.delivery import Channel, Delivery, NewCredential
from iamsync.delivery.credentials_csv import credentials_file
from iamsync.delivery.password import AWS_DEFAULT, PasswordRules
from iamsync.errors import DeliveryError


def by(channel: Channel, rules: PasswordRules = AWS_DEFAULT) -> Delivery:
    """Everything is delivered by this channel."""
    return Delivery({"": channel}, rules)


@contextmanager
def to_file(path: Path, link: str = "https://x", rules: PasswordRules = AWS_DEFAULT) -> Iterator[Delivery]:
    """Everything is delivered to a CSV file."""
    with credentials_file(path, link=link) as file:
        yield by(file, rules)


def password(user: str, secret: str) -> NewCredential:
    return NewCredential(user=user, kind=Secret.PASSWORD, secret=secret)


def access_key(user: str, key_id: str, secret: str) -> NewCredential:
    return NewCredential(user=user, kind=Secret.ACCESS_KEY, secret=secret, key_id=key_id)


class InMemory:
    """A channel that keeps what it is given; from `full` credentials on it takes no other, and it may keep them all."""

    def __init__(self, full: float = float("inf"), *, withdraws: bool = True) -> None:
        self.delivered: dict[Receipt, NewCredential] = {}
        self._full = full
        self._withdraws = withdraws

    def put(self, new: NewCredential) -> Receipt:
        """Keep it."""
        if len(self.delivered) >= self._full:
            raise DeliveryError(f"{new.user}: the disk is full")
        receipt = Receipt(channel="", user=new.user, kind=new.kind, place="memory", key_id=new.key_id)
        self.delivered[receipt] = new
        return receipt

    def withdraw(self, receipt: Receipt) -> None:
        """Forget it."""
        if not self._withdraws:
            raise DeliveryError("the memory cannot be cleared")
        del self.delivered[receipt]
