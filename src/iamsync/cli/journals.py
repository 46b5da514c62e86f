"""The command that reads journals: `history`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from iamsync import history as journals
from iamsync.cli.explain import Form, FormOption
from iamsync.cli.options import DONE
from iamsync.desired.fields import Moment
from iamsync.history import Call, RunRecord
from iamsync.render import screen
from iamsync.render.formats import json_lines
from iamsync.render.history import history_data, history_lines, unreadable_lines

Journals = Annotated[
    list[Path],
    typer.Option(
        "--journal",
        metavar="FILE",
        envvar="IAMSYNC_JOURNAL",
        help="A journal that apply or run wrote. Repeatable, for the files of a rotated one.",
    ),
]


def moment(text: str) -> datetime:
    """A date or time as the files have it. Raises BadParameter."""
    try:
        return TypeAdapter[datetime](Moment).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter(f"expected {error.errors()[0]['msg']}") from None


def history(
    subject: Annotated[
        str,
        typer.Argument(metavar="[SUBJECT]", help="Only this user, group or policy: user/NAME, group/ops, policy/P*."),
    ] = "",
    *,
    journal: Journals,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="TIME",
            parser=moment,
            envvar="IAMSYNC_SINCE",
            help="Only calls since then: 2026-11-17, 2026-11-17T18:00:00Z.",
        ),
    ] = None,
    form: FormOption = Form.TEXT,
) -> int:
    """Show what journals say: what was done, to whom, by whom, and which line of the files asked for it."""
    found = journals.read(journal)
    if found.unreadable:
        screen.message(unreadable_lines(found))
    runs = _selected(found.runs, subject, since)
    screen.result(history_lines(runs) if form is Form.TEXT else json_lines(history_data(found, runs)))
    return DONE


def _selected(runs: Sequence[RunRecord], subject: str, since: datetime | None) -> list[RunRecord]:
    """The runs with the calls that are asked for; with a subject, only runs that have one."""
    pattern = subject if "/" in subject or not subject else f"user/{subject}"
    selected = []
    for run in runs:
        calls = {number: call for number, call in run.calls.items() if _is_meant(call, pattern, since)}
        is_late = since is None or run.time >= since
        if calls or (is_late and not pattern):
            selected.append(replace(run, calls=calls))
    return selected


def _is_meant(call: Call, pattern: str, since: datetime | None) -> bool:
    is_late = since is None or call.time >= since
    return is_late and (not pattern or fnmatchcase(call.subject.casefold(), pattern.casefold()))
