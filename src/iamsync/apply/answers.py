"""What an answer of IAM means for the call that got it: one table.

"Retry quickly" (Throttling, ServiceFailure, 502 to 504, connection errors) is not in it: that is the work of `wire`,
and what comes through to here has been retried enough.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from iamsync.aws.said import FATAL_FOR_THE_RUN
from iamsync.core.action import Action
from iamsync.core.arn import Account
from iamsync.core.change import CreateGroup, CreatePolicy, CreateUser, Rename, SetKeyStatus


class Kind(Enum):
    """What an answer calls for."""

    ALREADY_DONE = auto()
    """What the call was to bring about is so."""
    EXISTS = auto()
    """Something of that name exists: ours if it carries our mark and is what was asked for."""
    PATIENCE = auto()
    """It will pass: try again, with growing pauses."""
    SUBJECT = auto()
    """Nothing more can be done for this subject."""
    RUN = auto()
    """Nothing more can be done at all."""


Name = tuple[str, object]
"""Something in IAM, as parameters name it: `("UserName", "aiko")`."""

_NAMES = {
    "UserName": "UserName",
    "NewUserName": "UserName",
    "GroupName": "GroupName",
    "NewGroupName": "GroupName",
    "PolicyArn": "PolicyArn",
    "PermissionsBoundary": "PolicyArn",
}
_MISSING = {
    "the user with name": "UserName",
    "the group with name": "GroupName",
    "policy": "PolicyArn",
    "scope arn": "PolicyArn",
}
"""How IAM begins to say what it does not find. With other words, it may be anything that the call names."""

_REMOVING = ("delete_", "detach_", "deactivate_", "remove_")


@dataclass(slots=True)
class SoFar:
    """What this run has made, and what it has taken something away from: IAM may need a moment to see either."""

    account: Account
    made: set[Name] = field(default_factory=set)
    emptied: set[Name] = field(default_factory=set)

    def note(self, action: Action) -> None:
        """Remember a call that succeeded."""
        change = action.change
        if isinstance(change, CreatePolicy):
            self.made.add(("PolicyArn", change.policy.arn))
        elif isinstance(change, CreateUser | CreateGroup | Rename):
            self.made |= names(action.params)
        elif removes(action):
            self.emptied |= names(action.params)


def names(params: Mapping[str, object]) -> set[Name]:
    """The users, groups and policies that a call names."""
    return {(_NAMES[key], value) for key, value in params.items() if key in _NAMES}


def removes(action: Action) -> bool:
    """Whether a call takes something away, or switches it off, so that its being gone is as good."""
    change = action.change
    return action.operation.startswith(_REMOVING) or (isinstance(change, SetKeyStatus) and not change.active)


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """AWS's no to one call: its code, its message, and the call."""

    code: str
    message: str
    action: Action


def kind_of(no: No, so_far: SoFar) -> Kind:
    """What a no means: the first row of the table that fits; else it ends the subject."""
    return next((row.kind for row in TABLE if no.code in row.codes and row.when(no, so_far)), Kind.SUBJECT)


def _always(_: No, __: SoFar) -> bool:
    return True


def _misses_what_this_run_made(no: No, so_far: SoFar) -> bool:
    """Whether what is said to be missing was made by this run: a policy that never was is not worth waiting for.

    Where a call removes something, and IAM does not say that its user, group or policy is missing, that thing is.
    """
    message = no.message.casefold()
    kind = next((kind for start, kind in _MISSING.items() if message.startswith(start)), None)
    if kind is None and removes(no.action):
        return False
    return any(name in so_far.made for name in names(no.action.params) if kind in {None, name[0]})


def _removes(no: No, _: SoFar) -> bool:
    return removes(no.action)


def _is_marked(no: No, _: SoFar) -> bool:
    """Whether what the call was to create can be recognised afterwards (`marks`)."""
    return isinstance(no.action.change, CreateUser | CreateGroup | CreatePolicy)


def _was_emptied(no: No, so_far: SoFar) -> bool:
    return bool(names(no.action.params) & so_far.emptied)


@dataclass(frozen=True, slots=True)
class Row:
    """Answers that mean one thing, on a condition, and where that is written or was seen."""

    codes: frozenset[str]
    when: Callable[[No, SoFar], bool]
    kind: Kind
    source: str


TABLE = (
    Row(FATAL_FOR_THE_RUN, _always, Kind.RUN, "IAM API reference, Common Errors"),
    Row(
        frozenset({"NoSuchEntity", "PolicyNotAttachable"}),
        _misses_what_this_run_made,
        Kind.PATIENCE,
        "IAM User Guide, troubleshoot_general: changes that I make are not always immediately visible",
    ),
    Row(frozenset({"NoSuchEntity"}), _removes, Kind.ALREADY_DONE, "API_DetachUserPolicy and its kin: it is gone"),
    Row(frozenset({"EntityAlreadyExists"}), _is_marked, Kind.EXISTS, "API_CreateUser; our own first try, perhaps"),
    Row(frozenset({"ConcurrentModification"}), _always, Kind.PATIENCE, "API_CreateUser: wait and submit again"),
    Row(
        frozenset({"EntityTemporarilyUnmodifiable"}),
        _always,
        Kind.PATIENCE,
        'API_UpdateLoginProfile; "cannot be modified while login profile is being created", terraform#4143',
    ),
    Row(
        frozenset({"DeleteConflict"}),
        _was_emptied,
        Kind.PATIENCE,
        "right after the last dependent went: terraform-provider-aws#49260",
    ),
    # All else ends the subject: LimitExceeded (a quota, not throttling), MalformedPolicyDocument, InvalidInput,
    # ValidationError, PasswordPolicyViolation, AccessDenied, DeleteConflict of what this run did not empty.
)
