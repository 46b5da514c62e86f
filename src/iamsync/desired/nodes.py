"""YAML text as a placed tree: every value as its author wrote it, with line and column.

Only the events of PyYAML's parser are used, never its constructors: `no`, `1e3`, `012345678901` and `2012-10-17` stay
text until a field says what it expects.

Two kinds of valid YAML are refused. A reviewer could misread merge keys, tags, several documents, or the same key twice
(PyYAML's own loader keeps the last of two equal keys). And many aliases could make a small file very large.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

import yaml

from iamsync.core.model import Origin, Problem
from iamsync.core.validate import named_character, shown
from iamsync.desired.unreadable import Fault, blockers, in_yaml

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 100_000
MAX_PROBLEMS: Final = 200
"""Of one file. A file with more is of the wrong kind altogether, and the rest helps nobody."""


Place = tuple[int, int]
"""Line and column, counted from 1."""


class Scalar(NamedTuple):
    """A text as written. `plain` is False where it was quoted or a block, so that it can only be meant as text.

    `alias` is the place of the alias (`*name`) that repeats the value, which itself stands at `line` and `column`.
    """

    text: str
    plain: bool
    line: int
    column: int
    alias: Place | None = None


class Items(NamedTuple):
    """A list."""

    items: "list[Node]"
    line: int
    column: int
    alias: Place | None = None


class Entries(NamedTuple):
    """A mapping; every key is a text."""

    entries: "dict[str, Entry]"
    line: int
    column: int
    alias: Place | None = None


class Entry(NamedTuple):
    """One key of a mapping and its value."""

    key: Scalar
    value: "Node"


Node = Scalar | Items | Entries

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
TRUTHS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
SWITCHES: Final = frozenset(
    word for base in ("yes", "no", "on", "off", "y", "n") for word in (base, base.capitalize(), base.upper())
)
"""Plain words that YAML 1.1 takes for booleans and YAML 1.2 for text, so that each reader sees something else."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Unreadable(Exception):
    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


def compose(text: str, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree in `text` (None if it cannot be read, or holds nothing) and what is wrong with how it is written."""
    reader = _Reader(text)
    root: Node | None = None
    reader.problems += islice(blockers(text), MAX_PROBLEMS)
    try:
        root = None if reader.problems else reader.document()
    except _Unreadable as error:
        reader.refuse(error.line, error.column, error.message)
    except yaml.MarkedYAMLError as error:
        reader.problems.append(in_yaml(error, text))
    except yaml.YAMLError as error:
        reader.refuse(1, 1, f"not valid YAML: {error}")
    return root, tuple(
        Problem(origin=Origin(file=file, line=line, column=column), path="", message=message)
        for line, column, message in reader.problems[:MAX_PROBLEMS]
    )


class _Reader:
    """Builds the tree from parser events, counting what aliases repeat as if it were written out."""

    def __init__(self, text: str) -> None:
        self.problems: list[Fault] = []
        self._events: Iterator[Any] = iter(_LOADER(text).get_event, None)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._nodes = 0

    def refuse(self, line: int, column: int, message: str) -> None:
        self.problems.append(Fault(line, column, message))

    def document(self) -> Node | None:
        """The one document of the text, or None if there is nothing but comments."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse_at(event, "a second document starts here; put it into a file of its own")
                    break
                root = self._node(next(self._events), 0)
        is_empty = isinstance(root, Scalar) and root.plain and root.text in NULLS
        return None if is_empty else root

    def _refuse_at(self, event: Any, message: str) -> None:  # noqa: ANN401 - PyYAML's events have no types
        self.refuse(event.start_mark.line + 1, event.start_mark.column + 1, message)

    def _node(self, event: Any, depth: int) -> Node:  # noqa: ANN401 - as above
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        self._count(1, line, column)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(str(event.anchor), line, column)
        if event.tag is not None:
            self._refuse_at(event, f"found {_tag(event.tag)}; no tags here; quote a text to keep it one")
        before = self._nodes
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Scalar(event.value, event.style is None or event.style == "", line, column)
            if event.anchor is not None:
                self._anchors[event.anchor] = (node, 1)
            return node
        if depth == MAX_DEPTH:
            raise _Unreadable(line, column, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(event.anchor)
        node = (
            Items(self._items(depth + 1), line, column)
            if isinstance(event, yaml.SequenceStartEvent)
            else Entries(self._entries(depth + 1), line, column)
        )
        self._open.discard(event.anchor)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._nodes - before + 1)
        return node

    def _count(self, more: int, line: int, column: int) -> None:
        self._nodes += more
        if self._nodes > MAX_NODES:
            raise _Unreadable(line, column, f"more than {MAX_NODES:,} values, aliases written out; split the file")

    def _aliased(self, anchor: str, line: int, column: int) -> Node:
        if anchor in self._open:
            raise _Unreadable(line, column, "this alias is inside of what it stands for")
        if anchor not in self._anchors:
            message = "this alias stands for nothing: no & of that name before it; quote a text that begins with *"
            raise _Unreadable(line, column, message)
        node, size = self._anchors[anchor]
        self._count(size - 1, line, column)
        return node._replace(alias=(line, column))

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth))
        return items

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth)
            value = self._node(next(self._events), depth)
            if isinstance(key, Scalar) and self._is_key(key, entries):
                entries[key.text] = Entry(key, value)
            elif not isinstance(key, Scalar):
                hint = 'quote a text that begins with "{{"' if isinstance(key, Entries) else "expected a text"
                self._refuse_at(event, f"found a key that is {'a mapping' if hint[0] == 'q' else 'a list'}; {hint}")
        return entries

    def _is_key(self, key: Scalar, entries: dict[str, Entry]) -> bool:
        if key.plain and key.text == "<<":
            self.refuse(key.line, key.column, 'merge keys ("<<") are not used here; write the entries out')
        elif key.plain and key.text and key.text in NULLS:
            message = f"found {key.text} as a key, which YAML takes for nothing; quote it if it is a name"
            self.refuse(key.line, key.column, message)
        elif not key.text:
            self.refuse(key.line, key.column, "found an empty key, expected a name")
        elif key.plain and not key.text[0].isascii() and key.text[0].isspace():
            message = f"found the space {named_character(key.text[0])} in the indentation; use plain spaces"
            self.refuse(key.line, key.column, message)
        elif key.text in entries:
            first = entries[key.text].key
            message = f"the key {shown(key.text)} is already at line {first.line}, column {first.column}; keep one"
            self.refuse(key.line, key.column, message)
        else:
            return True
        return False


def _tag(tag: str) -> str:
    """The tag, if it is one of YAML's. Any other may be a secret that begins with an exclamation mark."""
    name = tag.removeprefix("tag:yaml.org,2002:")
    return "a tag" if name == tag else f"the tag !!{name}"
