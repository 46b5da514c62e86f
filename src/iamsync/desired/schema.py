"""The desired-state language, once: what each key takes, its default, its meaning and an example.

Validation, the JSON Schema for editors and the reference page all come from these classes (`reference`). Names and
paths that substitution may change are checked after it, in `core.validate`; their patterns here are for editors.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, Tag

from iamsync.core import validate
from iamsync.desired import editors
from iamsync.desired.fields import (
    MAPPING,
    SCALAR,
    AccountId,
    AsWritten,
    ExternalId,
    FileName,
    Flag,
    GroupName,
    IamPath,
    Moment,
    NonEmpty,
    PolicyDocument,
    PolicyPath,
    Reference,
    RoleName,
    Strict,
    Tags,
    Whole,
    either,
    later,
    named,
)
from iamsync.desired.settings import BOUNDARY, SettingsEntry
from iamsync.desired.ways_in import AccessKeysEntry, ConsoleEntry

_UNSAID: Any = None
"""What a field holds that is not written; `model_fields_set` tells. It cannot be written as null."""


class Grant(Strict):
    """A reference that holds for a time only. Outside of it the grant is as if it were not written."""

    name: str = Field(description="What is granted, as it would be written without a time", examples=["billing"])
    start: Moment | None = Field(
        default=None,
        alias="from",
        description="The first moment it holds. A date is midnight UTC at its start; a time needs an offset",
        examples=["2027-01-01"],
    )
    until: Moment | None = Field(
        default=None,
        description="The moment it ends: `until: 2027-03-31` no longer holds on that day (UTC)",
        examples=["2027-03-31", "2027-03-31T18:00:00+02:00"],
    )


MOST_NAMES: Final = 100
"""In one list. AWS attaches 20 policies at most, so that more can only be a mistake."""

_GRANT = either("a name, or a mapping with a name, from and until")
_SetGrants = list[Annotated[Annotated[NonEmpty, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]
_PolicyGrants = list[Annotated[Annotated[Reference, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]
_GroupGrants = list[Annotated[Annotated[GroupName, Tag(SCALAR)] | Annotated[Grant, Tag(MAPPING)], _GRANT]]


class PolicyEntry(Strict):
    """A customer-managed policy that iamsync creates and versions."""

    path: PolicyPath = Field(
        default="/", description="The IAM path, part of the ARN and not changeable later", examples=["/iamsync/"]
    )
    description: str = Field(
        default="",
        max_length=1000,
        json_schema_extra={"pattern": editors.DESCRIPTION},
        description="What it is for. IAM keeps the first description",
        examples=["A user manages their own MFA device"],
    )
    tags: Tags = Field(default_factory=dict, description="Its tags, exactly these", examples=[{"Team": "security"}])
    document: Annotated[
        Annotated[FileName, Tag(SCALAR)] | Annotated[PolicyDocument, Tag(MAPPING)],
        either("the name of a JSON file beside this one, or the document itself"),
    ] = Field(
        description="The policy document: a JSON file beside this one, or the document itself as YAML",
        examples=["policies/IAMSelfManageMFADevice.json"],
    )


class SetEntry(Strict):
    """A named bundle of policies."""

    description: str = Field(default="", description="What it is for", examples=["Console user who may look at S3"])
    policies: list[Reference] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="A name is a policy declared here, `aws:[path/]Name` is AWS's, an ARN is any other",
        examples=[["aws:AmazonS3ReadOnlyAccess", "IAMSelfManageMFADevice"]],
    )
    includes: list[NonEmpty] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="Other sets whose policies it brings too",
        examples=[["everybody"]],
    )
    attach: Literal["direct", "group"] = Field(
        default="direct",
        description="`direct` attaches the policies to each user; `group` to an IAM group named after the set, "
        "below `/iamsync/<owner>/`, that its users join. How an included set is attached does not count",
        examples=["group"],
    )


_Inline = Annotated[dict[str, PolicyDocument], Field(json_schema_extra=named(validate.NAME, 128))]


class UserEntry(Strict):
    """An IAM user. Credentials and memberships that are left out (console, access_keys, groups) stay as they are."""

    path: IamPath = Field(
        default="/", description="The IAM path; `settings.defaults.user.path` if left out", examples=["/people/"]
    )
    policy_sets: _SetGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policy sets the user gets",
        examples=[["s3-viewer", {"name": "billing", "until": "2027-03-31"}]],
    )
    policies: _PolicyGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="Further managed policies, written as in a set",
        examples=[["aws:job-function/ViewOnlyAccess"]],
    )
    inline_policies: _Inline = Field(
        default_factory=dict,
        description="Policy documents of the user's own, by name; together at most 1,946 characters",
        examples=[
            {"queue": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}
        ],
    )
    groups: _GroupGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The groups the user is in, exactly these; left out, memberships are left as they are",
        examples=[["auditors"]],
    )
    permissions_boundary: Reference | None = Field(
        default=None,
        description=f"{BOUNDARY}; `settings.defaults.user.permissions_boundary` if left out",
        examples=["aws:PowerUserAccess"],
    )
    tags: Tags = Field(
        default_factory=dict,
        description="Tags, added to those of `settings.defaults.user.tags`",
        examples=[{"Team": "data"}],
    )
    console: Annotated[
        Annotated[Flag, Tag(SCALAR)] | Annotated[ConsoleEntry, Tag(MAPPING)],
        either("true, false or a mapping like {password_reset_required: true, deliver: csv}"),
    ] = Field(
        default=_UNSAID,
        description="Whether the user has a password: `true`, `false`, or how it is made. Left out, it stays as it is",
        examples=[True, {"password_reset_required": True, "deliver": "csv"}],
    )
    access_keys: Annotated[
        Annotated[Annotated[int, Whole(0, 2)], Tag(SCALAR)] | Annotated[AccessKeysEntry, Tag(MAPPING)],
        either("0, 1, 2 or a mapping like {count: 1, rotate_after: 90d}"),
    ] = Field(
        default=_UNSAID,
        description="How many access keys the user has (0 to 2), or how many and how they are replaced. Left "
        "out, they are left as they are",
        examples=[1, {"count": 1, "rotate_after": "90d"}],
    )
    suspended: Flag = Field(default=False, description="`true` keeps the user and cuts every way in", examples=[True])
    expires: Moment | None = Field(
        default=None, description="As if suspended from that day on (UTC)", examples=["2027-03-31"]
    )
    previous_names: list[Annotated[str, later(validate.NAME, validate.LONGEST_USER_NAME)]] = Field(
        default_factory=list,
        description="Names the user had: renamed in place, so that keys, MFA and password survive",
        examples=[["aiko.suzuki"]],
    )
    accounts: list[NonEmpty] = Field(
        default_factory=lambda: ["*"],
        json_schema_extra={"default": ["*"]},
        description="The `accounts` this user is for, as glob patterns on their names",
        examples=[["prod-*"]],
    )


class GroupEntry(Strict):
    """An IAM group of iamsync's own. Users join it by their `groups`."""

    path: IamPath = Field(
        default="",
        json_schema_extra={"pattern": editors.GROUP_PATH},
        description="The IAM path, at or below `/iamsync/<owner>/`, which is the default",
        examples=["/iamsync/platform-team/audit/"],
    )
    policy_sets: list[NonEmpty] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policy sets the group gets",
        examples=[["s3-viewer"]],
    )
    policies: list[Reference] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="Managed policies, written as in a set",
        examples=[["aws:SecurityAudit"]],
    )
    inline_policies: _Inline = Field(
        default_factory=dict,
        description="Policy documents of the group's own, by name; together at most 5,120 characters",
        examples=[
            {"queue": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}
        ],
    )


class AccountEntry(Strict):
    """One of several accounts, reached by AssumeRole."""

    id: AccountId = Field(description="The 12 digits of the account, in quotes", examples=["111111111111"])
    role: RoleName = Field(default="iamsync", description="The role to assume there", examples=["iamsync"])
    external_id: ExternalId | None = Field(
        default=None, description="The external id its trust policy asks for", examples=["a1b2c3"]
    )
    vars: dict[str, AsWritten] = Field(
        default_factory=dict,
        description="What `{{ vars.name }}` stands for in this account",
        examples=[{"bucket": "prod-logs"}],
        json_schema_extra={"propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}},
    )


class File(Strict):
    """One file of a desired state. All files of the folder are merged; a name is declared once."""

    version: Annotated[int, Whole(1, 1)] = Field(
        default=1, description="The version of this language; one file says it", examples=[1]
    )
    settings: SettingsEntry = Field(
        default_factory=SettingsEntry,
        description="The rules for a run; each key in one file only",
        examples=[{"owner": "platform-team"}],
    )
    policies: dict[str, PolicyEntry] = Field(
        default_factory=dict,
        description="Customer-managed policies, by name",
        examples=[{"IAMSelfManageMFADevice": {"document": "policies/IAMSelfManageMFADevice.json"}}],
        json_schema_extra=named(validate.NAME, validate.LONGEST_NAME),
    )
    policy_sets: dict[str, SetEntry] = Field(
        default_factory=dict,
        description="Bundles of policies, by name",
        examples=[{"s3-viewer": {"policies": ["aws:AmazonS3ReadOnlyAccess"]}}],
        json_schema_extra=named(validate.NAME, validate.LONGEST_NAME),
    )
    users: dict[str, UserEntry] = Field(
        default_factory=dict,
        description="IAM users, by name",
        examples=[{"aiko.sato": {"policy_sets": ["s3-viewer"]}}],
        json_schema_extra=named(validate.NAME, validate.LONGEST_USER_NAME),
    )
    groups: dict[str, GroupEntry] = Field(
        default_factory=dict,
        description="IAM groups, by name",
        examples=[{"auditors": {"policies": ["aws:SecurityAudit"]}}],
        json_schema_extra=named(validate.NAME, validate.LONGEST_NAME),
    )
    accounts: dict[str, AccountEntry] = Field(
        default_factory=dict,
        description="The accounts to work on, by a name of your own; left out, the one that the credentials lead to",
        examples=[{"prod": {"id": "111111111111", "role": "iamsync"}}],
        json_schema_extra=named(r"[A-Za-z0-9._-]+", 64),
    )
