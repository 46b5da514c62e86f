"""A YAML text as a tree of slices of itself: how each value is written, and which comments belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ANCHOR: Final = re.compile(r"&[^\s,\[\]{}]+\s*")
_IN_GAPS: Final = re.compile(r"#[^\n]*|&[^\s,\[\]{}]+")


class Comment(NamedTuple):
    """A comment: its text, where it is, and whether it has its line for itself."""

    text: str
    start: int
    line: int
    column: int
    alone: bool
    after_blank: bool
    space: str
    """What stands between it and the text before it, on the same line."""


@dataclass(slots=True)
class Node:
    """A value. `text` is that of a scalar or an alias, None for a collection, which has `entries`."""

    start: int
    end: int
    column: int
    text: str | None = None
    is_list: bool = False
    is_flow: bool = False
    anchor: str = ""
    entries: "list[Entry]" = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    """The comments after the last entry that belong to this collection. An empty one is a blank line."""

    @property
    def is_block(self) -> bool:
        """Whether it is a collection in lines of its own."""
        return self.text is None and not self.is_flow

    @property
    def is_block_scalar(self) -> bool:
        """Whether it is a text after | or >."""
        return self.text is not None and self.text.startswith(("|", ">"))


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list, with its comments: above it (`before`), and behind it in its line."""

    value: Node
    key: Node | None = None
    before: list[str] = field(default_factory=list)
    comment: Comment | None = None
    after_blank: bool = False

    @property
    def name(self) -> str:
        """The key as the loader reads it, for the order."""
        text = (self.key.text or "") if self.key else ""
        return str(yaml.load(text, Loader=yaml.BaseLoader)) if text[:1] in {"'", '"'} else text  # noqa: S506 - texts only

    @property
    def start(self) -> int:
        """Where it begins, without its dash."""
        return (self.key or self.value).start


class Text:
    """A text with its lines; positions are numbers of characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def position(self, mark: Any) -> int:  # noqa: ANN401 - PyYAML's marks have no types
        """Where a mark points to."""
        return int(self._starts[mark.line] + mark.column)

    def line_of(self, position: int) -> int:
        """The number of the line, from 0."""
        low, high = 0, len(self.lines)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= position else (low, middle)
        return low

    def column_of(self, position: int) -> int:
        """The number of the column, from 0."""
        return position - self._starts[self.line_of(position)]

    def is_after_blank(self, line: int) -> bool:
        """Whether the line before is blank."""
        return line > 0 and not self.lines[line - 1].strip()


def parsed(text: Text) -> tuple[Node, list[Comment], bool]:
    """The tree without its comments, the comments in their order, and whether the text uses aliases."""
    events = [
        event
        for event in yaml.parse(text.text, Loader=_LOADER)
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent)
    ]
    solid = [
        (text.position(event.start_mark), text.position(event.end_mark))
        for event in events
        if isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
    ]
    has_aliases = any(isinstance(event, yaml.AliasEvent) for event in events)
    return _node(iter(events), text), list(_comments(text, solid)), has_aliases


def _node(events: Iterator[Any], text: Text, event: Any = None) -> Node:  # noqa: ANN401 - PyYAML's events have no types
    event = next(events) if event is None else event
    start, end = text.position(event.start_mark), text.position(event.end_mark)
    node = Node(start, end, text.column_of(start))
    if isinstance(event, yaml.AliasEvent):
        node.text = text.text[start:end]
        return node
    node.anchor = f"&{event.anchor} " if event.anchor else ""
    if isinstance(event, yaml.ScalarEvent):
        node.text = text.text[start:end]
        if node.anchor:
            node.text = _ANCHOR.sub("", node.text, count=1)
        return node
    node.is_list = isinstance(event, yaml.SequenceStartEvent)
    node.is_flow = bool(event.flow_style)
    node.end = _fill(node, events, text)
    if node.anchor and node.is_block and node.entries:
        line = text.lines[text.line_of(node.entries[0].start)]
        node.column = len(line) - len(line.lstrip())
    return node


def _fill(node: Node, events: Iterator[Any], text: Text) -> int:
    """Read the entries of a collection; returns where it ends."""
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return text.position(event.end_mark)
        first = _node(events, text, event)
        node.entries.append(Entry(first) if node.is_list else Entry(_node(events, text), first))
    return len(text.text)


def _comments(text: Text, solid: list[tuple[int, int]]) -> Iterator[Comment]:
    """What begins with # between the values."""
    position = 0
    for start, end in [*solid, (len(text.text), len(text.text))]:
        for found in _IN_GAPS.finditer(text.text, position, start):
            if found[0].startswith("#"):
                yield _comment(text, found.start(), found[0].rstrip())
        position = max(position, end)


def _comment(text: Text, start: int, words: str) -> Comment:
    line, column = text.line_of(start), text.column_of(start)
    before = text.lines[line][:column]
    space = " " * max(len(before) - len(before.rstrip()), 1)
    return Comment(words, start, line, column, not before.strip(), text.is_after_blank(line), space)
