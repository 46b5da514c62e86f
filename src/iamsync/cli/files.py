"""The commands that only need the files: `validate`, `schema`, `fmt`."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from iamsync import desired
from iamsync import fmt as formatting
from iamsync.cli.options import DONE, ERROR, Desired, Format, ProblemFormat, now
from iamsync.cli.output import show_problems
from iamsync.core import guard, sign_in
from iamsync.core.model import DesiredState, Origin, Problem
from iamsync.desired.reference import schema_text
from iamsync.errors import DesiredStateError
from iamsync.render import screen
from iamsync.render.actions import count
from iamsync.render.line import line

_MOST_GUESSES = 20
"""Accounts that are tried where none is known. Each takes as long as the first, and documents may name hundreds."""


class _Checked(NamedTuple):
    """What is wrong, or only probably wrong, with a folder; and how much of what it declares. `beyond` is what `plan`
    does not take, though the files are as they should be.
    """

    problems: tuple[Problem, ...]
    users: int
    policies: int
    beyond: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        return all(problem.warning for problem in self.problems)


def validate(
    desired_dir: Desired = Path("desired"),
    *,
    form: ProblemFormat = Format.TEXT,
    strict: Annotated[
        bool, typer.Option("--strict", envvar="IAMSYNC_STRICT", help="Treat warnings as errors.")
    ] = False,
) -> int:
    """Check the YAML files. Needs no network and no credentials."""
    checked = _checked(desired_dir)
    checked = checked._replace(problems=tuple(sorted((*checked.problems, *checked.beyond))))
    if strict:
        checked = checked._replace(problems=tuple(replace(one, warning=False) for one in checked.problems))
    show_problems(checked.problems, form)
    if checked.is_valid and form is not Format.JSON:
        counts = f"{count(checked.users, 'user')}, {count(checked.policies, 'policy')}"
        (screen.result if form is Format.TEXT else screen.message)([line(f"{desired_dir} is valid: {counts}.")])
    return DONE if checked.is_valid else ERROR


def schema(
    *,
    plan: Annotated[
        bool,
        typer.Option("--plan", envvar="IAMSYNC_SCHEMA_PLAN", help="Print the JSON schema of plan --format json."),
    ] = False,
) -> int:
    """Print the JSON schema of the YAML files, for editors."""
    from iamsync.render.plan_schema import plan_schema_text  # noqa: PLC0415 - no other command needs these classes

    text = plan_schema_text() if plan else schema_text()
    screen.result(map(line, text.rstrip("\n").split("\n")))
    return DONE


def fmt(
    desired_dir: Desired = Path("desired"),
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            envvar="IAMSYNC_CHECK",
            help="Change nothing; list the files that would change and exit with 1 if any.",
        ),
    ] = False,
) -> int:
    """Format the YAML files. Keeps comments, and what the files declare."""
    checked = _checked(desired_dir)
    if not checked.is_valid:
        raise DesiredStateError(_wrong(checked.problems))
    rewrites = list(formatting.rewrites(desired_dir))
    for rewrite in rewrites:
        if not check:
            formatting.write(rewrite, desired_dir)
        screen.result([line(str(rewrite.file))])
    if not rewrites:
        screen.message([line("Every file is in canonical form.")])
    elif check:
        screen.message([line(f"{count(len(rewrites), 'file')} would change: run iamsync fmt.")])
    return ERROR if check and rewrites else DONE


def _checked(desired_dir: Path) -> _Checked:
    """The folder as the first step of `plan` sees it, for each account that it speaks of."""
    try:
        declaration = desired.load(desired_dir)
    except DesiredStateError as error:
        return _Checked(tuple(error.problems), 0, 0)
    moment = now()
    problems, users, policies = set(declaration.warnings), set[str](), 0
    is_empty = True
    for account in declaration.offline_accounts:
        problems.update(declaration.guarded_users(account, moment))
        try:
            declared = declaration.in_account(account, moment)
        except DesiredStateError as error:
            problems.update(error.problems)
            is_empty = False
        else:
            state = declared.state
            is_empty = is_empty and guard.declares_nothing(state)
            problems.update((*declared.warnings, *_traps(declaration, state, moment)))
            users.update(state.users)
            policies = max(policies, len(state.policies))
    beyond = list(declaration.unsupported)
    if is_empty:
        whole = Origin(file=str(desired_dir), line=0)
        beyond.append(Problem(origin=whole, path="", message=guard.NOTHING_DECLARED))
    return _Checked(tuple(sorted(problems)), len(users), policies, tuple(beyond))


def _traps(declaration: desired.Declaration, state: DesiredState, now: datetime) -> tuple[Problem, ...]:
    """Who will not get in. Partition and account may not be known here: they are taken to be those that the policies
    fit best, and what is left is wrong in every one.
    """
    found = tuple(sign_in.problems(state))
    for account in islice(declaration.possible_accounts(state.account), _MOST_GUESSES):
        if not found:
            break
        with suppress(DesiredStateError):  # then the files are not for that one
            found = min(found, tuple(sign_in.problems(declaration.state(account, now))), key=_gravity)
    return found


def _gravity(problems: tuple[Problem, ...]) -> tuple[int, int]:
    return len(_wrong(problems)), len(problems)


def _wrong(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if not problem.warning)
