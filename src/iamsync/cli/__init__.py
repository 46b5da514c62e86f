"""Arguments in, exit codes out. The result goes to stdout, everything else to stderr."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, ParamSpec

import typer
from typer.exceptions import TyperException

from iamsync import __version__
from iamsync.aws_data import actions, managed_policies
from iamsync.cli import account, files, importing, loop, trial
from iamsync.cli.builtins import builtin
from iamsync.cli.explain import explain
from iamsync.cli.journals import history
from iamsync.cli.options import DONE, ERROR, INTERRUPTED, REFUSED, Level, LogLevel
from iamsync.cli.output import configure_logging
from iamsync.cli.permissions import permissions
from iamsync.cli.report import report
from iamsync.cli.reset import reset_password
from iamsync.cli.snapshot import snapshot
from iamsync.cli.start import init
from iamsync.cli.undo import undo
from iamsync.errors import DesiredStateError, IamsyncError, PlanRefused
from iamsync.render import screen
from iamsync.render.line import Line, line
from iamsync.render.text import problem_lines, refusal_lines

_SANDBOX_EXTRA = {"moto", "flask", "flask_cors", "werkzeug"}
_DAEMON_EXTRA = {"prometheus_client", "apprise"}

P = ParamSpec("P")

app = typer.Typer(
    name="iamsync",
    help="Keeps the IAM users of an AWS account equal to what a Git repository says.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _interruptible(command: Callable[P, int]) -> Callable[P, int]:
    """The command, with a message when it is interrupted before anything is done: typer would end without one."""

    @wraps(command)
    def spoken(*args: P.args, **options: P.kwargs) -> int:
        try:
            return command(*args, **options)
        except KeyboardInterrupt:
            screen.message([line("Interrupted; nothing was changed.")])
            return INTERRUPTED

    return spoken


for _command in (
    init,
    account.plan,
    account.apply,
    loop.run,
    account.release,
    files.validate,
    files.schema,
    files.fmt,
    explain,
    history,
    undo,
    permissions,
    builtin,
    snapshot,
    report,
    trial.sandbox,
    trial.demo,
):
    app.command()(_interruptible(_command))


app.command("import")(_interruptible(importing.import_account))
app.command("reset-password")(_interruptible(reset_password))


@app.callback(invoke_without_command=True)
def _iamsync(
    context: typer.Context,
    log_level: Level = LogLevel.INFO,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,  # noqa: FBT002
) -> None:
    configure_logging(log_level)
    if version:
        screen.result([line(f"iamsync {__version__}"), line(_knowledge())])
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        screen.message(map(line, context.get_help().split("\n")))
        raise typer.Exit(ERROR)


def _knowledge() -> str:
    """Of what date is what iamsync knows of AWS."""
    policies, names = managed_policies.index(), actions.index()
    return (
        f"AWS-managed policies: {len(policies.paths):,} as of {policies.date} ({policies.source}); "
        f"actions of {len(names.services):,} services as of {names.date} ({names.source})"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 done, 1 error, 2 changes pending, 3 refused by a guard)."""
    try:
        return app(args=argv, prog_name="iamsync", standalone_mode=False) or DONE
    except typer.Exit as end:
        return end.exit_code
    except (TyperException, typer.Abort, IamsyncError, ModuleNotFoundError) as error:
        lines, code = _last_words(error)
        if not lines:
            raise
        screen.message(lines)
        return code


def _last_words(error: BaseException) -> tuple[list[Line], int]:
    """What is said of an error, and the exit code; no lines for what nobody foresaw."""
    lines: list[Line] = []
    code = ERROR
    match error:
        case TyperException():
            lines = [_error(error.format_message()), line(f"Try: {_command_of(error)} --help")]
        case DesiredStateError():
            lines = list(problem_lines(error.problems))
        case PlanRefused():
            lines, code = list(refusal_lines(error.reasons)), REFUSED
        case IamsyncError():
            lines = [_error(str(error))]
        case ModuleNotFoundError() if (error.name or "").split(".")[0] in _SANDBOX_EXTRA:
            extra = "install iamsync with its extra, in a checkout: pip install '.[sandbox]'"
            lines = [_error(f"the sandbox needs {error.name}: {extra}")]
        case ModuleNotFoundError() if (error.name or "").split(".")[0] in _DAEMON_EXTRA:
            extra = "install iamsync with its extra, in a checkout: pip install '.[daemon]'"
            lines = [_error(f"metrics and notifications need {error.name}: {extra}")]
        case typer.Abort():
            lines = [line("Nothing was changed.")]
        case _:
            pass
    return lines, code


def _error(words: str) -> Line:
    return line(("error: ", "bold red"), words)


def _command_of(error: TyperException) -> str:
    """The command whose use is wrong, as it was called."""
    context = getattr(error, "ctx", None)  # only errors of usage have one
    return str(context.command_path) if context else "iamsync"
