"""Changes of what users may do: policies, boundaries and memberships."""

from dataclasses import dataclass, field

from iamsync.core.arn import Arn
from iamsync.core.change.entities import Entity
from iamsync.core.document import Document


@dataclass(frozen=True, slots=True)
class SetBoundary:
    """A user's permissions boundary is set, swapped, or (`new` is None) removed."""

    user: str
    old: Arn | None
    new: Arn | None


@dataclass(frozen=True, slots=True)
class Attach:
    """A managed policy is attached to a user or group. `via` names the policy set that brought it, if one did."""

    owner: Entity
    policy: Arn
    via: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Detach:
    """A managed policy is detached from a user or group."""

    owner: Entity
    policy: Arn


@dataclass(frozen=True, slots=True)
class PutInline:
    """An inline policy of a user or group is new (`is_new`) or says something else. `old` is None where there is none
    yet, or where the live text cannot be read.
    """

    owner: Entity
    name: str
    old: Document | None
    new: Document
    is_new: bool


@dataclass(frozen=True, slots=True)
class DeleteInline:
    """An inline policy of a user or group ends. `old` is None where the live text cannot be read."""

    owner: Entity
    name: str
    old: Document | None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A managed policy gets a new default version."""

    policy: Arn
    old: Document | None
    new: Document


@dataclass(frozen=True, slots=True)
class RestoreVersion:
    """A stored version of a managed policy, which already says what is declared, becomes the default again."""

    policy: Arn
    version: str
    old: Document | None
    new: Document


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """A stored version that is not the default ends; `old` is its text."""

    policy: Arn
    version: str
    old: Document | None


@dataclass(frozen=True, slots=True)
class Join:
    """A user becomes a member of a group."""

    user: str
    group: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A user is no longer a member of a group. `is_stranger`: it is the group that is declared, not the user."""

    user: str
    group: str
    is_stranger: bool = False
