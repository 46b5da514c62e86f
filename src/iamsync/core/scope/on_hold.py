"""Users whom a person has put on hold, by a tag on the live user: the account can say stop (docs/promises.md)."""

from collections.abc import Iterable, Iterator

from iamsync.core.model import User, user_subject
from iamsync.core.scope.note import Note
from iamsync.core.tags import HOLD_TAG


def on_hold(users: Iterable[User]) -> Iterator[Note]:
    """Why each user who is on hold gets nothing and is not deleted."""
    for user in users:
        if HOLD_TAG in user.tags:
            reason = f" ({user.tags[HOLD_TAG]})" if user.tags[HOLD_TAG] else ""
            text = f"is on hold{reason}: gets nothing, and nothing is deleted; to go on, remove the tag {HOLD_TAG}"
            yield Note(subject=user_subject(user.name), text=text, origin=user.origin, keeps=True)
