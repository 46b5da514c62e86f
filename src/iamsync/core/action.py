"""An action of a plan: one change, and all that a reviewer and an executor must know beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Final

from iamsync.core import change as to
from iamsync.core.api import Call, Params, Secret, call_of
from iamsync.core.arn import Arn
from iamsync.core.change import Change, CreateAccessKey, Entity, Kind, in_run
from iamsync.core.claims import UnclaimedNote
from iamsync.core.keys import KeyNote
from iamsync.core.model import Origin
from iamsync.core.permissions import Violation
from iamsync.core.verb import Verb, verb_of

Key = tuple[str, str]
"""The kind of an entity, and a user's name after the plan, a group's name, or a policy's ARN."""

USER: Final = Kind.USER.value
GROUP: Final = Kind.GROUP.value
POLICY: Final = Kind.POLICY.value


class Timing(Enum):
    """When an action is done among those of its subject.

    FIRST revokes access, renames, or marks what is adopted; ROOM makes room at a limit of IAM; LAST lets somebody in,
    with the bookkeeping before and after it.
    """

    FIRST = "first"
    ROOM = "room"
    IN_ORDER = "in order"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """What must hold when an action is done that prepares or makes an access key, or deletes one; otherwise another run
    has changed the user's access keys since the plan.

    `keys` are all the access keys that the user may have, `notes` are the tags of runs that the user must still have;
    None of either is no condition.
    """

    keys: frozenset[str] | None = None
    notes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldArnNote:
    """A text that still names a user or group by the `old` name and path (`user/people/aiko`), which now means nothing:
    a policy, or the `inline` policy of a user or group.
    """

    subject: str
    old: str
    inline: str = ""


class GroupMove(Enum):
    """That a group gets another owner by its new path."""

    ADOPTED = "adopted"
    RELEASED = "released"


class VersionNote(Enum):
    """Why a stored version of a policy is deleted."""

    MAKES_ROOM = "makes_room"
    """It is the oldest that is not the default, and IAM stores five."""
    LEAVES_FIRST = "leaves_first"
    """IAM deletes a policy only after its versions."""


@dataclass(frozen=True, slots=True)
class StrangersNote:
    """Who gains by a change of a shared policy or group, though nobody has declared them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachNote:
    """Whom a change of a policy's text or of a group reaches: how many declared users, and which `others` hold it
    (`role/ci`, `user/x`, `group/y`). `roles_unknown`: the caller may not read which roles.
    """

    declared: int
    others: tuple[str, ...] = ()
    roles_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArnNote:
    """The ARN of what is renamed or moved changes: name and path are part of it."""

    old: Arn
    new: Arn


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedNote:
    """What is taken away was granted until this moment (`2026-11-01`, or `2026-11-01T18:00:00Z`)."""

    until: str


ActionNote = (
    KeyNote | OldArnNote | GroupMove | VersionNote | StrangersNote | ReachNote | ArnNote | EndedNote | UnclaimedNote
)
"""What a reviewer must know beside an action, as a value; `iamsync.render` has the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """What an action replaces or removes, as far as it was read: of a tag that is set for the first time, nothing.

    `version` is the default version of a policy before (`v3`). Texts of documents are part of the change itself.
    """

    path: str = ""
    boundary: Arn | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A temporary window: who is worse off than before and after the plan, in which way, and `until` which action is
    done (None: until the end). `limit` names the limit of IAM that forces it. `all_orders_tried` says that no order of
    these actions is better.
    """

    violations: tuple[tuple[str, Violation], ...]
    until: "Action | None" = None
    limit: str = ""
    all_orders_tried: bool = True


@dataclass(frozen=True, kw_only=True)
class Action:
    """One change and why it is made.

    `subject` is what it is about, by the name that it has after the plan (`user/aiko.sato`, `policy/Deploy`); `reason`
    is where that is declared, None if it is not declared. `limit` names the limit of IAM at which it makes room. `step`
    is (1, 2) for the first of two versions of a text. `notes` are for a reviewer; `premise` must still hold. `old`
    is what it replaces or removes; None if that is nothing, or nobody has looked.
    """

    change: Change
    subject: str
    reason: Origin | None = None
    timing: Timing = Timing.IN_ORDER
    limit: str = ""
    step: tuple[int, int] = (1, 1)
    notes: tuple[ActionNote, ...] = ()
    premise: Premise | None = None
    window: Window | None = None
    old: Old | None = field(default=None, compare=False)

    @cached_property
    def call(self) -> Call:
        """The call that does it."""
        return call_of(self.change)

    @cached_property
    def key(self) -> Key:
        """The entity that it changes."""
        match self.change:
            case to.NewVersion(arn) | to.RestoreVersion(arn) | to.DeleteVersion(arn):
                return POLICY, arn
            case to.CreatePolicy(policy):
                return POLICY, policy.arn
            case to.Delete(Entity(Kind.POLICY, arn)) | to.SetTags(Entity(Kind.POLICY, arn)):
                return POLICY, arn
            case to.RemoveTags(Entity(Kind.POLICY, arn)):
                return POLICY, arn
            case _:
                kind, _, name = self.subject.partition("/")
                return kind, name

    @property
    def operation(self) -> str:
        """The boto3 operation."""
        return self.call.operation

    @property
    def params(self) -> Params:
        """The parameters, as boto3 takes them; a secret is its marker."""
        return self.call.params

    @property
    def verb(self) -> Verb:
        """What a reviewer sees happen."""
        return verb_of(self.change)

    def in_run(self, run_id: str) -> "Action":
        """The same action with `run_id` where the key of a tag contains THIS_RUN."""
        change = in_run(self.change, run_id)
        return self if change == self.change else replace(self, change=change)

    @property
    def secret(self) -> Secret | None:
        """The secret that is delivered with this action, if there is one."""
        if isinstance(self.change, CreateAccessKey):
            return Secret.ACCESS_KEY
        return next((value for value in self.params.values() if isinstance(value, Secret)), None)
