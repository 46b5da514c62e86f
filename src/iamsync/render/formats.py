"""The formats of a plan. Another one is another entry of PLAN_FORMATS: a function from what is shown to lines."""

from collections.abc import Callable, Iterable, Iterator

from iamsync.core.inert import inert_json
from iamsync.render.line import Line, line
from iamsync.render.markdown import markdown_lines
from iamsync.render.shell import shell_lines
from iamsync.render.shown import Shown
from iamsync.render.snapshot import snapshot_words
from iamsync.render.text import plan_lines


def _text(shown: Shown) -> Iterator[Line]:
    *lines, last = plan_lines(shown.plan, verbose=shown.verbose, unmanaged=shown.unmanaged)
    yield from lines
    if shown.snapshot:
        yield from (line(words, style="yellow") for words in snapshot_words(shown.snapshot))
    yield last


def _json(shown: Shown) -> Iterator[Line]:
    return json_lines(shown.as_data())


def json_lines(value: object) -> Iterator[Line]:
    """A value as a JSON document."""
    return map(line, inert_json(value, indent=2).split("\n"))


PLAN_FORMATS: dict[str, Callable[[Shown], Iterable[Line]]] = {
    "text": _text,
    "json": _json,
    "markdown": markdown_lines,
    "sh": shell_lines,
}
