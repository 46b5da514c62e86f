"""What a user may do at one moment, and whether another moment is worse than both ends of a plan.

`patterns` compares lists of action and resource patterns; `permission` is what one statement gives or denies; `text` is
a policy text as one principal reads it, and `stand_in` has the names under which many principals are one; `effective`
puts the texts of a user together and says what a call violates.
"""

from iamsync.core.permissions import effective, permission, stand_in, text
from iamsync.core.permissions.effect import Effect, text_effect
from iamsync.core.permissions.effective import EffectivePermissions, Ends, Harm, Violation, violations
from iamsync.core.permissions.permission import Permission, Permissions, beyond, beyond_all, common
from iamsync.core.permissions.stand_in import NEW_NAME, OLD_NAME, is_same_for_all, with_names
from iamsync.core.permissions.text import Principal, Reading, Text, text_for

__all__ = [
    "NEW_NAME",
    "OLD_NAME",
    "Effect",
    "EffectivePermissions",
    "Ends",
    "Harm",
    "Permission",
    "Permissions",
    "Principal",
    "Reading",
    "Text",
    "Violation",
    "beyond",
    "beyond_all",
    "common",
    "forget",
    "is_same_for_all",
    "text_effect",
    "text_for",
    "violations",
    "with_names",
]


def forget() -> None:
    """Free what is remembered of permissions: a process that plans for years must not keep all of it."""
    permission.forget()
    stand_in.forget()
    text.forget()
    effective.forget()
