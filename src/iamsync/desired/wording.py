"""What pydantic finds wrong with one file, at its place and in our words; what is left is what is right.

A faulty entry is taken out and the rest checked again, so that one wrong user hides nothing that is wrong elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from iamsync.core.model import Origin, Problem
from iamsync.core.validate import shown
from iamsync.desired.fields import as_plain, found
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


def checked(root: Entries, file: str) -> tuple[File, list[Problem]]:
    """The entries of a file that are as the schema says, and what is wrong with the others."""
    data = as_plain(root)
    assert isinstance(data, dict)  # noqa: S101 - the plain form of a mapping
    problems: list[Problem] = []
    while True:
        try:
            return File.model_validate(data), problems
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            problems += (_problem(one, root, file) for one in errors[: MAX_PROBLEMS - len(problems)])
            _take_out(data, errors)


def _take_out(data: dict[str, Any], errors: Sequence[ErrorDetails]) -> None:
    for error in errors:
        section, *rest = error["loc"]
        entries = data.get(str(section))
        if isinstance(entries, dict) and rest:
            entries.pop(rest[0], None)
        else:
            data.pop(str(section), None)


def _problem(error: ErrorDetails, root: Entries, file: str) -> Problem:
    path = tuple(step for step in error["loc"] if not str(step).startswith("\0"))
    kind, here = error["type"], path
    if kind == "extra_forbidden":
        message = _unknown_key(path, root)
    elif kind == "missing":
        here = path[:-1]
        message = f"the key {path[-1]} is missing"
    else:
        message = _wrong_value(error, path, root)
    line, column = place_of(root, here, key=kind in {"extra_forbidden", "missing"})
    return Problem(origin=Origin(file=file, line=line, column=column), path=written(path), message=message)


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
    hint = "; write {} for one without any keys" if found(node) == "nothing" and expected == "a mapping" else ""
    return f"found {found(node)}, expected {expected}{hint}"


def _unknown_key(path: Path, root: Entries) -> str:
    keys = _keys_at(path[:-1])
    present = node_at(root, path[:-1])
    absent = [key for key in keys if not (isinstance(present, Entries) and key in present.entries)]
    name = str(path[-1])
    hint = did_you_mean(name, absent) or did_you_mean(name, keys) or f"; expected {', '.join(keys)}"
    return f"unknown key {shown(name)}{hint}"


def _keys_at(path: Path) -> list[str]:
    """The keys that the schema knows in the mapping at `path`."""
    models = list(_models(File))
    for step in path:
        models = [inner for model in models for inner in _inside(model, step)]
    return [field.alias or name for model in models for name, field in _fields(model)]


def _fields(model: object) -> Iterator[tuple[str, Any]]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield from model.model_fields.items()


def _inside(model: object, step: str | int) -> Iterator[object]:
    if get_origin(model) in {dict, list}:
        yield from _models(get_args(model)[-1])
    for name, field in _fields(model):
        if step == (field.alias or name):
            yield from _models(field.annotation)


def _models(annotation: Any) -> Iterator[object]:  # noqa: ANN401 - what Python says of annotations
    """The classes and containers that an annotation stands for, without what is wrapped around them."""
    if hasattr(annotation, "__metadata__"):
        yield from _models(get_args(annotation)[0])
    elif get_origin(annotation) is Union or isinstance(annotation, type(int | str)):
        for option in get_args(annotation):
            yield from _models(option)
    else:
        yield annotation
