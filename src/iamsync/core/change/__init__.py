"""What one IAM call changes, as a value. `core.api` spells the call; order, guards and renderers match on these types.

Every change names what it changes as IAM knows it at that moment. What it replaces or removes (`old`) is for order,
words and the journal; the call does not contain it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from iamsync.core.change.credentials import (
    CreateAccessKey,
    CreatePassword,
    CredentialKind,
    DeactivateDevice,
    DeleteAccessKey,
    DeleteCredential,
    DeleteDevice,
    DeletePassword,
    ReplacePassword,
    SetKeyStatus,
)
from iamsync.core.change.entities import (
    CreateGroup,
    CreatePolicy,
    CreateUser,
    Delete,
    Entity,
    Kind,
    Move,
    RemoveTags,
    Rename,
    SetTags,
)
from iamsync.core.change.permissions import (
    Attach,
    DeleteInline,
    DeleteVersion,
    Detach,
    Join,
    Leave,
    NewVersion,
    PutInline,
    RestoreVersion,
    SetBoundary,
)
from iamsync.core.document import Document

__all__ = [
    "THIS_RUN",
    "Attach",
    "Change",
    "CreateAccessKey",
    "CreateGroup",
    "CreatePassword",
    "CreatePolicy",
    "CreateUser",
    "CredentialKind",
    "DeactivateDevice",
    "Delete",
    "DeleteAccessKey",
    "DeleteCredential",
    "DeleteDevice",
    "DeleteInline",
    "DeletePassword",
    "DeleteVersion",
    "Detach",
    "Entity",
    "Identity",
    "Join",
    "Kind",
    "Leave",
    "Minting",
    "Move",
    "NewVersion",
    "PutInline",
    "RemoveTags",
    "Rename",
    "ReplacePassword",
    "RestoreVersion",
    "SetBoundary",
    "SetKeyStatus",
    "SetTags",
    "TextChange",
    "in_run",
    "removed_text",
    "tag_keys",
]

THIS_RUN: Final = "<run>"
"""Stands in the key of a tag for the id of the run that applies the plan. No tag in IAM can contain it."""

Identity = Rename | Move | SetTags | RemoveTags
"""What changes a user's name, path or tags, which conditions and variables of policies may depend on."""

TextChange = NewVersion | RestoreVersion | PutInline
"""What replaces one text by another."""

Minting = CreatePassword | ReplacePassword | CreateAccessKey
"""What makes a secret, which is delivered by the change's channel."""

Change = (
    CreateUser
    | CreateGroup
    | CreatePolicy
    | Delete
    | Identity
    | SetBoundary
    | Attach
    | Detach
    | TextChange
    | DeleteInline
    | DeleteVersion
    | Join
    | Leave
    | Minting
    | DeletePassword
    | SetKeyStatus
    | DeleteAccessKey
    | DeactivateDevice
    | DeleteDevice
    | DeleteCredential
)


def removed_text(change: Change) -> Document | None:
    """The text of which no copy is left in IAM when the change is made, where it can be read."""
    match change:
        case Delete(old=old) | PutInline(old=old) | DeleteInline(old=old) | DeleteVersion(old=old):
            return old
        case _:
            return None


def tag_keys(change: Change) -> frozenset[str]:
    """The keys of the tags that a change sets or removes, but for those of a new entity."""
    match change:
        case SetTags(_, tags):
            return frozenset(tags)
        case RemoveTags(_, keys):
            return frozenset(keys)
        case _:
            return frozenset()


def in_run(change: Change, run_id: str) -> Change:
    """The same change with `run_id` where the key of a tag contains THIS_RUN."""
    match change:
        case SetTags(entity, tags):
            return SetTags(entity, _named(tags, run_id))
        case RemoveTags(entity, keys):
            return RemoveTags(entity, tuple(key.replace(THIS_RUN, run_id) for key in keys))
        case CreateUser(user):
            return CreateUser(replace(user, tags=_named(user.tags, run_id)))
        case _:
            return change


def _named(tags: Mapping[str, str], run_id: str) -> dict[str, str]:
    return {key.replace(THIS_RUN, run_id): value for key, value in tags.items()}
