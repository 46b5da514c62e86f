"""The JSON Schema of `plan --format json`: every name, and what it means. Names are added; none changes its meaning or
disappears without a new `version`.
"""

import json
from typing import Any, Final, Literal

from iamsync.core.action import GroupMove, VersionNote
from iamsync.core.adopting import Effect
from iamsync.core.keys import StepReason, WaitReason
from iamsync.core.permissions import Harm
from iamsync.core.risk import Risk
from iamsync.core.verb import Verb
from iamsync.render.change_schema import Change, Fields, Place, object_of, union_of
from iamsync.render.shown import JSON_VERSION

_AccessKey = object_of(
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
_ActionNote = union_of(
    "kind",
    {
        "access_key": {
            "reason": (StepReason, "Why the step is taken."),
            "key": (_AccessKey | None, "The key that it is about."),
            "successor": (_AccessKey | None, "The key that replaces it."),
        },
        "old_arn": {
            "subject": (str, "Whose text still names the user or group by the old ARN."),
            "inline_policy": (str | None, "The inline policy that does."),
            "old": (str, "The path and name that no longer mean anything."),
        },
        "policy_version": {"reason": (VersionNote, "Why a stored version is deleted.")},
        "strangers": {"users": (list[str], "Who gains, though nobody declares them.")},
        "group_move": {"reason": (GroupMove, "Whether the group is adopted or released by its new path.")},
        "reach": {
            "declared_users": (int, "How many declared users the change reaches."),
            "others": (list[str], "Every other holder: users, groups and roles (role/ci)."),
            "roles_unknown": (bool, "Whether the roles are missing, since the caller may not ask for them."),
        },
        "arn": {"old": (str, "The ARN now."), "new": (str, "The ARN that it becomes.")},
        "ended": {"until": (str, "The moment until which it was granted.")},
        "unclaimed_password": {
            "days": (int, "For how many days the password has not been claimed by a sign-in."),
            "within_days": (int, "Within how many days it must be."),
        },
    },
    "Note",
    "What it is about.",
)
_Patterns = object_of(
    "Patterns",
    "Patterns of actions or resources.",
    {"all_but": (bool, "Whether all are meant but these."), "patterns": (list[str], "As in policy documents.")},
)
_Condition = object_of(
    "Condition",
    "A condition of a policy statement.",
    {"operator": (str, "The operator."), "key": (str, "The condition key."), "values": (list[str], "Any of these.")},
)
_Violation = object_of(
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
_Window = object_of(
    "Window",
    "A temporary window that the action opens.",
    {
        "until": (int | None, "The number of the action that ends it; null: the last one."),
        "limit": (str | None, "The limit of IAM that forces it."),
        "all_orders_tried": (bool, "Whether no order is better."),
        "violations": (list[_Violation], "Who is worse off, and how."),  # type: ignore[valid-type]
    },
)
_Premise = object_of(
    "Premise",
    "What must hold when the action is done; null is no condition.",
    {
        "access_keys": (list[str] | None, "All the access keys that the user may have."),
        "run_tags": (list[str] | None, "The tags of runs that the user must still have."),
    },
)
_Step = object_of(
    "Step",
    "Which of how many steps of one text it is.",
    {"number": (int, "From 1."), "of": (int, "How many there are.")},
)
_Unmanaged = object_of(
    "Unmanaged",
    "Names of what is left alone.",
    {
        "users": (list[str], "Users."),
        "groups": (list[str], "Groups."),
        "policies": (list[str], "Customer-managed policies."),
        "administrators": (list[str], "Those of the users who are administrators."),
    },
)
_WHAT: Final[Fields] = {
    "verb": (Verb, "What a reviewer sees happen."),
    "change": (Change, "What it does, and what it replaces or removes."),
    "declared_at": (Place | None, "Where it is declared; null: it is not declared."),
}
_Action = object_of(
    "Action",
    "One IAM call.",
    {
        "subject": (str, "What it is about, by the name after the plan: user/aiko, policy/Deploy, group/auditors."),
        **_WHAT,
        "old": (
            dict[str, Any],
            "What it replaces or removes, as far as there was any: path, tags, description, default_version, ...",
        ),
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
_Waiting = object_of("Waiting", "An action that is held back.", _WHAT)
_SUBJECT: Final[Fields] = {"subject": (str, "What it is about: user/aiko."), "declared_at": (Place | None, "Where.")}
_HeldBack = object_of(
    "HeldBack",
    "What is declared and not done.",
    {**_SUBJECT, "text": (str, "Why, and what to do."), "actions": (list[_Waiting], "What waits.")},  # type: ignore[valid-type]
)
_Wait = object_of(
    "Wait",
    "What the access keys of a user wait for.",
    {
        "reason": (WaitReason, "Why nothing is done."),
        "limit": (int, "Days, or how many keys are declared."),
        "keys": (list[_AccessKey], "The keys."),  # type: ignore[valid-type]
    },
)
_Warning = object_of(
    "Warning",
    "What to know beside the actions.",
    {**_SUBJECT, "text": (str | None, "A sentence."), "wait": (_Wait | None, "What access keys wait for.")},
)
_Problem = object_of(
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
_Refusal = object_of(
    "Refusal", "Why nothing may be applied.", {"rule": (str, "The rule."), "text": (str, "Why, and what to do.")}
)
_Adopted = object_of(
    "Adopted",
    "An existing user, group or policy that becomes owned.",
    {"subject": (str, "The subject."), "effect": (Effect, "What the plan changes of it beside the mark of ownership.")},
)
_LeftOut = object_of(
    "LeftOut", "What is left out.", {"subject": (str, "The subject."), "actions": (int, "How many of its actions.")}
)
_Tool = object_of(
    "Tool", "What made the plan.", {"name": (Literal["iamsync"], "Its name."), "version": (str, "Its version.")}
)
_Account = object_of(
    "Account",
    "The account of the plan.",
    {"id": (str, "Twelve digits."), "partition": (str, "aws, aws-cn, aws-us-gov, ...")},
)
_Snapshot = object_of(
    "Snapshot",
    "The snapshot that the plan was made from.",
    {
        "taken": (str, "When: ISO 8601, UTC."),
        "age_seconds": (int, "How old it was when the plan was made."),
        "unknown": (list[str], "What the plan cannot say because the snapshot does not have it."),
    },
)
_Counts = object_of("Counts", "How many actions.", {verb.value: (int, f"To {verb.value}.") for verb in Verb})
PLAN: Final = object_of(
    "Plan",
    "A plan of iamsync, as plan --format json prints it. Programs must ignore names that they do not know.",
    {
        "version": (Literal[JSON_VERSION], "Of this form: grows when a name changes its meaning or disappears."),
        "tool": (_Tool, "What made it."),
        "caller": (str | None, "The ARN of whoever asked for it."),
        "commit": (str | None, "The Git commit of the files."),
        "snapshot": (_Snapshot | None, "Null: the account itself was read."),
        "account": (_Account, "The account."),
        "owner": (str, "The value of the ownership tag."),
        "digest": (str, "64 hexadecimal digits: equal digests mean the same calls in the same order."),
        "counts": (_Counts, "How many actions, by verb."),
        "actions": (list[_Action], "The calls, in their order."),  # type: ignore[valid-type]
        "new_administrators": (list[str], "Users with all permissions, or all of IAM, after the plan and not before."),
        "adopted": (list[_Adopted], "What the plan adopts."),  # type: ignore[valid-type]
        "held_back": (list[_HeldBack], "What is declared and not done."),  # type: ignore[valid-type]
        "warnings": (list[_Warning], "What to know beside the actions."),  # type: ignore[valid-type]
        "orphans": (list[str], "What is owned, no longer declared, and left alone."),
        "unmanaged_users": (int, "How many live users are neither owned nor adopted."),
        "unmanaged": (_Unmanaged, "What is left alone because it is neither owned nor adopted."),
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
