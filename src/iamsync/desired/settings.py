"""The settings of the desired-state language."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from iamsync.core.iam_limits import MOST_POLICIES_PER_USER, POLICIES_PER_USER
from iamsync.desired.credentials import AccessKeysOrCount, ConsoleOrFlag, Delivery, DeliveryEntry
from iamsync.desired.fields import (
    AccountId,
    Flag,
    IamPath,
    NonEmpty,
    Reference,
    Segment,
    Share,
    Strict,
    Tags,
    Whole,
)
from iamsync.desired.grants import Groups, SetGrants
from iamsync.desired.policies import MOST_NAMES

UNSAID: Any = None
"""What a field holds that is not written; `model_fields_set` tells. It cannot be written as null."""
BOUNDARY: Final = "The managed policy that is the permissions boundary; `null` for none"


class GuardsEntry(Strict):
    """Guards against mistakes: the removal limit, protected users and required users."""

    max_removals: Share = Field(
        default=(25, True),
        description="The removal limit: how many users, groups and policies one run may remove or suspend, as a "
        "number or a percentage of all that iamsync owns. Above it, nothing is deleted; `--allow-removals N` raises it "
        "for one run",
        examples=["25%", 5],
        json_schema_extra={"default": "25%"},
    )
    protected_users: list[NonEmpty] = Field(
        default_factory=list,
        description="Users who are never changed, whatever the files say, as glob patterns",
        examples=[["break-glass-*"]],
    )
    required_users: list[NonEmpty] = Field(
        default_factory=list,
        description="Users who must be declared; if one is missing, the whole run is refused. They are never suspended",
        examples=[["alice.admin"]],
    )


class QuotasEntry(Strict):
    """Quotas that AWS has raised for this account."""

    policies_per_user: Annotated[int, Whole(POLICIES_PER_USER, MOST_POLICIES_PER_USER)] = Field(
        default=POLICIES_PER_USER, description="How many managed policies may be attached to one user", examples=[20]
    )


class UserDefaults(Strict):
    """Defaults for users. If a user has the key itself, even as `[]` or `false`, its default does not count for that
    user. Only `tags` are combined.
    """

    path: IamPath = Field(default="/", description="The IAM path", examples=["/people/"])
    permissions_boundary: Reference | None = Field(default=None, description=BOUNDARY, examples=["developer-boundary"])
    tags: Tags = Field(
        default_factory=dict,
        description="Tags of every user. A user's own tags take precedence",
        examples=[{"ManagedBy": "iamsync"}],
    )
    policy_sets: SetGrants = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policy sets of users without `policy_sets`. A user without any has `policy_sets: []`",
        examples=[["everybody"]],
    )
    groups: Groups = Field(
        default_factory=list,
        description="The groups of users without `groups`. `{add: [...]}` leaves their other memberships alone, and a "
        "list removes these. A user without any has `groups: []`, and `groups: {add: []}` leaves all alone. "
        "Memberships by `members` of a group come in addition",
        examples=[{"add": ["everybody"]}],
    )
    console: ConsoleOrFlag = Field(
        default=UNSAID,
        description="Whether users without `console` have a console password. A user without one has `console: false`; "
        "`console: unmanaged` leaves the password alone",
        examples=[True],
    )
    access_keys: AccessKeysOrCount = Field(
        default=UNSAID,
        description="The access keys of users without `access_keys`. A user without any has `access_keys: 0`; "
        "`access_keys: unmanaged` leaves the keys alone",
        examples=[0, {"count": 1, "rotate_after": "90d"}],
    )


class DefaultsEntry(Strict):
    """Defaults for entries that do not set a key themselves."""

    user: UserDefaults = Field(
        default_factory=UserDefaults, description="Defaults for users", examples=[{"path": "/people/"}]
    )


class SettingsEntry(Strict):
    """Settings of iamsync."""

    owner: Segment = Field(
        default="",
        description="The value of the ownership tag `iamsync:owner`. Two folders with two owners can share an account. "
        "One file must set it",
        examples=["platform-team"],
    )
    account_id: AccountId | None = Field(
        default=None,
        description="The account id. iamsync refuses to run against any other account",
        examples=["123456789012"],
    )
    adopt: Flag = Field(
        default=False,
        description="Whether iamsync adopts what is declared and exists unowned: users and policies without its tag, "
        "groups outside of its path",
        examples=[True],
    )
    prune: Flag = Field(
        default=False, description="Whether iamsync deletes what it owns and no file declares", examples=[True]
    )
    undeclared_denies: Literal["report", "remove"] = Field(
        default="report",
        description="What happens to an undeclared Deny: a policy on a user or group that only denies, that no file "
        "declares there, and that iamsync does not own (see below). `report` leaves it in place, and every plan "
        "reports it; `--remove-deny` removes it. `remove` treats it like any other drift",
        examples=["remove"],
    )
    guards: GuardsEntry = Field(
        default_factory=GuardsEntry,
        description="Guards against mistakes: the removal limit, protected users and required users",
        examples=[{"max_removals": "25%"}],
    )
    ignore_tags: list[NonEmpty] = Field(
        default_factory=lambda: ["AKIA*"],
        json_schema_extra={"default": ["AKIA*"]},
        description="Undeclared tag keys that iamsync leaves alone, as glob patterns; `aws:*` is always left alone. "
        "The console stores the description of an access key as a tag whose key is the id of the access key",
        examples=[["AKIA*", "Cost*"]],
    )
    quotas: QuotasEntry = Field(
        default_factory=QuotasEntry,
        description="Quotas that AWS has raised for this account",
        examples=[{"policies_per_user": 20}],
    )
    defaults: DefaultsEntry = Field(
        default_factory=DefaultsEntry,
        description="Defaults for entries that do not set a key themselves",
        examples=[{"user": {"path": "/people/"}}],
    )
    aws_checks: Flag = Field(
        default=False,
        description="Whether AWS checks each new or changed policy document before it is applied (Access Analyzer, "
        "`access-analyzer:ValidatePolicy`). An error holds the policy back",
        examples=[True],
    )
    delivery: Delivery = Field(
        default_factory=DeliveryEntry,
        json_schema_extra={"default": "csv"},
        description="The delivery channel of new passwords and access keys, or one for each kind, unless `deliver` "
        "names another. `csv` is a file with the columns of the console, on the machine that runs iamsync; `age` is a "
        "file for each user that only the user can open; `command` is a program that whoever runs iamsync names",
        examples=["age", {"password": "age", "access_key": "csv"}],
    )
