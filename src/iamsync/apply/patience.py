"""How long a run waits for IAM to agree with itself."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Growing pauses between tries, in seconds, that make up `total` at most.

    AWS promises no number ("troubleshoot_general" of the IAM User Guide); two minutes is what Terraform waits.
    """

    total: float = 120.0
    first: float = 0.5
    longest: float = 15.0

    def pauses(self) -> Iterator[float]:
        """The pauses before the second try, the third, and so on."""
        left, pause = self.total, self.first
        while left > 0:
            yield min(pause, left)
            left -= pause
            pause = min(pause * 2, self.longest)
