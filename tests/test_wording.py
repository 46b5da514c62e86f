"""What people read is plain technical English: no phrase of the old dialect, in messages, documentation or code."""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
FSTRING_MIDDLE = getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)  # since Python 3.12
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
SOURCES = sorted(
    source
    for folder in ("src", "tests", "bench")
    for source in (PROJECT / folder).rglob("*.py")
    if source != Path(__file__).resolve()
)

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


def phrases(source: Path) -> Iterator[tuple[int, str]]:
    """Every text of a module for people: strings, docstrings, comments; and the names of its functions and classes,
    word by word.
    """
    text = source.read_text("utf-8")
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type in {tokenize.STRING, tokenize.COMMENT, FSTRING_MIDDLE}:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name.replace("_", " ")


def old_phrases(lines: Iterator[tuple[int, str]]) -> list[str]:
    """Where a phrase of the dialect is, and its surroundings."""
    return [
        f"line {number}: {match[0]!r} in ...{text[max(0, match.start() - 40) : match.end() + 40]}..."
        for number, text in lines
        for match in _OLD.finditer(text)
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_module_is_in_the_old_dialect(source: Path) -> None:
    assert old_phrases(phrases(source)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_nor_is_a_page(page: Path) -> None:
    assert old_phrases(iter(enumerate(page.read_text("utf-8").splitlines(), 1))) == []


def test_strings_docstrings_comments_and_names_are_read(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def cut_off():\n"
        '    """It shall be told."""\n'
        '    return f"the rights of {f} are mended for ever"  # nobody\'s\n'
    )

    found = {phrase.split(" in ")[0] for phrase in old_phrases(phrases(module))}
    assert found == {
        "line 1: 'cut off'",
        "line 2: 'shall'",
        "line 2: 'told'",
        "line 3: 'for ever'",
        "line 3: 'mended'",
        "line 3: 'the rights'",
        'line 3: "nobody\'s"',
    }
