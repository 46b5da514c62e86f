"""CreateAccessKey: every key that works is delivered. Only one run at a time makes keys for a user (`claims`).

AWS shows the secret once, in the answer. So the key is delivered at once, and deleted if it cannot be delivered. If the
answer is lost, the key that it named is found and deleted before another is made. These deletions are not in the plan:
they undo what the plan's own call did, and each has its line in the journal.

Each new key is looked for before the next call: a list that shows it shows the older keys too. If another run has made
one of them, which an earlier list did not show yet, the new key is deleted again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.claims import Undelivered, listed, tag_removed_on_failure, unknown
from iamsync.apply.sending import NotDone, Sending, is_full, is_lost
from iamsync.aws import answer
from iamsync.core.action import Action
from iamsync.core.change import DeleteAccessKey
from iamsync.delivery import Delivery
from iamsync.errors import DeliveryError

_TRIES = 4
"""How often CreateAccessKey is sent at most because its answers are lost."""

_LOST = "an answer was lost, and nobody holds the key that it named"


def new_access_key(action: Action, sending: Sending, delivery: Delivery | None) -> str:
    """Make an access key and deliver it; returns its id, and what else is worth reporting.

    Raises NotDone, DeliveryError, or what botocore raises: then no new key is left, or the error names it.
    """
    with tag_removed_on_failure(action, sending):
        if delivery is None:
            raise DeliveryError("there is no way to deliver the secret, so no key is made")
        made, lost = _made(action, sending, delivery)
        try:
            others = unknown(_listed_with(made, action, sending), action, sending)
        except (NotDone, ClientError, BotoCoreError) as error:
            why = str(error) if isinstance(error, NotDone) else f"the keys cannot be listed: {answer(error)}"
            raise _deleted_again(made, why, action, sending, delivery) from error
        if lost:
            _delete_lost(others, action, sending)
        elif others:
            why = f"another run has made access key {', '.join(others)}"
            raise _deleted_again(made, why, action, sending, delivery)
    return f"{made}; {_LOST}: it was deleted" if lost else made


def _made(action: Action, sending: Sending, delivery: Delivery) -> tuple[str, bool]:
    """The id of a new key that is delivered, and whether an answer was lost before.

    If a user has no room for another key after a lost answer, the key that it named is there: it is waited for.
    """
    pauses, lost = sending.pauses(), 0
    while True:
        try:
            return _delivered(action, sending, delivery), lost > 0
        except (ClientError, BotoCoreError) as error:
            lost += is_lost(error)
            if not lost:
                raise
            paused = _paused(sending, pauses, error)
            _delete_lost(_unknown_after_loss(action, sending), action, sending)
            if not paused or lost == _TRIES or not (is_lost(error) or is_full(error)):
                raise Undelivered(f"{answer(error)}; {_LOST}: the next run looks for it once more") from error


def _delivered(action: Action, sending: Sending, delivery: Delivery) -> str:
    """The id of a new key that is delivered. Raises NotDone if the delivery fails, and deletes the key."""
    user_name, made = str(action.params["UserName"]), ""

    def deliver(answered: Mapping[str, Any]) -> None:
        nonlocal made
        made = answered["AccessKey"]["AccessKeyId"]
        try:
            delivery.new_access_key(user_name, made, answered["AccessKey"]["SecretAccessKey"])
        except DeliveryError as error:
            _delete(made, f"{error}, so the new access key {made} cannot be delivered", action, sending)
            raise NotDone(f"{error}: the new access key {made} was deleted again") from None
        sending.so_far.made.add(("AccessKeyId", made))

    sending.patiently(action, take=deliver)
    return made


def _listed_with(made: str, action: Action, sending: Sending) -> frozenset[str]:
    """The user's keys, as soon as the new one is among them."""
    pauses = sending.pauses()
    while made not in (there := listed(action, sending)):
        sending.wait(pauses, NotDone(f"access key {made} is not visible, or another run has deleted it"))
    return there


def _deleted_again(made: str, why: str, action: Action, sending: Sending, delivery: Delivery) -> NotDone:
    """Delete a key that was delivered; returns what to raise then."""
    _delete(made, f"{why}, so the new access key {made} is not kept", action, sending)
    delivery.take_back(str(action.params["UserName"]), made)
    return NotDone(f"{why}: the new access key {made} was deleted again; plan again")


def _unknown_after_loss(action: Action, sending: Sending) -> list[str]:
    try:
        return unknown(listed(action, sending), action, sending)
    except (ClientError, BotoCoreError) as error:
        raise Undelivered(f"{_LOST}; the keys cannot be listed: {answer(error)}: delete it yourself") from error


def _delete_lost(key_ids: list[str], action: Action, sending: Sending) -> None:
    for key_id in key_ids:
        _delete(key_id, _LOST, action, sending)
        sending.so_far.made.add(("AccessKeyId", key_id))  # by this run, and a later list may still show it


def _delete(key_id: str, why: str, action: Action, sending: Sending) -> None:
    """Delete a key that this run has made."""
    removal = replace(action, change=DeleteAccessKey(str(action.params["UserName"]), key_id))
    try:
        sending.repair(removal, otherwise=f"{why}; delete access key {key_id} yourself, it still exists")
    except NotDone as error:
        raise Undelivered(str(error), error.code) from error


def _paused(sending: Sending, pauses: Iterator[float], error: Exception) -> bool:
    """Whether a pause has passed, in which a new key becomes visible, and another try is welcome."""
    try:
        sending.wait(pauses, error)
    except (ClientError, BotoCoreError):
        return False
    return True
