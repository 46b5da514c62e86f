"""The result goes to stdout, all talk about it to stderr."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
import typer
from rich.console import Console
from rich.text import Text

from iamsync.cli.options import Format, LogLevel
from iamsync.core.model import Problem
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
    """The result: stdout, and colour only on a terminal."""
    Console(soft_wrap=True, highlight=False).print(text)


def note(text: Text) -> None:
    """Talk about the result: stderr."""
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
    """Logs go to stderr: lines for a person on a terminal, JSON elsewhere."""
    on_a_terminal = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if on_a_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.value),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
