"""Mint secrets and hand them over. `password` mints; each channel is a module of its own, and is named in CHANNELS."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from iamsync.core.action import Action
from iamsync.core.change import CreatePassword, Minting, ReplacePassword
from iamsync.core.model import Recipient
from iamsync.core.plan import Plan
from iamsync.core.receipt import Receipt
from iamsync.delivery import age, command, credentials_csv
from iamsync.delivery.channel import Channel, Destinations, NewCredential, Prepare, Program, RunContext
from iamsync.delivery.password import AWS_DEFAULT, PasswordRules, mint, rules_of
from iamsync.errors import DeliveryError

__all__ = [
    "CHANNELS",
    "DEFAULT",
    "SEALING",
    "Channel",
    "Delivery",
    "Destinations",
    "NewCredential",
    "Program",
    "RunContext",
    "prepared",
    "unready",
]

DEFAULT: Final = "csv"
"""The channel of who has declared none."""
CHANNELS: Final[dict[str, Prepare]] = {
    "age": age.prepare,
    "command": command.prepare,
    "csv": credentials_csv.prepare,
}
"""The channels by the names that the files of the desired state use for them."""
SEALING: Final[dict[str, Callable[[str], Recipient]]] = {"age": age.recipient}
"""Of the channels that seal, what makes a recipient of a text. Raises DeliveryError if it is none."""
NO_CHANNELS: Final[Mapping[str, str]] = {}


class Delivery:
    """How one run mints passwords and delivers secrets: its channels by name, and the receipts of what was delivered.
    Threads may share it.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        rules: PasswordRules = AWS_DEFAULT,
        unready: Mapping[str, str] = NO_CHANNELS,
    ) -> None:
        self._receipts: dict[Receipt, None] = {}
        self._channels = {name: _Recorded(channel, self._receipts) for name, channel in channels.items()}
        self._rules = rules
        self._unready = unready

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What was delivered and not withdrawn, in that order."""
        return tuple(self._receipts)

    def new_password(self) -> str:
        """A password that the account's password policy accepts."""
        return mint(self._rules)

    def by(self, channel: str) -> Channel:
        """The channel of that name. Raises DeliveryError if the run has none, or if it could not be prepared."""
        if channel not in self._channels:
            raise DeliveryError(self._unready.get(channel, "there is no way to deliver the secret, so it is not made"))
        return self._channels[channel]


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A channel whose receipts are kept until they are withdrawn."""

    channel: Channel
    receipts: MutableMapping[Receipt, None]

    def put(self, new: NewCredential) -> Receipt:
        receipt = self.channel.put(new)
        self.receipts[receipt] = None
        return receipt

    def withdraw(self, receipt: Receipt) -> None:
        self.channel.withdraw(receipt)
        del self.receipts[receipt]


def unready(plan: Plan, run: RunContext) -> dict[str, str]:
    """Why a channel that `plan` needs cannot deliver, by its name. Each is prepared, and nothing is delivered."""
    with ExitStack() as stack:
        return _entered(plan, run, stack)[1]


@contextmanager
def prepared(plan: Plan, run: RunContext) -> Iterator[Delivery]:
    """The channels that `plan` needs, ready before its first call; none, and nothing is read, if it mints nothing.

    A channel that cannot be prepared stops nothing but what it would deliver. What breaks the run is raised with a note
    that says where the secrets are which were delivered by then.
    """
    with ExitStack() as stack:
        channels, failed = _entered(plan, run, stack)
        mints_passwords = any(isinstance(action.change, CreatePassword | ReplacePassword) for action in plan.actions)
        delivery = Delivery(channels, rules_of(run.iam) if mints_passwords else AWS_DEFAULT, failed)
        try:
            yield delivery
        except BaseException as error:
            for place in dict.fromkeys(receipt.place for receipt in delivery.receipts):
                error.add_note(f"new passwords and access keys are in {place}")
            raise


def _entered(plan: Plan, run: RunContext, stack: ExitStack) -> tuple[dict[str, Channel], dict[str, str]]:
    """The channels that `plan` needs, ready until the stack is closed; and why the others are not."""
    actions: dict[str, list[Action]] = {}
    for action in plan.actions:
        if isinstance(action.change, Minting):
            actions.setdefault(action.change.channel, []).append(action)
    channels: dict[str, Channel] = {}
    failed: dict[str, str] = {}
    for name, some in actions.items():
        try:
            channels[name] = stack.enter_context(_channel(name)(run, some))
        except DeliveryError as error:
            failed[name] = str(error)
    return channels, failed


def _channel(name: str) -> Prepare:
    if name not in CHANNELS:
        raise DeliveryError(f"there is no delivery channel {name}: there are {', '.join(sorted(CHANNELS))}")
    return CHANNELS[name]
