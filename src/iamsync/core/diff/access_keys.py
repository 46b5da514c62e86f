"""Access keys of a declared user: as many as declared, and an old one replaced step by step."""

from collections.abc import Iterator, Sequence

from iamsync.core.action import Action, When, reason
from iamsync.core.action import credentials as way_in
from iamsync.core.action import users as call
from iamsync.core.diff.sides import Sides
from iamsync.core.keys import Do, Step, Wait
from iamsync.core.model import RETIRED_KEY_TAG, AccessKey, User

_ENDING = frozenset({Do.SWITCH_OFF, Do.RETIRE, Do.DELETE, Do.MAKE_ROOM})


def ending(steps: Sequence[Step | Wait]) -> frozenset[str]:
    """The keys that are not to be switched on again."""
    return frozenset(step.key.id for step in steps if isinstance(step, Step) and step.key and step.do in _ENDING)


def access_key_actions(
    desired: User, live: User, keys: Sequence[AccessKey], steps: Sequence[Step | Wait], sides: Sides
) -> Iterator[Action]:
    """The steps that take away, as calls."""
    why, on = _reason(desired), {key.id for key in keys if key.active}
    noted = live.tags.get(RETIRED_KEY_TAG, "").partition(" ")[0]
    left = {key.id for key in keys}
    for step in steps:
        if not isinstance(step, Step) or step.key is None:
            continue
        key, details = step.key.id, (step.why,) if step.why else ()
        if step.do is Do.RETIRE:
            mark = {RETIRED_KEY_TAG: f"{key} {sides.known.today}"}
            yield call.mark_user(desired, mark, "remember when the old access key was switched off")
        if step.do in {Do.RETIRE, Do.SWITCH_OFF}:
            if key in on:
                yield way_in.deactivate_access_key(desired, key, why, details=details)
        else:
            left.discard(key)
            when = When.ROOM if step.do is Do.MAKE_ROOM else When.IN_TURN
            yield way_in.delete_access_key(desired, key, why=why, details=details, when=when)
    if noted and noted not in left and desired.access_keys is not None and not desired.suspended:
        yield call.untag_user(
            desired, [RETIRED_KEY_TAG], summary="forget when the old access key was switched off", when=When.LAST
        )


def new_access_keys(desired: User, steps: Sequence[Step | Wait], *, needs: frozenset[str]) -> Iterator[Action]:
    """The steps that make a key, as calls."""
    for step in steps:
        if isinstance(step, Step) and step.do is Do.CREATE:
            yield way_in.create_access_key(
                desired, _reason(desired), needs=needs, details=(step.why,) if step.why else ()
            )


def _reason(desired: User) -> str:
    return reason(desired.access_keys.origin if desired.access_keys else None, desired.origin)
