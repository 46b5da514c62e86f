"""Mint a secret and hand it over; one module per channel."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from iamsync.core.api import Secret
from iamsync.core.plan import Plan
from iamsync.delivery.credentials_csv import console_link, credentials_file, has_console
from iamsync.delivery.password import AWS_DEFAULT, rules_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class Delivery(Protocol):
    """How a secret reaches a person: where it goes to, and when it is safe there. Threads may share one."""

    def new_password(self, user_name: str) -> str:
        """A new password that is already delivered when this returns. Raises DeliveryError if it is not."""

    def new_access_key(self, user_name: str, key_id: str, secret: str) -> None:
        """Deliver an access key that AWS has just made. Raises DeliveryError if it could not be delivered."""

    def take_back(self, user_name: str, key_id: str = "") -> None:
        """Undo the delivery to `user_name`, of that access key or, without one, of the password: it will never work."""


def channel(plan: Plan, iam: "IAMClient", csv: Path) -> AbstractContextManager[Delivery | None]:
    """The way to deliver what `plan` will mint, ready before its first call; None if it mints nothing.

    Reads the account's alias and, where a password is minted, its password policy. Raises DeliveryError when secrets
    could not be delivered.
    """
    secrets = {action.secret for action in plan.actions} - {None}
    if not secrets:
        return nullcontext()
    aliases = iam.list_account_aliases()["AccountAliases"]
    alias = aliases[0] if aliases else None
    if Secret.PASSWORD in secrets:
        return credentials_file(csv, link=console_link(plan.account, alias), rules=rules_of(iam))
    link = console_link(plan.account, alias) if has_console(plan.account) else ""
    return credentials_file(csv, link=link, rules=AWS_DEFAULT)
