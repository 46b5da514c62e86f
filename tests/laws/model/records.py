"""What IAM remembers of each entity. Documents are kept as the text that was sent."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class UserRecord:
    """A user and all that is the user's alone. `id` stays when the name changes; credentials are by id.

    `key_ages` and `key_uses` say how many days ago a key was made (today if not there) and last used (never if not).
    """

    name: str
    id: str
    path: str = "/"
    tags: dict[str, str] = field(default_factory=dict)
    boundary: str | None = None
    attached: set[str] = field(default_factory=set)
    inline: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    password: bool = False
    password_reset_required: bool = False
    access_keys: dict[str, str] = field(default_factory=dict)
    key_ages: dict[str, int] = field(default_factory=dict)
    key_uses: dict[str, int] = field(default_factory=dict)
    mfa: set[str] = field(default_factory=set)
    ssh_keys: set[str] = field(default_factory=set)
    certificates: set[str] = field(default_factory=set)
    service_credentials: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class GroupRecord:
    """A group; who is in it is written with the users."""

    name: str
    path: str = "/"
    attached: set[str] = field(default_factory=set)
    inline: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class RoleRecord:
    """A role, as far as it uses policies. iamsync never writes one."""

    name: str
    attached: set[str] = field(default_factory=set)
    boundary: str | None = None


@dataclass(slots=True, kw_only=True)
class VersionRecord:
    """One stored text of a policy."""

    id: str
    document: str
    is_default: bool = True


@dataclass(slots=True, kw_only=True)
class PolicyRecord:
    """A customer-managed policy; `next_version` only grows, so that ids are never used again."""

    arn: str
    name: str
    path: str = "/"
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    versions: list[VersionRecord] = field(default_factory=list)
    next_version: int = 2
