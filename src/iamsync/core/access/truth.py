"""True, false, and what depends on something that is not known: Kleene's strong three-valued logic.

Its gain is a promise: learning what was unknown never turns a definite answer into another.
"""

from collections.abc import Iterable

Truth = bool | None
"""None is "unknown"; never test it by truthiness."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """True if all are, false as soon as one is, else unknown."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """True as soon as one is, false if none can be, else unknown."""
    found: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            found = None
    return found


def negation(truth: Truth) -> Truth:
    """The opposite; of unknown, unknown."""
    return None if truth is None else not truth
