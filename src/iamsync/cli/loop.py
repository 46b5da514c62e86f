"""The command that applies continuously: `run`."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from iamsync import aws, dumps
from iamsync.cli.account import here, means_of
from iamsync.cli.loop_options import (
    Every,
    MaintenanceWindows,
    MetricsAddress,
    NotifyFile,
    Once,
    OnlyLook,
    PauseFile,
    StatusAddress,
    TokenFile,
    WebhookSecretFile,
)
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
    from iamsync.cli.serving import Beside
    from iamsync.daemon.pause import Pause
    from iamsync.daemon.result import CycleResult
    from iamsync.daemon.watched import Watched


def run(  # noqa: PLR0913 - as apply
    desired_dir: Desired = Path("desired"),
    *,
    every: Every = "5m",
    once: Once = False,
    only_look: OnlyLook = False,
    pause_file: PauseFile = None,
    maintenance_window: MaintenanceWindows = None,
    metrics_address: MetricsAddress = None,
    status_address: StatusAddress = None,
    token_file: TokenFile = None,
    webhook_secret_file: WebhookSecretFile = None,
    notify_file: NotifyFile = None,
    csv: CsvFolder = None,
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Apply continuously, every few minutes, until SIGTERM or Ctrl-C. SIGHUP starts a cycle."""
    from iamsync.cli.serving import Beside  # noqa: PLC0415 - only the loop has any use for what this imports
    from iamsync.daemon.http.site import Doors  # noqa: PLC0415 - as above
    from iamsync.daemon.watched import Watched  # noqa: PLC0415 - as above

    interval, means = seconds(every, "--every"), means_of(parallel, patience, journal)
    folder = csv or here()
    if folder is not None and not folder.is_dir():
        raise typer.BadParameter(f"{csv} is not a folder: each cycle that makes passwords writes a new file into it")
    doors = Doors(token=token_file, webhook_secret=webhook_secret_file, pause_file=pause_file)
    beside = Beside(doors=doors, metrics=metrics_address, site=status_address, notify=notify_file)
    beside.refuse_wrong()
    watched = Watched(
        Folder(desired_dir),
        aws.open_session(),
        every=interval,
        csv=folder,
        means=means,
        paused=_pause(pause_file, maintenance_window or []),
        applies=not only_look,
    )
    dumps.disable()
    if once:
        return _exit_code(_single(watched, beside))
    if screen.is_watched():
        verb = "Comparing" if only_look else "Applying"
        words = f"{verb} {desired_dir} now and then every {every}: a line for each change and cycle. Ctrl-C ends it."
        screen.message([line(words)])
    _run(watched, beside, interval)
    return DONE


def _run(watched: "Watched", beside: "Beside", interval: int) -> None:
    from iamsync.cli.serving import started  # noqa: PLC0415 - as above
    from iamsync.daemon.loop import Loop  # noqa: PLC0415 - as above

    loop = Loop(watched.tick, every=interval, pace=watched.pace)
    # On a terminal that is closed, nobody looks on any more.
    hangup = nullcontext() if screen.is_watched() else hangup_calls(loop.wake)
    with hangup, started(beside, watched.board, loop.wake) as send:
        watched.send = send
        loop.run()


def _single(watched: "Watched", beside: "Beside") -> "CycleResult":
    """One cycle, which nobody can ask anything of, and its message."""
    from iamsync.cli.serving import started  # noqa: PLC0415 - as above

    with started(replace(beside, metrics=None, site=None), watched.board, lambda: None) as send:
        watched.send = send
        return watched.tick()


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
