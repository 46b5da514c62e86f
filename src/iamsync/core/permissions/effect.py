"""Which kinds of statement come into force, and which go out of it, when one text replaces another."""

from dataclasses import dataclass

from iamsync.core.document import Document
from iamsync.core.permissions.permission import Permissions, beyond_all
from iamsync.core.permissions.text import text_for


@dataclass(frozen=True, slots=True)
class Effect:
    """Denies and Allows that come, and that go."""

    denies_come: bool = False
    denies_go: bool = False
    allows_come: bool = False
    allows_go: bool = False

    @property
    def is_twofold(self) -> bool:
        """Whether something comes and something goes."""
        return (self.denies_come or self.allows_come) and (self.denies_go or self.allows_go)


def text_effect(old: Document, new: Document) -> Effect:
    """What changes, permission by permission: what the other text covers does not count."""
    was, will = text_for(old, None), text_for(new, None)
    return Effect(
        denies_come=_adds(was.denies, will.denies),
        denies_go=_adds(will.denies, was.denies),
        allows_come=_adds(was.allows, will.allows),
        allows_go=_adds(will.allows, was.allows),
    )


def _adds(some: Permissions, others: Permissions) -> bool:
    """Whether others have what some do not cover."""
    return bool(beyond_all(others, (some,)))
