"""A pause: all that gives something waits, and what takes access away goes on (docs/promises.md)."""

from collections.abc import Iterable, Iterator

from iamsync.core.action import Action
from iamsync.core.change import Delete
from iamsync.core.scope import Note


def pausing(actions: Iterable[Action], why: str) -> Iterator[Note]:
    """The hold of each subject of a plan that is made while paused. Of what would be deleted as a whole, nothing goes
    that cannot be made again: it is suspended instead (`PlanInput.may_delete`). An undeclared password goes.
    """
    actions = tuple(actions)
    leaving = {action.subject for action in actions if isinstance(action.change, Delete)}
    origins = {action.subject: action.reason for action in reversed(actions)}
    for subject, origin in sorted(origins.items()):
        yield Note(subject=subject, text=why, origin=origin, keeps=subject in leaving)
