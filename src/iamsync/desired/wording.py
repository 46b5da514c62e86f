"""What pydantic finds wrong with one file, at its place and in our words; what is left is what is right.

A faulty value is taken out and the rest checked again, so that it hides nothing else, not even of the same user.
"""

import re
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from iamsync.core.model import Origin, Problem
from iamsync.desired.fields import as_plain
from iamsync.desired.hints import found_at, unknown_words, wrong_value
from iamsync.desired.near import did_you_mean
from iamsync.desired.nodes import MAX_PROBLEMS, Entries, Scalar
from iamsync.desired.places import Path, node_at, place_of, written
from iamsync.desired.schema import File

_EXPECTED = {
    "string_type": "a text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
}


class Checked(NamedTuple):
    """What of a file is as the schema says, what is wrong with the rest, and how many problems more there are."""

    value: File
    problems: list[Problem]
    more: int


def checked(root: Entries, file: str) -> Checked:
    """The entries of a file without their faulty values, and what is wrong with those."""
    data = as_plain(root)
    assert isinstance(data, dict)  # noqa: S101 - the plain form of a mapping
    problems: list[Problem] = []
    more = 0
    taken_out: set[Path] = set()
    while True:
        try:
            return Checked(File.model_validate(data), problems, more)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            paths = [_path(one) for one in errors]
            new = [one for one, path in zip(errors, paths, strict=True) if path not in taken_out]
            room = MAX_PROBLEMS - len(problems)
            problems += (_problem(one, root, file) for one in new[:room])
            more += max(0, len(new) - room)
            for one, path in zip(errors, paths, strict=True):
                taken_out.add(path)
                _take_out(data, path, is_missing=one["type"] == "missing")


def _path(error: ErrorDetails) -> Path:
    """The way to the faulty value, without the branches of unions."""
    return tuple(step for step in error["loc"] if not str(step).startswith("\0"))


_HOLDS_NAMES: Final = frozenset({"policies", "policy_sets", "includes", "members"})
_NO_NAME: Final = "{{"
"""Stands where an item of a list was, so that the others keep their places. As a name it is refused elsewhere."""


def _take_out(data: Any, path: Path, *, is_missing: bool) -> None:  # noqa: ANN401 - YAML
    """Remove a faulty value. What lacks a required key is removed itself, but a policy stays, without its document."""
    *around, last = path
    if is_missing and last == "document":
        _set(data, path, {})
    elif is_missing:
        _take_out(data, tuple(around), is_missing=False)
    elif isinstance(last, str):
        _set(data, path, None)
    elif around[-1] in _HOLDS_NAMES:
        _set(data, path, _NO_NAME)
    else:
        _set(data, tuple(around), None)


def _set(data: Any, path: Path, value: object) -> None:  # noqa: ANN401 - YAML
    """Put the value there, or take out what is there if the value is None. What is not there any more is no matter."""
    *around, last = path
    for step in around:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
    if isinstance(data, list):
        data[int(last)] = value
    elif isinstance(data, dict) and value is None:
        data.pop(last, None)
    elif isinstance(data, dict):
        data[last] = value


def _problem(error: ErrorDetails, root: Entries, file: str) -> Problem:
    path = _path(error)
    kind, here = error["type"], path
    shown_path = path
    if kind == "extra_forbidden":
        message, is_shown = unknown_words(str(path[-1]), path, node_at(root, path[:-1]))
        shown_path = path if is_shown else path[:-1]
    elif kind == "missing":
        here = path[:-1]
        message = f"the key {path[-1]} is missing"
    else:
        message = _wrong_value(error, path, root)
    line, column = place_of(root, here, key=kind in {"extra_forbidden", "missing"})
    return Problem(origin=Origin(file=file, line=line, column=column), path=written(shown_path), message=message)


def _wrong_value(error: ErrorDetails, path: Path, root: Entries) -> str:
    kind, context = error["type"], error.get("ctx", {})
    node = node_at(root, path)
    if kind == "expected":
        expected = str(context["what"])
    elif kind == "literal_error":
        expected = str(context["expected"]).replace("'", '"')
        text = node.text if isinstance(node, Scalar) else ""
        expected += did_you_mean(text, re.findall(r'"([^"]*)"', expected))
    elif kind == "too_long":
        return f"found {context['actual_length']} entries, expected at most {context['max_length']}"
    elif kind == "string_too_short":
        expected = "a text that is not empty"
    elif kind == "string_too_long":
        expected = f"at most {context['max_length']} characters"
    else:
        expected = _EXPECTED.get(kind) or error["msg"]
    return f"found {found_at(node, path)}, expected {expected}{wrong_value(node, path, expected)}"
