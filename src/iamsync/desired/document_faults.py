"""Everything that is wrong with a policy document, although the door of the core stops at the first fault.

Each fault is fixed in a copy, in the smallest way that helps, and the copy is parsed again.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from iamsync.core.document import Document, DocumentError
from iamsync.core.grammar import JsonObject

MOST_FAULTS: Final = 50
"""Of one document. With more it is something else."""

_STEP = re.compile(r'\.?(?:\[(?P<index>\d+)\]|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<name>[^.\["]+))')
_SUGGESTED = re.compile(r'did you mean "([^"]+)"')
_STATEMENT: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_ELEMENTS: Final = {**_STATEMENT, "Version": "2012-10-17", "Sid": "", "NotAction": "*", "NotResource": "*"}
"""What stands for a faulty element while the rest is looked at."""


class Faulty(NamedTuple):
    """A document and its faults; without them the document is what was written, with them only the part that is right,
    or None.
    """

    document: Document | None
    faults: tuple[DocumentError, ...]


def parsed(source: Any) -> Faulty:  # noqa: ANN401 - JSON
    """The document that decoded JSON holds, with all that is wrong with it."""
    faults: list[DocumentError] = []
    document = {"": source}
    while len(faults) < MOST_FAULTS:
        try:
            return Faulty(Document.parse(document[""]), tuple(faults))
        except DocumentError as error:
            if not faults:
                document = {"": _copied(source)}
            faults.append(error)
            if not _is_fixed(document, error):
                break
    return Faulty(None, tuple(faults))


def _copied(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A copy that can be changed, which still knows of names that came twice."""
    if isinstance(value, JsonObject):
        copy = JsonObject([(name, _copied(one)) for name, one in value.items()])
        copy.repeated = value.repeated
        return copy
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _is_fixed(document: dict[str, Any], error: DocumentError) -> bool:
    """Whether the fault is gone from the document, after the first of several changes that removes it."""
    for _ in _changes(document, error.path, _SUGGESTED.search(error.message)) if error.path else ():
        try:
            Document.parse(document[""])
        except DocumentError as left:
            if (left.path, left.message) != (error.path, error.message):
                return True
        else:
            return True
    return False


def _changes(document: dict[str, Any], path: str, suggested: re.Match[str] | None) -> Iterator[None]:
    """Changes at the path, the smallest first; each stays when the next one is made."""
    around, last = _parent(document, path)
    if isinstance(around, dict) and suggested and last in around and suggested[1] not in around:
        around[suggested[1]] = around.pop(last)
        yield
    if isinstance(around, JsonObject) and around.repeated is not None:
        around.repeated = None
        yield
    if isinstance(around, list) and isinstance(last, int):
        element = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
        if isinstance(around[last], dict):
            yield from _as_statement(around[last])
        around[last] = dict(_STATEMENT) if element == "Statement" else _ELEMENTS.get(element, "")
        yield
    elif isinstance(around, dict) and isinstance(last, str):
        if isinstance(around.get(last), dict):
            yield from _as_statement(around[last])
        around[last] = [dict(_STATEMENT)] if last == "Statement" else _ELEMENTS.get(last, "")
        yield
        around.pop(last, None)
        yield


def _as_statement(value: dict[str, Any]) -> Iterator[None]:
    """One of each pair of elements."""
    for element in ("Action", "Resource"):
        value.pop(f"Not{element}", None)
        value.setdefault(element, "*")
    yield


def _parent(document: dict[str, Any], path: str) -> tuple[Any, str | int]:
    """What holds the value at the path, and its key or index there."""
    around: Any = document
    last: str | int = ""
    for match in _STEP.finditer(path):
        around = _inside(around, last)
        name = json.loads(match["quoted"]) if match["quoted"] else match["name"]
        last = int(match["index"]) if match["index"] else str(name)
    return around, last


def _inside(around: Any, step: str | int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(around, dict):
        return around.get(step)
    return around[step] if isinstance(around, list) and isinstance(step, int) and step < len(around) else None
