"""What became of a plan: the outcome of each action, and what was delivered."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from iamsync.core.action import Action
from iamsync.core.order import Ended
from iamsync.core.receipt import Receipt


class Status(Enum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One action and what became of it.

    `why` is AWS's answer, the reason it was skipped, or what is worth knowing of a success; `error_code` is AWS's.
    `unknown` says that a failed action may have had its effect. A skipped one has the action that it is `blocked_by`,
    which it needs and which was not done; or the user `harmed`, who after a failure would have had, or lacked,
    permissions that neither end of the plan gives, or takes. `attempts` counts how often the call was sent, `seconds`
    is how long it all took, `request_id` is AWS's own, of the last attempt.
    """

    action: Action
    status: Status
    why: str = ""
    error_code: str = ""
    blocked_by: Action | None = None
    harmed: str = ""
    unknown: bool = False
    attempts: int = 0
    seconds: float = 0.0
    request_id: str = ""

    @property
    def ended(self) -> Ended:
        """Whether the action was done, as far as is known."""
        if self.status is Status.DONE:
            return Ended.DONE
        return Ended.UNKNOWN if self.unknown else Ended.NOT_DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an apply did, and where the secrets are that it has delivered, whatever became of their actions. `signalled`
    when a signal asked it to stop, even if it came too late to change anything.
    """

    outcomes: tuple[Outcome, ...] = ()
    signalled: bool = False
    receipts: tuple[Receipt, ...] = ()

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
