"""What the commands have in common when they print; `iamsync.render.screen` prints it."""

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from iamsync.cli.options import Annotations, Format, LogLevel
from iamsync.core.model import Problem
from iamsync.reconcile import Proposal
from iamsync.render import annotations, screen
from iamsync.render.formats import PLAN_FORMATS, json_lines
from iamsync.render.problems import problems_data
from iamsync.render.shown import Shown
from iamsync.render.text import problem_lines


def show_problems(problems: Sequence[Problem], form: Format) -> None:
    """The result of `validate`: for people on stderr; for programs on stdout, for GitHub both."""
    if form is Format.JSON:
        screen.result(json_lines(problems_data(problems)))
        return
    if form is Format.GITHUB:
        screen.annotate(annotations.of_problems(problems), on_stdout=True)
    warn(problems)


def shown_of(proposal: Proposal, *, verbose: bool = False) -> Shown:
    """What a format may show of a proposal."""
    return Shown(
        plan=proposal.plan,
        refusals=proposal.refusals,
        problems=proposal.warnings,
        caller=proposal.caller.arn,
        commit=proposal.checkout.commit,
        verbose=verbose,
    )


def show_plan(shown: Shown, outputs: Iterable[tuple[str, str]]) -> None:
    """The result of `plan` in each format, to stdout or a file. Raises OutputError."""
    for form, place in outputs:
        lines = PLAN_FORMATS[form](shown)
        if place == "-":
            screen.result(lines)
        else:
            screen.save(lines, Path(place))


def warn(problems: Sequence[Problem]) -> None:
    """Problems, where there are any: stderr."""
    if problems:
        screen.message(problem_lines(problems))


def is_annotated(chosen: Annotations | None) -> bool:
    """Whether problems and notes are annotations: as chosen, and otherwise where GitHub Actions runs the command."""
    if chosen is None:
        return os.environ.get("GITHUB_ACTIONS") == "true"
    return chosen is Annotations.GITHUB


def configure_logging(level: LogLevel) -> None:
    """Log lines go to stderr: for a person on a terminal, JSON elsewhere."""
    logger = logging.getLogger("iamsync")
    logger.handlers = [screen.LogLines()]
    logger.setLevel(level.value.upper())
