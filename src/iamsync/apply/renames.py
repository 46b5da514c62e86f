"""UpdateUser with a new name: when it is sent again, the user of the old name is not there any more."""

from botocore.exceptions import ClientError

from iamsync.apply.sending import Sending
from iamsync.apply.wire import Tries
from iamsync.core.action import Action


def new_name(action: Action, sending: Sending, tries: Tries) -> str:
    """Rename a user. That the old name is gone is a success if an answer was lost and the new name is there, though
    perhaps not at once.
    """
    pauses = sending.pauses()
    while True:
        try:
            return sending.patiently(action)
        except sending.iam.exceptions.NoSuchEntityException as error:
            if not tries.doubtful:
                raise
            if _is_there(str(action.params["NewUserName"]), sending):
                return "the answer was lost, the new name is there"
            sending.wait(pauses, error)


def _is_there(name: str, sending: Sending) -> bool:
    try:
        sending.iam.get_user(UserName=name)
    except ClientError:
        return False
    return True
