"""One user of IAM in memory: all writes are in one order, and a read may show a state from before the last ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from laws.model import Iam, Refused

NAME = "aiko"

Answer = tuple[object, ...]
"""What IAM answers: `("ok", what it shows)`, or `("error", code, message)`."""

READS = ("get_user", "list_access_keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account after some writes; one more write makes another value.

    `shown` holds for each read what it showed of the user after each write that changed that, oldest first.
    """

    iam: Iam
    shown: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, iam: Iam) -> "Account":
        """An account whose past nobody has seen."""
        return _with_state_shown(cls(iam=iam))

    @property
    def access_keys(self) -> Mapping[str, str]:
        """The access keys that exist, and the status of each."""
        return self.iam.users[NAME].access_keys if NAME in self.iam.users else {}

    @property
    def active_keys(self) -> frozenset[str]:
        """The access keys that work."""
        return frozenset(key for key, status in self.access_keys.items() if status == "Active")

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the user."""
        return self.iam.users[NAME].tags if NAME in self.iam.users else {}

    def key(self, *, past: bool) -> object:
        """Accounts with equal keys behave alike; where no read is out of date, without the `past`."""
        shown = tuple(self.shown.get(read, ())[0 if past else -1 :] for read in READS)
        return shown, tuple(sorted(self.access_keys.items()))

    def newest(self, read: str) -> int:
        """The number of the state that a read shows unless it is out of date."""
        return len(self.shown.get(read, ())) - 1

    def answer(self, read: str, state: int) -> Answer:
        """The answer of a read that shows the state of that number."""
        if NAME not in self.iam.users:
            return ("error", "NoSuchEntity", f"The user with name {NAME} cannot be found.")
        return ("ok", self.shown[read][state])

    def after(self, operation: str, params: Mapping[str, Any]) -> "tuple[Account, Answer]":
        """The account after a write, and the answer."""
        iam = self.iam.copy()
        try:
            iam.call(operation, params)
        except Refused as refused:
            return self, ("error", refused.code, str(refused))
        made = list(iam.user(NAME).access_keys)[-1] if operation == "create_access_key" else ""
        return _with_state_shown(Account(iam=iam, shown=self.shown)), ("ok", made)


def _with_state_shown(account: Account) -> Account:
    if NAME not in account.iam.users:
        return account
    now = (tuple(sorted(account.tags.items())), tuple(sorted(account.access_keys)))
    shown = {read: account.shown.get(read, ()) for read in READS}
    more = {read: () if shown[read][-1:] == (state,) else (state,) for read, state in zip(READS, now, strict=True)}
    return Account(iam=account.iam, shown={read: shown[read] + more[read] for read in READS})
