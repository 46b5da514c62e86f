"""Why text cannot be read as YAML or JSON: at a place that exists, in words for whoever wrote the text."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import yaml

from iamsync.core.validate import named_character


class Fault(NamedTuple):
    """A message and its place: line and column, counted from 1."""

    line: int
    column: int
    message: str


_INVISIBLE = re.compile(
    "[^\t\n\r -~\u00a0-\u200d\u2010-\u2027\u202f-\u205f\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Control characters, other line ends than the usual, and what makes text look as if it stood in another order."""
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
_OTHER_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_TYPOGRAPHIC = re.compile(r"[\u2018-\u201f\u00ab\u00bb\u2032\u2033]")
_COMMENT = re.compile(r"(?<!\S)//(?=\s)|/\*(?=\s)")
_KEY_WITHOUT_SPACE = re.compile(r"\s*[a-z_]+:(?=\S)")
_NO_COLON = re.compile(r"[\w.@+=,-]+")

_HINTS: Final = {
    "mapping values are not allowed": "a text that holds a colon and a space must be quoted",
    "unknown escape": "in double quotes a backslash begins an escape; single quotes take it as it is",
    "end of stream": "look for a quote that is not closed",
    "cannot start any token": "quote a text that begins with this character",
    "could not find expected ':'": "a colon is missing after this key, and a space behind it",
    "block mapping": "look at the indentation of this line and the one above",
    "block collection": "look at the indentation of this line and the one above",
    "flow": "look for a bracket or a quote that is not closed",
    "quoted scalar": "look for a quote that is not closed",
    "expected alphabetic": "quote a text that begins with * or &",
}


def existing(text: str, line: int, column: int) -> tuple[int, int]:
    """The place, or the end of the text where the place lies behind it."""
    lines = text.removesuffix("\n").split("\n")
    if line > len(lines):
        return len(lines), len(lines[-1]) + 1
    return line, min(column, len(lines[line - 1]) + 1)


def blockers(text: str) -> Iterator[Fault]:
    """What nobody can read past: a merge conflict that is left, and characters that cannot be seen."""
    for found in _CONFLICT.finditer(text):
        if found[0][0] == "<" or not text.count("<<<<<<<", 0, found.start()):
            yield _at(text, found.start(), "a merge conflict is left here; resolve it and remove the three markers")
    for found in _INVISIBLE.finditer(text):
        yield _at(text, found.start(), f"found the invisible character U+{ord(found[0]):04X}; remove it")


def _at(text: str, offset: int, message: str) -> Fault:
    return Fault(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset), message)


def in_yaml(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """What PyYAML says, and what was probably meant."""
    said = " ".join(filter(None, (error.problem, error.context)))
    is_at_start = "end of stream" in said or "could not find expected ':'" in said
    mark = (is_at_start and error.context_mark) or error.problem_mark or error.context_mark
    line, column = existing(text, mark.line + 1, mark.column + 1) if mark else (1, 1)
    if special := _special(said, text.split("\n"), line, column):
        return special._replace(message=f"not valid YAML: {special.message}")
    hint = next((hint for words, hint in _HINTS.items() if words in said), None)
    return Fault(line, column, f"not valid YAML: {error.problem}" + (f"; {hint}" if hint else ""))


def _special(said: str, lines: list[str], line: int, column: int) -> Fault | None:
    """Something in the line, or in the one above, that looks right and is not."""
    here = lines[line - 1]
    if here[column - 1 : column] == "\t":
        return Fault(line, column, "found a tab; indent with spaces")
    if "mapping values" in said and line > 1 and (key := _KEY_WITHOUT_SPACE.match(lines[line - 2])):
        return Fault(line - 1, key.end() + 1, "write a space after the colon of a key")
    above = next((number for number in range(line - 1, 0, -1) if lines[number - 1].strip()), line)
    for number in dict.fromkeys((line, above)):
        if found := _in_line(lines[number - 1]):
            return Fault(number, found[0], found[1])
    stripped = lines[above - 1].strip()
    is_key = above != line and _NO_COLON.fullmatch(stripped) and ":" in here and stripped not in {"-", "---"}
    before = next((one for one in reversed(lines[: above - 1]) if one.strip()), ":").rstrip()
    if is_key and before.endswith(":") and _indentation(lines[above - 1]) <= _indentation(here):
        return Fault(above, len(lines[above - 1].rstrip()) + 1, "a colon is missing at the end of this line")
    return None


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _in_line(line: str) -> tuple[int, str] | None:
    if found := _OTHER_SPACE.search(line):
        return found.start() + 1, f"found the space {named_character(found[0])}; use plain spaces"
    if found := re.match(r"\s*-(?=[A-Za-z\"'{\[])", line):
        return found.end(), "write a space after the dash of a list: - name"
    if found := _TYPOGRAPHIC.search(line):
        return found.start() + 1, f"found the typographic quote {named_character(found[0])}; use ' or \" instead"
    if found := _COMMENT.search(line):
        return found.start() + 1, f"{found[0]} begins no comment; # does, and JSON files have none"
    return None


def in_json(text: str, line: int, column: int) -> str:
    """What was probably meant where JSON breaks off, to put at the end of a message, or nothing."""
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]]).rstrip() if line <= len(lines) else text
    if rest.startswith(("//", "/*", "#")):
        return "; JSON has no comments: remove it, or write the document as YAML"
    if _TYPOGRAPHIC.match(rest):
        return f'; found the typographic quote {named_character(rest[0])}: use " instead'
    if rest.startswith("'"):
        return '; JSON has double quotes only: use "'
    if rest.startswith(("}", "]")) and before.endswith(","):
        return "; remove the comma before it"
    return f"; found the space {named_character(rest[0])}: use plain spaces" if _OTHER_SPACE.match(rest) else ""
