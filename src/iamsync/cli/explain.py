"""The command that says why a user has what the user has: `explain`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from iamsync import aws, blame, desired
from iamsync.cli.options import DONE, Desired, now
from iamsync.desired.reasons import Explained
from iamsync.errors import AccountError
from iamsync.reconcile import Proposal, propose
from iamsync.render import screen
from iamsync.render.formats import json_lines
from iamsync.render.reasons import Explanation, explanation_data, explanation_lines
from iamsync.source import Folder


class Form(StrEnum):
    """How the result is shown."""

    TEXT = "text"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", envvar="IAMSYNC_FORMAT", help="The form of the result.")]


def user_name(subject: str) -> str:
    """The name in `user/NAME`, or the name alone. Raises BadParameter for another kind."""
    kind, slash, name = subject.partition("/")
    if slash and kind != "user":
        raise typer.BadParameter(f'"{subject}" is no user: write user/NAME')
    return name if slash else subject


def explain(
    subject: Annotated[str, typer.Argument(metavar="user/NAME", help="The user.")],
    desired_dir: Desired = Path("desired"),
    *,
    form: FormOption = Form.TEXT,
    offline: Annotated[
        bool,
        typer.Option("--offline", envvar="IAMSYNC_OFFLINE", help="Explain the files alone: needs no credentials."),
    ] = False,
) -> int:
    """Show why a user has each policy, group and tag: which line says so, and who wrote it. Changes nothing."""
    name, moment = user_name(subject), now()
    declaration = desired.load(desired_dir)
    proposal = None if offline else _proposal(desired_dir, moment)
    account = proposal.plan.account if proposal else declaration.offline_account
    explained = declaration.why(name, account, moment)
    if explained is None:
        raise typer.BadParameter(f"no file declares user/{name}{declaration.nearest_user(name)}")
    shown = Explanation(
        explained=explained,
        authors=blame.authored(_places(explained)),
        plan=proposal.plan if proposal else None,
        refusals=proposal.refusals if proposal else (),
    )
    screen.result(explanation_lines(shown) if form is Form.TEXT else json_lines(explanation_data(shown)))
    return DONE


def _proposal(desired_dir: Path, moment: datetime) -> Proposal:
    """The plan of the account. Raises AccountError, with the way around it."""
    try:
        return propose(Folder(desired_dir).current(), aws.open_session(), now=moment)
    except AccountError as error:
        raise type(error)(f"{error}; explain --offline explains the files alone") from error


def _places(explained: Explained) -> set[tuple[str, int]]:
    origins = [explained.origin, *(step.origin for one in explained.reasons for step in one.way)]
    return {(origin.file, origin.line) for origin in origins if origin.line}
