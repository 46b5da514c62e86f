"""CreateAccessKey: no key that works may be left without somebody who holds it.

AWS tells the secret once, in the answer. So the key is delivered at once, and deleted if it can not be; and where the
answer is lost, whatever key has appeared is deleted before one more is made. These deletions are no part of the plan:
they take back what the plan's own call did, and each has its line in the journal.

A process that is killed (-9) between AWS's answer and the disk can do nothing of that. But the plan has noted on the
user which keys were there before (`core.keys`), and that note is taken off only when the new key is delivered: the next
run finds the key and replaces it.

Two runs may do this for one user in the same moment, and IAM has no lock. So nothing is noted, and no key is made,
where there is one that the plan does not know. A key that was made beside another run's is deleted by the run that made
it, unless it has the smallest id: then that run waits until the others have deleted theirs. Nobody deletes another
run's key, but for one that is nobody's by the note, while the note stands: a run that ends well takes it off. (Where an
answer is lost as well, another run's key may be deleted. If it has not ended, it sees that and fails.)
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.sending import NotDone, Sending, is_full, is_lost
from iamsync.aws import answer
from iamsync.core.action import Action, Verb
from iamsync.core.model import NEW_ACCESS_KEY_TAG
from iamsync.delivery import Delivery
from iamsync.errors import DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


_MORE_TRIES = 3
"""How often a key is made again whose answer was lost."""


def new_access_key(action: Action, sending: Sending, delivery: Delivery | None) -> str:
    """Make a key beside those that are known, deliver it, and see that it is the only new one."""
    if delivery is None:
        raise DeliveryError("there is no way to deliver the secret, so it is not made")
    _check_premise(action, sending)
    try:
        return _alone(_made(action, sending, delivery), action, sending, delivery)
    except (ClientError, BotoCoreError) as error:
        if not is_lost(error):
            raise
        made, removed = _made_after_all(error, action, sending, delivery)
    return f"{_alone(made, action, sending, delivery)}; the first answer was lost, {_told(removed)}"


def _made_after_all(
    lost: ClientError | BotoCoreError, action: Action, sending: Sending, delivery: Delivery
) -> tuple[str, frozenset[str]]:
    """A key that is delivered, and those that are gone which nobody held. Where there is no room for a second key, the
    first try has made one: it is waited for until it can be seen.
    """
    pauses, removed, error, left = sending.pauses(), frozenset[str](), lost, _MORE_TRIES
    while True:
        may_go_on = _waited(sending, pauses, error)
        removed |= _without_strays(partial(_listed, action, sending), action, sending)
        if not (may_go_on and left):
            raise NotDone(f"{answer(error)}; an answer was lost, {_told(removed)}") from error
        try:
            made = _made(action, sending, delivery)
        except (ClientError, BotoCoreError) as again:
            error = again
            if not is_full(again):
                left = left - 1 if is_lost(again) else 0
        else:
            return made, removed | _without_strays(partial(_seen_with, made, action, sending), action, sending)


def if_nobody_else_was_there(action: Action, sending: Sending) -> str:
    """Send a call that has a premise, unless it does not hold any more."""
    _check_premise(action, sending)
    return sending.patiently(action)


def _check_premise(action: Action, sending: Sending) -> None:
    if action.premise is None:
        return
    if action.premise.keys is not None and (others := _others(_listed(action, sending), action, sending)):
        raise NotDone(f"another run has made access key {', '.join(sorted(others))} since the plan: plan again")
    if action.premise.mark is not None and action.premise.mark != _mark(action, sending):
        raise NotDone("another run has been at the user's access keys since the plan: plan again")


def _made(action: Action, sending: Sending, delivery: Delivery) -> str:
    """The id of a new key that is delivered."""
    user_name = _user(action)
    made = ""

    def deliver(answered: Mapping[str, Any]) -> None:
        nonlocal made
        made = answered["AccessKey"]["AccessKeyId"]
        try:
            delivery.new_access_key(user_name, made, answered["AccessKey"]["SecretAccessKey"])
        except DeliveryError as error:
            _delete(made, action, sending, f"{error}, so the new access key {made} can not be handed over")
            raise NotDone(f"{error}: the new access key {made} was deleted again") from None
        sending.so_far.made.add(("AccessKeyId", made))

    sending.patiently(action, take=deliver)
    return made


def _alone(made: str, action: Action, sending: Sending, delivery: Delivery) -> str:
    """The id of the new key, once it can be seen and no other run's can. Otherwise it is taken back."""
    try:
        _wait_to_be_alone(made, action, sending)
    except (NotDone, ClientError, BotoCoreError) as error:
        why = str(error) if isinstance(error, NotDone) else f"the keys can not be listed: {answer(error)}"
        _delete(made, action, sending, f"{why}, so the new access key {made} is taken back")
        delivery.take_back(_user(action), made)
        raise NotDone(f"{why}: the new access key {made} was deleted again; plan again") from error
    return made


def _wait_to_be_alone(made: str, action: Action, sending: Sending) -> None:
    """Raises NotDone if another run's key is there and goes before ours, or stays too long; or if ours is gone."""
    pauses = sending.pauses()
    while True:
        there = _listed(action, sending)
        others = sorted(_others(there, action, sending))
        if not others and made in there:
            return
        told = f"another run has made access key {', '.join(others)} in the same moment"
        why = NotDone(told if others else f"access key {made} is not there, another run may have deleted it")
        if others and others[0] < made:
            raise why
        sending.wait(pauses, why)


def _waited(sending: Sending, pauses: Iterator[float], error: Exception) -> bool:
    """Whether a pause has passed, in which a new key becomes visible, and another try is welcome."""
    try:
        sending.wait(pauses, error)
    except (ClientError, BotoCoreError):
        return False
    return True


def _without_strays(look: Callable[[], Collection[str]], action: Action, sending: Sending) -> frozenset[str]:
    """Delete the keys that a look shows and that are not known, which nobody holds; their ids."""
    why = "the answer was lost, and nobody holds the key that it told"
    try:
        strays = _others(look(), action, sending)
    except (ClientError, BotoCoreError) as error:
        raise NotDone(f"{why}; and the keys can not be listed: {answer(error)}: delete it by hand") from error
    for key_id in sorted(strays):
        _delete(key_id, action, sending, why)
        sending.so_far.made.add(("AccessKeyId", key_id))  # by us, and a later look may still show it
    return strays


def _delete(key_id: str, action: Action, sending: Sending, why: str) -> None:
    """Take a key back. Raises NotDone if it stays."""
    removal = replace(
        action,
        verb=Verb.REMOVE,
        operation="delete_access_key",
        params={"UserName": _user(action), "AccessKeyId": key_id},
        summary=f"delete access key {key_id}: {why}",
        details=(),
    )
    sending.repair(removal, otherwise=f"{why}; delete access key {key_id} by hand, for it stays")


def _others(there: Collection[str], action: Action, sending: Sending) -> frozenset[str]:
    """The keys that neither the plan knew nor this run has made."""
    planned = (action.premise.keys if action.premise else None) or frozenset()
    return frozenset(key for key in there if key not in planned and ("AccessKeyId", key) not in sending.so_far.made)


def _listed(action: Action, sending: Sending) -> frozenset[str]:
    """The ids of the user's keys."""

    def listed(iam: "IAMClient") -> frozenset[str]:
        pages = iam.get_paginator("list_access_keys").paginate(UserName=_user(action))
        return frozenset(key["AccessKeyId"] for page in pages for key in page["AccessKeyMetadata"])

    return sending.seen(listed)


def _seen_with(made: str, action: Action, sending: Sending) -> frozenset[str]:
    """The user's keys as soon as the one that was `made` is among them: then one that is older is as well."""
    pauses = sending.pauses()
    while made not in (there := _listed(action, sending)):
        sending.wait(pauses, NotDone(f"access key {made} is not to be seen"))
    return there


def _mark(action: Action, sending: Sending) -> str:
    """What is noted on the user."""
    user = sending.seen(lambda iam: iam.get_user(UserName=_user(action))["User"])
    return next((tag["Value"] for tag in user.get("Tags", ()) if tag["Key"] == NEW_ACCESS_KEY_TAG), "")


def _user(action: Action) -> str:
    return str(action.params["UserName"])


def _told(removed: Collection[str]) -> str:
    if not removed:
        return "no key that it made is to be seen"
    return f"{', '.join(sorted(removed))}, which nobody holds, was deleted"
