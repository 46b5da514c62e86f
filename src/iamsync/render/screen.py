"""The one door to the screen: whatever any command prints, to stdout or stderr, in any format, is printed here.

Lines come in, and what they show is inert (`iamsync.core.inert`); the only control characters that go out are those of
styles and of the progress bar, which are our own. What libraries print, and tracebacks, pass a guarded stream.
"""

import io
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, cast

from rich.console import Console
from rich.text import Text

from iamsync.core.inert import inert
from iamsync.core.report import Outcome
from iamsync.errors import OutputError
from iamsync.render.annotations import Annotation
from iamsync.render.line import Line, line, plain
from iamsync.render.runner import Folding

_BREAKS = re.compile(r"([\n\t])")


def result(lines: Iterable[Line]) -> None:
    """The result of a command: stdout, and colour only on a terminal. Raises OutputError."""
    try:
        _console(sys.stdout).print(_text(lines))
    except OSError as error:
        raise OutputError(f"the result cannot be written to stdout ({error.strerror})") from error


def save(lines: Iterable[Line], path: Path) -> None:
    """The result of a command in a file, as it would be on stdout; the file is replaced. Raises OutputError."""
    try:
        path.write_text(f"{plain(lines)}\n", "utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"the result cannot be written to {path} ({why})") from error


def message(lines: Iterable[Line]) -> None:
    """Everything else: stderr. Where that cannot be written, there is nobody to tell."""
    with suppress(OSError):
        _console(sys.stderr).print(_text(lines))


def annotate(annotations: Iterable[Annotation], *, on_stdout: bool) -> None:
    """Commands to GitHub, a line each. Raises OutputError where stdout cannot be written."""
    stream = _raw(sys.stdout if on_stdout else sys.stderr)
    try:
        for annotation in annotations:
            stream.write(f"{annotation.command}\n")
        stream.flush()
    except OSError as error:
        if on_stdout:
            raise OutputError(f"the result cannot be written to stdout ({error.strerror})") from error


def add(lines: Iterable[Line], path: Path) -> None:
    """Append lines to a file that a runner of CI reads. Where that cannot be written, stderr says so, and no more."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{plain(lines)}\n")
    except (OSError, ValueError) as error:
        message([line(f"warning: nothing could be added to {path} ({error})")])


@contextmanager
def folded(folding: Folding | None) -> Iterator[None]:
    """What is printed meanwhile can be folded away in the log of a runner. The commands that do so are on stderr:
    stdout holds the result and nothing else.
    """
    if folding is None:
        yield
        return
    _command(folding.begin)
    try:
        yield
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
        _command(folding.end)


def _command(text: str) -> None:
    with suppress(OSError):
        stream = _raw(sys.stderr)
        stream.write(f"{text}\n")
        stream.flush()


def can_ask() -> bool:
    """Whether somebody is at the terminal to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> bool:
    """Whether the person at the terminal answers yes. Ctrl-C raises KeyboardInterrupt."""
    _console(sys.stderr).print(_text([line(f"{question} [y/N]: ")]), end="")
    try:
        return sys.stdin.readline().strip().lower() in {"y", "yes"}
    except KeyboardInterrupt:
        message([line()])  # the terminal has shown ^C in the line of the question
        raise


def ask_for(question: str, default: str) -> str:
    """What the person at the terminal answers; the default where that is nothing. Ctrl-C raises KeyboardInterrupt."""
    shown = f" [{default}]" if default else ""
    _console(sys.stderr).print(_text([line(f"{question}{shown}: ")]), end="")
    try:
        return sys.stdin.readline().strip() or default
    except KeyboardInterrupt:
        message([line()])  # as in `ask`
        raise


@contextmanager
def progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar on stderr that moves with each outcome and is gone at the end; nothing where there is no terminal."""
    console = _console(sys.stderr)
    if not (console.is_terminal and total):
        yield lambda _: None
        return
    from rich import progress as rich  # noqa: PLC0415 - only people watch

    columns = (rich.TextColumn("applying"), rich.BarColumn(), rich.MofNCompleteColumn(), rich.TimeElapsedColumn())
    with rich.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("applying", total=total)
        yield lambda _: bar.advance(task)


class LogLines(logging.Handler):
    """What is logged, a line each, to stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        from iamsync.render.log import log_line  # noqa: PLC0415 - most commands log nothing, and it takes a while

        if is_watched():
            shown = Text.from_ansi(log_line(record, for_people=True))  # the values in it are inert already
        else:
            shown = _text([line(log_line(record, for_people=False))])
        with suppress(OSError):
            _console(sys.stderr).print(shown)


def is_watched() -> bool:
    """Whether stderr is a terminal: somebody looks on."""
    return sys.stderr is not None and sys.stderr.isatty()


def flush() -> None:
    """Write what streams have kept."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def guard() -> None:
    """From now on, whatever else is written to stdout and stderr is inert as well: what libraries print, warnings and
    tracebacks, which may hold AWS's answers. A terminal that does not know a character shows its number.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is not None and not isinstance(sys.stdout, _Guarded):
        sys.stdout = cast("TextIO", _Guarded(sys.stdout))
    if sys.stderr is not None and not isinstance(sys.stderr, _Guarded):
        sys.stderr = cast("TextIO", _Guarded(sys.stderr))


class _Guarded:
    """A stream that shows text as it is but for what would command the screen. Line breaks and tabs are text here."""

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw
        self._line = ""

    @property
    def encoding(self) -> str:
        """As the stream's own."""
        return self.raw.encoding

    @property
    def errors(self) -> str | None:
        """As the stream's own."""
        return self.raw.errors

    def write(self, text: str, /) -> int:
        """Write the text; what begins a line is known from what was written of it before."""
        for piece in _BREAKS.split(text):
            if piece in {"\n", "\t"}:
                self.raw.write(piece)
                self._line = ""
            else:
                self.raw.write(inert(self._line + piece)[len(inert(self._line)) :])
                self._line += piece
        return len(text)

    def flush(self) -> None:
        """Write what the stream has kept."""
        self.raw.flush()

    def isatty(self) -> bool:
        """As the stream's own."""
        return self.raw.isatty()

    def fileno(self) -> int:
        """As the stream's own."""
        return self.raw.fileno()


def _raw(stream: TextIO | None) -> TextIO:
    """Where a stream leads; a process may begin without stdout or stderr."""
    if stream is None:
        return io.StringIO()
    return stream.raw if isinstance(stream, _Guarded) else stream


def _console(stream: TextIO | None) -> Console:
    return Console(file=_raw(stream), soft_wrap=True, highlight=False)


def _text(lines: Iterable[Line]) -> Text:
    return Text("\n").join(Text.assemble(*one.shown) for one in lines)
