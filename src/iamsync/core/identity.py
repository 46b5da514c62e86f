"""Which users a plan was made for: by the time of a call, somebody else may have the name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from iamsync.core.action import Action
from iamsync.core.change import Minting
from iamsync.core.limit import is_irreversible
from iamsync.core.model import User, user_subject
from iamsync.core.tags import OWNER_TAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """IAM's id of a user, which no other user ever has (IAM User Guide, "IAM identifiers"), and the value of the
    ownership tag, if there is one.
    """

    id: str
    owner: str | None


def needs_identity(action: Action) -> bool:
    """Whether an action must not reach another user of the same name: it cannot be undone, or hands out a secret."""
    return isinstance(action.change, Minting) or is_irreversible(action)


def identities(actions: Iterable[Action], live: Mapping[str, User]) -> dict[str, Identity]:
    """The live users to whom such actions are made, by subject; `live` has them under their new names."""
    subjects = {action.subject for action in actions if needs_identity(action)}
    return {
        user_subject(name): Identity(id=user.id, owner=user.tags.get(OWNER_TAG))
        for name, user in live.items()
        if user.id and user_subject(name) in subjects
    }
