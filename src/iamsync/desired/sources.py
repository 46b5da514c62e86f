"""A folder, read: each file as a placed tree and as checked entries, with all that is wrong with either."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from iamsync.core.model import Problem
from iamsync.delivery.recipients import ALARM, private_key_in
from iamsync.desired.files import found, problem_at, problem_with, text_of
from iamsync.desired.merge import SourceFile
from iamsync.desired.nodes import Entries, compose
from iamsync.desired.wording import checked


class Reading(NamedTuple):
    """What was read. If it `is_complete`, every file could be read as far as its names. `more` are not reported."""

    sources: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    is_complete: bool
    more: int = 0


def read(root: Path) -> Reading:
    """All files of the folder."""
    readings = [_unread(file) if isinstance(file, Problem) else _file(file, root) for file in found(root)]
    whole = _together(readings)
    if not whole.sources and not whole.problems:
        return _unread(problem_with(root, "the files hold nothing but comments; is it the right folder?"))
    return whole


def _together(readings: Iterable[Reading]) -> Reading:
    readings = tuple(readings)
    return Reading(
        tuple(source for reading in readings for source in reading.sources),
        tuple(problem for reading in readings for problem in reading.problems),
        all(reading.is_complete for reading in readings),
        sum(reading.more for reading in readings),
    )


def _unread(*problems: Problem) -> Reading:
    return Reading((), problems, is_complete=False)


def _file(file: Path, root: Path) -> Reading:
    text = text_of(file, root)
    if isinstance(text, Problem):
        return _unread(text)
    if (at := private_key_in(text)) is not None:  # nothing of the file is read, so nothing of it is repeated
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        return _unread(problem_at(file, ALARM, line, column))
    tree, unreadable = compose(text, str(file))
    if tree is None:
        return Reading((), unreadable, not unreadable)
    if not isinstance(tree, Entries):
        message = "found a list or a text, expected a mapping with keys like users"
        return _unread(*unreadable, problem_at(file, message, tree.line, tree.column))
    value, wrong, more = checked(tree, str(file))
    source = SourceFile(file=str(file), root=tree, value=value)
    return Reading((source,), (*unreadable, *wrong), is_complete=True, more=more)
