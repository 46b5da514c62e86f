"""Problems as they are reported: not too many, and where an alias repeats a faulty value, with both places."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from iamsync.core.model import Problem
from iamsync.desired.merge import SourceFile
from iamsync.desired.places import alias_on

MOST_IN_ALL: Final = 200


def at_most(problems: Iterable[Problem], more: int = 0) -> tuple[Problem, ...]:
    """The problems in the order of their places; of too many the first, and how many more there are at least."""
    ordered = sorted(set(problems))
    more += max(0, len(ordered) - MOST_IN_ALL)
    if not more:
        return tuple(ordered)
    *first, last = ordered[:MOST_IN_ALL]
    words = f"{last.message} (and at least {more:,} more {'problem' if more == 1 else 'problems'}; fix these first)"
    return (*first, replace(last, message=words))


def through_alias(problem: Problem, sources: Iterable[SourceFile]) -> Problem:
    """A problem in a value that an alias repeats, with the place of the alias as well."""
    for source in sources:
        if problem.path and source.file == problem.origin.file:
            place = alias_on(source.root, problem.path, (problem.origin.line, problem.origin.column))
            if place is not None:
                words = f"{problem.message}; the alias at line {place[0]}, column {place[1]} repeats this value"
                return replace(problem, message=words)
    return problem
