"""What a format may show of a plan."""

from dataclasses import dataclass

from iamsync import __version__
from iamsync.core.guard import Refusal
from iamsync.core.model import Problem
from iamsync.core.plan import Plan
from iamsync.core.plan_data import Data
from iamsync.core.snapshot_note import SnapshotNote
from iamsync.render.problems import problem_data

JSON_VERSION = 1
"""Grows when a name in the JSON form of a plan changes its meaning or disappears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The plan, why it is refused, and the warnings of its files; who asked for it, and from which commit (both None
    where that is not known); the snapshot that it was made from, if it was not the account; whether to fold what is
    equal, and to name what is left alone.
    """

    plan: Plan
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    caller: str | None = None
    commit: str | None = None
    snapshot: SnapshotNote | None = None
    verbose: bool = False
    unmanaged: bool = False

    def as_data(self) -> Data:
        """All of it as plain data, under names that stay."""
        return {
            "version": JSON_VERSION,
            "tool": {"name": "iamsync", "version": __version__},
            "caller": self.caller,
            "commit": self.commit,
            "snapshot": self._snapshot(),
            **self.plan.as_data(),
            "refusals": [{"rule": refusal.rule, "text": refusal.why} for refusal in self.refusals],
            "problems": [problem_data(problem) for problem in self.problems],
        }

    def _snapshot(self) -> Data | None:
        note = self.snapshot
        if note is None:
            return None
        return {"taken": note.taken, "age_seconds": note.age, "unknown": list(note.unknown)}
