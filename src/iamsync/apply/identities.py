"""Before the first call to a user that hands out a secret or cannot be undone: it is still the user of the plan."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamsync.apply.sending import NotDone, Sending
from iamsync.core.action import Action
from iamsync.core.change import Rename
from iamsync.core.identity import Identity, needs_identity
from iamsync.core.plan import Plan
from iamsync.core.tags import OWNER_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import UserTypeDef


class Identities:
    """The users of one run. Each is looked at once; the graph lets one action of a user run at a time."""

    def __init__(self, plan: Plan, sending: Sending) -> None:
        self._planned = plan.identities
        self._owner = plan.owner
        self._renamed = {action.subject for action in plan.actions if isinstance(action.change, Rename)}
        self._sending = sending
        self._faults: dict[str, str] = {}

    def confirm(self, action: Action) -> None:
        """Raises NotDone if the user is another one by now, or belongs to somebody else."""
        planned = self._planned.get(action.subject)
        if planned is None or not needs_identity(action):
            return
        if action.subject not in self._faults:
            self._faults[action.subject] = self._fault(action.subject, planned)
        if fault := self._faults[action.subject]:
            raise NotDone(f"{fault} since the plan: plan again")

    def _fault(self, subject: str, planned: Identity) -> str:
        user = self._found(subject)
        if user is None:
            return ""
        if user["UserId"] != planned.id:
            return f"the user ({planned.id}) was deleted and another one of that name ({user['UserId']}) created"
        owner = _owner(user)
        if owner in {planned.owner, self._owner if planned.owner is None else planned.owner}:
            return ""
        return f"the ownership tag was {_shown(planned.owner)} and has become {_shown(owner)}"

    def _found(self, subject: str) -> "UserTypeDef | None":
        """The user as IAM shows it now. One that is gone needs no look: the call itself ends well, or says so."""
        name = subject.partition("/")[2]
        if subject in self._renamed:
            return self._sending.seen(lambda iam: iam.get_user(UserName=name)["User"])
        try:
            return self._sending.iam.get_user(UserName=name)["User"]
        except self._sending.iam.exceptions.NoSuchEntityException:
            return None


def _owner(user: "UserTypeDef") -> str | None:
    tags: Mapping[str, str] = {tag["Key"]: tag["Value"] for tag in user.get("Tags", ())}
    return tags.get(OWNER_TAG)


def _shown(owner: str | None) -> str:
    return "none" if owner is None else f'"{owner}"'
