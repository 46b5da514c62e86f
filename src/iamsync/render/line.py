"""What renderers make and the screen shows: lines of text, each in parts that have a style where a terminal has any."""

from collections.abc import Iterable
from dataclasses import dataclass

from iamsync.core.inert import inert

Part = tuple[str, str]
"""A text and its style, in rich's words (`bold red`); "" is no style."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. A line break that comes with a name or a message is a character of it like any other."""

    parts: tuple[Part, ...]

    @property
    def shown(self) -> tuple[Part, ...]:
        """The parts as they may be shown: no character in them steers a terminal or a runner of CI."""
        before, shown = "", []
        for text, style in self.parts:
            shown.append((inert(before + text)[len(inert(before)) :], style))
            before += text
        return tuple(shown)

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "".join(text for text, _ in self.shown)


def line(*parts: str | Part, style: str = "") -> Line:
    """The line of these parts; those that have no style get `style`."""
    return Line(tuple((part, style) if isinstance(part, str) else part for part in parts))


def plain(lines: Iterable[Line]) -> str:
    """Lines as one text, without styles."""
    return "\n".join(one.text for one in lines)
