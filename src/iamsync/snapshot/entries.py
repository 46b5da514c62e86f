"""What a snapshot holds: the names of its JSON, sorted, with times where the answers of IAM have times."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from iamsync.core.arn import Account, Arn, account_of

Document = dict[str, Any] | None
"""A policy document as JSON; None is a text that is no policy document."""


def _moment(value: object) -> object:
    """A time of the file."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no time that can be counted with") from error


Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_utc)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AccessKey(_Entry):
    """An access key: without its secret, which IAM shows to nobody. `last_used` is None if it was never used."""

    id: str
    active: bool
    created: Moment
    last_used: Moment | None


class Password(_Entry):
    """That there is one. When it was made, and when the user last signed in (None: never); `created` is None if nobody
    looked at either: it need not be claimed.
    """

    reset_required: bool
    created: Moment | None = None
    last_used: Moment | None = None


class OtherCredentials(_Entry):
    """What DeleteUser wants gone before, by serial or id."""

    mfa_devices: list[str]
    ssh_public_keys: list[str]
    signing_certificates: list[str]
    service_specific_credentials: list[str]


class Credentials(_Entry):
    """What lets a user in. `other` is None if nobody looked: only a user who is deleted needs it."""

    password: Password | None
    access_keys: list[AccessKey]
    other: OtherCredentials | None


class User(_Entry):
    """A user. `credentials` is None if nobody looked: the files neither name nor own the user."""

    id: str
    path: str
    tags: dict[str, str]
    permissions_boundary: str | None
    policies: list[str]
    inline_policies: dict[str, Document]
    groups: list[str]
    credentials: Credentials | None


class Group(_Entry):
    """A group, and how many of its members the snapshot does not name."""

    path: str
    policies: list[str]
    inline_policies: dict[str, Document]
    unnamed_members: int


class Version(_Entry):
    """A stored version of a policy."""

    id: str
    default: bool
    document: Document


class Policy(_Entry):
    """A customer-managed policy. `used_by` are the users, groups and roles that have it, None if nobody looked, or if
    the caller may not; `unnamed_holders` is how many users and groups have it that the snapshot does not name.
    """

    description: str
    tags: dict[str, str]
    versions: list[Version]
    used_by: list[str] | None
    unnamed_holders: int


class AwsPolicy(_Entry):
    """An AWS-managed policy: the version that holds, with its text where iamsync ships another one."""

    attachable: bool
    version: str
    document: Document


class Role(_Entry):
    """The role of whoever took the snapshot."""

    policies: list[str]
    permissions_boundary: str | None


class PasswordPolicy(_Entry):
    """What of the account's password policy counts."""

    minimum_length: int
    users_may_change: bool
    expire: bool


class Unnamed(_Entry):
    """What a snapshot only counts: hashes of the names (`core.unnamed`), sorted; and how many of the users have
    AdministratorAccess.
    """

    users: list[str]
    groups: list[str]
    policies: list[str]
    mfa_devices: list[str]
    administrators: int


class Snapshot(_Entry):
    """An account at the moment `taken`, for the files of `owner`. It is `complete` if it leaves nothing out.

    `policies` are customer-managed ones by ARN; `aws_policies` those of AWS that somebody has or the files name, None
    where AWS has none of that name. `unassigned_mfa_devices` are serial numbers. `role` is None where the caller is
    none of this account. `denied` are the permissions that the caller did not have.
    """

    taken: Moment
    account: str
    partition: str
    caller: str
    owner: str
    complete: bool
    users: dict[str, User]
    groups: dict[str, Group]
    policies: dict[str, Policy]
    unnamed: Unnamed
    aws_policies: dict[str, AwsPolicy | None]
    unassigned_mfa_devices: list[str]
    quotas: dict[str, int]
    password_policy: PasswordPolicy | None
    role: Role | None
    denied: list[str]

    @property
    def of(self) -> Account:
        """The account that it is of."""
        return Account(id=self.account, partition=self.partition)

    @property
    def is_of_one_account(self) -> bool:
        """Whether the caller and the policies are of the account, as when iamsync took it."""
        policies = f"arn:{self.partition}:iam::{self.account}:policy/"
        return account_of(Arn(self.caller)) == self.of and all(arn.startswith(policies) for arn in self.policies)


NOT_NAMED: Final = Unnamed(users=[], groups=[], policies=[], mfa_devices=[], administrators=0)
"""Nothing is left out."""
