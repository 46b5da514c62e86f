"""Changes of users, groups and policies themselves, and of their tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from iamsync.core.document import Document
from iamsync.core.model import Group, Policy, User


class Kind(StrEnum):
    """The IAM entities that iamsync manages."""

    USER = "user"
    GROUP = "group"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A user or group by its name, a policy by its ARN."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class CreateUser:
    """A user with path, tags (and so the ownership mark) and boundary, in one call."""

    user: User


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """A group below the owner's path, which is its mark of ownership."""

    group: Group


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """A customer-managed policy with its tags (and so the ownership mark), in one call."""

    policy: Policy
    document: Document


@dataclass(frozen=True, slots=True)
class Delete:
    """The end of an entity on which nothing depends. A policy's default version, with the text `old`, goes with it."""

    entity: Entity
    old: Document | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """A user gets another name; id, keys, password, MFA devices, policies and groups stay (API_UpdateUser)."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Move:
    """A user or group gets another path; all else stays (API_UpdateUser, API_UpdateGroup)."""

    entity: Entity
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetTags:
    """Tags of a user or policy that are missing or differ."""

    entity: Entity
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RemoveTags:
    """Tags of a user or policy, by key."""

    entity: Entity
    keys: tuple[str, ...]
