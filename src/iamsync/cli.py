"""Arguments in, exit codes out. The result goes to stdout, all talk about it to stderr."""

import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.text import Text
from typer.exceptions import TyperException

from iamsync import __version__, aws, desired
from iamsync.core import validate as rules
from iamsync.core.model import Problem
from iamsync.daemon.cycle import cycle
from iamsync.daemon.loop import repeat
from iamsync.delivery.credentials_csv import file_for
from iamsync.errors import DesiredStateError, IamsyncError, PlanRefused
from iamsync.reconcile import carry_out, propose
from iamsync.render.text import count, plan_text, problems_text, refusals_text, report_text

DONE, ERROR, CHANGES, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130

_SANDBOX_EXTRA = {"moto", "flask", "flask_cors", "werkzeug"}


class LogLevel(StrEnum):
    """How much is said on stderr."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


app = typer.Typer(
    name="iamsync",
    help="Keeps the IAM users of an AWS account equal to what a Git repository says.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

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
Level = Annotated[LogLevel, typer.Option("--log-level", envvar="IAMSYNC_LOG_LEVEL", help="How much stderr says.")]


@app.callback(invoke_without_command=True)
def _iamsync(
    context: typer.Context,
    log_level: Level = LogLevel.INFO,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,  # noqa: FBT002
) -> None:
    _configure_logging(log_level)
    if version:
        _say(Text(f"iamsync {__version__}"))
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        _note(Text(context.get_help()))
        raise typer.Exit(ERROR)


@app.command()
def plan(
    desired_dir: Desired = Path("desired"),
    *,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", envvar="IAMSYNC_DETAILED_EXITCODE", help="Exit with 2 when changes are pending."
        ),
    ] = False,
) -> int:
    """Show what `apply` would do. Writes nothing."""
    proposal = propose(desired_dir, aws.open_session(), now=_now())
    _warn(proposal.warnings)
    _say(plan_text(proposal.plan))
    if proposal.refusals:
        _note(refusals_text(proposal.refusals))
        return REFUSED
    return CHANGES if detailed_exitcode and proposal.plan.actions else DONE


@app.command()
def apply(
    desired_dir: Desired = Path("desired"),
    *,
    yes: Annotated[bool, typer.Option("--yes", envvar="IAMSYNC_YES", help="Do not ask, even on a terminal.")] = False,
    csv: Csv = Path(),
) -> int:
    """Bring the account to its desired state. Asks first on a terminal."""
    session = aws.open_session()
    proposal = propose(desired_dir, session, now=_now())
    _warn(proposal.warnings)
    _say(plan_text(proposal.plan))
    if proposal.plan.actions and not proposal.refusals and not yes and sys.stdin.isatty():
        typer.confirm("Apply this plan?", abort=True, err=True)
    file = file_for(csv, _now())
    report = carry_out(proposal, session, csv=file)
    if report.outcomes:
        _say(Text())
        _say(report_text(report))
    if file.exists():
        _note(Text(f"New passwords are in {file}, for your eyes only: hand them over and delete the file."))
    if report.interrupted:
        return INTERRUPTED
    if not report.complete:
        return ERROR
    return REFUSED if proposal.plan.held_back else DONE


@app.command()
def run(
    desired_dir: Desired = Path("desired"),
    *,
    every: Annotated[
        str, typer.Option(metavar="TIME", envvar="IAMSYNC_EVERY", help="Time between cycles: 30s, 5m, 1h.")
    ] = "5m",
    csv: Csv = Path(),
) -> int:
    """Reconcile for ever: `apply` at once and then every few minutes, until SIGTERM or Ctrl-C."""
    seconds = _seconds(every)
    if not csv.is_dir():
        raise typer.BadParameter(f"{csv} is not a folder: each cycle that makes passwords writes a new file into it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    session = aws.open_session()
    repeat(lambda: cycle(desired_dir, session, csv=csv), every=seconds)
    return DONE


@app.command()
def validate(desired_dir: Desired = Path("desired")) -> int:
    """Check the files. Needs no network and no credentials."""
    declaration = desired.load(desired_dir)
    state = declaration.state(declaration.offline_account, _now())
    problems = [*declaration.warnings, *rules.problems(state)]
    if any(not problem.warning for problem in problems):
        raise DesiredStateError(sorted(problems))
    _warn(declaration.warnings)
    _say(Text(f"{desired_dir} is valid: {count(len(state.users), 'user')}, {count(len(state.policies), 'policy')}."))
    return DONE


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(envvar="IAMSYNC_SANDBOX_PORT", help="The port; 0 takes a free one.")] = 5000,
    host: Annotated[
        str, typer.Option(envvar="IAMSYNC_SANDBOX_HOST", help="The address: only a loopback one is accepted.")
    ] = "127.0.0.1",
) -> int:
    """Start a fake AWS on this machine, for trying things out."""
    from iamsync.sandbox import Sandbox  # noqa: PLC0415 - an extra that production does without

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Sandbox(port=port, host=host) as running:
            here = running.environment
            _say(Text(f"export AWS_ENDPOINT_URL={here.pop('AWS_ENDPOINT_URL')}"))
            _say(Text("export " + " ".join(f"{name}={value}" for name, value in here.items())))
            _note(Text("A fake AWS is up, empty, and gone when this ends (Ctrl-C). Paste the two lines into a shell."))
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return DONE


@app.command()
def demo() -> int:
    """Tell the whole story once, against a fake AWS, in a temporary folder."""
    from iamsync.demo import tell  # noqa: PLC0415 - needs the sandbox, an extra

    tell(_say)
    return DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (DESIGN: 0 done, 1 error, 2 changes pending, 3 refused by a guard)."""
    try:
        return app(args=argv, prog_name="iamsync", standalone_mode=False) or DONE
    except typer.Exit as end:
        return end.exit_code
    except (TyperException, typer.Abort, IamsyncError, ModuleNotFoundError, KeyboardInterrupt) as error:
        words, code = _last_words(error)
        if words is None:
            raise
        _note(words)
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
        case KeyboardInterrupt():
            words, code = Text("Interrupted; nothing was changed."), INTERRUPTED
        case _:
            pass
    return words, code


def run_and_exit() -> None:
    """The console script."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    if code == INTERRUPTED or threading.active_count() > 1:
        # A read in flight may wait a minute for an answer that nobody wants any more; Python would wait with it.
        os._exit(code)
    sys.exit(code)


def _now() -> datetime:
    return datetime.now(tz=UTC)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,5})(s|m|h)", text)
    if match is None:
        raise typer.BadParameter(f'"{text}" is no time: write 30s, 5m or 1h', param_hint="--every")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def _say(text: Text) -> None:
    """The result: stdout, and colour only on a terminal."""
    Console(soft_wrap=True, highlight=False).print(text)


def _note(text: Text) -> None:
    """Talk about the result: stderr."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(text)


def _warn(warnings: Sequence[Problem]) -> None:
    if warnings:
        _note(problems_text(warnings))


def _configure_logging(level: LogLevel) -> None:
    on_a_terminal = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if on_a_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.value),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
