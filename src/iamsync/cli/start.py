"""The command that begins a desired state: `init`."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from iamsync import aws, starter
from iamsync.cli.options import DONE, Yes
from iamsync.core import iam_limits, validate
from iamsync.errors import AccountError, OutputError
from iamsync.render import screen
from iamsync.render.line import Line, line
from iamsync.starter import Ci, Start

_OWNER: Final = "platform-team"
_USER: Final = "first.user"
_OWNER_PATTERN: Final = re.compile(r"[A-Za-z0-9.+@=_-]{1,64}")
"""As in `settings.owner`, and as in the value of a tag, where IAM takes no comma."""
_ACCOUNT_PATTERN: Final = re.compile(r"[0-9]{12}")


def init(  # noqa: PLR0913 - a command has the options it has
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder of the repository; the YAML files go to DIR/desired.")
    ] = Path(),
    *,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="TEAM", envvar="IAMSYNC_OWNER", help="Whose users these are: settings.owner."),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="ID",
            envvar="IAMSYNC_ACCOUNT",
            help="The account. [default: the account of the credentials, if there are any]",
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", envvar="IAMSYNC_USER", help="The first user to declare.")
    ] = None,
    ci: Annotated[
        Ci | None, typer.Option("--ci", envvar="IAMSYNC_CI", help="Also write the workflows for this CI.")
    ] = None,
    yes: Yes = False,
) -> int:
    """Begin a desired state: write a small one that can be planned at once. Changes no existing file."""
    may_ask = screen.can_ask() and not yes
    _refuse_existing(folder, Start(owner=_OWNER, user=_USER, ci=ci))
    start = Start(
        owner=_answer(owner, "Whose users are these? A team", _OWNER, _owner_fault, "--owner", may_ask=may_ask),
        account=_account(account, may_ask=may_ask),
        user=_answer(user, "First user", _USER, _user_fault, "--user", may_ask=may_ask),
        ci=ci,
    )
    written, left = starter.write(folder, start.texts())
    screen.result(line(f"created {file}") for file in written)
    texts = start.texts()
    for file in left:
        screen.message([line(f"left alone: {file} exists; add these lines to it:")])
        screen.message(line(f"  {one}") for one in texts[file.relative_to(folder)].splitlines())
    screen.message(_next(folder, has_account=start.account is not None))
    return DONE


def _refuse_existing(folder: Path, start: Start) -> None:
    """Raise OutputError if any file is in the way: before a question is asked, and before one is written."""
    if found := starter.in_the_way(folder, start.texts()):
        *others, last = map(str, found)
        names = f"{', '.join(others)} and {last} exist" if others else f"{last} exists"
        raise OutputError(f"{names}: nothing was created; name another folder, or move what is there")


def _answer(  # noqa: PLR0913 - a question
    given: str | None, question: str, default: str, fault: Callable[[str], str], option: str, *, may_ask: bool
) -> str:
    """What was given, or answered, or the default. Raises BadParameter if what was given is wrong."""
    if given is not None:
        if words := fault(given):
            raise typer.BadParameter(words, param_hint=option)
        return given
    while may_ask:
        answer = screen.ask_for(question, default)
        if not (words := fault(answer)):
            return answer
        screen.message([line(words)])
    return default


def _account(given: str | None, *, may_ask: bool) -> str | None:
    if given is not None:
        return _answer(given, "", "", _account_fault, "--account", may_ask=False)
    try:
        return aws.caller(aws.open_session()).account.id
    except AccountError as error:
        screen.message([line(f"The account is not known: {error}")])
    return _answer(None, "Account, 12 digits (empty: later)", "", _account_fault, "", may_ask=may_ask) or None


def _owner_fault(text: str) -> str:
    return "" if _OWNER_PATTERN.fullmatch(text) else "expected 1 to 64 letters, digits or any of . + @ = _ -"


def _account_fault(text: str) -> str:
    return "" if not text or _ACCOUNT_PATTERN.fullmatch(text) else "expected the 12 digits of an AWS account"


def _user_fault(text: str) -> str:
    is_name = re.fullmatch(validate.NAME, text, re.ASCII) and len(text) <= iam_limits.USER_NAME
    return "" if is_name else f"expected 1 to {iam_limits.USER_NAME} letters, digits or any of + = , . @ _ -"


def _next(folder: Path, *, has_account: bool) -> list[Line]:
    where = "" if folder == Path() else f" --desired {shlex.quote(str(folder / starter.DESIRED))}"
    unset = (
        [] if has_account else [line("Set settings.account_id in account.yaml, so that no other account is changed.")]
    )
    return [
        line(),
        *unset,
        line("Next:"),
        line(f"  iamsync validate --strict{where}    # checks the files; needs no credentials"),
        line(f"  iamsync plan{where}                 # shows what would be done"),
        line(f"  iamsync apply{where}                # does it, after a question"),
    ]
