"""The plan: which calls are made, in which order; and the report: what became of each.

Order is one table and one stable sort.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto
from hashlib import sha256

from iamsync.core.action import Action, Secret, Shift, Verb, When
from iamsync.core.arn import Account
from iamsync.core.diff import calls_between
from iamsync.core.diff.effects import Effects
from iamsync.core.diff.sides import Sides
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.scope import Note, leave_alone
from iamsync.core.turns import in_turn


class Phase(IntEnum):
    """When a call is made. The argument, phase by phase:

    FIRST    Who goes, or is suspended, is cut off before anything else, and so is an access key that perhaps nobody
             holds; who is taken over is marked before that; a renamed user has the new name before any other call uses
             it. Where rights go by the mark or the name, the plan names the window that this opens.
    OUT      What only hangs on a leaver goes: MFA devices, keys, certificates. None of it can let anybody in any more.
    READY    Policies and groups that others build on exist before they are used. A new one has no effect on anybody.
    USER     A user is born with path, tags, ownership mark and boundary in one call, and cannot sign in yet. Who is
             there gets the path and the tags on which no right depends.
    ROOM     At a limit of IAM, room is made before anything is added; the plan names the window that this opens.
    RESTRICT What only denies is hung first: it takes away nothing that both states allow, and nothing that is granted
             later escapes it. A boundary that is set or gets narrower is of this kind.
    GUARDED  What denies and allows in one call.
    GRANT    What only allows comes before anything goes, so nobody loses, even for a moment, what both states allow.
    SWAP     Texts that gain and lose what they allow in one call.
    REVOKE   What only allows goes.
    RELAX    What denies goes last, when all it held down is gone. A boundary that is lifted or gets wider is of this
             kind.
    *_GONE   Users, then groups, then policies end, when nothing hangs on them any more.
    SIGN_IN  A password, a key, or one that works again, comes last of all: nobody gets in before the guard rails hang.

    First every new Deny, then every new Allow; then the old Allows go, then the old Denies. No moment of that is worse
    than both ends. A path or a tag on which a right depends is a change of rights like any other. What the table cannot
    say is in `turns`: calls that change more than one kind, and calls about the same way to a user (who joins a group,
    and what the group carries). From RESTRICT to RELAX the table only decides between calls of which `turns` says
    nothing.
    """

    FIRST = auto()
    OUT = auto()
    READY = auto()
    USER = auto()
    ROOM = auto()
    RESTRICT = auto()
    GUARDED = auto()
    GRANT = auto()
    SWAP = auto()
    REVOKE = auto()
    RELAX = auto()
    USERS_GONE = auto()
    GROUPS_GONE = auto()
    POLICIES_GONE = auto()
    SIGN_IN = auto()


_PHASES: Mapping[str, Phase] = {
    "deactivate_mfa_device": Phase.OUT,
    "delete_virtual_mfa_device": Phase.OUT,
    "delete_access_key": Phase.OUT,
    "delete_signing_certificate": Phase.OUT,
    "delete_ssh_public_key": Phase.OUT,
    "delete_service_specific_credential": Phase.OUT,
    "create_policy": Phase.READY,
    "untag_policy": Phase.READY,
    "tag_policy": Phase.READY,
    "delete_policy_version": Phase.READY,
    "create_group": Phase.READY,
    "update_group": Phase.READY,
    "create_user": Phase.USER,
    "update_user": Phase.USER,
    "untag_user": Phase.USER,
    "tag_user": Phase.USER,
    "delete_user": Phase.USERS_GONE,
    "delete_group": Phase.GROUPS_GONE,
    "delete_policy": Phase.POLICIES_GONE,
    "create_login_profile": Phase.SIGN_IN,
    "create_access_key": Phase.SIGN_IN,
}


def phase(action: Action) -> Phase:
    """The phase an action belongs to. An operation without one is a programming error (KeyError)."""
    match action.when:
        case When.FIRST:
            return Phase.FIRST
        case When.ROOM:
            return Phase.ROOM
        case When.LAST:
            return Phase.SIGN_IN
        case When.IN_TURN:
            return _PHASES[action.operation] if action.shift is None else _by_shift(action.shift)


def _by_shift(shift: Shift) -> Phase:
    """Denies come first and go last; between them Allows come before they go."""
    if shift.denies_removed:
        return Phase.RELAX
    if shift.denies_added:
        return Phase.GUARDED if shift.allows_added or shift.allows_removed else Phase.RESTRICT
    if shift.allows_removed:
        return Phase.SWAP if shift.allows_added else Phase.REVOKE
    return Phase.GRANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The list of IAM calls that bring an account to its desired state, and what a reviewer must know beside it."""

    account: Account
    actions: tuple[Action, ...]
    held_back: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    orphans: tuple[str, ...] = ()
    unmanaged_users: int = 0
    managed: int = 0

    @classmethod
    def between(cls, desired: DesiredState, live: LiveState) -> "Plan":
        """The plan from `live` to `desired`: leave alone, diff, put in order."""
        scope = leave_alone(desired, live)
        actions = _in_order(Sides(desired=scope.desired, live=scope.live, known=live))
        return cls(
            account=desired.account,
            actions=actions,
            held_back=scope.held_back,
            warnings=scope.warnings,
            orphans=scope.orphans,
            unmanaged_users=scope.unmanaged_users,
            managed=scope.managed,
        )

    @property
    def digest(self) -> str:
        """A fingerprint of the calls (64 hexadecimal digits): equal digests make equal calls in the same account."""
        calls = [[action.operation, action.params] for action in self.actions]
        text = json.dumps([self.account.partition, self.account.id, calls], sort_keys=True, default=_secret_by_name)
        return sha256(text.encode()).hexdigest()

    def count(self, verb: Verb) -> int:
        """How many actions a reviewer sees as this verb."""
        return Counter(action.verb for action in self.actions)[verb]


def _in_order(sides: Sides) -> tuple[Action, ...]:
    """By phase and subject; those that change rights so that no moment is worse than both ends."""
    calls = tuple(calls_between(sides))
    effects = Effects(sides, calls)
    actions = sorted(map(effects.with_shift, calls), key=lambda action: (phase(action), action.subject))
    turns = in_turn([action for action in actions if _waits_for_its_turn(action)], effects)
    if turns.texts - sides.in_steps:
        return _in_order(replace(sides, in_steps=sides.in_steps | turns.texts))
    in_their_order = iter(turns.actions)
    return tuple(next(in_their_order) if _waits_for_its_turn(action) else action for action in actions)


def _waits_for_its_turn(action: Action) -> bool:
    """What is first stays so, but what that opens is to be told."""
    return action.shift is not None and action.when in {When.FIRST, When.IN_TURN}


def barrier(action: Action) -> tuple[Phase, int]:
    """Whoever goes side by side with an action has the same."""
    return phase(action), action.stage


def _secret_by_name(value: object) -> object:
    if isinstance(value, Secret):
        return {"secret": value.value}
    raise TypeError(f"a plan holds only what boto3 takes and secrets' names, not {value!r}")


class Status(Enum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One action and what became of it.

    `why` is AWS's answer, the reason it was skipped, or what is worth knowing of a success; `error_code` is AWS's.
    `attempts` counts how often the call was sent, `seconds` is how long it all took, `request_id` is AWS's own, of the
    last try.
    """

    action: Action
    status: Status
    why: str = ""
    error_code: str = ""
    attempts: int = 0
    seconds: float = 0.0
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an apply did. `signalled` when a signal asked it to stop, even if it came too late to change anything."""

    outcomes: tuple[Outcome, ...] = ()
    signalled: bool = False

    def count(self, status: Status) -> int:
        """How many actions ended so."""
        return Counter(outcome.status for outcome in self.outcomes)[status]

    @property
    def complete(self) -> bool:
        """Whether every action was done."""
        return self.count(Status.DONE) == len(self.outcomes)

    @property
    def interrupted(self) -> bool:
        """Whether a signal came before every action was done."""
        return self.signalled and not self.complete
