"""Which words of the program a call runs through: lines of `render`, `core/scope` and `core/guard` that hold some."""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import iamsync

SOURCE = Path(iamsync.__file__).parent
_WITH_WORDS = tuple(str(SOURCE / place) for place in ("render", "core/scope", "core/guard.py"))

Lines = frozenset[tuple[str, int]]


def words_of(call: Callable[[], object]) -> Lines:
    """The lines with words that run while `call` does, each with its file."""
    found = set[tuple[str, int]]()

    def trace(frame: FrameType, _: str, __: object) -> Any:  # noqa: ANN401 - what sys.settrace takes
        file = frame.f_code.co_filename
        if not file.startswith(_WITH_WORDS):
            return None
        found.add((file, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return frozenset((Path(file).name, line) for file, line in found if line in _lines_with_words(file))


@cache
def _lines_with_words(file: str) -> frozenset[int]:
    """The lines of texts of more than one word that are no docstrings."""
    tree = ast.parse(Path(file).read_text())
    docstrings = set(_docstrings(tree))
    return frozenset(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()
        if node not in docstrings
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    )


def _docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        for statement in (
            getattr(node, "body", []) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) else []
        ):
            if isinstance(statement, ast.Expr):
                yield statement.value
