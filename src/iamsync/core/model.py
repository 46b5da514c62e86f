"""The nouns. Desired and live state are values of the same types, so that a difference is plain set arithmetic.

Where a thing was written (`Origin`) never takes part in equality: two users who differ only in that are the same user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from iamsync.core.arn import Account, Arn
from iamsync.core.document import Document
from iamsync.core.iam_limits import POLICIES_PER_USER
from iamsync.core.tags import OWNER_TAG


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Origin:
    """Where a person wrote something: file as given, line and column counted from 1; line 0 is the file, or a folder,
    as a whole.
    """

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Origin(file="", line=1)
"""The place of what nobody has written."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong with the desired state, for the person who must fix it.

    `path` is the way to the place inside the document (`users.aiko.sato.policy_sets[1]`); `message` says what was
    found, what was expected and what to do. A warning is only probably wrong. `users` are those it is about, if it is
    about some of several.
    """

    origin: Origin
    path: str
    message: str
    warning: bool = False
    users: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        where = f"{self.origin}:{self.origin.column}" if self.origin.line else self.origin.file
        message = f"warning: {self.message}" if self.warning else self.message
        return f"{where}: {self.path}: {message}" if self.path else f"{where}: {message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A managed policy on a user or group. `via` names the policy set that brought it, if one did."""

    policy: Arn
    via: str | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A public key for which secrets are sealed, and its fingerprint."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Whether a user has a password.

    How it is first set, the channel that delivers it ("" if nobody declared one), and for whom it is sealed are for
    creation only and never compared: IAM itself flips PasswordResetRequired when the user obeys (CreateLoginProfile).
    `core.claims` compares within how many days a password must be claimed, and for how many a live one has not been.
    """

    enabled: bool = True
    password_reset_required: bool = field(default=True, compare=False)
    channel: str = field(default="", compare=False)
    recipients: tuple[Recipient, ...] = field(default=(), compare=False)
    claim_within_days: int | None = field(default=None, compare=False)
    unclaimed_days: int | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKeys:
    """How many access keys a user has, after how many days each is replaced (None: never), the channel that delivers
    new ones ("" if nobody declared one), and for whom they are sealed; how they are delivered is never compared.
    """

    count: int
    rotate_after_days: int | None = None
    channel: str = field(default="", compare=False)
    recipients: tuple[Recipient, ...] = field(default=(), compare=False)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An IAM user. An inline policy is None where a live text cannot be read as a policy document.

    `console`, `access_keys` and `groups` are None where nobody declared them (desired) or nobody looked (live): they
    are left alone unless declared. `added_groups` are memberships beside `groups`, always managed: in the groups that
    carry a policy set, and those of `groups: {add: [...]}`. `ended_groups` are named there for another time only.
    `suspended` says whether the user is at this moment; `may_end` is the key of the files (`suspended` or `expires`)
    that says so of this moment or of one to come. `destination` is where new passwords and access keys of a
    declared user go, as a tag notes it: "" for the default channel; None if there are none. `id` is IAM's own of a live
    user.
    """

    name: str
    id: str = field(default="", compare=False)
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    boundary: Arn | None = None
    attachments: frozenset[Attachment] = frozenset()
    inline: Mapping[str, Document | None] = field(default_factory=dict)
    groups: frozenset[str] | None = None
    added_groups: frozenset[str] = frozenset()
    ended_groups: frozenset[str] = frozenset()
    console: Console | None = None
    access_keys: AccessKeys | None = None
    suspended: bool = False
    may_end: str = field(default="", compare=False)
    destination: str | None = field(default=None, compare=False)
    previous_names: tuple[str, ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An IAM group: the owner's below `/iamsync/<owner>/`. The path "" of a declared one means anywhere there."""

    name: str
    path: str
    attachments: frozenset[Attachment] = frozenset()
    inline: Mapping[str, Document | None] = field(default_factory=dict)
    removes_strangers: bool = field(default=False, compare=False)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A customer-managed policy. `document` is None for a live one whose text cannot be read as a policy document."""

    arn: Arn
    name: str
    path: str
    document: Document | None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """A stored version of a live managed policy. Ids only grow (`v1`, `v3`, `v6` is possible)."""

    id: str
    document: Document | None
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A live access key, without its secret: that is known only when it is made.

    Whole days since it was created; since it was last used (None: never, or nobody asked); since a rotation deactivated
    it (None: none did). A `stray` is perhaps held by nobody (`core.keys`).
    """

    id: str
    active: bool
    age_days: int = 0
    idle_days: int | None = None
    retired_days: int | None = None
    stray: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What lets a live user in: devices by serial, the rest by id. Only as far as `core.reads` asks for it."""

    access_keys: tuple[AccessKey, ...] = ()
    mfa_devices: tuple[str, ...] = ()
    ssh_public_keys: tuple[str, ...] = ()
    signing_certificates: tuple[str, ...] = ()
    service_credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an account holds, or should hold: users and groups by name, customer-managed policies by ARN."""

    account: Account
    users: Mapping[str, User] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    policies: Mapping[Arn, Policy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What a run must not do. `max_removals` is a number, or a share of what is managed when `percent` is set."""

    max_removals: int = 25
    percent: bool = True
    protected_users: tuple[str, ...] = ()
    required_users: tuple[str, ...] = ()

    def protecting(self, name: str) -> str | None:
        """The pattern that protects a user. IAM takes names that differ only in case for one."""
        matching = (one for one in self.protected_users if fnmatchcase(name.casefold(), one.casefold()))
        return next(matching, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What AWS allows in this account where it can be raised ("IAM and AWS STS quotas")."""

    policies_per_user: int = POLICIES_PER_USER


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The rules a desired state sets for the run. Of undeclared Denies that are not owned, `remove_denies` names those
    that go (`user/eve:stop`); all go unless `denies_kept`.
    """

    owner: str
    account_id: str | None = None
    adopt: bool = False
    adopt_names: frozenset[str] = frozenset()
    prune: bool = False
    denies_kept: bool = True
    remove_denies: frozenset[str] = frozenset()
    guards: Guards = field(default_factory=Guards)
    ignore_tags: tuple[str, ...] = ("AKIA*",)
    quotas: Quotas = field(default_factory=Quotas)
    aws_checks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredState(State):
    """What the YAML says, for one account at one moment. `ended_grants` are what it no longer grants: until when, and
    where that is written, by user and policy (ARN) or group.
    """

    settings: Settings
    ended_grants: Mapping[tuple[str, str], tuple[str, Origin]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState(State):
    """What IAM holds, and what nobody declares.

    `versions` are the stored versions of each customer-managed policy. `credentials`, by user, and `used_by` are there
    as far as `core.reads` asks for them; `used_by` says which users, groups and roles (`role/Deploy`) have a policy, as
    attachment or as boundary. `spare_mfa_devices` are serials of virtual devices that belong to no user. `today` is the
    day of the reading (2026-11-24), and what the days of access keys are counted to.
    """

    versions: Mapping[Arn, tuple[PolicyVersion, ...]] = field(default_factory=dict)
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    used_by: Mapping[Arn, frozenset[str]] = field(default_factory=dict)
    spare_mfa_devices: tuple[str, ...] = ()
    today: str = ""


def own_path(owner: str) -> str:
    """Where an owner's groups are: groups cannot carry tags, so the path is the mark."""
    return f"/iamsync/{owner}/"


def is_owned(tags: Mapping[str, str], owner: str) -> bool:
    """Whether a user or policy with these tags is the owner's."""
    return tags.get(OWNER_TAG) == owner


def user_subject(name: str) -> str:
    """How actions and notes name a user."""
    return f"user/{name}"


def policy_subject(name: str) -> str:
    """How actions and notes name a customer-managed policy: by its name, which is unique over all paths."""
    return f"policy/{name}"


def group_subject(name: str) -> str:
    """How actions and notes name a group."""
    return f"group/{name}"
