"""Values as YAML that people would write: text without quotes where nobody can take it for something else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from iamsync.desired.nodes import NULLS, SWITCHES, TRUTHS

_WIDTH: Final = 120
_STEP: Final = 2
_PLAIN: Final = re.compile(r"[^\W\d_][\w+=.@/*$:-]*(?: [\w+=.@/*$-]+)*|/(?:[\w+=.@-]+/)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a section: its value, and comments above it."""

    value: Mapping[str, Any]
    comments: tuple[str, ...] = ()


def file_text(sections: Mapping[str, Mapping[str, Entry]], head: Mapping[str, Any], notes: Sequence[str]) -> str:
    """A whole file: notes as comments, keys of the file itself (`version`, `settings`), and sections of entries."""
    parts = [comment_lines(notes)] if notes else []
    parts += [list(_member(key, value, 0)) for key, value in head.items()]
    parts += [list(_section(name, entries)) for name, entries in sections.items() if entries]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def comment_lines(notes: Iterable[str]) -> list[str]:
    """Notes as comments, a line each; nothing in them breaks a line or is invisible."""
    return [f"# {_visible(note)}".rstrip() for note in notes]


def _section(name: str, entries: Mapping[str, Entry]) -> Iterator[str]:
    yield f"{name}:"
    for key, entry in sorted(entries.items(), key=lambda one: (one[0].casefold(), one[0])):
        yield from (" " * _STEP + line for line in comment_lines(entry.comments))
        yield from _member(key, entry.value, _STEP)


def _member(key: str, value: object, column: int) -> Iterator[str]:
    start = f"{' ' * column}{scalar(key)}:"
    if (short := _in_one_line(value, len(start) + 1)) is not None:
        yield f"{start} {short}"
    elif isinstance(value, Mapping):
        yield start
        for inner, one in value.items():
            yield from _member(inner, one, column + _STEP)
    else:
        yield start
        yield from _items(value, column + _STEP)


def _items(value: Any, column: int) -> Iterator[str]:  # noqa: ANN401 - a list of whatever
    for item in value:
        if isinstance(item, Mapping):
            first, *rest = [line for key, one in item.items() for line in _member(key, one, column + _STEP)]
            yield f"{' ' * column}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{' ' * column}- {scalar(item)}"


def _in_one_line(value: object, used: int) -> str | None:
    """A scalar; or a collection of scalars, if it fits."""
    match value:
        case Mapping():
            inner = [f"{scalar(key)}: {scalar(one)}" for key, one in value.items() if not _is_collection(one)]
            text = f"{{{', '.join(inner)}}}"
        case list() | tuple():
            inner = [scalar(one) for one in value if not _is_collection(one)]
            text = f"[{', '.join(inner)}]"
        case _:
            return scalar(value)
    return text if len(inner) == len(value) and (used + len(text) <= _WIDTH or not value) else None


def _is_collection(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def scalar(value: object) -> str:
    """A text, number, boolean or None. The loader reads exactly this from it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_word = text in NULLS or text in TRUTHS or text in SWITCHES
    if _PLAIN.fullmatch(text) and ": " not in f"{text} " and not is_word:
        return text
    return '"' + _visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _visible(text: str) -> str:
    """Text in which each character that cannot be seen is an escape of YAML."""
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"  # noqa: PLR2004 - the end of four digits
