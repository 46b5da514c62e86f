"""Whether this process may write at a moment: where several replicas run, one of them writes."""

from collections.abc import Callable
from typing import NamedTuple

from iamsync.core.action import Action
from iamsync.core.change import RemoveTags
from iamsync.core.plan import Plan
from iamsync.core.tags import NEW_ACCESS_KEY_TAG


class Closed(NamedTuple):
    """Why this process may not write what gives something; or nothing `at_all`."""

    why: str
    at_all: bool = False


Gate = Callable[[], Closed | None]
"""Asked before each call that writes; None if all may be written."""


def always_open() -> None:
    """The gate of a process that writes alone."""


def waits(action: Action, plan: Plan) -> bool:
    """Whether an action gives or creates something. To say that a key has been made is none of it: until then, the next
    run would take the key for one that nobody holds.
    """
    match action.change:
        case RemoveTags(_, keys) if all(key.startswith(NEW_ACCESS_KEY_TAG) for key in keys):
            return False
        case _:
            return plan.gives(action)
