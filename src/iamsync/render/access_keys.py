"""Why access keys are changed, or are not, in words."""

from typing import assert_never

from iamsync.core.keys import GRACE_DAYS, KeyNote, StepReason, Wait, WaitReason
from iamsync.core.model import AccessKey

_UNDELIVERED = "never used, and created after a killed apply had recorded the keys: perhaps delivered to nobody"


def step_words(note: KeyNote) -> str:
    """Why a step is taken."""
    key, successor = note.key, note.successor.id if note.successor else ""
    match note.reason:
        case StepReason.UNDELIVERED:
            return f"{_UNDELIVERED}; if somebody uses it after all, activate it again"
        case StepReason.UNDELIVERED_IN_THE_WAY:
            return f"{_UNDELIVERED}; it is in the way of a new one: IAM allows two"
        case StepReason.INACTIVE:
            return f"it is inactive; {_last_use(key)}"
        case StepReason.IN_THE_WAY:
            return "it is inactive, and in the way of a new one: IAM allows two"
        case StepReason.IN_THE_WAY_UNUSED:
            return f"it is inactive, and in the way of a new one; {_last_use(key)}"
        case StepReason.REPLACED:
            return f"{successor} has replaced it; {_last_use(key)}"
        case StepReason.TOO_OLD:
            return f"{key.id} is {_days(key.age_days)} old: it stays until the new one is in use"
        case StepReason.SUCCEEDED:
            return f"it is {_days(key.age_days)} old; {_last_use(key)}; its successor {successor} has been used"
        case _:
            assert_never(note.reason)


def wait_words(wait: Wait) -> str:
    """Why nothing is done, and what to do where a person must."""
    first, *others = wait.keys
    waiting = (
        f"access key {first.id} is {_days(first.age_days)} old, rotated after {_days(wait.limit)}, and stays active"
    )
    match wait.reason:
        case WaitReason.TOO_MANY:
            listed = ", ".join(f"{key.id} ({_last_use(key)})" for key in wait.keys)
            return (
                f"has {len(wait.keys)} active access keys, {wait.limit} declared: {listed}; iamsync cannot tell which "
                "key is in use: deactivate one yourself"
            )
        case WaitReason.NO_ROOM:
            inactive = ", ".join(key.id for key in others)
            return (
                f"{first.id} is {_days(first.age_days)} old and must be replaced, but IAM allows two keys: "
                f"{inactive} is inactive and stays for {_days(GRACE_DAYS)}"
            )
        case WaitReason.SUCCESSOR_UNUSED:
            return f"{waiting}: its successor {others[0].id} has not been used yet"
        case WaitReason.STILL_IN_USE:
            return f"{waiting}: it is still in use ({_last_use(first)}), beside its successor {others[0].id}"
        case _:
            assert_never(wait.reason)


def _last_use(key: AccessKey) -> str:
    if key.idle_days is None:
        return "never used"
    return f"last used {_days(key.idle_days)} ago" if key.idle_days else "last used today"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
