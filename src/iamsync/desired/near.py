"""What somebody may have meant: the nearest known name."""

from collections.abc import Collection
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest
from typing import Final

from iamsync.core.validate import named_character

_LONGEST: Final = 128
_MOST_KNOWN: Final = 3000
_MOST_COMPARED: Final = 20
"""Comparing costs: beyond these nobody mistypes a name, and the question would come too late."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name nearest to `name`, or None if none is near."""
    if len(known) > _MOST_KNOWN or len(name) > _LONGEST:
        return None
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.lower(), one)
    if same := folded.get(name.lower()):
        return same
    pairs = _pairs(name.lower())
    likely = (one for one in folded if abs(len(one) - len(name)) <= 1 + len(name) // 4)
    compared = nlargest(_MOST_COMPARED, likely, key=lambda one: len(pairs & _pairs(one)))
    near = get_close_matches(name.lower(), compared, n=1, cutoff=0.7)
    return folded[near[0]] if near else None


@lru_cache(maxsize=8192)
def _pairs(name: str) -> frozenset[str]:
    """The pairs of neighbours in a name, with its beginning and end: names that share many look alike."""
    return frozenset(map("".join, zip(f"^{name}", f"{name}$", strict=True)))


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The question to put at the end of a message, or nothing."""
    near = nearest(name, known)
    return f'; did you mean "{near}"?{_looks_alike(name)}' if near else ""


def _looks_alike(name: str) -> str:
    """Which letter is not the one that it looks like, or nothing."""
    other = next((one for one in name if not one.isascii()), None)
    return "" if other is None else f" It holds {named_character(other)}"
