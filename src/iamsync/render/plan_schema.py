"""The JSON Schema of `plan --format json`: every name, and what it means. Names are added; none changes its meaning or
disappears without a new `version`.
"""

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, create_model

from iamsync.core.action import VersionNote
from iamsync.core.keys import StepReason, WaitReason
from iamsync.core.permissions import Harm
from iamsync.core.risk import Risk
from iamsync.core.verb import Verb
from iamsync.render.shown import JSON_VERSION

_Fields = dict[str, tuple[Any, str]]
_Document = dict[str, Any] | None


def _object(name: str, meaning: str, fields: _Fields) -> type[BaseModel]:
    """A JSON object: each name with its type and what it means."""
    described: dict[str, Any] = {key: (kind, Field(description=words)) for key, (kind, words) in fields.items()}
    return create_model(name, __doc__=meaning, **described)


_Place = _object(
    "Place",
    "Where something is declared.",
    {
        "file": (str, "The file, as its folder was given."),
        "line": (int, "From 1; 0 is the file as a whole."),
        "column": (int, "From 1."),
    },
)
_On = _object(
    "On",
    "The entity that a change is made to.",
    {"kind": (Literal["user", "group", "policy"], "What it is."), "id": (str, "A name; the ARN of a policy.")},
)

_ON: _Fields = {"on": (_On, "The entity.")}
_USER: _Fields = {"user": (str, "The user.")}
_OLD: _Fields = {"old": (_Document, "The policy document that ends, if it can be read.")}
_NEW: _Fields = {"new": (dict[str, Any], "The policy document that begins.")}
_TAGS: _Fields = {"tags": (dict[str, str], "Tags by key.")}
_PATH: _Fields = {"path": (str, "The path.")}
_NAME: _Fields = {"name": (str, "The name.")}
_KEY: _Fields = {"access_key": (str, "The id of the access key.")}
_SERIAL: _Fields = {"serial": (str, "The serial number, or the ARN of a virtual device.")}
_RESET: _Fields = {"reset_required": (bool, "Whether a new one must be set at first sign-in.")}
_DELIVER: _Fields = {"deliver": (str, "The delivery channel.")}
_ID: _Fields = {"id": (str, "The id of the credential.")}
_POLICY: _Fields = {"policy": (str, "The ARN of the policy.")}
_GROUP: _Fields = {"group": (str, "The group.")}
_OLD_NEW: _Fields = {"old": (str, "What it is now."), "new": (str, "What it becomes.")}

CHANGES: Final[dict[str, _Fields]] = {
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
    "leave_group": {**_USER, **_GROUP},
    "create_password": {**_USER, **_RESET, **_DELIVER},
    "replace_password": {**_USER, **_RESET},
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


def _union(tag: str, kinds: dict[str, _Fields], suffix: str, meaning: str) -> Any:  # noqa: ANN401 - a type made here
    """One of several objects, told apart by the value of `tag`."""
    whole: Any = None
    for kind, fields in kinds.items():
        named: Any = {tag: (Literal[kind], meaning), **fields}
        one = _object(f"{_camel(kind)}{suffix}", f"{kind.replace('_', ' ').capitalize()}.", named)
        whole = one if whole is None else whole | one
    return whole


_Change = _union("kind", CHANGES, "Change", "What kind of change it is.")
_AccessKey = _object(
    "AccessKey",
    "A live access key, without its secret.",
    {
        "id": (str, "The id of the access key."),
        "active": (bool, "Whether it is active."),
        "age_days": (int, "Whole days since it was created."),
        "idle_days": (int | None, "Whole days since it was last used; null: never."),
        "retired_days": (int | None, "Whole days since a rotation deactivated it; null: none did."),
    },
)
_ActionNote = _union(
    "kind",
    {
        "access_key": {
            "reason": (StepReason, "Why the step is taken."),
            "key": (_AccessKey | None, "The key that it is about."),
            "successor": (_AccessKey | None, "The key that replaces it."),
        },
        "old_arn": {
            "subject": (str, "Whose text still names the user by the old ARN."),
            "inline_policy": (str | None, "The inline policy that does."),
            "old": (str, "The name and path that no longer mean the user."),
        },
        "policy_version": {"reason": (VersionNote, "Why a stored version is deleted.")},
        "strangers": {"users": (list[str], "Who gains, though nobody declares them.")},
    },
    "Note",
    "What it is about.",
)
_Patterns = _object(
    "Patterns",
    "Patterns of actions or resources.",
    {"all_but": (bool, "Whether all are meant but these."), "patterns": (list[str], "As in policy documents.")},
)
_Condition = _object(
    "Condition",
    "A condition of a policy statement.",
    {"operator": (str, "The operator."), "key": (str, "The condition key."), "values": (list[str], "Any of these.")},
)
_Violation = _object(
    "Violation",
    "What a user has, or lacks, for a while, unlike before and after the plan.",
    {
        "user": (str, "The user."),
        "harm": (Harm, "Whether the user has too much or too little."),
        "actions": (_Patterns, "Which actions."),
        "resources": (_Patterns, "On which resources."),
        "conditions": (list[_Condition], "Under which conditions; all of them."),  # type: ignore[valid-type]
    },
)
_Window = _object(
    "Window",
    "A temporary window that the action opens.",
    {
        "until": (int | None, "The number of the action that ends it; null: the last one."),
        "limit": (str | None, "The limit of IAM that forces it."),
        "all_orders_tried": (bool, "Whether no order is better."),
        "violations": (list[_Violation], "Who is worse off, and how."),  # type: ignore[valid-type]
    },
)
_Premise = _object(
    "Premise",
    "What must hold when the action is done; null is no condition.",
    {
        "access_keys": (list[str] | None, "All the access keys that the user may have."),
        "run_tags": (list[str] | None, "The tags of runs that the user must still have."),
    },
)
_Step = _object(
    "Step",
    "Which of how many steps of one text it is.",
    {"number": (int, "From 1."), "of": (int, "How many there are.")},
)
_WHAT: Final[_Fields] = {
    "verb": (Verb, "What a reviewer sees happen."),
    "change": (_Change, "What it does, and what it replaces or removes."),
    "declared_at": (_Place | None, "Where it is declared; null: it is not declared."),
}
_Action = _object(
    "Action",
    "One IAM call.",
    {
        "subject": (str, "What it is about, by the name after the plan: user/aiko, policy/Deploy, group/auditors."),
        **_WHAT,
        "operation": (str, "The operation of boto3."),
        "params": (dict[str, Any], 'Its parameters; a secret is {"secret": "password"}.'),
        "step": (_Step, "Which step of a text that changes in two."),
        "limit": (str | None, "The limit of IAM at which it makes room."),
        "notes": (list[_ActionNote], "What to know beside it."),  # type: ignore[valid-type]
        "window": (_Window | None, "The temporary window that it opens."),
        "premise": (_Premise | None, "What must hold when it is done."),
        "after": (list[int], "The numbers (from 0) of the actions that end before it begins."),
        "risks": (list[Risk], "Why a reviewer must look at it first."),
    },
)
_Waiting = _object("Waiting", "An action that is held back.", _WHAT)
_SUBJECT: Final[_Fields] = {"subject": (str, "What it is about: user/aiko."), "declared_at": (_Place | None, "Where.")}
_HeldBack = _object(
    "HeldBack",
    "What is declared and not done.",
    {**_SUBJECT, "text": (str, "Why, and what to do."), "actions": (list[_Waiting], "What waits.")},  # type: ignore[valid-type]
)
_Wait = _object(
    "Wait",
    "What the access keys of a user wait for.",
    {
        "reason": (WaitReason, "Why nothing is done."),
        "limit": (int, "Days, or how many keys are declared."),
        "keys": (list[_AccessKey], "The keys."),  # type: ignore[valid-type]
    },
)
_Warning = _object(
    "Warning",
    "What to know beside the actions.",
    {**_SUBJECT, "text": (str | None, "A sentence."), "wait": (_Wait | None, "What access keys wait for.")},
)
_Problem = _object(
    "Problem",
    "What is probably wrong with the files.",
    {
        "file": (str, "The file."),
        "line": (int | None, "From 1; null: the file as a whole."),
        "column": (int | None, "From 1."),
        "path": (str, "The way to the place inside of the file."),
        "message": (str, "What was found, and what to do."),
        "severity": (Literal["warning", "error"], "How bad it is."),
    },
)
_Refusal = _object(
    "Refusal", "Why nothing may be applied.", {"rule": (str, "The rule."), "text": (str, "Why, and what to do.")}
)
_LeftOut = _object(
    "LeftOut", "What is left out.", {"subject": (str, "The subject."), "actions": (int, "How many of its actions.")}
)
_Tool = _object(
    "Tool", "What made the plan.", {"name": (Literal["iamsync"], "Its name."), "version": (str, "Its version.")}
)
_Account = _object(
    "Account",
    "The account of the plan.",
    {"id": (str, "Twelve digits."), "partition": (str, "aws, aws-cn, aws-us-gov, ...")},
)
_Counts = _object("Counts", "How many actions.", {verb.value: (int, f"To {verb.value}.") for verb in Verb})
PLAN: Final = _object(
    "Plan",
    "A plan of iamsync, as plan --format json prints it. Programs must ignore names that they do not know.",
    {
        "version": (Literal[JSON_VERSION], "Of this form: grows when a name changes its meaning or disappears."),
        "tool": (_Tool, "What made it."),
        "caller": (str | None, "The ARN of whoever asked for it."),
        "commit": (str | None, "The Git commit of the files."),
        "account": (_Account, "The account."),
        "owner": (str, "The value of the ownership tag."),
        "digest": (str, "64 hexadecimal digits: equal digests mean the same calls in the same order."),
        "counts": (_Counts, "How many actions, by verb."),
        "actions": (list[_Action], "The calls, in their order."),  # type: ignore[valid-type]
        "new_administrators": (list[str], "Users with all permissions, or all of IAM, after the plan and not before."),
        "held_back": (list[_HeldBack], "What is declared and not done."),  # type: ignore[valid-type]
        "warnings": (list[_Warning], "What to know beside the actions."),  # type: ignore[valid-type]
        "orphans": (list[str], "What is owned, no longer declared, and left alone."),
        "unmanaged_users": (int, "How many live users are not owned."),
        "managed": (int, "How many users, groups and policies are owned."),
        "only": (list[str], "The patterns of --only; empty: the whole plan is meant."),
        "left_out": (list[_LeftOut], "What --only leaves out."),  # type: ignore[valid-type]
        "refusals": (list[_Refusal], "Why nothing may be applied; empty: it may."),  # type: ignore[valid-type]
        "problems": (list[_Problem], "What is probably wrong with the files."),  # type: ignore[valid-type]
    },
)


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12)."""
    schema = PLAN.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "iamsync plan"}


def plan_schema_text() -> str:
    """The JSON Schema as the file that is committed."""
    return json.dumps(_without_titles(plan_schema()), indent=2, ensure_ascii=False) + "\n"


def _without_titles(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without the titles that pydantic makes of names; the title of the whole stays."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_titles(value)
        for key, value in schema.items()
        if key != "title" or value == "iamsync plan" or not isinstance(value, str)
    }
