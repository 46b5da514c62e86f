"""What people read is plain technical English: no phrase of the old dialect, in messages, help or documentation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
SOURCES = sorted((PROJECT / "src" / "iamsync").rglob("*.py"))

OLD = (
    "anew",
    "at one go",
    "can not",
    "cut off",
    "for ever",
    "hang on",
    "hangs on",
    "is to be",
    "is to go",
    "mend",
    "mended",
    "nobody's",
    "of its own accord",
    "own rights",
    "rights of",
    "shall",
    "switch off",
    "switched off",
    "switched on",
    "the rights",
    "told",
    "ways in",
    "who carries it out",
)
"""Phrases of the dialect; each has a plain word (docs/glossary.md). Words that ordinary English needs are not among
them."""
_OLD = re.compile(r"\b(?:" + "|".join(map(re.escape, OLD)) + r")\b", re.IGNORECASE)


def strings(source: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module that is no docstring: messages, help texts, and whatever else may be shown."""
    tree = ast.parse(source.read_text("utf-8"))
    documentation = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def old_phrases(lines: Iterator[tuple[int, str]]) -> list[str]:
    """Where a phrase of the dialect is, and its surroundings."""
    return [
        f"line {number}: {match[0]!r} in ...{text[max(0, match.start() - 40) : match.end() + 40]}..."
        for number, text in lines
        for match in _OLD.finditer(text)
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PROJECT / "src" / "iamsync")))
def test_no_message_is_in_the_old_dialect(source: Path) -> None:
    assert old_phrases(strings(source)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_nor_is_a_page(page: Path) -> None:
    assert old_phrases(iter(enumerate(page.read_text("utf-8").splitlines(), 1))) == []


def test_messages_are_read_and_docstrings_are_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('def f():\n    """It shall be told."""\n    return f"the rights of {f} are mended for ever"\n')

    assert [phrase.split(" in ")[0] for phrase in old_phrases(strings(module))] == [
        "line 3: 'the rights'",
        "line 3: 'mended'",
        "line 3: 'for ever'",
    ]
