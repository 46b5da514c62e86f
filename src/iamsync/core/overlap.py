"""Which statements say what others say, and which may speak of the same request: the arithmetic of safe order.

Both answers are careful: what is said to be covered surely is, and what is said not to meet surely does not.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from iamsync.core.access.pattern import is_action
from iamsync.core.document import Condition, Document, Entries, Statement
from iamsync.core.grammar import OLD_VERSION

_MANY: Final = 65536
_MANY_TEXTS: Final = 4096
_COLONS_OF_AN_ARN: Final = 5
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_WILDCARD: Final = re.compile(r"[*?]")

_List = tuple[frozenset[str], bool]
"""Patterns, and whether they are what is meant; else they are what is not."""

_Within = Callable[[str, str], bool]
"""Whether one pattern surely lies within another."""


Statements = frozenset[Statement]
"""A set, since their order is no matter; and it remembers its hash, so that answers about it can be remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The statements that begin to judge somebody, and those that cease to."""

    denies_come: Statements = frozenset()
    allows_come: Statements = frozenset()
    allows_go: Statements = frozenset()
    denies_go: Statements = frozenset()

    @classmethod
    def of(cls, *, come: Iterable[Statement] = (), go: Iterable[Statement] = ()) -> "Change":
        """What comes and goes, by its effect."""
        (denies_come, allows_come), (denies_go, allows_go) = by_effect(frozenset(come)), by_effect(frozenset(go))
        return cls(denies_come=denies_come, allows_come=allows_come, allows_go=allows_go, denies_go=denies_go)

    @property
    def kinds(self) -> int:
        """How many of the four there are."""
        return sum(map(bool, (self.denies_come, self.allows_come, self.allows_go, self.denies_go)))

    @property
    def come(self) -> Statements:
        """All that begins."""
        return self.denies_come | self.allows_come

    @property
    def go(self) -> Statements:
        """All that ceases."""
        return self.allows_go | self.denies_go

    def __or__(self, other: "Change") -> "Change":
        return Change(
            denies_come=self.denies_come | other.denies_come,
            allows_come=self.allows_come | other.allows_come,
            allows_go=self.allows_go | other.allows_go,
            denies_go=self.denies_go | other.denies_go,
        )

    def __and__(self, other: "Change") -> "Change":
        return Change(
            denies_come=self.denies_come & other.denies_come,
            allows_come=self.allows_come & other.allows_come,
            allows_go=self.allows_go & other.allows_go,
            denies_go=self.denies_go & other.denies_go,
        )


@lru_cache(maxsize=_MANY_TEXTS)
def by_effect(statements: Statements) -> tuple[Statements, Statements]:
    """The Denies and the Allows."""
    denies = frozenset(one for one in statements if one.effect == "Deny")
    return denies, statements - denies


@lru_cache(maxsize=_MANY_TEXTS)
def difference(old: Document, new: Document) -> Change:
    """What changes for somebody when one text replaces the other, entry by entry."""
    return Change.of(come=not_covered(entries(new), entries(old)), go=not_covered(entries(old), entries(new)))


@lru_cache(maxsize=_MANY_TEXTS)
def entries(document: Document) -> Statements:
    """The statements of a document, one for each pair of an action and a resource, as Version 2012-10-17 says them."""
    has_variables = document.version != OLD_VERSION
    said = (statement if has_variables else _without_variables(statement) for statement in document.statements)
    return frozenset(_the_same(one) for statement in said for one in _taken_apart(statement))


def _without_variables(statement: Statement) -> Statement:
    """What would be a variable is text under the old Version, and `${$}` is its sign under the new one."""
    conditions = (replace(one, values=_as_text(one.values)) for one in statement.conditions)
    return replace(statement, resources=_as_text(statement.resources), conditions=tuple(conditions))


def _as_text(listed: Entries) -> Entries:
    spelling = {one.replace("${", "${$}{"): written for one, written in listed.spelling.items()}
    return Entries(meaning=frozenset(spelling), spelling=spelling)


@lru_cache(maxsize=_MANY)
def _the_same(statement: Statement) -> Statement:
    """One object for all that are equal, which are then quickly compared."""
    return statement


@lru_cache(maxsize=_MANY_TEXTS)
def common(old: Document, new: Document) -> Statements:
    """The entries of either text that the other has, too."""
    one, other = entries(old), entries(new)
    return (one - not_covered(one, other)) | (other - not_covered(other, one))


@lru_cache(maxsize=_MANY)
def not_covered(some: Statements, others: Statements) -> Statements:
    """Those that none of the others says already."""
    rest, wide = some - others, _by_scope(others)
    covered = [
        one
        for scope, here in _by_scope(rest).items()
        for resources, those in here.items()
        for other, actions in ((other, wide[scope][other]) for other in wide.get(scope, ()))
        if _list_covers(other, resources, _resource_in)
        for one in those
        if any(_list_covers(_actions(another), _actions(one), _action_in) for another in actions)
    ]
    left = rest.difference(covered)
    return some if len(left) == len(some) else left


@lru_cache(maxsize=_MANY_TEXTS)
def _by_scope(statements: Statements) -> dict[tuple[str, tuple[Condition, ...]], dict[_List, list[Statement]]]:
    """By effect and conditions, then by resources."""
    found: dict[tuple[str, tuple[Condition, ...]], dict[_List, list[Statement]]] = {}
    for one in statements:
        found.setdefault((one.effect, one.conditions), {}).setdefault(_resources(one), []).append(one)
    return found


@lru_cache(maxsize=_MANY_TEXTS)
def _by_resources(statements: Statements) -> dict[_List, set[_List]]:
    """Which actions on which resources; those that are named, together."""
    found: dict[_List, set[_List]] = {}
    named: dict[_List, set[str]] = {}
    for one in statements:
        actions, is_named = _actions(one)
        if is_named:
            named.setdefault(_resources(one), set()).update(actions)
        else:
            found.setdefault(_resources(one), set()).add((actions, False))
    for resources, together in named.items():
        found.setdefault(resources, set()).add((frozenset(together), True))
    return found


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


def _actions(statement: Statement) -> _List:
    return statement.actions.meaning, statement.action_element == "Action"


def _resources(statement: Statement) -> _List:
    return statement.resources.meaning, statement.resource_element == "Resource"


@lru_cache(maxsize=_MANY)
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


def meet(some: Statements, others: Statements) -> bool:
    """Whether there may be a request of which a statement here and a statement there both speak."""
    return bool(some and others) and _may_meet(some, others)


@lru_cache(maxsize=_MANY)
def _may_meet(some: Statements, others: Statements) -> bool:
    here, there = _by_resources(some), _by_resources(others)
    return any(
        _lists_meet(resources, other, _resource_in)
        and any(_lists_meet(one, another, _action_in) for one in here[resources] for another in there[other])
        for resources in here
        for other in there
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
