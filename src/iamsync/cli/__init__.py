"""Arguments in, exit codes out. The result goes to stdout, all talk about it to stderr."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, ParamSpec

import typer
from rich.text import Text
from typer.exceptions import TyperException

from iamsync import __version__
from iamsync.cli import account, files, trial
from iamsync.cli.options import DONE, ERROR, INTERRUPTED, REFUSED, Level, LogLevel
from iamsync.cli.talk import configure_logging, note, say
from iamsync.errors import DesiredStateError, IamsyncError, PlanRefused
from iamsync.render.text import problems_text, refusals_text

_SANDBOX_EXTRA = {"moto", "flask", "flask_cors", "werkzeug"}

P = ParamSpec("P")

app = typer.Typer(
    name="iamsync",
    help="Keeps the IAM users of an AWS account equal to what a Git repository says.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _interruptible(command: Callable[P, int]) -> Callable[P, int]:
    """The command, with a word for who interrupts it before anything is done: typer would end without one."""

    @wraps(command)
    def spoken(*args: P.args, **options: P.kwargs) -> int:
        try:
            return command(*args, **options)
        except KeyboardInterrupt:
            note(Text("Interrupted; nothing was changed."))
            return INTERRUPTED

    return spoken


for _command in (
    account.plan,
    account.apply,
    account.run,
    account.release,
    files.validate,
    files.schema,
    files.fmt,
    trial.sandbox,
    trial.demo,
):
    app.command()(_interruptible(_command))


@app.callback(invoke_without_command=True)
def _iamsync(
    context: typer.Context,
    log_level: Level = LogLevel.INFO,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,  # noqa: FBT002
) -> None:
    configure_logging(log_level)
    if version:
        say(Text(f"iamsync {__version__}"))
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        note(Text(context.get_help()))
        raise typer.Exit(ERROR)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 done, 1 error, 2 changes pending, 3 refused by a guard)."""
    try:
        return app(args=argv, prog_name="iamsync", standalone_mode=False) or DONE
    except typer.Exit as end:
        return end.exit_code
    except (TyperException, typer.Abort, IamsyncError, ModuleNotFoundError) as error:
        words, code = _last_words(error)
        if words is None:
            raise
        note(words)
        return code


def _last_words(error: BaseException) -> tuple[Text | None, int]:
    """What is said of an error, and the exit code; no words for what nobody foresaw."""
    words, code = None, ERROR
    match error:
        case TyperException():
            words = Text(f"error: {error.format_message()}\nTry: iamsync --help")
        case DesiredStateError():
            words = problems_text(error.problems)
        case PlanRefused():
            words, code = refusals_text(error.reasons), REFUSED
        case IamsyncError():
            words = Text.assemble(("error: ", "bold red"), str(error))
        case ModuleNotFoundError() if (error.name or "").split(".")[0] in _SANDBOX_EXTRA:
            words = Text(f"error: the sandbox needs {error.name}: pip install 'iamsync[sandbox]'")
        case typer.Abort():
            words = Text("Nothing was changed.")
        case _:
            pass
    return words, code
