"""Access keys of a declared user: as many as declared, and an old one replaced step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iamsync.core.action import THIS_RUN, Action, Premise, When, reason
from iamsync.core.action import credentials as way_in
from iamsync.core.action import users as call
from iamsync.core.diff.sides import Sides
from iamsync.core.keys import Do, Step, Wait, note_tag, noted, notes_in
from iamsync.core.model import RETIRED_KEY_TAG, AccessKey, User

_DELETING = {Do.DELETE: When.IN_TURN, Do.MAKE_ROOM: When.ROOM, Do.DELETE_STRAY: When.FIRST}
_ENDING = {Do.SWITCH_OFF, Do.RETIRE, *_DELETING}
_NOTE = note_tag(THIS_RUN)


def ending(steps: Sequence[Step | Wait]) -> frozenset[str]:
    """The keys that are not to be switched on again."""
    return frozenset(step.key.id for step in steps if isinstance(step, Step) and step.key and step.do in _ENDING)


def staying(keys: Sequence[AccessKey], steps: Sequence[Step | Wait]) -> frozenset[str]:
    """The keys that are not deleted."""
    gone = {step.key.id for step in steps if isinstance(step, Step) and step.key and step.do in _DELETING}
    return frozenset(key.id for key in keys if key.id not in gone)


def note_before(keys: Sequence[AccessKey], steps: Sequence[Step | Wait]) -> dict[str, str]:
    """The tag that a user must have before the steps that make a key; none if there are none."""
    return {_NOTE: noted(staying(keys, steps))} if any(_creations(steps)) else {}


def access_key_actions(
    desired: User, live: User, keys: Sequence[AccessKey], steps: Sequence[Step | Wait], sides: Sides
) -> Iterator[Action]:
    """The steps that take away, as calls."""
    why, on = _reason(desired), {key.id for key in keys if key.active}
    for step in steps:
        if not isinstance(step, Step) or step.key is None:
            continue
        key, details = step.key.id, (step.why,) if step.why else ()
        if step.do is Do.RETIRE:
            mark = {RETIRED_KEY_TAG: f"{key} {sides.known.today}"}
            yield call.mark_user(desired, mark, "remember when the old access key was switched off")
        if step.do in _DELETING:
            gone = way_in.delete_access_key(desired, key, why=why, details=details, when=_DELETING[step.do])
            is_stray = step.do is Do.DELETE_STRAY
            yield replace(gone, premise=Premise(notes=frozenset(notes_in(live.tags)))) if is_stray else gone
        elif key in on:
            yield way_in.deactivate_access_key(desired, key, why, details=details)
    retired = live.tags.get(RETIRED_KEY_TAG, "").partition(" ")[0]
    if retired and retired not in staying(keys, steps) and desired.access_keys is not None and not desired.suspended:
        yield call.untag_user(
            desired, [RETIRED_KEY_TAG], summary="forget when the old access key was switched off", when=When.LAST
        )


def new_access_keys(
    desired: User, live: User, keys: Sequence[AccessKey], steps: Sequence[Step | Wait], *, needs: frozenset[str]
) -> Iterator[Action]:
    """The steps that make a key, as calls: between the claim and the end of the note (`apply.claims`)."""
    known = frozenset(key.id for key in keys)
    note = note_before(keys, steps)
    if left_over := sorted(notes_in(live.tags).keys() - note.keys()):
        yield _untag(desired, left_over, "clear the tag of an unfinished run")
    if note and not note.items() <= live.tags.items():
        claim = call.mark_user(desired, {_NOTE: ""}, "claim new access keys for this run", when=When.LAST)
        yield replace(claim, needs=needs, premise=Premise(keys=known))
        mark = call.mark_user(desired, note, "remember which access keys there are", when=When.LAST)
        yield replace(mark, needs=needs)
    for step in _creations(steps):
        details = (step.why,) if step.why else ()
        yield way_in.create_access_key(desired, _reason(desired), known=known, needs=needs, details=details)
    if note:
        yield _untag(desired, [_NOTE], "forget which access keys there were")


def _creations(steps: Sequence[Step | Wait]) -> Iterator[Step]:
    return (step for step in steps if isinstance(step, Step) and step.do is Do.CREATE)


def _untag(desired: User, tags: Sequence[str], summary: str) -> Action:
    return call.untag_user(desired, tags, summary=summary, when=When.LAST)


def _reason(desired: User) -> str:
    return reason(desired.access_keys.origin if desired.access_keys else None, desired.origin)
