"""Lists of action or resource patterns: which surely covers another, and which may name something that another names.

Both answers are conservative: what is said to be covered surely is, and what is said not to overlap surely does not.
A policy variable stands for any text.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from iamsync.core.access.pattern import is_action

_MANY: Final = 65536
_COLONS_OF_AN_ARN: Final = 5
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_WILDCARD: Final = re.compile(r"[*?]")

Within = Callable[[str, str], bool]
"""Whether one pattern surely lies within another."""


class Patterns(NamedTuple):
    """Action, NotAction, Resource or NotResource: patterns, and whether they are `named` or excepted."""

    patterns: frozenset[str]
    named: bool


def action_within(pattern: str, wide: str) -> bool:
    """`*` takes in whatever stands for it, wildcards too; `?` does not."""
    return pattern == wide or ("?" not in wide and is_action(wide, pattern))


def resource_within(pattern: str, wide: str) -> bool:
    """A `*` at the end takes in all that begins so."""
    return pattern == wide or (wide.endswith("*") and pattern.startswith(wide[:-1]))


@lru_cache(maxsize=_MANY)
def covered(items: Patterns, wide: Patterns, within: Within) -> frozenset[str]:
    """The patterns of `items` that surely lie within `wide`; a list of exceptions only as a whole."""
    patterns, named = items
    if not named:
        return patterns if _covers(wide, items, within) else frozenset()
    if wide.named:
        starts = [(_literal_start(other), other) for other in wide.patterns]
        return frozenset(
            one for one in patterns if any(one.startswith(start) and within(one, other) for start, other in starts)
        )
    return frozenset(one for one in patterns if _covers(wide, Patterns(frozenset((one,)), named=True), within))


@lru_cache(maxsize=_MANY)
def overlapping(items: Patterns, other: Patterns, within: Within) -> frozenset[str]:
    """The patterns of `items` that may name something that `other` names; a list of exceptions only as a whole."""
    patterns, named = items
    if not named:
        return patterns if overlap(items, other, within) else frozenset()
    return frozenset(one for one in patterns if overlap(Patterns(frozenset((one,)), named=True), other, within))


def overlap(one: Patterns, other: Patterns, within: Within) -> bool:
    """Whether something may be named by both lists."""
    if one.named and other.named:
        return any(_patterns_overlap(_open(a), _open(b)) for a in one.patterns for b in other.patterns)
    if not one.named and not other.named:
        return True
    named, exceptions = (one, other) if one.named else (other, one)
    return any(not any(within(each, but) for but in exceptions.patterns) for each in named.patterns)


def _covers(wide: Patterns, narrow: Patterns, within: Within) -> bool:
    """Whether one list takes in the other. A list of exceptions does if it excepts nothing that the other names."""
    if wide.named and narrow.named:
        return all(any(within(one, other) for other in wide.patterns) for one in narrow.patterns)
    if wide.named:
        return "*" in wide.patterns
    if narrow.named:
        return not any(_patterns_overlap(_open(one), _open(but)) for one in narrow.patterns for but in wide.patterns)
    return all(any(within(one, other) for other in narrow.patterns) for one in wide.patterns)


@lru_cache(maxsize=_MANY)
def _literal_start(pattern: str) -> str:
    return _WILDCARD.split(pattern, maxsplit=1)[0]


@lru_cache(maxsize=_MANY)
def _open(pattern: str) -> str:
    """The pattern with `*` for each variable; an ARN that ends early goes on with wildcards."""
    text = _VARIABLE.sub("*", pattern)
    return text + "*" if text.startswith("arn:") and text.count(":") < _COLONS_OF_AN_ARN else text


@lru_cache(maxsize=_MANY)
def _patterns_overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns: from the end of both to their beginnings."""
    if "*" in {one, other} or one == other:
        return True
    (head, *_, tail), (other_head, *_, other_tail) = _parts(one), _parts(other)
    if not _agree(head, other_head) or not _agree(tail[::-1], other_tail[::-1]):
        return False
    after = [False] * (len(other) + 1)
    for i in range(len(one), -1, -1):
        row = [False] * (len(other) + 1)
        for j in range(len(other), -1, -1):
            here, there = one[i : i + 1], other[j : j + 1]
            if here == "*":
                row[j] = after[j] or (j < len(other) and row[j + 1])
            elif there == "*":
                row[j] = row[j + 1] or (bool(here) and after[j])
            elif not here or not there:
                row[j] = here == there
            else:
                row[j] = (here == there or "?" in {here, there}) and after[j + 1]
        after = row
    return after[0]


def _parts(pattern: str) -> list[str]:
    """What stands before, between and after the wildcards; the beginning and the end, at least."""
    parts = _WILDCARD.split(pattern)
    return parts if len(parts) > 1 else [pattern, pattern]


def _agree(one: str, other: str) -> bool:
    """Whether one of two texts begins with the other."""
    return one.startswith(other) or other.startswith(one)
