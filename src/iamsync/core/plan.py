"""The plan: which calls are made, in which order; and the report: what became of each.

Order is one table and one stable sort.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from hashlib import sha256

from iamsync.core.action import Action, Secret, Verb
from iamsync.core.arn import Account
from iamsync.core.diff import diff
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.scope import Note, leave_alone


class Phase(IntEnum):
    """When a call is made. The argument, phase by phase:

    POLICY    Whatever is attached later must exist and say what was reviewed. Room for a version is made, and tags are
              set, by the same subject just before.
    USER      A user is born with path, tags and so the ownership mark in one call, and cannot sign in yet.
    RESTRICT  What carries a Deny is hung before anything is granted, so no moment grants more than the end does.
    GRANT     What only allows comes next; it comes before any detaching, so nobody loses, even for a moment, what both
              states allow.
    REVOKE    What only allows and is no longer declared goes.
    RELAX     What carries a Deny goes last of the attachments, when all it held down is gone.
    SIGN_IN   A password comes last of all, so nobody can sign in before the guard rails hang.
    """

    POLICY = auto()
    USER = auto()
    RESTRICT = auto()
    GRANT = auto()
    REVOKE = auto()
    RELAX = auto()
    SIGN_IN = auto()


_PHASES: Mapping[tuple[str, bool], Phase] = {
    ("create_policy", False): Phase.POLICY,
    ("untag_policy", False): Phase.POLICY,
    ("tag_policy", False): Phase.POLICY,
    ("set_default_policy_version", False): Phase.POLICY,
    ("delete_policy_version", False): Phase.POLICY,
    ("create_policy_version", False): Phase.POLICY,
    ("create_user", False): Phase.USER,
    ("update_user", False): Phase.USER,
    ("untag_user", False): Phase.USER,
    ("tag_user", False): Phase.USER,
    ("attach_user_policy", True): Phase.RESTRICT,
    ("attach_user_policy", False): Phase.GRANT,
    ("detach_user_policy", False): Phase.REVOKE,
    ("detach_user_policy", True): Phase.RELAX,
    ("create_login_profile", False): Phase.SIGN_IN,
}


def phase(action: Action) -> Phase:
    """The phase an action belongs to. An operation without one is a programming error (KeyError)."""
    return _PHASES[action.operation, action.restricts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The list of IAM calls that bring an account to its desired state, and what a reviewer must know beside it."""

    account: Account
    actions: tuple[Action, ...]
    held_back: tuple[Note, ...] = ()
    orphans: tuple[str, ...] = ()
    unmanaged_users: int = 0

    @classmethod
    def between(cls, desired: DesiredState, live: LiveState) -> "Plan":
        """The plan from `live` to `desired`: leave alone, diff, put in order."""
        scope = leave_alone(desired, live)
        actions = sorted(diff(scope.desired, scope.live), key=lambda action: (phase(action), action.subject))
        return cls(
            account=desired.account,
            actions=tuple(actions),
            held_back=scope.held_back,
            orphans=scope.orphans,
            unmanaged_users=scope.unmanaged_users,
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
    """One action and what became of it. `why` is AWS's answer, or the reason it was skipped; `error_code` is AWS's."""

    action: Action
    status: Status
    why: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an apply did. `interrupted` when it was asked to stop before the end."""

    outcomes: tuple[Outcome, ...] = ()
    interrupted: bool = False

    def count(self, status: Status) -> int:
        """How many actions ended so."""
        return Counter(outcome.status for outcome in self.outcomes)[status]

    @property
    def complete(self) -> bool:
        """Whether every action was done."""
        return self.count(Status.DONE) == len(self.outcomes)
