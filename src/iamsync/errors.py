"""What can go wrong, named after situations.

    IamsyncError
    ├── DesiredStateError    the files: every problem, each with its place
    ├── SourceError          the files cannot be had from where they come from
    ├── LiveStateError       IAM could not be read as a whole, so nothing may be planned on it
    ├── AccountError         no endpoint, or the wrong account
    │   └── CredentialsError     no credentials, or AWS does not accept them, or not any more
    ├── PlanRefused          a guard said no
    ├── OperationRefused     a client was asked for a call that it never sends: a bug, loudly
    ├── DeliveryError        a secret cannot be handed over, so it must not be made
    ├── PlanFileError        a saved plan cannot be read, or is none
    ├── SnapshotError        a snapshot cannot be read, or is none
    ├── JournalError         what is done cannot be written down, so it must not be done; or a journal cannot be read
    └── OutputError          the result cannot be shown

Each carries one clear sentence that says what to do. What AWS answers to one action is no exception here: it becomes
that action's outcome.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamsync.core.model import Problem


class IamsyncError(Exception):
    """The root: `str()` is written for the person who must act."""


class DesiredStateError(IamsyncError):
    """The desired state is wrong. `problems` holds all of them, sorted by place."""

    def __init__(self, problems: "Sequence[Problem]") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceError(IamsyncError):
    """There are no files to work with: the repository cannot be read, or none of its commits may be in force."""


class LiveStateError(IamsyncError):
    """IAM was not read as a whole."""


class AccountError(IamsyncError):
    """The credentials do not lead to the account that is meant."""


class CredentialsError(AccountError):
    """There are no credentials, or AWS does not accept them, or not any more."""


class PlanRefused(IamsyncError):
    """A guard refuses the run. `reasons` holds a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class OperationRefused(IamsyncError):
    """A client was asked for an operation that it never sends, as a write is for one that may only read."""


DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
"""AWS's codes for a call that the caller may not make."""


class DeliveryError(IamsyncError):
    """There is no safe way to hand a secret over."""


class PlanFileError(IamsyncError):
    """The file of a saved plan cannot be read, is of another version, or has been changed."""


class SnapshotError(IamsyncError):
    """The file of a snapshot cannot be read, is of another version, or has been changed."""


class JournalError(IamsyncError):
    """The audit journal cannot be written, or read back."""


class OutputError(IamsyncError):
    """The result of a command cannot be written to stdout."""
