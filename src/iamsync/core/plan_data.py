"""A plan as plain data: mappings, lists, strings, numbers, booleans and None, as JSON has them.

The names are part of what iamsync promises to programs: they stay when a name in the code changes. No value is a
finished sentence but the text of a note, and none is a secret: a secret is its marker, `{"secret": "password"}`.
Policy documents are as IAM gets them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from iamsync.core import change as to
from iamsync.core.action import (
    Action,
    ActionNote,
    ArnNote,
    EndedNote,
    GroupMove,
    Old,
    OldArnNote,
    Premise,
    ReachNote,
    StrangersNote,
    VersionNote,
    Window,
)
from iamsync.core.api import Param, secret_by_name
from iamsync.core.claims import UnclaimedNote
from iamsync.core.document import Document
from iamsync.core.hold import HeldBack
from iamsync.core.keys import KeyNote, Wait
from iamsync.core.model import AccessKey, Origin
from iamsync.core.permissions import Permission, Violation
from iamsync.core.permissions.patterns import Patterns
from iamsync.core.scope import Note

Data = dict[str, Any]


def action_data(action: Action, all_actions: Sequence[Action], after: frozenset[int]) -> Data:
    """One of `all_actions`; `after` are the numbers (from 0) of those that must have ended before it starts."""
    number, of = action.step
    return {
        "subject": action.subject,
        "verb": action.verb.value,
        "change": change_data(action.change),
        "old": old_data(action.old),
        "operation": action.operation,
        "params": {name: _param(value) for name, value in action.params.items()},
        "declared_at": _origin(action.reason),
        "step": {"number": number, "of": of},
        "limit": action.limit or None,
        "notes": [_action_note(note) for note in action.notes],
        "window": _window(action.window, all_actions) if action.window else None,
        "premise": _premise(action.premise) if action.premise else None,
        "after": sorted(after),
    }


def old_data(old: Old | None) -> Data:
    """What an action replaces or removes: only what there was."""
    if old is None:
        return {}
    values: Data = {
        "path": old.path,
        "permissions_boundary": old.boundary,
        "tags": dict(old.tags),
        "description": old.description,
        "default_version": old.version,
    }
    return {name: value for name, value in values.items() if value}


def note_data(note: Note) -> Data:
    """Something that is no action: `text` is a sentence, or None where `wait` says what access keys wait for."""
    return {
        "subject": note.subject,
        "text": note.text or None,
        "wait": _wait(note.wait) if note.wait else None,
        "declared_at": _origin(note.origin),
    }


def held_data(held: HeldBack) -> Data:
    """What is held back about a subject: `text` says why, and `actions` wait; none where nothing was compared."""
    return {
        "subject": held.subject,
        "text": held.text,
        "declared_at": _origin(held.origin),
        "actions": [
            {"verb": action.verb.value, "change": change_data(action.change), "declared_at": _origin(action.reason)}
            for action in held.actions
        ],
    }


def change_data(change: to.Change) -> Data:
    """What a change does, and what it replaces or removes."""
    kind, details = _change(change)
    return {"kind": kind, **details}


def _change(change: to.Change) -> tuple[str, Data]:  # noqa: C901, PLR0912 - one case for each change, and nothing else
    match change:
        case to.CreateUser(user):
            entity = {"path": user.path, "permissions_boundary": user.boundary, "tags": dict(user.tags)}
            return "create_user", {"name": user.name, **entity}
        case to.CreateGroup(group):
            return "create_group", {"name": group.name, "path": group.path}
        case to.CreatePolicy(policy, document):
            entity = {"path": policy.path, "description": policy.description, "tags": dict(policy.tags)}
            return "create_policy", {"arn": policy.arn, **entity, "new": _document(document)}
        case to.Delete(entity, old):
            return "delete", {**_entity(entity), "old": _document(old)}
        case to.Rename(old, new):
            return "rename_user", {"old": old, "new": new}
        case to.Move(entity, old, new):
            return "move", {**_entity(entity), "old": old, "new": new}
        case to.SetTags(entity, tags):
            return "set_tags", {**_entity(entity), "tags": dict(tags)}
        case to.RemoveTags(entity, keys):
            return "remove_tags", {**_entity(entity), "keys": list(keys)}
        case to.SetBoundary(user, old, new):
            return "set_permissions_boundary", {"user": user, "old": old, "new": new}
        case to.Attach(owner, policy, via):
            return "attach_policy", {**_entity(owner), "policy": policy, "policy_set": via}
        case to.Detach(owner, policy):
            return "detach_policy", {**_entity(owner), "policy": policy}
        case to.PutInline(owner, name, old, new, is_new):
            texts = {"old": _document(old), "new": _document(new), "is_new": is_new}
            return "put_inline_policy", {**_entity(owner), "name": name, **texts}
        case to.DeleteInline(owner, name, old):
            return "delete_inline_policy", {**_entity(owner), "name": name, "old": _document(old)}
        case to.NewVersion(policy, old, new):
            return "new_policy_version", {"policy": policy, "old": _document(old), "new": _document(new)}
        case to.RestoreVersion(policy, version, old, new):
            texts = {"old": _document(old), "new": _document(new)}
            return "restore_policy_version", {"policy": policy, "version": version, **texts}
        case to.DeleteVersion(policy, version, old):
            return "delete_policy_version", {"policy": policy, "version": version, "old": _document(old)}
        case to.Join(user, group):
            return "join_group", {"user": user, "group": group}
        case to.Leave(user, group, is_stranger):
            return "leave_group", {"user": user, "group": group, "is_stranger": is_stranger}
        case to.CreatePassword(user, reset_required):
            return "create_password", {"user": user, "reset_required": reset_required, **_delivery(change)}
        case to.ReplacePassword(user, reset_required):
            return "replace_password", {"user": user, "reset_required": reset_required, **_delivery(change)}
        case to.DeletePassword(user):
            return "delete_password", {"user": user}
        case to.CreateAccessKey(user):
            return "create_access_key", {"user": user, **_delivery(change)}
        case to.SetKeyStatus(user, key, active):
            return "set_access_key_status", {"user": user, "access_key": key, "active": active}
        case to.DeleteAccessKey(user, key):
            return "delete_access_key", {"user": user, "access_key": key}
        case to.DeactivateDevice(user, serial):
            return "deactivate_mfa_device", {"user": user, "serial": serial}
        case to.DeleteDevice(serial):
            return "delete_virtual_mfa_device", {"serial": serial}
        case to.DeleteCredential(user, kind, key):
            return f"delete_{_CREDENTIALS[kind]}", {"user": user, "id": key}
        case _:
            assert_never(change)


def _delivery(change: to.Minting) -> Data:
    return {"deliver": change.channel, "recipients": [one.fingerprint for one in change.recipients]}


_CREDENTIALS = {
    to.CredentialKind.SSH_KEY: "ssh_public_key",
    to.CredentialKind.CERTIFICATE: "signing_certificate",
    to.CredentialKind.SERVICE: "service_specific_credential",
}


def _entity(entity: to.Entity) -> Data:
    return {"on": {"kind": entity.kind.value, "id": entity.id}}


def _document(document: Document | None) -> object:
    return None if document is None else json.loads(document.render())


def _param(value: Param) -> object:
    return json.loads(json.dumps(value, default=secret_by_name))


def _origin(origin: Origin | None) -> Data | None:
    return {"file": origin.file, "line": origin.line, "column": origin.column} if origin else None


def _action_note(note: ActionNote) -> Data:
    match note:
        case KeyNote(reason=reason, key=key, successor=successor):
            return {"kind": "access_key", "reason": reason.value, "key": _key(key), "successor": _key(successor)}
        case OldArnNote(subject=subject, old=old, inline=inline):
            return {"kind": "old_arn", "subject": subject, "inline_policy": inline or None, "old": old}
        case GroupMove():
            return {"kind": "group_move", "reason": note.value}
        case VersionNote():
            return {"kind": "policy_version", "reason": note.value}
        case StrangersNote(names):
            return {"kind": "strangers", "users": list(names)}
        case ReachNote(declared=declared, others=others, roles_unknown=unknown):
            return {"kind": "reach", "declared_users": declared, "others": list(others), "roles_unknown": unknown}
        case ArnNote(old=old_arn, new=new_arn):
            return {"kind": "arn", "old": old_arn, "new": new_arn}
        case EndedNote(until=until):
            return {"kind": "ended", "until": until}
        case UnclaimedNote(days=days, within=within):
            return {"kind": "unclaimed_password", "days": days, "within_days": within}
        case _:
            assert_never(note)


def _wait(wait: Wait) -> Data:
    return {"reason": wait.reason.value, "limit": wait.limit, "keys": [_key(key) for key in wait.keys]}


def _key(key: AccessKey | None) -> Data | None:
    if key is None:
        return None
    days = {"age_days": key.age_days, "idle_days": key.idle_days, "retired_days": key.retired_days}
    return {"id": key.id, "active": key.active, **days}


def _premise(premise: Premise) -> Data:
    """The access keys and the tags of runs that the user must have; None is no condition."""
    keys, tags = (None if one is None else sorted(one) for one in (premise.keys, premise.notes))
    return {"access_keys": keys, "run_tags": tags}


def _window(window: Window, all_actions: Sequence[Action]) -> Data:
    """`until` is the number of the action that ends it; None: the last one."""
    return {
        "until": None if window.until is None else _number(window.until, all_actions),
        "limit": window.limit or None,
        "all_orders_tried": window.all_orders_tried,
        "violations": [_violation(user, violation) for user, violation in window.violations],
    }


def _number(action: Action, all_actions: Sequence[Action]) -> int:
    """The place of an action, which may have got a window of its own since."""
    told = (action.subject, action.change, action.step)
    return next(number for number, one in enumerate(all_actions) if (one.subject, one.change, one.step) == told)


def _violation(user: str, violation: Violation) -> Data:
    return {"user": user, "harm": violation.harm.value, **_permission(violation.permission)}


def _permission(permission: Permission) -> Data:
    return {
        "actions": _patterns(permission.actions),
        "resources": _patterns(permission.resources),
        "conditions": [
            {"operator": one.operator, "key": one.written_key, "values": sorted(one.values.meaning)}
            for one in permission.conditions
        ],
    }


def _patterns(patterns: Patterns) -> Mapping[str, object]:
    return {"all_but": not patterns.named, "patterns": sorted(patterns.patterns)}
