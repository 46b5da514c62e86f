"""Which statements say what others say, and which may speak of the same request: the arithmetic of safe order.

Both answers are careful: what is said to be covered surely is, and what is said not to meet surely does not.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from iamsync.core.access.pattern import is_action
from iamsync.core.document import Document, Entries, Statement

_MANY: Final = 65536
_COLONS_OF_AN_ARN: Final = 5
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")

_List = tuple[frozenset[str], bool]
"""Patterns, and whether they are what is meant; else they are what is not."""

_Within = Callable[[str, str], bool]
"""Whether one pattern surely lies within another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The statements that begin to judge somebody, and those that cease to."""

    denies_come: tuple[Statement, ...] = ()
    allows_come: tuple[Statement, ...] = ()
    allows_go: tuple[Statement, ...] = ()
    denies_go: tuple[Statement, ...] = ()

    @classmethod
    def of(cls, *, come: Iterable[Statement] = (), go: Iterable[Statement] = ()) -> "Change":
        """What comes and goes, by its effect."""
        came, gone = list(come), list(go)
        return cls(
            denies_come=_of("Deny", came),
            allows_come=_of("Allow", came),
            allows_go=_of("Allow", gone),
            denies_go=_of("Deny", gone),
        )

    @property
    def kinds(self) -> int:
        """How many of the four there are."""
        return sum(map(bool, (self.denies_come, self.allows_come, self.allows_go, self.denies_go)))

    @property
    def come(self) -> tuple[Statement, ...]:
        """All that begins."""
        return self.denies_come + self.allows_come

    @property
    def go(self) -> tuple[Statement, ...]:
        """All that ceases."""
        return self.allows_go + self.denies_go

    def __or__(self, other: "Change") -> "Change":
        return Change(
            denies_come=self.denies_come + other.denies_come,
            allows_come=self.allows_come + other.allows_come,
            allows_go=self.allows_go + other.allows_go,
            denies_go=self.denies_go + other.denies_go,
        )


def _of(effect: str, statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if statement.effect == effect)


def difference(old: Document, new: Document) -> Change:
    """What changes for somebody when one text replaces the other, entry by entry."""
    return Change.of(come=_beyond(new, old), go=_beyond(old, new))


@lru_cache(maxsize=_MANY)
def entries(document: Document) -> tuple[Statement, ...]:
    """The statements of a document, one for each pair of an action and a resource."""
    return tuple(one for statement in document.statements for one in _taken_apart(statement))


def common(old: Document, new: Document) -> tuple[Statement, ...]:
    """The entries of either text that the other has, too."""
    gained, lost = _beyond(new, old), _beyond(old, new)
    return tuple(one for one in entries(old) if one not in lost) + tuple(
        one for one in entries(new) if one not in gained
    )


def not_covered(some: Iterable[Statement], others: Iterable[Statement]) -> tuple[Statement, ...]:
    """Those that none of the others says already."""
    wide = tuple(others)
    return tuple(one for one in some if not any(_covers(other, one) for other in wide))


@lru_cache(maxsize=_MANY)
def _beyond(document: Document, other: Document) -> tuple[Statement, ...]:
    if document.version != other.version:
        return entries(document)
    return not_covered(entries(document), other.statements)


def _taken_apart(statement: Statement) -> Iterator[Statement]:
    for actions in _each(statement.actions, apart=statement.action_element == "Action"):
        for resources in _each(statement.resources, apart=statement.resource_element == "Resource"):
            yield replace(statement, sid="", actions=actions, resources=resources)


def _each(listed: Entries, *, apart: bool) -> Iterator[Entries]:
    """A list of exceptions means something only as a whole."""
    if not apart:
        yield listed
        return
    for meaning, written in listed.spelling.items():
        yield Entries(meaning=frozenset({meaning}), spelling={meaning: written})


@lru_cache(maxsize=_MANY)
def _covers(wide: Statement, narrow: Statement) -> bool:
    """Whether one statement says all that the other says, under the same conditions."""
    return (
        wide.effect == narrow.effect
        and wide.conditions == narrow.conditions
        and _list_covers(_actions(wide), _actions(narrow), _action_in)
        and _list_covers(_resources(wide), _resources(narrow), _resource_in)
    )


def _actions(statement: Statement) -> _List:
    return statement.actions.meaning, statement.action_element == "Action"


def _resources(statement: Statement) -> _List:
    return statement.resources.meaning, statement.resource_element == "Resource"


def _list_covers(wide: _List, narrow: _List, within: _Within) -> bool:
    """Whether one list takes in the other. A list of exceptions does if it excepts nothing that the other means."""
    (here, is_named), (there, is_named_there) = wide, narrow
    if is_named and is_named_there:
        return all(any(within(one, other) for other in here) for one in there)
    if is_named:
        return "*" in here
    if is_named_there:
        return not any(_patterns_meet(_open(one), _open(but)) for one in there for but in here)
    return all(any(within(one, other) for other in there) for one in here)


def _action_in(pattern: str, wide: str) -> bool:
    """`*` takes in whatever stands for it, wildcards too; `?` does not."""
    return pattern == wide or ("?" not in wide and is_action(wide, pattern))


def _resource_in(pattern: str, wide: str) -> bool:
    """A `*` at the end takes in all that begins so."""
    return pattern == wide or (wide.endswith("*") and pattern.startswith(wide[:-1]))


def meet(some: Iterable[Statement], others: Iterable[Statement]) -> bool:
    """Whether there may be a request of which a statement here and a statement there both speak."""
    there = tuple(others)
    return any(_may_meet(one, other) for one in some for other in there)


@lru_cache(maxsize=_MANY)
def _may_meet(one: Statement, other: Statement) -> bool:
    return _lists_meet(_actions(one), _actions(other), _action_in) and _lists_meet(
        _resources(one), _resources(other), _resource_in
    )


def _lists_meet(one: _List, other: _List, within: _Within) -> bool:
    (here, is_named), (there, is_named_there) = one, other
    if is_named and is_named_there:
        return any(_patterns_meet(_open(a), _open(b)) for a in here for b in there)
    if not is_named and not is_named_there:
        return True
    named, exceptions = (here, there) if is_named else (there, here)
    return any(not any(within(one, but) for but in exceptions) for one in named)


def _open(pattern: str) -> str:
    """The pattern with `*` for each variable; an ARN that ends early goes on with wildcards."""
    text = _VARIABLE.sub("*", pattern)
    return text + "*" if text.startswith("arn:") and text.count(":") < _COLONS_OF_AN_ARN else text


@lru_cache(maxsize=_MANY)
def _patterns_meet(one: str, other: str) -> bool:
    """Whether some text fits both patterns: from the end of both to their beginnings."""
    if "*" in {one, other} or one == other:
        return True
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
