"""The JSON Schema of one change: each kind with its names, and what they mean."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field, create_model

Fields = dict[str, tuple[Any, str]]
Document = dict[str, Any] | None


def object_of(name: str, meaning: str, fields: Fields) -> type[BaseModel]:
    """A JSON object: each name with its type and what it means."""
    described: dict[str, Any] = {key: (kind, Field(description=words)) for key, (kind, words) in fields.items()}
    return create_model(name, __doc__=meaning, **described)


Place = object_of(
    "Place",
    "Where something is declared.",
    {
        "file": (str, "The file, as its folder was given."),
        "line": (int, "From 1; 0 is the file as a whole."),
        "column": (int, "From 1."),
    },
)
_On = object_of(
    "On",
    "The entity that a change is made to.",
    {"kind": (Literal["user", "group", "policy"], "What it is."), "id": (str, "A name; the ARN of a policy.")},
)

_ON: Fields = {"on": (_On, "The entity.")}
_USER: Fields = {"user": (str, "The user.")}
_OLD: Fields = {"old": (Document, "The policy document that ends, if it can be read.")}
_NEW: Fields = {"new": (dict[str, Any], "The policy document that begins.")}
_TAGS: Fields = {"tags": (dict[str, str], "Tags by key.")}
_PATH: Fields = {"path": (str, "The path.")}
_NAME: Fields = {"name": (str, "The name.")}
_KEY: Fields = {"access_key": (str, "The id of the access key.")}
_SERIAL: Fields = {"serial": (str, "The serial number, or the ARN of a virtual device.")}
_RESET: Fields = {"reset_required": (bool, "Whether a new one must be set at first sign-in.")}
_DELIVER: Fields = {
    "deliver": (str, "The delivery channel."),
    "recipients": (list[str], "The fingerprints of the public keys for which it is sealed, if it is."),
}
_ID: Fields = {"id": (str, "The id of the credential.")}
_POLICY: Fields = {"policy": (str, "The ARN of the policy.")}
_GROUP: Fields = {"group": (str, "The group.")}
_OLD_NEW: Fields = {"old": (str, "What it is now."), "new": (str, "What it becomes.")}

CHANGES: Final[dict[str, Fields]] = {
    "create_user": {**_NAME, **_PATH, "permissions_boundary": (str | None, "An ARN."), **_TAGS},
    "create_group": {**_NAME, **_PATH},
    "create_policy": {"arn": (str, "The ARN."), **_PATH, "description": (str, "The description."), **_TAGS, **_NEW},
    "delete": {**_ON, **_OLD},
    "rename_user": _OLD_NEW,
    "move": {**_ON, **_OLD_NEW},
    "set_tags": {**_ON, **_TAGS},
    "remove_tags": {**_ON, "keys": (list[str], "The keys of the tags.")},
    "set_permissions_boundary": {**_USER, "old": (str | None, "An ARN."), "new": (str | None, "An ARN.")},
    "attach_policy": {**_ON, **_POLICY, "policy_set": (str | None, "The policy set that brings it.")},
    "detach_policy": {**_ON, **_POLICY},
    "put_inline_policy": {**_ON, **_NAME, **_OLD, **_NEW, "is_new": (bool, "Whether there is none of that name.")},
    "delete_inline_policy": {**_ON, **_NAME, **_OLD},
    "new_policy_version": {**_POLICY, **_OLD, **_NEW},
    "restore_policy_version": {**_POLICY, "version": (str, "The id of the stored version."), **_OLD, **_NEW},
    "delete_policy_version": {**_POLICY, "version": (str, "The id of the stored version."), **_OLD},
    "join_group": {**_USER, **_GROUP},
    "leave_group": {**_USER, **_GROUP, "is_stranger": (bool, "Whether the user is not declared.")},
    "create_password": {**_USER, **_RESET, **_DELIVER},
    "replace_password": {**_USER, **_RESET, **_DELIVER},
    "delete_password": _USER,
    "create_access_key": {**_USER, **_DELIVER},
    "set_access_key_status": {**_USER, **_KEY, "active": (bool, "Whether it becomes active.")},
    "delete_access_key": {**_USER, **_KEY},
    "deactivate_mfa_device": {**_USER, **_SERIAL},
    "delete_virtual_mfa_device": _SERIAL,
    "delete_ssh_public_key": {**_USER, **_ID},
    "delete_signing_certificate": {**_USER, **_ID},
    "delete_service_specific_credential": {**_USER, **_ID},
}
"""The kinds of change, each with its names."""


def _camel(kind: str) -> str:
    return "".join(map(str.capitalize, kind.split("_")))


def union_of(tag: str, kinds: dict[str, Fields], suffix: str, meaning: str) -> Any:  # noqa: ANN401 - a type made here
    """One of several objects, distinguished by the value of `tag`."""
    whole: Any = None
    for kind, fields in kinds.items():
        named: Any = {tag: (Literal[kind], meaning), **fields}
        one = object_of(f"{_camel(kind)}{suffix}", f"{kind.replace('_', ' ').capitalize()}.", named)
        whole = one if whole is None else whole | one
    return whole


Change = union_of("kind", CHANGES, "Change", "What kind of change it is.")
