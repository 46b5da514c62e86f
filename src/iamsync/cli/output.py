"""What the commands have in common when they print; `iamsync.render.screen` prints it."""

import logging
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from iamsync.cli.options import Annotations, Format, LogLevel
from iamsync.core.model import Problem
from iamsync.core.report import Report
from iamsync.reconcile import Proposal
from iamsync.render import annotations, runner, screen
from iamsync.render.code_quality import code_quality
from iamsync.render.formats import PLAN_FORMATS, json_lines
from iamsync.render.markdown import report_markdown
from iamsync.render.problems import problems_data
from iamsync.render.shown import Shown
from iamsync.render.text import problem_lines


def show_problems(problems: Sequence[Problem], form: Format) -> None:
    """The result of `validate`: for people on stderr; for programs on stdout, for GitHub and GitLab both."""
    if form is Format.JSON:
        screen.result(json_lines(problems_data(problems)))
        return
    if form is Format.GITHUB:
        screen.annotate(annotations.of_problems(problems), on_stdout=True)
    if form is Format.GITLAB:
        screen.result(json_lines(code_quality(problems)))
    warn(problems)


def shown_of(proposal: Proposal, *, verbose: bool = False, unmanaged: bool = False) -> Shown:
    """What a format may show of a proposal."""
    return Shown(
        plan=proposal.plan,
        refusals=proposal.refusals,
        problems=proposal.warnings,
        caller=proposal.caller.arn,
        commit=proposal.checkout.commit,
        snapshot=proposal.snapshot,
        verbose=verbose,
        unmanaged=unmanaged,
    )


def show_plan(shown: Shown, outputs: Iterable[tuple[str, str]]) -> None:
    """The result of `plan` in each format, to stdout or a file. Raises OutputError."""
    for form, place in outputs:
        if place != "-":
            screen.save(PLAN_FORMATS[form](shown), Path(place))
        elif form == "text":
            show_text(shown)
        else:
            screen.result(PLAN_FORMATS[form](shown))


def show_text(shown: Shown) -> None:
    """The plan for people on stdout; a runner of CI may fold it, but for its last line, which sums it up."""
    *lines, last = PLAN_FORMATS["text"](shown)
    if lines:
        with screen.folded(runner.folding(os.environ, int(time.time()))):
            screen.result(lines)
    screen.result([last])


def tell_runner(shown: Shown) -> None:
    """The summary of a step in GitHub Actions, and its outputs; nothing elsewhere."""
    if path := runner.summary_file(os.environ):
        screen.add(PLAN_FORMATS["markdown"](shown), path)
    if path := runner.output_file(os.environ):
        screen.add(runner.plan_outputs(shown.plan, refused=bool(shown.refusals)), path)


def tell_runner_of(report: Report) -> None:
    """What an apply did, in the summary of a step in GitHub Actions; nothing elsewhere."""
    if path := runner.summary_file(os.environ):
        screen.add(report_markdown(report), path)


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
