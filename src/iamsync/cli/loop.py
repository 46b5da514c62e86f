"""The command that applies continuously: `run`."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iamsync import aws, dumps
from iamsync.cli.account import here, means_of
from iamsync.cli.options import (
    CHANGES,
    DONE,
    ERROR,
    REFUSED,
    CsvFolder,
    Desired,
    JournalFile,
    Parallel,
    PatienceTime,
    seconds,
)
from iamsync.render import screen
from iamsync.render.line import line
from iamsync.signals import hangup_calls
from iamsync.source import Folder

if TYPE_CHECKING:
    from iamsync.daemon.pause import Pause
    from iamsync.daemon.result import CycleResult


def run(  # noqa: PLR0913 - as apply
    desired_dir: Desired = Path("desired"),
    *,
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", envvar="IAMSYNC_EVERY", help="Time between cycles: 30s, 5m, 1h.")
    ] = "5m",
    once: Annotated[
        bool, typer.Option("--once", envvar="IAMSYNC_ONCE", help="One cycle only, and its result as exit code.")
    ] = False,
    only_look: Annotated[
        bool,
        typer.Option("--dry-run", envvar="IAMSYNC_DRY_RUN", help="Change nothing; report what differs (drift)."),
    ] = False,
    pause_file: Annotated[
        Path | None,
        typer.Option(
            "--pause-file",
            metavar="FILE",
            envvar="IAMSYNC_PAUSE_FILE",
            help="While this file exists, only take access away. Its text is shown as the reason.",
        ),
    ] = None,
    maintenance_window: Annotated[
        list[str] | None,
        typer.Option(
            "--maintenance-window",
            metavar="WINDOW",
            envvar="IAMSYNC_MAINTENANCE_WINDOW",
            help='Outside of it, only take access away: "Mon-Fri 08:00-18:00 Europe/Berlin". Repeatable.',
        ),
    ] = None,
    csv: CsvFolder = None,
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Apply continuously, every few minutes, until SIGTERM or Ctrl-C. SIGHUP starts a cycle."""
    from iamsync.daemon.cycle import Cycles  # noqa: PLC0415 - only the loop has any use for what these import
    from iamsync.daemon.drift import span_of  # noqa: PLC0415 - as above
    from iamsync.daemon.loop import Loop  # noqa: PLC0415 - as above
    from iamsync.daemon.pace import Pace  # noqa: PLC0415 - as above

    interval, means = seconds(every, "--every"), means_of(parallel, patience, journal)
    folder = csv or here()
    if folder is not None and not folder.is_dir():
        raise typer.BadParameter(f"{csv} is not a folder: each cycle that makes passwords writes a new file into it")
    cycles = Cycles(
        Folder(desired_dir),
        aws.open_session(),
        csv=folder,
        means=means,
        paused=_pause(pause_file, maintenance_window or []),
        span=span_of(interval),
        applies=not only_look,
    )
    dumps.disable()
    if once:
        return _exit_code(cycles.next())
    if screen.is_watched():
        verb = "Comparing" if only_look else "Applying"
        words = f"{verb} {desired_dir} now and then every {every}: a line for each change and cycle. Ctrl-C ends it."
        screen.message([line(words)])
    pace = Pace(cycles.next)
    loop = Loop(pace.tick, every=interval, pace=pace)
    with nullcontext() if screen.is_watched() else hangup_calls(loop.wake):  # a closed terminal ends the loop
        loop.run()
    return DONE


def _pause(file: Path | None, windows: list[str]) -> "Pause":
    """What may pause the loop. Raises BadParameter if a window is none."""
    from iamsync.daemon.pause import Pause  # noqa: PLC0415 - as above
    from iamsync.daemon.windows import window  # noqa: PLC0415 - as above

    try:
        return Pause(file=file, windows=tuple(map(window, windows)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--maintenance-window") from None


def _exit_code(result: "CycleResult") -> int:
    """What a single cycle ends with."""
    from iamsync.daemon.result import Result  # noqa: PLC0415 - as above

    match result.result:
        case Result.REFUSED:
            return REFUSED
        case Result.FAILED | Result.ERROR:
            return ERROR
        case Result.DRIFT if result.planned:
            return CHANGES
        case _:
            return REFUSED if result.held_back else DONE
