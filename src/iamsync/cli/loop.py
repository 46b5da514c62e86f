"""The command that applies continuously: `run`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iamsync import aws, dumps
from iamsync.cli.delivery_options import CsvFolder, DeliveryCommand, DeliveryEnv, DeliveryTimeout, Sealed
from iamsync.cli.leasing import HERE, SECONDS, LeaseName, LeaseSeconds, ServiceAccount, lease_of
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
from iamsync.cli.means import here, means_of, program_of
from iamsync.cli.options import (
    CHANGES,
    DONE,
    ERROR,
    REFUSED,
    JournalFile,
    Parallel,
    PatienceTime,
    seconds,
)
from iamsync.cli.repository import (
    AcceptRewrite,
    Key,
    KnownHosts,
    MaxSize,
    Netrc,
    PathThere,
    Ref,
    Repository,
    Signers,
    StateFolder,
    Token,
    default_state_folder,
)
from iamsync.daemon.git.address import OPEN, Access, Address
from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.source import Conditions, GitSource
from iamsync.daemon.lease import Lease
from iamsync.daemon.versions import Versions
from iamsync.delivery import Destinations
from iamsync.render import screen
from iamsync.render.line import line
from iamsync.signals import hangup_calls
from iamsync.source import Folder, Source

if TYPE_CHECKING:
    from iamsync.cli.serving import Beside
    from iamsync.daemon.pause import Pause
    from iamsync.daemon.result import CycleResult
    from iamsync.daemon.watched import Watched


def run(  # noqa: PLR0913 - as apply
    desired_dir: Annotated[
        Path,
        typer.Option(
            "--desired",
            metavar="DIR",
            envvar="IAMSYNC_DESIRED",
            help="Folder of the YAML files, unless --git names a repository.",
        ),
    ] = Path("desired"),
    *,
    git: Repository = None,
    ref: Ref = "main",
    path: PathThere = "desired",
    git_token: Token = None,
    git_netrc: Netrc = None,
    git_key: Key = None,
    git_known_hosts: KnownHosts = None,
    verify_signatures: Signers = None,
    accept_rewrite: AcceptRewrite = None,
    max_size: MaxSize = 100,
    state: StateFolder = None,
    every: Every = "5m",
    once: Once = False,
    only_look: OnlyLook = False,
    pause_file: PauseFile = None,
    maintenance_window: MaintenanceWindows = None,
    lease: LeaseName = None,
    service_account: ServiceAccount = HERE,
    lease_seconds: LeaseSeconds = SECONDS,
    metrics_address: MetricsAddress = None,
    status_address: StatusAddress = None,
    token_file: TokenFile = None,
    webhook_secret_file: WebhookSecretFile = None,
    notify_file: NotifyFile = None,
    csv: CsvFolder = None,
    sealed: Sealed = None,
    delivery_command: DeliveryCommand = None,
    delivery_env: DeliveryEnv = None,
    delivery_timeout: DeliveryTimeout = "60s",
    parallel: Parallel = aws.CONCURRENT_WRITES,
    patience: PatienceTime = "2m",
    journal: JournalFile = None,
) -> int:
    """Apply continuously, every few minutes, until SIGTERM or Ctrl-C. SIGHUP starts a cycle.

    The files are in a folder, or in a Git repository (--git).
    """
    from iamsync.cli.serving import Beside  # noqa: PLC0415 - only the loop has any use for what this imports
    from iamsync.daemon.http.site import Doors  # noqa: PLC0415 - as above
    from iamsync.daemon.watched import Watched  # noqa: PLC0415 - as above

    interval, means = seconds(every, "--every"), means_of(parallel, patience, journal)
    folder = csv or here()
    if folder is not None and not folder.is_dir():
        raise typer.BadParameter(f"{csv} is not a folder: each cycle that makes passwords writes a new file into it")
    access = Access(token=git_token, netrc=git_netrc, key=git_key, known_hosts=git_known_hosts)
    if git is None and (verify_signatures or accept_rewrite or access != OPEN):
        raise typer.BadParameter("--verify-signatures, --accept-rewrite and --git-... need --git")
    address = None if git is None else Address(url=git, ref=ref, path=path, access=access)
    bounds = Bounds(file_bytes=max_size << 20)
    conditions = Conditions(signers=verify_signatures, accepted=accept_rewrite, bounds=bounds)
    doors = Doors(token=token_file, webhook_secret=webhook_secret_file, pause_file=pause_file)
    beside = Beside(doors=doors, metrics=metrics_address, site=status_address, notify=notify_file)
    beside.refuse_wrong()
    command = program_of(delivery_command, delivery_env, delivery_timeout)
    places = Destinations(csv=None, sealed=sealed or here(), command=command)
    if lease and only_look:
        raise typer.BadParameter("--dry-run writes nothing, so it needs no --lease")
    held = lease_of(lease, service_account, lease_seconds)
    means = means if held is None else replace(means, gate=held.gate)
    with _source(address, conditions, desired_dir, state) as source, held or nullcontext():
        watched = Watched(
            source,
            aws.open_session(),
            every=interval,
            csv=folder,
            places=places,
            means=means,
            paused=_pause(pause_file, maintenance_window or []),
            applies=not only_look,
            leads=lambda: held is None or held.leads,
        )
        dumps.disable()
        if once:
            return _exit_code(_single(watched, beside))
        if screen.is_watched():
            verb, where = "Comparing" if only_look else "Applying", git or desired_dir
            words = f"{verb} {where} now and then every {every}: a line for each change and cycle. Ctrl-C ends it."
            screen.message([line(words)])
        _run(watched, beside, interval, source, held)
    return DONE


@contextmanager
def _source(address: Address | None, conditions: Conditions, folder: Path, state: Path | None) -> Iterator[Source]:
    """The source of the files: the repository at the address, or the folder where there is none."""
    if address is None:
        yield Folder(folder)
        return
    with closing(GitSource(address, state or default_state_folder(), conditions)) as source:
        yield source


def _run(watched: "Watched", beside: "Beside", interval: int, source: Source, held: Lease | None) -> None:
    from iamsync.cli.serving import started  # noqa: PLC0415 - as above
    from iamsync.daemon.loop import Loop  # noqa: PLC0415 - as above

    loop = Loop(watched.tick, every=interval, pace=watched.pace)

    def at_once() -> None:
        if isinstance(source, Versions):
            source.hurry()
        loop.wake()

    if held is not None:
        held.on_leading = loop.wake
    # On a terminal that is closed, nobody looks on any more.
    hangup = nullcontext() if screen.is_watched() else hangup_calls(at_once)
    with hangup, started(beside, watched.board, at_once) as send:
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
    """What a single cycle ends with: also 1 if the remote could not be asked, and 3 if its newest commit is refused."""
    from iamsync.daemon.result import Result  # noqa: PLC0415 - as above

    if result.source and result.source.failure and result.is_good:
        return ERROR
    if result.source and result.source.refused and result.is_good:
        return REFUSED
    match result.result:
        case Result.REFUSED:
            return REFUSED
        case Result.FAILED | Result.ERROR:
            return ERROR
        case Result.DRIFT if result.planned:
            return CHANGES
        case Result.STANDBY:
            return DONE
        case _:
            return REFUSED if result.held_back else DONE
