"""Text from outside in Markdown, where nothing of it is obeyed: no mention, link, image, HTML, heading, quick action or
end of a block.

GitHub and GitLab look for mentions and references in rendered text, so escaping is not enough; in code they do not look
(GitHub Docs, "Basic writing and formatting syntax"). All text from outside is code, in a fence or a span that is longer
than any row of backticks in it (CommonMark 0.31, 4.5 and 6.1). What begins an HTML comment is broken besides: who looks
for the hidden marker in the source of a comment finds ours only.
"""

import re
from collections.abc import Iterable, Iterator

from iamsync.core.inert import visible
from iamsync.render.line import Line, line

_BACKTICKS = re.compile("`+")


def span(text: str) -> str:
    """A text as code in a line."""
    shown = quiet(text)
    if not shown.strip():
        return "`(empty)`"
    ticks = "`" * (_longest([shown]) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: Iterable[str]) -> Iterator[Line]:
    """Lines as a block of code, in which a sign at the beginning of a line gives it a color."""
    shown = [quiet(one) for one in lines]
    ticks = "`" * max(3, _longest(shown) + 1)
    yield line(f"{ticks}diff")
    yield from map(line, shown)
    yield line(ticks)


def quiet(text: str) -> str:
    """A text on one line that begins no HTML comment."""
    return visible(text).replace("<!--", "<\\x21--")


def _longest(texts: Iterable[str]) -> int:
    return max((len(run) for text in texts for run in _BACKTICKS.findall(text)), default=0)
