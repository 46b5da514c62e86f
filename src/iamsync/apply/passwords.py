"""CreateLoginProfile: what is delivered must be true in the end, and nobody else's password may be touched."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.sending import NOT_KNOWN, NotDone, Sending, code_of, is_lost
from iamsync.apply.wire import Tries
from iamsync.aws.said import answer
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.change import CreatePassword, ReplacePassword
from iamsync.core.receipt import Receipt
from iamsync.delivery import Channel, Delivery, NewCredential
from iamsync.errors import DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import GetLoginProfileResponseTypeDef

_WHOLE_SECONDS = timedelta(seconds=2)
"""IAM tells times in whole seconds, and so does the Date of an answer."""


def new_password(action: Action, change: CreatePassword, sending: Sending, delivery: Delivery, tries: Tries) -> str:
    """Deliver a new password, then make it live.

    Every try sends the same password. When AWS surely refused them all, or none reached it, the delivery is withdrawn.
    When an answer was lost, a profile may be there, and then either our try made it or somebody else did:

    - It was created while we tried: almost surely ours. UpdateLoginProfile with the same password and the same reset
      flag makes it certain, because a delivered password that does not work is worse than one call that is not in the
      plan. (Should another apply of the same files have made it within these seconds, its password is replaced.)
    - It is older, or it cannot be seen: nothing is changed, the action has failed, and the delivery stays: a password
      that may be dead does no harm, a live password that nobody holds does.
    """
    channel, password = delivery.by(change.channel), delivery.new_password()
    receipt = channel.put(NewCredential(user=change.user, kind=Secret.PASSWORD, secret=password))
    began = time.monotonic()
    try:
        return sending.patiently(action, password)
    except (ClientError, BotoCoreError) as error:
        if _surely_refused(error, tries):
            _withdraw(receipt, channel, error)
            raise
        if not _appeared(error, change.user, sending, began):
            raise NotDone(f"{answer(error)}; {NOT_KNOWN}, so the delivered password stays where it is") from error
    _made_certain(replace(action, change=ReplacePassword(change.user, change.reset_required)), password, sending)
    return "the answer was lost; the delivered password was set once more"


def _withdraw(receipt: Receipt, channel: Channel, refused: ClientError | BotoCoreError) -> None:
    """Withdraw a password that will never work. Raises NotDone if it stays."""
    try:
        channel.withdraw(receipt)
    except DeliveryError as error:
        why = f"{answer(refused)}; {error}, so the password stays where it was delivered, and will never work"
        raise NotDone(why, code_of(refused) if isinstance(refused, ClientError) else "") from refused


def _surely_refused(error: ClientError | BotoCoreError, tries: Tries) -> bool:
    return not tries.doubtful and not is_lost(error)


def _appeared(error: ClientError | BotoCoreError, user_name: str, sending: Sending, began: float) -> bool:
    """Whether the user has a password that is not older than our first try, at `began`. Where AWS says in `error` that
    there is one, it is waited for until it can be seen.

    Compared in AWS's own time: the Date of the answer, less what has passed here, so that no clock need be right.
    """

    def profile(iam: "IAMClient") -> "GetLoginProfileResponseTypeDef":
        return iam.get_login_profile(UserName=user_name)

    is_there = isinstance(error, ClientError) and code_of(error) == "EntityAlreadyExists"
    try:
        answered = sending.seen(profile) if is_there else profile(sending.iam)
    except (ClientError, BotoCoreError):
        return False
    date = answered["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(date) if date else datetime.now(tz=UTC)
    seconds_ago = timedelta(seconds=time.monotonic() - began)
    return answered["LoginProfile"]["CreateDate"] >= now - seconds_ago - _WHOLE_SECONDS


def _made_certain(update: Action, password: str, sending: Sending) -> None:
    otherwise = "the answer was lost, and UpdateLoginProfile with the delivered password failed"
    sending.repair(update, otherwise=otherwise, secret=password)
