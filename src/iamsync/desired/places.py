"""Ways through a placed tree: from a path to the value there, and from a place to its path."""

import json
import re
from collections.abc import Iterator

from iamsync.core.validate import step
from iamsync.desired.nodes import Entries, Entry, Items, Node, Place, Scalar

Path = tuple[str | int, ...]
"""The way to a node: keys and, into lists, positions counted from 0."""


def node_at(root: Node, path: Path) -> Node | None:
    """The value at `path`, or None if there is none."""
    node: Node = root
    for key in path:
        if isinstance(node, Entries) and isinstance(key, str) and key in node.entries:
            node = node.entries[key].value
        elif isinstance(node, Items) and isinstance(key, int) and key < len(node.items):
            node = node.items[key]
        else:
            return None
    return node


def at_loose_path(root: Node, path: str) -> tuple[Node, str]:
    """The node at a path written as text, or the last one on the way and the rest of the path. Names may hold dots, so
    the longest that fits is taken.
    """
    *_, (_, node, rest) = _way(root, path)
    return node, rest


def alias_on(root: Node, path: str, place: Place) -> Place | None:
    """Where the alias stands through which the path leads to the value at `place`; None if it leads through none, or
    ends at the key whose value is the alias.
    """
    for key, node, _ in _way(root, path):
        if node.alias is not None:
            return None if key is not None and (key.line, key.column) == place else node.alias
    return None


def _way(root: Node, path: str) -> Iterator[tuple[Scalar | None, Node, str]]:
    """Each node on the way, from the root on, with its key and the rest of the path."""
    node, key = root, None
    yield key, node, path
    while path := path.removeprefix("."):
        if isinstance(node, Items):
            match = re.match(r"\[(\d{1,6})\]", path)
            if not match or int(match[1]) >= len(node.items):
                break
            key, node, path = None, node.items[int(match[1])], path[match.end() :]
        elif isinstance(node, Entries):
            name, length = _longest_name(node.entries, path)
            if not length:
                break
            key, node, path = node.entries[name].key, node.entries[name].value, path[length:]
        else:
            break
        yield key, node, path


def _longest_name(names: "dict[str, Entry]", path: str) -> tuple[str, int]:
    """The longest of the names that the path begins with, and how long it is as written; 0 if there is none."""
    if path.startswith('"'):
        try:
            name, length = json.JSONDecoder().raw_decode(path)
        except ValueError:
            return "", 0
        return (name, length) if name in names else ("", 0)
    ends = [match.start() for match in re.finditer(r"[.\[]|$", path[:1000])]
    return next(((path[:end], end) for end in reversed(ends) if path[:end] in names), ("", 0))


def path_to(root: Node, line: int, column: int) -> Path:
    """The way to the value that stands at a place."""
    inner: Iterator[tuple[str | int, Node]] = iter(())
    if isinstance(root, Items):
        inner = iter(enumerate(root.items))
    elif isinstance(root, Entries):
        inner = ((key, entry.value) for key, entry in root.entries.items())
    best: tuple[str | int, Node] | None = None
    for key, node in inner:
        if (node.line, node.column) <= (line, column) and (
            best is None or (node.line, node.column) > (best[1].line, best[1].column)
        ):
            best = key, node
    return () if best is None else (best[0], *path_to(best[1], line, column))


def place_of(root: Node, path: Path, *, key: bool = False) -> tuple[int, int]:
    """Line and column of the value at `path` (or of its key), or of the nearest thing around it that exists."""
    for length in range(len(path), 0, -1):
        around = node_at(root, path[: length - 1])
        last = path[length - 1]
        if isinstance(around, Entries) and last in around.entries:
            entry = around.entries[str(last)]
            place = entry.key if key or length < len(path) else entry.value
            return place.line, place.column
        if (node := node_at(root, path[:length])) is not None:
            return node.line, node.column
    return root.line, root.column


def written(path: Path) -> str:
    """The path as a person reads it: `users.aiko.sato.policy_sets[1]`."""
    text = "".join(f"[{one}]" if isinstance(one, int) else f".{step(one)}" for one in path)
    return text.removeprefix(".")


def scalars(root: Node, at: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Every text in a tree that is `at` a path, with its own path; in no order."""
    open_ends: list[tuple[Path, Node]] = [(at, root)]
    while open_ends:
        path, node = open_ends.pop()
        if isinstance(node, Scalar):
            yield path, node
        elif isinstance(node, Items):
            open_ends += (((*path, index), item) for index, item in enumerate(node.items))
        else:
            open_ends += (((*path, key), entry.value) for key, entry in node.entries.items())
