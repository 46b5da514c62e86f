"""The limit of removals: how many users, groups and policies one run may remove or lock out for good.

Over the limit, nothing is deleted that cannot be made again; what can be undone is done. Nothing slows a revocation.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import Action, VersionNote
from iamsync.core.model import DesiredState, Settings, user_subject

_NAMES_SHOWN: Final = 10
_IRREVERSIBLE = (
    to.Delete | to.DeletePassword | to.DeleteAccessKey | to.DeactivateDevice | to.DeleteDevice | to.DeleteCredential
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """How many removals are allowed, and by what."""

    allowed: int
    rule: str

    def exceeded_by(self, actions: Iterable[Action], desired: DesiredState) -> str:
        """Why actions are too many removals, and what to do; "" if they are not."""
        suspended = {user_subject(name) for name, user in desired.users.items() if user.suspended}
        removed = sorted({action.subject for action in actions if _removes(action, suspended)})
        if len(removed) <= self.allowed:
            return ""
        more = ", ..." if len(removed) > _NAMES_SHOWN else ""
        return (
            f"{len(removed)} removals ({', '.join(removed[:_NAMES_SHOWN])}{more}), more than {self.rule} allows: "
            f"what cannot be made again is not deleted; to delete it, use --allow-removals {len(removed)}"
        )


def removal_limit(settings: Settings, managed: int, allowed: int | None) -> Limit:
    """The limit of the settings, as a number or a share of what is `managed`; or what is `allowed` for this run."""
    guards = settings.guards
    if allowed is not None:
        return Limit(allowed, f"--allow-removals {allowed}")
    if guards.percent:
        share = f"settings.guards.max_removals {guards.max_removals}% of {managed} managed"
        return Limit(max(1, managed * guards.max_removals // 100), share)  # one leaver of a small team is no accident
    return Limit(guards.max_removals, f"settings.guards.max_removals {guards.max_removals}")


def is_irreversible(action: Action) -> bool:
    """Whether what an action deletes cannot be made again as it was. A version that makes room for a new one may go."""
    return isinstance(action.change, _IRREVERSIBLE) or VersionNote.LEAVES_FIRST in action.notes


def _removes(action: Action, suspended: Collection[str]) -> bool:
    """Whether a user, group or policy ends, or a suspended user loses something for good: as long as that waits, it
    counts.
    """
    return isinstance(action.change, to.Delete) or (action.subject in suspended and is_irreversible(action))
