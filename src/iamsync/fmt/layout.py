"""A tree as text: two spaces a level, lists indented below their key, brackets on one line if they fit into it."""

import re
from collections.abc import Iterator
from typing import Final

from iamsync.fmt.comments import Header, give_out
from iamsync.fmt.order import bring_into_order
from iamsync.fmt.tree import Entry, Node, Text, parsed

WIDTH: Final = 120
_STEP: Final = 2
_BLOCK_HEADER: Final = re.compile(r"[|>][-+]?([1-9]?)[-+]?")


def formatted(source: str) -> str:
    """The text of one file in canonical order and style. One with aliases keeps its order, since they point back."""
    text = Text(source.replace("\r\n", "\n").replace("\r", "\n"))
    root, comments, has_aliases = parsed(text)
    header = give_out(root, comments, text)
    if not has_aliases:
        bring_into_order(root)
    return "".join(f"{line}\n" for line in _document(root, header))


def with_entries(source: str, more: str, comments: list[str]) -> str | None:
    """The text of one file with the entries of another, each in its section, and comments below its first ones. None if
    the entries cannot be put there: it has aliases, or is written in brackets.
    """
    text, added = Text(source), Text(more)
    root, given, has_aliases = parsed(text)
    header = give_out(root, given, text)
    if has_aliases or root.is_flow:
        return None
    if more:
        other, given, _ = parsed(added)
        comments = give_out(other, given, added).lines
        if not all(_put(section, root) for section in other.entries):
            return None
    header.lines += comments
    header.is_apart = header.is_apart or bool(comments)
    bring_into_order(root)
    return "".join(f"{line}\n" for line in _document(root, header))


def _put(section: Entry, root: Node) -> bool:
    """Whether a section could be put into a file, its entries as close to each other as those that are there."""
    mine = next((one for one in root.entries if one.name == section.name), None)
    if mine is None:
        root.entries.append(section)
        return True
    if not (mine.value.is_block and section.value.is_block):
        return False
    is_spaced = any(one.after_blank for one in mine.value.entries[1:])
    for entry in section.value.entries:
        entry.after_blank = is_spaced
    mine.value.entries += section.value.entries
    return True


def _document(root: Node, header: Header) -> Iterator[str]:
    yield from header.lines
    if header.is_apart and (root.entries or header.footer):
        yield ""
    if root.is_flow:
        yield from _value("", root, 0, 0)
        yield from header.footer
        return
    for number, entry in enumerate(root.entries):
        entry.after_blank = number > 0
    yield from _collection(root, 0)


def _collection(node: Node, column: int) -> Iterator[str]:
    """The lines of a collection in lines of its own."""
    for number, entry in enumerate(node.entries):
        if entry.after_blank and number:
            yield ""
        yield from _indented(_above(entry), column)
        yield from _entry(entry, column)
    yield from _indented(node.tail, column)


def _above(entry: Entry) -> list[str]:
    """The comments above an entry: also those that would have to stand between a dash and a key."""
    lines = list(entry.before)
    value = entry.value
    if value.is_block and entry.key is None:
        if entry.comment:
            lines.append(entry.comment.text)
        if not value.anchor:
            lines += _above(value.entries[0])
            value.entries[0].before = []
    elif entry.comment and value.is_block_scalar:
        lines.append(entry.comment.text)
    return lines


def _entry(entry: Entry, column: int) -> Iterator[str]:
    value = entry.value
    start = " " * column + (f"{_key(entry.key)}:" if entry.key else "-")
    if value.is_block and entry.key is None and not value.anchor:
        first, *rest = _collection(value, column + _STEP)
        yield f"{start} {first.lstrip()}"
        yield from rest
    elif value.is_block:
        yield _with_comment(f"{start} {value.anchor}".rstrip(), entry if entry.key else None)
        yield from _collection(value, column + _STEP)
    else:
        *lines, last = _value(f"{start} ", value, column, column + _STEP)
        yield from lines
        yield _with_comment(last, None if value.is_block_scalar else entry)


def _with_comment(line: str, entry: Entry | None) -> str:
    return f"{line}{entry.comment.space}{entry.comment.text}" if entry and entry.comment else line


def _value(start: str, node: Node, column: int, inner: int) -> Iterator[str]:
    """The lines of a scalar, an alias or brackets behind `start`; further lines begin at `inner`."""
    if node.text is None:
        one_line = _in_one_line(node)
        if one_line is not None and len(start) + len(one_line) <= WIDTH:
            yield start + one_line
        else:
            yield from _brackets(start, node, column)
        return
    first, *rest = node.text.split("\n")
    yield (start + node.anchor + first).rstrip(" ")
    if node.is_block_scalar:
        yield from _block_lines(first, rest, column)
    else:
        yield from ((" " * inner + line.lstrip(" \t")) if line.strip() else "" for line in rest)


def _block_lines(header: str, lines: list[str], column: int) -> Iterator[str]:
    match = _BLOCK_HEADER.match(header)
    old = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), 0)
    while lines and len(lines[-1]) <= old and not lines[-1].strip(" "):
        lines = lines[:-1]
    step = int(match[1]) if match and match[1] else _STEP
    for line in lines:
        yield " " * (column + step) + line[old:] if line[old:] else ""


def _brackets(start: str, node: Node, column: int) -> Iterator[str]:
    """Brackets over several lines, an entry a line."""
    opening, closing = ("[", "]") if node.is_list else ("{", "}")
    yield start + node.anchor + opening
    inner = column + _STEP
    for entry in node.entries:
        yield from _indented(entry.before, inner)
        key = f"{_key(entry.key)}: " if entry.key else ""
        *lines, last = _value(" " * inner + key, entry.value, inner, inner + _STEP)
        yield from lines
        yield _with_comment(f"{last},", entry)
    yield from _indented(node.tail, inner)
    yield " " * column + closing


def _in_one_line(node: Node) -> str | None:
    """Brackets in one line, if no comment and no text of several lines is in them."""
    if node.text is not None:
        return None if "\n" in node.text else node.anchor + node.text
    if node.tail or any(one.before or one.comment for one in node.entries):
        return None
    parts = []
    for entry in node.entries:
        value = _in_one_line(entry.value)
        if value is None:
            return None
        parts.append(f"{_key(entry.key)}: {value}" if entry.key else value)
    whole = ", ".join(parts)
    return node.anchor + (f"[{whole}]" if node.is_list else f"{{{whole}}}")


def _key(key: Node) -> str:
    text = key.anchor + (key.text or "")
    return f"{text} " if text.startswith("*") else text


def _indented(lines: list[str], column: int) -> Iterator[str]:
    yield from (" " * column + line if line else "" for line in lines)
