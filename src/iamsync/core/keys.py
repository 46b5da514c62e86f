"""How many access keys a user keeps, and the next step of replacing an old one. IAM allows two, inactive ones too.

A rotation takes its time, a step a run: a new key beside the old one; the old one off when the new one has been used
and the old one has not been for a day; the old one deleted after a week. Nothing is guessed: a key that is in use is
never switched off, whatever its age.

AWS shows the secret of a key only to the run that makes it, and that run may be killed before it delivers the key. So
each run that makes keys sets a tag of its own on the user, and removes it when the keys are delivered. Without a value,
the tag is a claim: of several runs, one goes on (`apply.claims`). With a value, it is a note of the keys that the user
had before. A note that is left over shows that a run was killed: a key that came since, and was never used, is perhaps
held by nobody, and is deleted and made again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from iamsync.core.model import NEW_ACCESS_KEY_TAG, SUSPENDED_KEYS_TAG, AccessKey, AccessKeys, User

MOST = 2
"""IAM quota "Access keys assigned to an IAM user", fixed."""

QUIET_DAYS = 1
"""An old key that was used within this time is in use: who has it has not changed over yet."""

GRACE_DAYS = 7
"""How long a key that is off stays, so that it can be switched on again by hand."""


NO_KEY = "none"
"""The note on a user who has no access key; no key has such an id."""


class Do(Enum):
    """What becomes of a key."""

    CREATE = auto()
    SWITCH_OFF = auto()
    RETIRE = auto()
    """Switch off, and note the day."""
    DELETE = auto()
    MAKE_ROOM = auto()
    """Delete an inactive key that is in the way of a new one."""
    DELETE_STRAY = auto()
    """Delete a key that perhaps nobody holds, before all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be done with one key, and why where the declaration alone does not say it."""

    do: Do
    key: AccessKey | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why nothing is done although the keys are not as declared."""

    why: str


def due(desired: User, live: User | None, keys: Sequence[AccessKey] | None) -> list[Step | Wait]:
    """What is to be done now with a declared user's keys; `keys` is None where nobody looked.

    A key that perhaps nobody holds goes, whatever is declared. While a user is suspended, all others are the
    suspension's. Those that its end brings back count as there.
    """
    if keys is None:
        return []
    tags = live.tags if live else {}
    strays = [key for key in keys if came_since(key.id, tags) and key.idle_days is None]
    steps: list[Step | Wait] = [Step(do=Do.DELETE_STRAY, key=key, why=_STRAY) for key in strays]
    if desired.access_keys is None or desired.suspended:
        return steps
    recorded = tags.get(SUSPENDED_KEYS_TAG, "").split()
    held = [replace(key, active=key.active or key.id in recorded) for key in keys if key not in strays]
    return [*steps, *next_steps(desired.access_keys, held)]


_STRAY = "never used, and made by an apply that was cut off: perhaps nobody holds it"


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
    """What is to be done now with keys, of which those that are off are to stay off."""
    oldest_first = sorted(keys, key=lambda key: (-key.age_days, key.id))
    active = [key for key in oldest_first if key.active]
    inactive = [key for key in oldest_first if not key.active]
    if wanted.count == 0:
        off = [Step(do=Do.SWITCH_OFF, key=key) for key in active]
        return [*off, *(Step(do=Do.DELETE, key=key) for key in oldest_first)]
    if len(active) < wanted.count:
        over = [key for key in inactive if wanted.rotate_after_days is not None and _is_over(key)]
        gone = [Step(do=Do.DELETE, key=key, why=f"it is off; {_last_use(key)}") for key in over]
        return [*gone, *_made_up_to(wanted.count, active, [key for key in inactive if key not in over])]
    if wanted.rotate_after_days is not None:
        return list(_rotated(wanted.rotate_after_days, active, inactive))
    return list(_surplus(wanted.count, active))


def use_matters(wanted: AccessKeys, keys: Sequence[AccessKey]) -> bool:
    """Whether the next steps depend on when each key was last used, or tell it."""
    active = sum(key.active for key in keys)
    if wanted.rotate_after_days is not None:
        return len(keys) == MOST or active < len(keys)
    return 0 < wanted.count < active


def _made_up_to(count: int, active: Sequence[AccessKey], inactive: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    in_the_way = count + len(inactive) - MOST
    for key in inactive[: max(0, in_the_way)]:
        yield Step(do=Do.MAKE_ROOM, key=key, why="it is inactive, and in the way of a new one: IAM allows two")
    for _ in range(count - len(active)):
        yield Step(do=Do.CREATE)


def _surplus(count: int, active: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    if len(active) > count:
        told = ", ".join(f"{key.id} ({_last_use(key)})" for key in active)
        yield Wait(
            why=f"has {len(active)} active access keys, {count} declared: {told}; which one is in use is not guessed: "
            "switch the other off by hand"
        )


def _rotated(days: int, active: Sequence[AccessKey], inactive: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    """One key is wanted; there are one or two active ones."""
    oldest, newest = active[0], active[-1]
    if oldest is not newest:
        yield from _succeeded(days, oldest, newest) if oldest.age_days >= days else _surplus(1, active)
        return
    gone = [key for key in inactive if _is_over(key)]
    if newest.age_days >= days:
        yield from _replaced(newest, inactive, gone)
        return
    for key in gone:
        if key.age_days >= newest.age_days:
            yield Step(do=Do.DELETE, key=key, why=f"{newest.id} has replaced it; {_last_use(key)}")


def _replaced(old: AccessKey, inactive: Sequence[AccessKey], gone: Sequence[AccessKey]) -> Iterator[Step | Wait]:
    why = f"{old.id} is {_days(old.age_days)} old"
    if len(inactive) > len(gone):
        waits_for = ", ".join(key.id for key in inactive)
        yield Wait(why=f"{why} and waits to be replaced: {waits_for} is off and stays for {_days(GRACE_DAYS)}")
        return
    for key in gone:
        yield Step(do=Do.MAKE_ROOM, key=key, why=f"it is off, and in the way of a new one; {_last_use(key)}")
    yield Step(do=Do.CREATE, why=f"{why}: it stays until the new one is in use")


def _succeeded(days: int, old: AccessKey, new: AccessKey) -> Iterator[Step | Wait]:
    told = f"access key {old.id} is {_days(old.age_days)} old, rotated after {_days(days)}, and stays on"
    if new.idle_days is None:
        yield Wait(why=f"{told}: its successor {new.id} has not been used yet")
    elif old.idle_days is not None and old.idle_days < QUIET_DAYS:
        yield Wait(why=f"{told}: it is still in use ({_last_use(old)}), beside its successor {new.id}")
    else:
        why = f"it is {_days(old.age_days)} old; {_last_use(old)}; its successor {new.id} has been used"
        yield Step(do=Do.RETIRE, key=old, why=why)


def _is_over(key: AccessKey) -> bool:
    """Whether a key that is off may go: off and unused for long enough, as far as IAM and our own note tell."""
    unused = key.age_days if key.idle_days is None else key.idle_days
    return min(unused, unused if key.retired_days is None else key.retired_days) >= GRACE_DAYS


def _last_use(key: AccessKey) -> str:
    if key.idle_days is None:
        return "never used"
    return f"last used {_days(key.idle_days)} ago" if key.idle_days else "last used today"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
