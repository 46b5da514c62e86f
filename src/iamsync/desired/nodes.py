"""YAML text as a placed tree: every value as its author wrote it, with line and column.

Only the events of PyYAML's parser are used, never its constructors: `no`, `1e3`, `012345678901` and `2012-10-17` stay
text until a field says what it expects. What YAML allows and a reviewer would not see through (merge keys, tags,
several documents, the same key twice) is refused, and so is what could make a small file large (PyYAML's own loader
keeps the last of two equal keys and follows any number of aliases).
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

from iamsync.core.model import Origin, Problem
from iamsync.core.validate import shown

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 32
MAX_NODES: Final = 100_000
MAX_PROBLEMS: Final = 100
"""Of one file. A file with more is of the wrong kind altogether, and the rest helps nobody."""


class Scalar(NamedTuple):
    """A text as written. `plain` is False where it was quoted or a block, so that it can only be meant as text."""

    text: str
    plain: bool
    line: int
    column: int


class Items(NamedTuple):
    """A list."""

    items: "list[Node]"
    line: int
    column: int


class Entries(NamedTuple):
    """A mapping; every key is a text."""

    entries: "dict[str, Entry]"
    line: int
    column: int


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

_INVISIBLE = re.compile(
    "[^\t\n\r -~\u00a0-\u200d\u2010-\u2027\u202f-\u205f\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Control characters, other line ends than the usual, and what makes text look as if it stood in another order."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HINTS: Final = {
    "mapping values are not allowed": "a text that holds a colon and a space must be quoted",
    "unknown escape": "in double quotes a backslash begins an escape; single quotes take it as it is",
    "end of stream": "look for a quote that is not closed",
    "cannot start any token": "quote a text that begins with this character",
    "block mapping": "look at the indentation of this line and the one above",
    "block collection": "look at the indentation of this line and the one above",
    "flow": "look for a bracket or a quote that is not closed",
    "quoted scalar": "look for a quote that is not closed",
    "expected alphabetic": "quote a text that begins with * or &",
}


class _Unreadable(Exception):
    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


def compose(text: str, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree in `text` (None if it cannot be read, or holds nothing) and what is wrong with how it is written."""
    reader = _Reader(text)
    root: Node | None = None
    try:
        _refuse_invisible(text)
        root = reader.document()
    except _Unreadable as error:
        reader.refuse(error.line, error.column, error.message)
    except yaml.MarkedYAMLError as error:
        is_unclosed = "end of stream" in (error.problem or "")
        mark = (is_unclosed and error.context_mark) or error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        is_tab = text.splitlines()[line : line + 1] and text.splitlines()[line][column : column + 1] == "\t"
        words = "not valid YAML: found a tab; indent with spaces" if is_tab else _in_our_words(error)
        reader.refuse(line + 1, column + 1, words)
    except yaml.YAMLError as error:
        reader.refuse(1, 1, f"not valid YAML: {error}")
    return root, tuple(
        Problem(origin=Origin(file=file, line=line, column=column), path="", message=message)
        for line, column, message in reader.problems[:MAX_PROBLEMS]
    )


class _Reader:
    """Builds the tree from parser events, counting what aliases repeat as if it were written out."""

    def __init__(self, text: str) -> None:
        self.problems: list[tuple[int, int, str]] = []
        self._events: Iterator[Any] = iter(_LOADER(text).get_event, None)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._nodes = 0

    def refuse(self, line: int, column: int, message: str) -> None:
        self.problems.append((line, column, message))

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
            self._refuse_at(event, f"found the tag {_short(event.tag)}; no tags here; quote a text to keep it one")
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
            raise _Unreadable(line, column, f"*{anchor} is inside of what it stands for")
        if anchor not in self._anchors:
            raise _Unreadable(line, column, f"*{anchor} stands for nothing: no &{anchor} before it; quote it if a text")
        node, size = self._anchors[anchor]
        self._count(size - 1, line, column)
        return node

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
        elif not key.text or (key.plain and key.text == "~"):
            self.refuse(key.line, key.column, "found an empty key, expected a name")
        elif key.text in entries:
            first = entries[key.text].key
            message = f"the key {shown(key.text)} is already at line {first.line}, column {first.column}; keep one"
            self.refuse(key.line, key.column, message)
        else:
            return True
        return False


def _refuse_invisible(text: str) -> None:
    if found := _INVISIBLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise _Unreadable(line, column, f"found the invisible character U+{ord(found[0]):04X}; remove it")


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag


def _in_our_words(error: yaml.MarkedYAMLError) -> str:
    said = " ".join(filter(None, (error.problem, error.context)))
    hint = next((hint for words, hint in _HINTS.items() if words in said), None)
    return f"not valid YAML: {error.problem}" + (f"; {hint}" if hint else "")
