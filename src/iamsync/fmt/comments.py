"""Gives each comment to what it is about: the line it ends, the entry below it, or the collection it closes."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from iamsync.fmt.tree import Comment, Entry, Node, Text

EDITORS_LINE = "# yaml-language-server:"


@dataclass(slots=True)
class Header:
    """The comments that speak of the whole file: above the first blank line, and below a file in brackets."""

    lines: list[str] = field(default_factory=list)
    is_apart: bool = False
    """Whether a blank line follows."""
    footer: list[str] = field(default_factory=list)


def give_out(root: Node, comments: Iterable[Comment], text: Text) -> Header:
    """Put every comment into the tree, or into the header that is returned."""
    giver = _Giver(text, comments)
    header = giver.header(root)
    giver.collection(root)
    rest = giver.take(len(text.text))
    if root.is_flow:
        header.footer = [one.text for one in rest]
    else:
        giver.after(root, rest, [])
    return header


class _Giver:
    """Walks the tree in the order of the text, with the comments that are not given yet."""

    def __init__(self, text: Text, comments: Iterable[Comment]) -> None:
        self._text = text
        self._left = deque(comments)

    def take(self, until: int, condition: Callable[[Comment], bool] = lambda _: True) -> list[Comment]:
        """The next comments that begin before a position, as long as they meet the condition."""
        taken: list[Comment] = []
        while self._left and self._left[0].start < until and condition(self._left[0]):
            taken.append(self._left.popleft())
        return taken

    def header(self, root: Node) -> Header:
        start = root.start if root.is_flow or not root.entries else root.entries[0].start
        above = self.take(start)
        whole = Header()
        breaks = [number for number, one in enumerate(above) if number and one.after_blank]
        if above and self._text.is_after_blank(self._text.line_of(start)):
            breaks.append(len(above))
        count = len(above) if root.is_flow else breaks[-1] if breaks else 0
        whole.is_apart = count > 0
        if not count and above and above[0].text.startswith(EDITORS_LINE):
            count = 1
        _add(whole.lines, above[:count])
        self._left.extendleft(reversed(above[count:]))
        return whole

    def collection(self, node: Node) -> None:
        """Give out what is in a collection, up to its last value."""
        previous: Entry | None = None
        for number, entry in enumerate(node.entries):
            between = self.take(entry.start)
            if previous is None or node.is_flow:
                self._above(entry, between)
            else:
                self._between(previous, between, node, entry)
            following = node.entries[number + 1].start if number + 1 < len(node.entries) else node.end
            self._entry(entry, following if node.is_flow else len(self._text.text))
            previous = entry
        if node.is_flow:
            _add(node.tail, self.take(node.end))

    def _entry(self, entry: Entry, limit: int) -> None:
        value = entry.value
        if entry.key is not None:
            line = self._text.line_of(entry.key.end)
            behind = self.take(max(value.start, entry.key.end + 1) if not value.is_block else limit, _ends(line))
            entry.comment = behind[0] if behind else None
            if not value.is_block:
                _add(entry.before, self.take(value.start))
        if value.text is None:
            self.collection(value)
        if value.is_block or value.is_block_scalar:
            return
        behind = self.take(limit, _ends(self._text.line_of(value.end)))
        if behind:
            if entry.comment:
                entry.before.append(entry.comment.text)
            entry.comment = behind[0]
            entry.before.extend(one.text for one in behind[1:])

    def _above(self, entry: Entry, comments: list[Comment]) -> None:
        line = self._text.line_of(entry.start)
        if not entry.before and comments:
            entry.after_blank = comments[0].after_blank
        _add(entry.before, comments)
        if self._text.is_after_blank(line):
            if entry.before:
                entry.before.append("")
            else:
                entry.after_blank = True

    def _between(self, previous: Entry, comments: list[Comment], node: Node, entry: Entry) -> None:
        inside = [*_while(comments, lambda one: one.column > node.column)] if previous.value.is_block else []
        if inside:
            self.after(previous.value, inside, [])
        self._above(entry, comments[len(inside) :])

    def after(self, node: Node, comments: list[Comment], outer: list[Node]) -> None:
        """Comments below the last entry of collections: each to the deepest that is not to its right, and none deeper
        than one before it.
        """
        chain = [*outer, node]
        while chain[-1].entries and chain[-1].entries[-1].value.is_block:
            chain.append(chain[-1].entries[-1].value)
        for comment in comments:
            while len(chain) > 1 and chain[-1].column > comment.column:
                chain.pop()
            if comment.after_blank:
                chain[-1].tail.append("")
            chain[-1].tail.append(comment.text)


def _ends(line: int) -> Callable[[Comment], bool]:
    return lambda comment: comment.line == line and not comment.alone


def _while(comments: list[Comment], condition: Callable[[Comment], bool]) -> list[Comment]:
    number = next((number for number, one in enumerate(comments) if not condition(one)), len(comments))
    return comments[:number]


def _add(lines: list[str], comments: Iterable[Comment]) -> None:
    for comment in comments:
        if comment.after_blank and lines:
            lines.append("")
        lines.append(comment.text)
