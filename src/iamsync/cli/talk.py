"""The result goes to stdout, all talk about it to stderr."""

import logging
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text

from iamsync.cli.options import Format, LogLevel
from iamsync.core.model import Problem
from iamsync.errors import OutputError
from iamsync.render.problems import problems_github, problems_json
from iamsync.render.text import problems_text


def now() -> datetime:
    """The moment for which the files are read."""
    return datetime.now(tz=UTC)


def seconds(text: str, option: str = "--every") -> int:
    """`30s`, `5m` or `1h` as a number of seconds."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})(s|m|h)", text)
    if match is None:
        raise typer.BadParameter(f'"{text}" is no time: write 30s, 5m or 1h', param_hint=option)
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def say(text: Text) -> None:
    """The result: stdout, and colour only on a terminal. Raises OutputError."""
    try:
        Console(soft_wrap=True, highlight=False).print(text)
    except OSError as error:
        raise OutputError(f"the result cannot be written to stdout ({error.strerror})") from error


def note(text: Text) -> None:
    """Talk about the result: stderr. Where that cannot be written, there is nobody to tell."""
    with suppress(OSError):
        Console(stderr=True, soft_wrap=True, highlight=False).print(text)


def tell_problems(problems: Sequence[Problem], form: Format) -> None:
    """Problems in the form somebody asked for. For programs they are the result; for people they are talk."""
    if form is Format.JSON:
        say(Text(problems_json(problems)))
        return
    if problems and form is Format.GITHUB:
        say(Text(problems_github(problems)))
    warn(problems)


def warn(warnings: Sequence[Problem]) -> None:
    """Warnings, where there are any: stderr."""
    if warnings:
        note(problems_text(warnings))


def configure_logging(level: LogLevel) -> None:
    """Log lines go to stderr: for a person on a terminal, JSON elsewhere."""
    logger = logging.getLogger("iamsync")
    logger.handlers = [_Lines()]
    logger.setLevel(level.value.upper())


class _Lines(logging.Handler):
    """What is logged with `extra={"fields": {...}}`, a line each, as structlog renders it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        import structlog  # noqa: PLC0415 - most commands log nothing, and it would take a tenth of their time

        render = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
        level = record.levelname.lower()
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat()
        fields = {**getattr(record, "fields", {}), "event": record.getMessage(), "level": level, "timestamp": at}
        sys.stderr.write(f"{render(None, level, fields)!s}\n")
        sys.stderr.flush()
