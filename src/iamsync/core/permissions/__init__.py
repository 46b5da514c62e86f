"""What a user may do at one moment, and whether another moment is worse than both ends of a plan.

`patterns` compares lists of action and resource patterns; `permission` is what one statement gives or denies; `text` is
a policy text as one principal reads it; `effective` puts the texts of a user together and says what a call violates.
"""

from iamsync.core.permissions import effective, permission, text
from iamsync.core.permissions.effect import Effect, text_effect
from iamsync.core.permissions.effective import EffectivePermissions, Ends, Harm, Violation, violations
from iamsync.core.permissions.permission import Permission, Permissions, beyond, beyond_all, common
from iamsync.core.permissions.text import Principal, Text, text_for

__all__ = [
    "Effect",
    "EffectivePermissions",
    "Ends",
    "Harm",
    "Permission",
    "Permissions",
    "Principal",
    "Text",
    "Violation",
    "beyond",
    "beyond_all",
    "common",
    "forget",
    "text_effect",
    "text_for",
    "violations",
]


def forget() -> None:
    """Free what is remembered of permissions: a process that plans for years must not keep all of it."""
    permission.forget()
    text.forget()
    effective.forget()
