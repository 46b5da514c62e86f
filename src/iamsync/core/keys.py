"""How many access keys a user keeps, and the next step of replacing an old one. IAM allows two, inactive ones too.

A rotation takes one step in each run:

1. Create a new key beside the old key.
2. Deactivate the old key, when the new key has been used and the old key has not been used for a day.
3. Delete the old key after a week.

A key in use is never deactivated, whatever its age.

AWS shows the secret of a key only to the run that creates it, and this run may be killed before it delivers the key. So
each run that creates keys sets a tag of its own on the user, and removes it when the keys are delivered:

- A tag without a value is a claim: if several runs want to create keys, only one goes on (`apply.claims`).
- A tag with a value is a note: it lists the keys that the user had before.

A note that is left over shows that a run was killed. A key that is newer than the note, and was never used, is a stray:
perhaps nobody has its secret. The stray is deactivated, and another key is created. It is deleted only if the new key
needs the room, or a week later by a rotation, like any inactive key. Of a key that is inactive already, the note says
nothing new. Anybody who may tag the user can forge a note, so its effects can be undone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from iamsync.core.deny import was_suspended
from iamsync.core.iam_limits import ACCESS_KEYS
from iamsync.core.model import AccessKey, AccessKeys, User
from iamsync.core.tags import NEW_ACCESS_KEY_TAG, SUSPENDED_KEYS_TAG

QUIET_DAYS = 1
"""An old key that was used within this time is in use: who has it has not changed over yet."""

GRACE_DAYS = 7
"""How long a deactivated key stays, so that a person can activate it again."""


NO_KEY = "none"
"""The note on a user who has no access key; no key has such an id."""


class Do(Enum):
    """What becomes of a key."""

    CREATE = auto()
    DEACTIVATE = auto()
    RETIRE = auto()
    """Deactivate, and note the day."""
    DELETE = auto()
    MAKE_ROOM = auto()
    """Delete an inactive key that is in the way of a new one."""
    DEACTIVATE_STRAY = auto()
    """Deactivate a key that perhaps nobody holds."""
    RETIRE_STRAY = auto()
    """The same, and note the day: a rotation would delete it at once."""
    DELETE_STRAY = auto()
    """Delete a key that perhaps nobody holds, and that is in the way of a new one."""


class StepReason(Enum):
    """Why a step is taken, where the declaration alone does not say it."""

    UNDELIVERED = "undelivered"
    """Never used, and created by a run that was killed before it delivered the key."""
    UNDELIVERED_IN_THE_WAY = "undelivered_in_the_way"
    """The same, and IAM allows no third key."""
    INACTIVE = "inactive"
    """Inactive and unused for long enough."""
    IN_THE_WAY = "in_the_way"
    """Inactive, and IAM allows no third key."""
    IN_THE_WAY_UNUSED = "in_the_way_unused"
    """The same, and unused for long enough."""
    REPLACED = "replaced"
    """Inactive and unused for long enough; `successor` has replaced it."""
    TOO_OLD = "too_old"
    """The age for rotation is reached; the key stays until its successor is in use."""
    SUCCEEDED = "succeeded"
    """Too old, unused for a day, and `successor` is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNote:
    """Why a step is taken: about `key`, and its `successor` where there is one."""

    reason: StepReason
    key: AccessKey
    successor: AccessKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What must be done with one key, and why where the declaration alone does not say it."""

    do: Do
    key: AccessKey | None = None
    note: KeyNote | None = None


class WaitReason(Enum):
    """Why nothing is done although the keys are not as declared."""

    TOO_MANY = "too_many"
    """More active keys than declared (`limit`)."""
    NO_ROOM = "no_room"
    """The first key is too old, and the inactive others are in the way of its successor."""
    SUCCESSOR_UNUSED = "successor_unused"
    """The first key is older than `limit` days, and the second has not been used yet."""
    STILL_IN_USE = "still_in_use"
    """The first key is older than `limit` days, and still used beside the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why nothing is done, and about which keys."""

    reason: WaitReason
    keys: tuple[AccessKey, ...]
    limit: int


def due(desired: User, live: User | None, keys: Sequence[AccessKey] | None) -> list[Step | Wait]:
    """The next steps for a declared user's keys; `keys` is None where nobody looked.

    A stray is deactivated, whatever is declared; in a rotation, the day is noted. While a user is suspended, all others
    are the suspension's. Those that its end brings back count as there.
    """
    if keys is None:
        return []
    tags = live.tags if live else {}
    strays = {key.id: key for key in keys if came_since(key.id, tags) and key.idle_days is None}
    steps: list[Step | Wait] = []
    retired: set[str] = set()
    if desired.access_keys is not None and not desired.suspended:
        recorded = tags.get(SUSPENDED_KEYS_TAG, "").split() if live and was_suspended(live) else []
        held = [replace(key, active=key.active or key.id in recorded) for key in keys]
        if desired.access_keys.rotate_after_days is not None:
            retired = {key.id for key in held if key.active and key.id in strays}
        off = [_as_stray(key, desired.access_keys) if key.id in strays else key for key in held]
        steps = next_steps(desired.access_keys, off)
    gone = {step.key.id for step in steps if isinstance(step, Step) and step.key and step.do is Do.DELETE_STRAY}
    ends = [(Do.RETIRE_STRAY if key.id in retired else Do.DEACTIVATE_STRAY, key) for key in strays.values()]
    return [*(_noted_step(do, key, StepReason.UNDELIVERED) for do, key in ends if key.id not in gone), *steps]


def note_tag(run_id: str) -> str:
    """The tag that a run sets while it makes access keys."""
    return f"{NEW_ACCESS_KEY_TAG}:{run_id}"


def noted(key_ids: Iterable[str]) -> str:
    """The note on a user before a key is made: the keys that are there."""
    return " ".join(sorted(key_ids)) or NO_KEY


def notes_in(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a user that runs have set to make access keys: claims and notes."""
    return {key: value for key, value in tags.items() if key.startswith(NEW_ACCESS_KEY_TAG)}


def came_since(key_id: str, tags: Mapping[str, str]) -> bool:
    """Whether a key was not there yet when one of the notes was made. A claim accuses no key."""
    return any(there and key_id not in there for there in map(str.split, notes_in(tags).values()))


def next_steps(wanted: AccessKeys, keys: Sequence[AccessKey]) -> list[Step | Wait]:
    """The next steps for keys, of which inactive ones stay inactive."""
    oldest_first = sorted(keys, key=lambda key: (-key.age_days, key.id))
    active = [key for key in oldest_first if key.active]
    inactive = sorted((key for key in oldest_first if not key.active), key=lambda key: not key.stray)
    if wanted.count == 0:
        off = [Step(do=Do.DEACTIVATE, key=key) for key in active]
        return [*off, *(Step(do=Do.DELETE, key=key) for key in oldest_first)]
    if len(active) < wanted.count:
        over = [key for key in inactive if wanted.rotate_after_days is not None and _is_over(key)]
        gone = [_noted_step(Do.DELETE, key, StepReason.INACTIVE) for key in over]
        return [*gone, *_made_up_to(wanted.count, active, [key for key in inactive if key not in over])]
    if wanted.rotate_after_days is not None:
        return list(_rotated(wanted.rotate_after_days, active, inactive))
    return list(_surplus(wanted.count, active))


def whose_use_matters(
    wanted: AccessKeys | None, keys: Sequence[AccessKey], tags: Mapping[str, str]
) -> Sequence[AccessKey]:
    """The keys of a user with these `tags` on whose last use the next steps, or what is said of them, depend."""
    if wanted is not None and _depends_on_use(wanted, keys):
        return keys
    return [key for key in keys if came_since(key.id, tags)]


def _depends_on_use(wanted: AccessKeys, keys: Sequence[AccessKey]) -> bool:
    active = sum(key.active for key in keys)
    if wanted.rotate_after_days is not None:
        return len(keys) == ACCESS_KEYS or active < len(keys)
    return 0 < wanted.count < active


def _made_up_to(count: int, active: Sequence[AccessKey], inactive: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    in_the_way = count + len(inactive) - ACCESS_KEYS
    for key in inactive[: max(0, in_the_way)]:
        yield _room(key, StepReason.IN_THE_WAY)
    for _ in range(count - len(active)):
        yield Step(do=Do.CREATE)


def _surplus(count: int, active: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    if len(active) > count:
        yield Wait(reason=WaitReason.TOO_MANY, keys=tuple(active), limit=count)


def _rotated(days: int, active: Sequence[AccessKey], inactive: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    """One key is wanted; there are one or two active ones."""
    oldest, newest = active[0], active[-1]
    if oldest is not newest:
        yield from _succeeded(days, oldest, newest) if oldest.age_days >= days else _surplus(1, active)
        return
    gone = [key for key in inactive if _is_over(key)]
    if newest.age_days >= days:
        yield from _replaced(days, newest, inactive, [key for key in inactive if key.stray or key in gone])
        return
    for key in gone:
        if key.age_days >= newest.age_days:
            yield _noted_step(Do.DELETE, key, StepReason.REPLACED, successor=newest)


def _replaced(
    days: int, old: AccessKey, inactive: Sequence[AccessKey], gone: Sequence[AccessKey]
) -> Iterator[Step | Wait]:
    if len(inactive) > len(gone):
        yield Wait(reason=WaitReason.NO_ROOM, keys=(old, *inactive), limit=days)
        return
    for key in gone:
        yield _room(key, StepReason.IN_THE_WAY_UNUSED)
    yield Step(do=Do.CREATE, note=KeyNote(reason=StepReason.TOO_OLD, key=old))


def _succeeded(days: int, old: AccessKey, new: AccessKey) -> Iterator[Step | Wait]:
    if new.idle_days is None:
        yield Wait(reason=WaitReason.SUCCESSOR_UNUSED, keys=(old, new), limit=days)
    elif old.idle_days is not None and old.idle_days < QUIET_DAYS:
        yield Wait(reason=WaitReason.STILL_IN_USE, keys=(old, new), limit=days)
    else:
        yield _noted_step(Do.RETIRE, old, StepReason.SUCCEEDED, successor=new)


def _as_stray(key: AccessKey, wanted: AccessKeys) -> AccessKey:
    """A stray when it is off. One that is off already, and that a rotation deletes, is an inactive key like any."""
    is_over = wanted.rotate_after_days is not None and not key.active and _is_over(key)
    return replace(key, active=False, stray=not is_over)


def _noted_step(do: Do, key: AccessKey, reason: StepReason, *, successor: AccessKey | None = None) -> Step:
    return Step(do=do, key=key, note=KeyNote(reason=reason, key=key, successor=successor))


def _room(key: AccessKey, reason: StepReason) -> Step:
    """The end of a key that is in the way of a new one."""
    if key.stray:
        return _noted_step(Do.DELETE_STRAY, key, StepReason.UNDELIVERED_IN_THE_WAY)
    return _noted_step(Do.MAKE_ROOM, key, reason)


def _is_over(key: AccessKey) -> bool:
    """Whether a key that is off may go: off and unused for long enough, as far as IAM and our own tag tell. Nothing is
    known of a stray.
    """
    if key.stray:
        return False
    unused = key.age_days if key.idle_days is None else key.idle_days
    return min(unused, unused if key.retired_days is None else key.retired_days) >= GRACE_DAYS
