"""Which files of a folder are not in canonical form, and their replacement, whole or not at all."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from iamsync.core.model import Problem
from iamsync.desired.fields import as_plain
from iamsync.desired.files import found, text_of
from iamsync.desired.nodes import Entries, Items, Node, Scalar, compose
from iamsync.errors import IamsyncError
from iamsync.fmt.layout import formatted
from iamsync.fmt.tree import Text, parsed


class CannotFormat(IamsyncError):
    """A file that must be left as it is."""


class Rewrite(NamedTuple):
    """A file that is not in canonical form."""

    file: Path
    old: str
    new: str


def rewrites(root: Path) -> Iterator[Rewrite]:
    """The files below `root`, which must be valid, that formatting changes. Raises CannotFormat."""
    for file in found(root):
        text = file if isinstance(file, Problem) else text_of(file, root)
        if isinstance(file, Problem) or isinstance(text, Problem):
            raise CannotFormat(str(text))
        tree, problems = compose(text, str(file))
        if problems:
            raise CannotFormat(str(problems[0]))
        if tree is None:
            continue  # nothing but comments
        new = checked(text, str(file))
        if new != text:
            yield Rewrite(file, text, new)


def checked(text: str, file: str) -> str:
    """A text, formatted and read again. Raises CannotFormat if it would say anything else, or less in its comments."""
    before, _ = compose(text, file)
    try:
        new = formatted(text)
        after, problems = compose(new, file)
        is_same = not problems and said(before) == said(after) and _comments(text) == _comments(new)
    except yaml.YAMLError:
        is_same, new = False, text
    if not is_same:
        raise CannotFormat(f"{file}: cannot be put into canonical form without changing what it says; left as it is")
    return new


def canonical(text: str, file: str) -> str:
    """A text in canonical form; one that holds nothing but comments as it is. Raises CannotFormat."""
    return text if compose(text, file) == (None, ()) else checked(text, file)


def said(node: Node | None) -> object:
    """What the loader takes from a text, without the places: equal means the same State in any account, at any time."""
    match node:
        case Entries():
            return {key: said(entry.value) for key, entry in node.entries.items()}
        case Items():
            return [said(item) for item in node.items]
        case Scalar():
            return node.plain, as_plain(node)
        case None:
            return None


def _comments(text: str) -> Counter[str]:
    return Counter(comment.text for comment in parsed(Text(text.replace("\r\n", "\n").replace("\r", "\n")))[1])


def write(rewrite: Rewrite, root: Path) -> None:
    """Replace a file at once, with the mode it had. Raises CannotFormat if somebody has changed it meanwhile."""
    target = rewrite.file.resolve()
    if text_of(rewrite.file, root) != rewrite.old:
        raise CannotFormat(f"{rewrite.file}: has changed while it was read; run fmt again")
    try:
        descriptor, name = tempfile.mkstemp(prefix=".", suffix=".fmt", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as new:
                new.write(rewrite.new)
                new.flush()
                os.fchmod(new.fileno(), target.stat().st_mode & 0o7777)
                os.fsync(new.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotFormat(f"{rewrite.file}: cannot be written: {error.strerror}") from error
