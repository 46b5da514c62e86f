"""CreateAccessKey: no key that works may be left without somebody who holds it.

AWS tells the secret once, in the answer. So the key is delivered at once, and deleted if it can not be; and where the
answer is lost, whatever key has appeared is deleted before one more is made. These deletions are no part of the plan:
they take back what the plan's own call did, and each has its line in the journal.

One moment can not be closed: a process that is killed (-9) between AWS's answer and the disk leaves a key that nobody
holds. The next plan counts it; it shows as never used.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.sending import NotDone, Sending, is_lost
from iamsync.aws import answer
from iamsync.core.action import Action, Verb
from iamsync.delivery import Delivery
from iamsync.errors import DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def new_access_key(action: Action, sending: Sending, delivery: Delivery | None) -> str:
    """Make a key and deliver it.

    The keys are listed before: after a lost answer, what is new is a key that nobody holds. (Should another apply of
    the same files have made it within these seconds, its delivered key is deleted.)
    """
    if delivery is None:
        raise DeliveryError("there is no way to deliver the secret, so it is not made")
    pauses = sending.pauses()
    before = _listed_patiently(action, sending, pauses)
    try:
        return _made(action, sending, delivery)
    except (ClientError, BotoCoreError) as error:
        if not is_lost(error):
            raise
        lost = error
    may_go_on = _waited(sending, pauses, lost)
    removed = _without_strays(action, sending, before)
    if not may_go_on:
        raise NotDone(f"{answer(lost)}; {_told(removed)}, and no other was made") from lost
    try:
        made = _made(action, sending, delivery)
    except (ClientError, BotoCoreError) as error:
        if is_lost(error):
            _waited(sending, pauses, error)
        removed |= _without_strays(action, sending, before)
        raise NotDone(f"{answer(error)}; after a lost answer {_told(removed)}") from error
    removed |= _without_strays(action, sending, before | {made})
    return f"{made}; the first answer was lost, {_told(removed)}"


def _made(action: Action, sending: Sending, delivery: Delivery) -> str:
    """The id of a new key that is delivered."""
    user_name = str(action.params["UserName"])
    made = ""

    def deliver(answered: Mapping[str, Any]) -> None:
        nonlocal made
        made = answered["AccessKey"]["AccessKeyId"]
        try:
            delivery.new_access_key(user_name, made, answered["AccessKey"]["SecretAccessKey"])
        except DeliveryError as error:
            _delete(made, action, sending, f"{error}, so the new access key {made} can not be handed over")
            raise NotDone(f"{error}: the new access key {made} was deleted again") from None

    sending.patiently(action, take=deliver)
    return made


def _waited(sending: Sending, pauses: Iterator[float], error: Exception) -> bool:
    """Whether a pause has passed, in which a new key becomes visible, and another try is welcome."""
    try:
        sending.wait(pauses, error)
    except (ClientError, BotoCoreError):
        return False
    return True


def _without_strays(action: Action, sending: Sending, known: Collection[str]) -> frozenset[str]:
    """Delete the keys that are not known, which nobody holds; their ids."""
    why = "the answer was lost, and nobody holds the key that it told"
    try:
        strays = _listed(action, sending.iam) - set(known)
    except (ClientError, BotoCoreError) as error:
        raise NotDone(f"{why}; and the keys can not be listed: {answer(error)}: delete it by hand") from error
    for key_id in sorted(strays):
        _delete(key_id, action, sending, why)
    return strays


def _delete(key_id: str, action: Action, sending: Sending, why: str) -> None:
    """Take a key back. Raises NotDone if it stays."""
    removal = replace(
        action,
        verb=Verb.REMOVE,
        operation="delete_access_key",
        params={"UserName": action.params["UserName"], "AccessKeyId": key_id},
        summary=f"delete access key {key_id}: {why}",
        details=(),
    )
    sending.repair(removal, otherwise=f"{why}; delete access key {key_id} by hand, for it stays")


def _listed_patiently(action: Action, sending: Sending, pauses: Iterator[float]) -> frozenset[str]:
    """The ids of the user's keys. A user who was made a moment ago may not be visible yet."""
    while True:
        try:
            return _listed(action, sending.iam)
        except sending.iam.exceptions.NoSuchEntityException as error:
            sending.wait(pauses, error)


def _listed(action: Action, iam: "IAMClient") -> frozenset[str]:
    pages = iam.get_paginator("list_access_keys").paginate(UserName=str(action.params["UserName"]))
    return frozenset(key["AccessKeyId"] for page in pages for key in page["AccessKeyMetadata"])


def _told(removed: Collection[str]) -> str:
    if not removed:
        return "no key had been made by it"
    return f"{', '.join(sorted(removed))}, which nobody holds, was deleted"
