"""CreateAccessKey: every key that works is delivered. Only one run at a time makes keys for a user (`claims`).

AWS shows the secret once, in the answer. So the key is delivered at once, and deleted if it cannot be delivered. If the
answer is lost, the key that it named is found and deleted before another is made. These deletions are not in the plan:
they undo what the plan's own call did, and each has its line in the journal.

Each new key is looked for before the next call: a list that shows it shows the older keys too. If another run has made
one of them, which an earlier list did not show yet, the new key is deleted again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.claims import Undelivered, UserKeys
from iamsync.apply.sending import NotDone, Sending, is_full, is_lost
from iamsync.aws.said import answer
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.change import CreateAccessKey, DeleteAccessKey
from iamsync.core.receipt import Receipt
from iamsync.delivery import Channel, Delivery, NewCredential
from iamsync.errors import DeliveryError

_TRIES = 4
"""How often CreateAccessKey is sent at most because its answers are lost."""

_LOST = "an answer was lost, and nobody holds the key that it named"


def new_access_key(action: Action, change: CreateAccessKey, sending: Sending, delivery: Delivery) -> str:
    """Make an access key and deliver it; returns its id, and what else is worth reporting.

    Raises NotDone, DeliveryError, or what botocore raises: then no new key is left, or the error names it.
    """
    keys = UserKeys(action, sending)
    with keys.tag_removed_on_failure():
        return _NewAccessKey(keys, sending, delivery.by(change.channel)).made()


@dataclass(frozen=True, slots=True)
class _NewAccessKey:
    """A new access key: the keys of its user, how calls are sent, and the channel that delivers it."""

    keys: UserKeys
    sending: Sending
    channel: Channel

    def made(self) -> str:
        """Make the key, deliver it, and make sure that it is the only new one."""
        receipt, lost = self._delivered_after_losses()
        try:
            others = self.keys.unknown(self._listed_with(receipt.key_id))
        except (NotDone, ClientError, BotoCoreError) as error:
            why = str(error) if isinstance(error, NotDone) else f"the keys cannot be listed: {answer(error)}"
            raise self._deleted_again(receipt, why) from error
        if lost:
            self._delete_lost(others)
            return f"{receipt.key_id}; {_LOST}: it was deleted"
        if others:
            raise self._deleted_again(receipt, f"another run has made access key {', '.join(others)}")
        return receipt.key_id

    def _delivered_after_losses(self) -> tuple[Receipt, bool]:
        """The receipt of a new key, and whether an answer was lost before.

        If a user has no room for another key after a lost answer, the key that it named is there: it is waited for.
        """
        pauses, lost = self.sending.pauses(), 0
        while True:
            try:
                return self._delivered(), lost > 0
            except (ClientError, BotoCoreError) as error:
                lost += is_lost(error)
                if not lost:
                    raise
                paused = self._paused(pauses, error)
                self._delete_lost(self._unknown_after_loss())
                if not paused or lost == _TRIES or not (is_lost(error) or is_full(error)):
                    raise Undelivered(f"{answer(error)}; {_LOST}: the next run looks for it once more") from error

    def _delivered(self) -> Receipt:
        """The receipt of a new key. Raises NotDone if the delivery fails, and deletes the key."""
        receipts: list[Receipt] = []

        def deliver(answered: Mapping[str, Any]) -> None:
            made, secret = answered["AccessKey"]["AccessKeyId"], answered["AccessKey"]["SecretAccessKey"]
            new = NewCredential(user=self.keys.user, kind=Secret.ACCESS_KEY, secret=secret, key_id=made)
            try:
                receipts.append(self.channel.put(new))
            except DeliveryError as error:
                self._delete(made, f"{error}, so the new access key {made} cannot be delivered")
                raise NotDone(f"{error}: the new access key {made} was deleted again") from None
            self.sending.so_far.made.add(("AccessKeyId", made))

        self.sending.patiently(self.keys.action, take=deliver)
        return receipts[0]

    def _listed_with(self, made: str) -> frozenset[str]:
        """The user's keys, as soon as the new one is among them."""
        pauses = self.sending.pauses()
        while made not in (there := self.keys.listed()):
            self.sending.wait(pauses, NotDone(f"access key {made} is not visible, or another run has deleted it"))
        return there

    def _deleted_again(self, receipt: Receipt, why: str) -> NotDone:
        """Delete a key that was delivered; returns what to raise then."""
        made = receipt.key_id
        self._delete(made, f"{why}, so the new access key {made} is not kept")
        try:
            self.channel.withdraw(receipt)
        except DeliveryError as error:
            why = f"{why}; {error}, so the key stays where it was delivered, and does not work"
        return NotDone(f"{why}: the new access key {made} was deleted again; plan again")

    def _unknown_after_loss(self) -> list[str]:
        try:
            return self.keys.unknown(self.keys.listed())
        except (ClientError, BotoCoreError) as error:
            raise Undelivered(f"{_LOST}; the keys cannot be listed: {answer(error)}: delete it yourself") from error

    def _delete_lost(self, key_ids: list[str]) -> None:
        for key_id in key_ids:
            self._delete(key_id, _LOST)
            self.sending.so_far.made.add(("AccessKeyId", key_id))  # by this run, and a later list may still show it

    def _delete(self, key_id: str, why: str) -> None:
        """Delete a key that this run has made."""
        removal = replace(self.keys.action, change=DeleteAccessKey(self.keys.user, key_id))
        try:
            self.sending.repair(removal, otherwise=f"{why}; delete access key {key_id} yourself, it still exists")
        except NotDone as error:
            raise Undelivered(str(error), error.code) from error

    def _paused(self, pauses: Iterator[float], error: Exception) -> bool:
        """Whether a pause has passed, in which a new key becomes visible, and another try is welcome."""
        try:
            self.sending.wait(pauses, error)
        except (ClientError, BotoCoreError):
            return False
        return True
