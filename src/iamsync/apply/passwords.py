"""New passwords: what is delivered must be true in the end, and nobody else's password may be touched."""

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
    """Give a user a first password: hand it to the delivery channel, then send CreateLoginProfile.

    The delivery comes first, so that no password works that nobody has received. Returns a remark for the report.
    All tries send the same password, with one of these outcomes:

    1. AWS accepts it.
    2. AWS refuses every try, or no try reaches AWS: the delivery is withdrawn, and the error is raised.
    3. An answer is lost, for example by a timeout, so the password may have been set. GetLoginProfile decides:

       - The user's password was created after the first try, so almost certainly by it. UpdateLoginProfile sets the
         delivered password once more: from then on it works for certain. (If another apply of the same files has
         created a password in these seconds, this replaces it.)
       - It is older than the first try, or it cannot be read: somebody else may have set it. It is left alone, and the
         delivered password stays where it is. NotDone is raised.

    Raises DeliveryError if the channel does not take the password; nothing has been sent to AWS then.
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
    update = ReplacePassword(change.user, change.reset_required, change.channel, change.recipients)
    return _made_certain(replace(action, change=update), password, sending)


def other_password(action: Action, change: ReplacePassword, sending: Sending, delivery: Delivery, tries: Tries) -> str:
    """Give a user another password: hand it to the delivery channel, then send UpdateLoginProfile.

    Until AWS accepts it, the old password works. All tries send the same password. If AWS refuses every try, the
    delivery is withdrawn, and the error is raised. If an answer is lost, the password is set once more: from then on it
    works for certain. If that fails, too, NotDone is raised, and the password stays where it was delivered, because it
    may work. Returns a remark for the report.

    Raises DeliveryError if the channel does not take the password; nothing has been sent to AWS then.
    """
    channel, password = delivery.by(change.channel), delivery.new_password()
    receipt = channel.put(NewCredential(user=change.user, kind=Secret.PASSWORD, secret=password))
    try:
        return sending.patiently(action, password)
    except (ClientError, BotoCoreError) as error:
        if _surely_refused(error, tries):
            _withdraw(receipt, channel, error)
            raise
    return _made_certain(action, password, sending)


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


def _made_certain(update: Action, password: str, sending: Sending) -> str:
    otherwise = "the answer was lost, and UpdateLoginProfile with the delivered password failed"
    sending.repair(update, otherwise=otherwise, secret=password)
    return "the answer was lost; the delivered password was set once more"
