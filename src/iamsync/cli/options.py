"""What several commands share: exit codes, options and the moment. Every option is also an IAMSYNC_* variable."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from iamsync.core import duration
from iamsync.render.formats import PLAN_FORMATS

DONE, ERROR, CHANGES, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


class LogLevel(StrEnum):
    """What is logged to stderr."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    """How `validate` reports problems."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class Annotations(StrEnum):
    """Where problems and notes are shown beside the lines of a pull request."""

    GITHUB = "github"
    NONE = "none"


def now() -> datetime:
    """The moment for which the files are read."""
    return datetime.now(tz=UTC)


def plan_format(text: str) -> str:
    """The name of a format. Raises BadParameter if a plan has no such format."""
    if text in PLAN_FORMATS:
        return text
    hint = "; annotations on a pull request are --annotations github" if text == Format.GITHUB else ""
    raise typer.BadParameter(f'a plan has no format "{text}": use {" or ".join(PLAN_FORMATS)}{hint}')


def seconds(text: str, option: str) -> int:
    """A duration in seconds. Raises BadParameter if it is none."""
    found = duration.seconds_of(text)
    if found is None:
        raise typer.BadParameter(f'invalid duration "{text}": use {duration.EXAMPLES}', param_hint=option)
    return found


ProblemFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        envvar="IAMSYNC_FORMAT",
        help="How problems are reported: text on stderr; json on stdout; github on both, for a pull request.",
    ),
]
PlanFormat = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="|".join(PLAN_FORMATS),
        parser=plan_format,
        autocompletion=lambda: list(PLAN_FORMATS),
        envvar="IAMSYNC_FORMAT",
        help="The form of the plan on stdout.",
    ),
]
AnnotationsWanted = Annotated[
    Annotations | None,
    typer.Option(
        "--annotations",
        envvar="IAMSYNC_ANNOTATIONS",
        help="Problems and notes beside the lines of a pull request. [default: github under GitHub Actions, else none]",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", envvar="IAMSYNC_VERBOSE", help="Show each change of a plan, also those that many subjects share."
    ),
]
Desired = Annotated[
    Path, typer.Option("--desired", metavar="DIR", envvar="IAMSYNC_DESIRED", help="The folder of YAML files.")
]
Csv = Annotated[
    Path,
    typer.Option(
        "--csv",
        metavar="PATH",
        envvar="IAMSYNC_CSV",
        help="Where new credentials are written: a new file, or a folder that gets a new file each time.",
    ),
]
Parallel = Annotated[
    int,
    typer.Option(
        "--parallel", metavar="N", min=1, max=64, envvar="IAMSYNC_PARALLEL", help="How many users are changed at once."
    ),
]
PatienceTime = Annotated[
    str,
    typer.Option(
        "--patience",
        metavar="TIME",
        envvar="IAMSYNC_PATIENCE",
        help="How long a call waits until IAM knows of the calls before it: 30s, 2m.",
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        envvar="IAMSYNC_JOURNAL",
        help="Append a line of JSON for each call; rotation is left to logrotate.",
    ),
]
Level = Annotated[LogLevel, typer.Option("--log-level", envvar="IAMSYNC_LOG_LEVEL", help="Log level.")]
Yes = Annotated[bool, typer.Option("--yes", envvar="IAMSYNC_YES", help="Apply without asking.")]
Adopt = Annotated[
    list[str] | None,
    typer.Option(
        "--adopt",
        metavar="NAME",
        envvar="IAMSYNC_ADOPT",
        help="Adopt this existing, unowned user or policy. Repeatable.",
    ),
]
AllowRemovals = Annotated[
    int | None,
    typer.Option(
        "--allow-removals",
        metavar="N",
        min=0,
        envvar="IAMSYNC_ALLOW_REMOVALS",
        help="How many users, groups and policies this run may delete, instead of settings.guards.max_removals.",
    ),
]
