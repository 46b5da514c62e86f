"""UpdateUser with a new name: when it is sent again, the user of the old name is not there any more."""

from iamsync.apply.sending import Sending
from iamsync.apply.wire import Tries
from iamsync.core.action import Action
from iamsync.core.change import Rename


def new_name(action: Action, change: Rename, sending: Sending, tries: Tries) -> str:
    """Rename a user. Returns what is worth reporting.

    After a lost answer, the repeated call fails: the old name no longer exists, or the new name is taken. (AWS does not
    document which error comes first.) That is a success if the new name exists and the old one does not. IAM may show
    this late, so it is looked up until the patience of `sending` ends.
    """
    no = sending.iam.exceptions
    pauses = sending.pauses()
    while True:
        try:
            return sending.patiently(action)
        except (no.NoSuchEntityException, no.EntityAlreadyExistsException) as error:
            if not tries.doubtful:
                raise
            if _is_there(change.new, sending) and not _is_there(change.old, sending):
                return "the answer was lost, the new name is there"
            sending.wait(pauses, error)


def _is_there(name: str, sending: Sending) -> bool:
    try:
        sending.iam.get_user(UserName=name)
    except sending.iam.exceptions.NoSuchEntityException:
        return False
    return True
