"""What a person allows for one run, from the options of `plan` and `apply`."""

from collections.abc import Sequence

from iamsync.core.part import Only
from iamsync.core.scope.adoption import EVERYTHING
from iamsync.reconcile import Consent


def adoptions(names: Sequence[str] | None, *, everything: bool) -> list[str]:
    """The names to adopt; `everything` is a name as well."""
    return [*(names or ()), *([EVERYTHING] if everything else [])]


def consent_to(
    adopt: Sequence[str], remove_denies: Sequence[str] | None, removals: int | None, only: Sequence[str] | None
) -> Consent:
    """The consent that these options give."""
    return Consent(
        adopt=frozenset(adopt),
        remove_denies=frozenset(remove_denies or ()),
        removals=removals,
        only=Only(tuple(only or ())),
    )
