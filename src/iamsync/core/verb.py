"""What a reviewer sees happen by a change."""

from enum import Enum
from typing import assert_never

from iamsync.core import change as to
from iamsync.core.tags import NEW_ACCESS_KEY_TAG, OWN_TAGS, OWNER_TAG


class Verb(Enum):
    """What a reviewer sees happen."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


def verb_of(change: to.Change) -> Verb:
    """What a reviewer sees happen by a change. Bookkeeping neither creates nor removes anything."""
    match change:
        case to.PutInline(is_new=True) | to.SetBoundary(old=None):
            return Verb.CREATE
        case to.RemoveTags(_, keys) if all(map(_is_bookkeeping, keys)):
            return Verb.CHANGE
        case to.SetBoundary(new=None):
            return Verb.REMOVE
        case (
            to.CreateUser()
            | to.CreateGroup()
            | to.CreatePolicy()
            | to.Attach()
            | to.Join()
            | to.CreatePassword()
            | to.CreateAccessKey()
        ):
            return Verb.CREATE
        case (
            to.Delete()
            | to.RemoveTags()
            | to.Detach()
            | to.DeleteInline()
            | to.DeleteVersion()
            | to.Leave()
            | to.DeletePassword()
            | to.DeleteAccessKey()
            | to.DeactivateDevice()
            | to.DeleteDevice()
            | to.DeleteCredential()
        ):
            return Verb.REMOVE
        case (
            to.Rename()
            | to.Move()
            | to.SetTags()
            | to.SetBoundary()
            | to.PutInline()
            | to.NewVersion()
            | to.RestoreVersion()
            | to.ReplacePassword()
            | to.SetKeyStatus()
        ):
            return Verb.CHANGE
        case _:
            assert_never(change)


def _is_bookkeeping(key: str) -> bool:
    """Whether a tag is a note of iamsync for itself."""
    return (key in OWN_TAGS and key != OWNER_TAG) or key.startswith(NEW_ACCESS_KEY_TAG)
