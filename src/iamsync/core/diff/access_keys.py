"""Access keys of a declared user: as many as declared, and an old one replaced step by step."""

from collections.abc import Iterator, Sequence

from iamsync.core.action import Action, Premise, Timing
from iamsync.core.change import THIS_RUN, CreateAccessKey, DeleteAccessKey, RemoveTags, SetKeyStatus, SetTags
from iamsync.core.diff.owners import entity_of
from iamsync.core.keys import Do, Step, Wait, note_tag, noted, notes_in
from iamsync.core.model import AccessKey, Origin, User, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.tags import RETIRED_KEY_TAG

_DELETING = {Do.DELETE: Timing.IN_ORDER, Do.MAKE_ROOM: Timing.ROOM, Do.DELETE_STRAY: Timing.ROOM}
_BY_NOTE = {Do.DEACTIVATE_STRAY, Do.RETIRE_STRAY, Do.DELETE_STRAY}
_RETIRING = {Do.RETIRE, Do.RETIRE_STRAY}
_NOTE = note_tag(THIS_RUN)
_ENDING = {Do.DEACTIVATE, Do.DEACTIVATE_STRAY, *_RETIRING, *_DELETING}


def ending(steps: Sequence[Step | Wait]) -> frozenset[str]:
    """The keys that are not to be activated again."""
    return frozenset(step.key.id for step in steps if isinstance(step, Step) and step.key and step.do in _ENDING)


def staying(keys: Sequence[AccessKey], steps: Sequence[Step | Wait]) -> frozenset[str]:
    """The keys that are not deleted."""
    gone = {step.key.id for step in steps if isinstance(step, Step) and step.key and step.do in _DELETING}
    return frozenset(key.id for key in keys if key.id not in gone)


def note_before(keys: Sequence[AccessKey], steps: Sequence[Step | Wait]) -> dict[str, str]:
    """The tag that a user must carry before the steps that make a key; none if there are none."""
    return {_NOTE: noted(staying(keys, steps))} if any(_creations(steps)) else {}


def access_key_actions(
    desired: User, live: User, keys: Sequence[AccessKey], steps: Sequence[Step | Wait], plan: PlanInput
) -> Iterator[Action]:
    """The steps that deactivate or delete, as actions."""
    subject, reason, active = user_subject(desired.name), _reason(desired), {key.id for key in keys if key.active}
    noted_as_retired = live.tags.get(RETIRED_KEY_TAG, "").partition(" ")[0]
    for step in steps:
        if not isinstance(step, Step) or step.key is None:
            continue
        key, notes = step.key.id, (step.note,) if step.note else ()
        premise = Premise(notes=frozenset(notes_in(live.tags))) if step.do in _BY_NOTE else None
        if step.do in _RETIRING:
            noted_as_retired = key
            mark = SetTags(entity_of(desired), {RETIRED_KEY_TAG: f"{key} {plan.known.today}"})
            yield Action(change=mark, subject=subject, reason=desired.origin, timing=Timing.FIRST, premise=premise)
        if step.do in _DELETING:
            yield Action(
                change=DeleteAccessKey(desired.name, key),
                subject=subject,
                reason=reason,
                timing=_DELETING[step.do],
                notes=notes,
                premise=premise,
            )
        elif key in active:
            change = SetKeyStatus(desired.name, key, active=False)
            timing = Timing.FIRST
            yield Action(change=change, subject=subject, reason=reason, timing=timing, notes=notes, premise=premise)
    is_over = noted_as_retired and noted_as_retired not in staying(keys, steps)
    if is_over and desired.access_keys is not None and not desired.suspended:
        yield _untag(desired, RETIRED_KEY_TAG)


def new_access_keys(
    desired: User, live: User, keys: Sequence[AccessKey], steps: Sequence[Step | Wait]
) -> Iterator[Action]:
    """The steps that make a key, as actions: between the claim and the end of the note (`apply.claims`)."""
    subject, known = user_subject(desired.name), Premise(keys=frozenset(key.id for key in keys))
    note = note_before(keys, steps)
    if left_over := sorted(notes_in(live.tags).keys() - note.keys()):
        yield _untag(desired, *left_over)
    if note and not note.items() <= live.tags.items():
        claim, mark = SetTags(entity_of(desired), {_NOTE: ""}), SetTags(entity_of(desired), note)
        yield Action(change=claim, subject=subject, reason=desired.origin, timing=Timing.LAST, premise=known)
        yield Action(change=mark, subject=subject, reason=desired.origin, timing=Timing.LAST)
    for step in _creations(steps):
        notes = (step.note,) if step.note else ()
        wanted = desired.access_keys
        creation = CreateAccessKey(desired.name, *((wanted.channel, wanted.recipients) if wanted else ()))
        yield Action(change=creation, subject=subject, reason=_reason(desired), notes=notes, premise=known)
    if note:
        yield _untag(desired, _NOTE)


def _untag(desired: User, *tags: str) -> Action:
    untag = RemoveTags(entity_of(desired), tags)
    return Action(change=untag, subject=user_subject(desired.name), timing=Timing.LAST)


def _creations(steps: Sequence[Step | Wait]) -> Iterator[Step]:
    return (step for step in steps if isinstance(step, Step) and step.do is Do.CREATE)


def _reason(desired: User) -> Origin | None:
    return (desired.access_keys.origin if desired.access_keys else None) or desired.origin
