"""One cycle of the loop as a value: whatever speaks of it (log, metrics, a page, messages) is made from this."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from iamsync.core.action import Action
from iamsync.core.arn import Account, Arn
from iamsync.core.hold import HeldBack
from iamsync.core.report import Report
from iamsync.core.scope import Note
from iamsync.daemon.drift import Contested
from iamsync.daemon.versions import SourceState
from iamsync.desired.expiries import Expiry


class Result(StrEnum):
    """How a cycle ended."""

    IN_SYNC = "in sync"
    """There was nothing to do, and nothing waits."""
    PENDING = "pending"
    """Nothing could be done yet: something is held back, or not visible yet."""
    APPLIED = "applied"
    """All that was planned was done."""
    DRIFT = "drift"
    """There was something to do, and the loop only looks."""
    STANDBY = "standby"
    """Another replica writes; this one has only looked."""
    FAILED = "failed"
    """Something that was planned was not done."""
    REFUSED = "refused"
    """A guard refused the plan; nothing was done."""
    ERROR = "error"
    """Something else was wrong, before the first call or, if it is a bug, in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """What one cycle found and did, as far as it came.

    `started` is aware, in UTC. `planned` are the actions of the plan, `digest` is its fingerprint, `report` says what
    became of each and what was delivered; `put_off` are calls that an earlier cycle has made and whose effect IAM does
    not show yet. `orphans` are owned and no longer declared; `managed`, `unmanaged_users`, `suspended` and `on_hold`
    (users) are counts. `reasons` say why a cycle was refused or ended in an error, whose kind is the name of its class:
    "CredentialsError". `drifted` are the planned actions that repair drift; `paused` says why the cycle only
    took access away, if so, `standby` why it wrote nothing at all. `expiries` are what the files end next. `source`
    says which commit is in force, and what is wrong with a newer one or with the remote; None if the files are in a
    folder.
    """

    result: Result
    started: datetime
    seconds: float = 0.0
    commit: str | None = None
    account: Account | None = None
    caller: Arn | None = None
    digest: str | None = None
    planned: tuple[Action, ...] = ()
    report: Report = field(default_factory=Report)
    put_off: tuple[Action, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    warnings: tuple[Note, ...] = ()
    orphans: tuple[str, ...] = ()
    managed: int = 0
    unmanaged_users: int = 0
    suspended: int = 0
    on_hold: int = 0
    reasons: tuple[str, ...] = ()
    error_kind: str = ""
    drifted: tuple[Action, ...] = ()
    contested: tuple[Contested, ...] = ()
    expiries: tuple[Expiry, ...] = ()
    paused: str = ""
    standby: str = ""
    source: SourceState | None = None

    @property
    def is_good(self) -> bool:
        """Whether the cycle came to its end, and all was done that it was to do."""
        return self.result not in {Result.FAILED, Result.REFUSED, Result.ERROR}
