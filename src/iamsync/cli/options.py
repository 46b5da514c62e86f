"""What several commands share: exit codes, options and the moment. Every option is also an IAMSYNC_* variable."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from iamsync.core import duration
from iamsync.render.formats import PLAN_FORMATS

DONE, ERROR, CHANGES, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


_DIGEST = re.compile("[0-9a-fA-F]{64}")


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
    GITLAB = "gitlab"


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
    *others, last = PLAN_FORMATS
    raise typer.BadParameter(f'a plan has no format "{text}": use {", ".join(others)} or {last}{hint}')


def plan_outputs(formats: Sequence[str] | None, outputs: Sequence[str] | None) -> list[tuple[str, str]]:
    """Each format with the file that it is written to; `-` is stdout. Raises BadParameter if they do not fit."""
    formats, outputs = list(formats or ["text"]), list(outputs or ["-"])
    if len(formats) != len(outputs):
        words = f"{len(formats)} --format and {len(outputs)} -o"
        raise typer.BadParameter(f"{words}: give each --format its -o, in the same order (- is stdout)")
    if twice := sorted({one for one in outputs if outputs.count(one) > 1}):
        raise typer.BadParameter(f"{twice[0]} is the -o of two formats: give each a file")
    return list(zip(formats, outputs, strict=True))


def digest(text: str) -> str:
    """A whole digest. Raises BadParameter if it is none: a part of one could be that of another plan."""
    if _DIGEST.fullmatch(text):
        return text.lower()
    words = "plan --format json and --format markdown have it, and a job in GitHub Actions has it as an output"
    raise typer.BadParameter(f'"{text}" is no digest of 64 hexadecimal digits: {words}')


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
        help="How problems are reported: text on stderr, json on stdout, github for annotations in a pull request, or "
        "gitlab for a code quality report.",
    ),
]
PlanFormats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="|".join(PLAN_FORMATS),
        parser=plan_format,
        autocompletion=lambda: list(PLAN_FORMATS),
        envvar="IAMSYNC_FORMAT",
        help="The form of the plan. Repeatable, each with its -o. [default: text]",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        metavar="FILE",
        envvar="IAMSYNC_OUTPUT",
        help="Where the plan is written: the first file gets the first --format, and so on; - is stdout.",
    ),
]
SaveTo = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", envvar="IAMSYNC_OUT", help="Save the plan, for: iamsync apply FILE."),
]
Live = Annotated[
    Path | None,
    typer.Option(
        "--live",
        metavar="FILE",
        envvar="IAMSYNC_LIVE",
        help="Plan from this snapshot (iamsync snapshot) instead of the account: no credentials, no call to AWS.",
    ),
]
SavedPlanFile = Annotated[
    Path | None,
    typer.Argument(metavar="[PLAN]", help="A plan that plan --out saved: applied only if it is still the same."),
]
ExpectDigest = Annotated[
    str | None,
    typer.Option(
        "--expect-digest",
        metavar="DIGEST",
        parser=digest,
        envvar="IAMSYNC_EXPECT_DIGEST",
        help="Apply only if the plan has this digest.",
    ),
]
MaxAge = Annotated[
    str,
    typer.Option(
        "--max-age", metavar="TIME", envvar="IAMSYNC_MAX_AGE", help="How old a saved plan may be: 30m, 24h, 7d."
    ),
]
AnnotationsWanted = Annotated[
    Annotations | None,
    typer.Option(
        "--annotations",
        envvar="IAMSYNC_ANNOTATIONS",
        help="Show problems and notes beside the lines of a pull request. [default: github in GitHub Actions, "
        "otherwise none]",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", envvar="IAMSYNC_VERBOSE", help="Show every change separately, even if many users share it."
    ),
]
Desired = Annotated[
    Path, typer.Option("--desired", metavar="DIR", envvar="IAMSYNC_DESIRED", help="Folder of the YAML files.")
]
Parallel = Annotated[
    int,
    typer.Option(
        "--parallel",
        metavar="N",
        min=1,
        max=64,
        envvar="IAMSYNC_PARALLEL",
        help="How many users are changed in parallel.",
    ),
]
PatienceTime = Annotated[
    str,
    typer.Option(
        "--patience",
        metavar="TIME",
        envvar="IAMSYNC_PATIENCE",
        help="How long to retry a call because IAM does not show an earlier change yet: 30s, 2m.",
    ),
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        envvar="IAMSYNC_JOURNAL",
        help="Append lines of JSON to this file before and after each IAM call, and for each run.",
    ),
]
Level = Annotated[
    LogLevel, typer.Option("--log-level", envvar="IAMSYNC_LOG_LEVEL", help="How much is logged to stderr.")
]
Yes = Annotated[bool, typer.Option("--yes", envvar="IAMSYNC_YES", help="Do not ask for confirmation.")]
Adopt = Annotated[
    list[str] | None,
    typer.Option(
        "--adopt",
        metavar="NAME",
        envvar="IAMSYNC_ADOPT",
        help="Adopt this existing, unowned user, group or policy; * in it is for any characters. Repeatable.",
    ),
]
AdoptAll = Annotated[
    bool,
    typer.Option("--adopt-all", envvar="IAMSYNC_ADOPT_ALL", help="Adopt whatever is declared, exists and is unowned."),
]
AwsChecks = Annotated[
    bool,
    typer.Option(
        "--aws-checks",
        envvar="IAMSYNC_AWS_CHECKS",
        help="Have AWS check each new or changed policy document (Access Analyzer), as settings.aws_checks does.",
    ),
]
RemoveDeny = Annotated[
    list[str] | None,
    typer.Option(
        "--remove-deny",
        metavar="SUBJECT:NAME",
        envvar="IAMSYNC_REMOVE_DENY",
        help="Remove this undeclared Deny, which a plan reports: user/eve:stop, group/ops:aws:AWSDenyAll. Repeatable.",
    ),
]
OnlyThese = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="SUBJECT",
        envvar="IAMSYNC_ONLY",
        help="Only user/NAME, group/NAME or policy/NAME (* for any characters), and what it depends on. Repeatable.",
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
