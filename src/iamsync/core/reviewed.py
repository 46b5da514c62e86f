"""The calls of a plan as somebody has reviewed them: what a saved plan holds of its actions."""

from collections.abc import Sequence
from dataclasses import dataclass

from iamsync.core.inert import inert_json


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedCall:
    """One call: its subject and `words`, as they were shown, and what the digest of a plan is of (`Plan.calls`)."""

    subject: str
    words: str
    call: Sequence[object]

    @property
    def key(self) -> str:
        """Equal for calls that do the same."""
        return inert_json(self.call)
