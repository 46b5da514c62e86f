"""The settings of the desired-state language: the rules for a run."""

from typing import Annotated, Final

from pydantic import Field

from iamsync.desired.fields import (
    AccountId,
    ChannelName,
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

BOUNDARY: Final = "The managed policy that bounds what all others may allow; `null` for none"


class GuardsEntry(Strict):
    """Limits that stop a run."""

    max_removals: Share = Field(
        default=(25, True),
        description="How much of what is managed one run may remove: a number or a share",
        examples=["25%", 5],
        json_schema_extra={"default": "25%"},
    )
    protected_users: list[NonEmpty] = Field(
        default_factory=list,
        description="Users that are never changed whatever the files say, as glob patterns",
        examples=[["break-glass-*"]],
    )
    required_users: list[NonEmpty] = Field(
        default_factory=list,
        description="Users that must be declared, or nothing is done; they are never suspended",
        examples=[["alice.admin"]],
    )


class QuotasEntry(Strict):
    """Quotas that AWS has raised for the account."""

    policies_per_user: Annotated[int, Whole(10, 20)] = Field(
        default=10, description="Managed policies attached to one user", examples=[20]
    )


class UserDefaults(Strict):
    """What a user gets that does not say otherwise."""

    path: IamPath = Field(default="/", description="The IAM path", examples=["/people/"])
    permissions_boundary: Reference | None = Field(default=None, description=BOUNDARY, examples=["developer-boundary"])
    tags: Tags = Field(
        default_factory=dict, description="Tags of every user; a user's own win", examples=[{"ManagedBy": "iamsync"}]
    )


class DefaultsEntry(Strict):
    """Defaults."""

    user: UserDefaults = Field(
        default_factory=UserDefaults, description="Defaults of users", examples=[{"path": "/people/"}]
    )


class SettingsEntry(Strict):
    """The rules for a run."""

    owner: Segment = Field(
        default="",
        description="The value of the ownership tag `iamsync:owner`. Two folders with two owners can share an account. "
        "One file must set it",
        examples=["platform-team"],
    )
    account_id: AccountId | None = Field(
        default=None, description="Refuse to run against any other account", examples=["123456789012"]
    )
    adopt: Flag = Field(
        default=False,
        description="May iamsync take over declared users and policies that exist without its tag?",
        examples=[True],
    )
    prune: Flag = Field(
        default=False, description="May iamsync delete what it owns and no file declares?", examples=[True]
    )
    guards: GuardsEntry = Field(
        default_factory=GuardsEntry, description="Limits that stop a run", examples=[{"max_removals": "25%"}]
    )
    ignore_tags: list[NonEmpty] = Field(
        default_factory=lambda: ["AKIA*"],
        json_schema_extra={"default": ["AKIA*"]},
        description="Tag keys of users that are left alone, as glob patterns; `aws:*` always is. The console keeps "
        "descriptions of access keys as tags named by the key's id",
        examples=[["AKIA*", "Cost*"]],
    )
    quotas: QuotasEntry = Field(
        default_factory=QuotasEntry,
        description="Quotas that AWS has raised for the account",
        examples=[{"policies_per_user": 20}],
    )
    defaults: DefaultsEntry = Field(
        default_factory=DefaultsEntry,
        description="What entries get that do not say otherwise",
        examples=[{"user": {"path": "/people/"}}],
    )
    delivery: ChannelName = Field(
        default="csv",
        description="The channel that delivers new passwords and access keys where `deliver` does not name another. "
        "`csv` is a file with the columns of the console, on the machine that runs iamsync",
        examples=["csv"],
    )
