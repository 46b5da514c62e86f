"""The desired-state language, once: what each key takes, its default, its meaning and an example.

Validation, the JSON Schema for editors and the reference page all come from these classes (`reference`). Names and
paths that substitution may change are checked after it, in `core.validate`; their patterns here are for editors.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, Tag

from iamsync.core import iam_limits, validate
from iamsync.desired import editors
from iamsync.desired.builtins import BUILTIN, BuiltinEntry, document_or_builtin
from iamsync.desired.credentials import AccessKeysOrCount, ConsoleOrFlag
from iamsync.desired.fields import (
    MAPPING,
    AccountId,
    AsWritten,
    ChannelName,
    ExternalId,
    Flag,
    IamPath,
    InlineDocument,
    Moment,
    NonEmpty,
    Reference,
    RoleName,
    Strict,
    Tags,
    Whole,
    later,
    named,
)
from iamsync.desired.grants import Groups, MemberGrants, PolicyGrants, SetGrants
from iamsync.desired.policies import MOST_NAMES, PolicyEntry, SetEntry
from iamsync.desired.settings import BOUNDARY, UNSAID, SettingsEntry

MOST_MEMBERS: Final = 5000
"""Of a group. An account has no more users ("IAM and AWS STS quotas")."""


_InlineDocument = Annotated[
    Annotated[InlineDocument, Tag(MAPPING)] | Annotated[BuiltinEntry, Tag(BUILTIN)],
    document_or_builtin("a mapping"),
]
_Inline = Annotated[dict[str, _InlineDocument], Field(json_schema_extra=named(validate.NAME, iam_limits.NAME))]


class UserEntry(Strict):
    """An IAM user. If `console`, `access_keys` or `groups` is left out and has no default, iamsync leaves it alone."""

    path: IamPath = Field(
        default="/", description="The IAM path; `settings.defaults.user.path` if left out", examples=["/people/"]
    )
    policy_sets: SetGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policy sets of the user, in place of `settings.defaults.user.policy_sets`; `[]` for none",
        examples=[["s3-viewer", {"name": "billing", "until": "2027-03-31"}]],
    )
    policies: PolicyGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="More managed policies, written as in `policy_sets`",
        examples=[["aws:job-function/ViewOnlyAccess"]],
    )
    inline_policies: _Inline = Field(
        default_factory=dict,
        description=f"Inline policies of the user, by name; at most {validate.USER_INLINE_SIZE:,} characters in total",
        examples=[
            {"queue": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}
        ],
    )
    groups: Groups = Field(
        default_factory=list,
        description="The groups of the user. A list names all of them. `{add: [...]}` names groups that the user must "
        "be in, and other memberships stay. If left out, `settings.defaults.user.groups`; without one, all memberships "
        "stay. In groups that iamsync owns, undeclared "
        "memberships never stay. Groups of policy sets are always added",
        examples=[["auditors"], {"add": ["auditors"]}],
    )
    permissions_boundary: Reference | None = Field(
        default=None,
        description=f"{BOUNDARY}. Default: `settings.defaults.user.permissions_boundary`",
        examples=["aws:PowerUserAccess"],
    )
    tags: Tags = Field(
        default_factory=dict,
        description="The tags of the user, in addition to `settings.defaults.user.tags`. Other tags are removed",
        examples=[{"Team": "data"}],
    )
    console: ConsoleOrFlag = Field(
        default=UNSAID,
        description="Whether the user has a console password: `true`, `false`, or a mapping that says how it is "
        "created. `false` deletes the password. If left out, `settings.defaults.user.console`; without one, or with "
        "`unmanaged`, iamsync leaves the password alone",
        examples=[True, {"password_reset_required": True, "deliver": "csv"}],
    )
    access_keys: AccessKeysOrCount = Field(
        default=UNSAID,
        description="How many access keys the user has (0 to 2), or how many and how they are replaced. If left "
        "out, `settings.defaults.user.access_keys`; without one, or with `unmanaged`, iamsync leaves the keys alone",
        examples=[1, {"count": 1, "rotate_after": "90d"}],
    )
    deliver: ChannelName = Field(
        default="",
        description="The delivery channel of the user's new passwords and access keys, unless `console` or "
        "`access_keys` names another; `settings.delivery` if left out",
        examples=["age"],
    )
    recipients: list[AsWritten] = Field(
        default_factory=list,
        description="The public keys for which the user's secrets are sealed, at most 4: age recipients, SSH public "
        "keys (ssh-ed25519, ssh-rsa), or the name of a `.pub` or `.txt` file with such keys in the folder of this file",
        examples=[["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"], ["keys/aiko.pub"]],
    )
    suspended: Flag = Field(
        default=False,
        description="`true` blocks all access and keeps the user: everything is denied, access keys are "
        "deactivated, the password is deleted",
        examples=[True],
    )
    expires: Moment | None = Field(
        default=None,
        description="The user is suspended from this date or time on. A date means 00:00 UTC on that day",
        examples=["2027-03-31"],
    )
    previous_names: list[Annotated[str, later(validate.NAME, iam_limits.USER_NAME)]] = Field(
        default_factory=list,
        description="Former names. A user with such a name is renamed in place and keeps access keys, MFA devices "
        "and password",
        examples=[["aiko.suzuki"]],
    )
    accounts: list[NonEmpty] = Field(
        default_factory=lambda: ["*"],
        json_schema_extra={"default": ["*"]},
        description="In which of the `accounts` this user exists, as glob patterns on their names. Not supported yet",
        examples=[["prod-*"]],
    )


class GroupEntry(Strict):
    """An IAM group that iamsync owns. Users join it by their `groups`, or by its `members`."""

    path: IamPath = Field(
        default="",
        json_schema_extra={"pattern": editors.GROUP_PATH},
        description="The IAM path: `/iamsync/<owner>/` or a path below it. If left out, a new group is created at "
        "`/iamsync/<owner>/`, and an adopted group keeps its old path below it",
        examples=["/iamsync/platform-team/audit/"],
    )
    policy_sets: list[NonEmpty] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policy sets of the group",
        examples=[["s3-viewer"]],
    )
    policies: list[Reference] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="More managed policies, written as in `policy_sets`",
        examples=[["aws:SecurityAudit"]],
    )
    inline_policies: _Inline = Field(
        default_factory=dict,
        description="Inline policies of the group, by name; at most "
        f"{iam_limits.GROUP_INLINE_SIZE:,} characters in total",
        examples=[
            {"queue": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}
        ],
    )
    members: MemberGrants = Field(
        default_factory=list,
        max_length=MOST_MEMBERS,
        description="Declared users who must be in the group, as if each of them named it in `groups: {add: [...]}`. A "
        "user may name the group as well, with the same `from` and `until`. If a user's `groups` is a list of all "
        "groups, it must name this one",
        examples=[["aiko.sato", {"name": "ben.ito", "until": "2027-03-31"}]],
    )
    strangers: Literal["report", "remove"] = Field(
        default="report",
        description="What happens to strangers, the members whom no file declares. `report` names them in every plan. "
        "`remove` removes them from the group, except protected users",
        examples=["remove"],
    )


_VARIABLES: Final[dict[str, Any]] = {"propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}}


class AccountEntry(Strict):
    """One of several AWS accounts, reached by AssumeRole. Not supported yet."""

    id: AccountId = Field(description="The 12 digits of the account, in quotes", examples=["111111111111"])
    role: RoleName = Field(
        default="iamsync", description="The role that iamsync assumes in the account", examples=["iamsync"]
    )
    external_id: ExternalId | None = Field(
        default=None, description="The external id that the trust policy of the role requires", examples=["a1b2c3"]
    )
    vars: dict[str, AsWritten] = Field(
        default_factory=dict,
        description="Values for `{{ vars.name }}` in this account, in place of those of the same names at the top",
        examples=[{"bucket": "prod-logs"}],
        json_schema_extra=_VARIABLES,
    )


class File(Strict):
    """One file of a desired state. All files of the folder are merged. A name may be declared only once."""

    version: Annotated[int, Whole(1, 1)] = Field(
        default=1, description="The version of this language. One file must state it", examples=[1]
    )
    settings: SettingsEntry = Field(
        default_factory=SettingsEntry,
        description="Settings of iamsync. Each key may be in one file only",
        examples=[{"owner": "platform-team"}],
    )
    vars: dict[str, AsWritten] = Field(
        default_factory=dict,
        description="Values for `{{ vars.name }}`. Each name may be in one file only",
        examples=[{"bucket": "team-logs"}],
        json_schema_extra=_VARIABLES,
    )
    policies: dict[str, PolicyEntry] = Field(
        default_factory=dict,
        description="Customer-managed policies, by name",
        examples=[{"IAMSelfManageMFADevice": {"document": "policies/IAMSelfManageMFADevice.json"}}],
        json_schema_extra=named(validate.NAME, iam_limits.NAME),
    )
    policy_sets: dict[str, SetEntry] = Field(
        default_factory=dict,
        description="Named sets of policies",
        examples=[{"s3-viewer": {"policies": ["aws:AmazonS3ReadOnlyAccess"]}}],
        json_schema_extra=named(validate.NAME, iam_limits.NAME),
    )
    users: dict[str, UserEntry] = Field(
        default_factory=dict,
        description="IAM users, by name",
        examples=[{"aiko.sato": {"policy_sets": ["s3-viewer"]}}],
        json_schema_extra=named(validate.NAME, iam_limits.USER_NAME),
    )
    groups: dict[str, GroupEntry] = Field(
        default_factory=dict,
        description="IAM groups, by name",
        examples=[{"auditors": {"policies": ["aws:SecurityAudit"]}}],
        json_schema_extra=named(validate.NAME, iam_limits.NAME),
    )
    accounts: dict[str, AccountEntry] = Field(
        default_factory=dict,
        description="The AWS accounts, under names that you choose. Not supported yet: `validate` and `plan` refuse "
        "such files. If left out, iamsync works on the account of its credentials",
        examples=[{"prod": {"id": "111111111111", "role": "iamsync"}}],
        json_schema_extra=named(r"[A-Za-z0-9._-]+", 64),
    )
