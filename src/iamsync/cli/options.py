"""What several commands share: exit codes and options. Every option is also an IAMSYNC_* variable."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DONE, ERROR, CHANGES, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


class LogLevel(StrEnum):
    """How much is said on stderr."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    """How problems are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


ProblemFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        envvar="IAMSYNC_FORMAT",
        help="How problems of the files are told: text on stderr; json, or github for a pull request, on stdout.",
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
        help="Where new passwords are written: a new file, or a folder that gets one named after the time.",
    ),
]
Parallel = Annotated[
    int,
    typer.Option(
        "--parallel", metavar="N", min=1, max=64, envvar="IAMSYNC_PARALLEL", help="How many users are written at once."
    ),
]
PatienceTime = Annotated[
    str,
    typer.Option(
        "--patience",
        metavar="TIME",
        envvar="IAMSYNC_PATIENCE",
        help="How long a call waits for IAM to see what was done before: 30s, 2m.",
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        envvar="IAMSYNC_JOURNAL",
        help="Append a line of JSON for each call made; rotation is left to logrotate.",
    ),
]
Level = Annotated[LogLevel, typer.Option("--log-level", envvar="IAMSYNC_LOG_LEVEL", help="How much stderr says.")]
Yes = Annotated[bool, typer.Option("--yes", envvar="IAMSYNC_YES", help="Do not ask, even on a terminal.")]
Adopt = Annotated[
    list[str] | None,
    typer.Option(
        "--adopt",
        metavar="NAME",
        envvar="IAMSYNC_ADOPT",
        help="Take over this declared user or policy, which exists and is nobody's. May be repeated.",
    ),
]
AllowRemovals = Annotated[
    int | None,
    typer.Option(
        "--allow-removals",
        metavar="N",
        min=0,
        envvar="IAMSYNC_ALLOW_REMOVALS",
        help="How many users, groups and policies this run may remove, instead of settings.guards.max_removals.",
    ),
]
