"""The options of `run`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_LOOPBACK = "127.0.0.1"
_PORTS = 65536


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 takes a free one."""

    host: str
    port: int


def address(text: str) -> Address:
    """The host and the port of `ADDRESS:PORT`, or of a port on this machine only. Raises BadParameter."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or _LOOPBACK
    if not (port.isascii() and port.isdigit() and int(port) < _PORTS):
        raise typer.BadParameter(f'"{text}" is no address: write ADDRESS:PORT, such as 127.0.0.1:8080, or a port')
    return Address(host, int(port))


MetricsAddress = Annotated[
    Address | None,
    typer.Option(
        "--metrics-address",
        metavar="ADDRESS:PORT",
        parser=address,
        envvar="IAMSYNC_METRICS_ADDRESS",
        help="Serve /healthz, /readyz and /metrics there. A port alone is on this machine only.",
    ),
]
StatusAddress = Annotated[
    Address | None,
    typer.Option(
        "--status-address",
        metavar="ADDRESS:PORT",
        parser=address,
        envvar="IAMSYNC_STATUS_ADDRESS",
        help="Serve the status page, /webhook, /pause and /resume there. A port alone is on this machine only.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        envvar="IAMSYNC_TOKEN_FILE",
        help="The token for the status page, /pause and /resume. Needed where others can reach the page.",
    ),
]
WebhookSecretFile = Annotated[
    Path | None,
    typer.Option(
        "--webhook-secret-file",
        metavar="FILE",
        envvar="IAMSYNC_WEBHOOK_SECRET_FILE",
        help="The secret with which GitHub, GitLab or others sign their webhooks.",
    ),
]
NotifyFile = Annotated[
    Path | None,
    typer.Option(
        "--notify-file",
        metavar="FILE",
        envvar="IAMSYNC_NOTIFY_FILE",
        help="URLs of apprise, a line each, that get a message when something has changed or somebody must act.",
    ),
]
Every = Annotated[
    str, typer.Option("--every", metavar="TIME", envvar="IAMSYNC_EVERY", help="Time between cycles: 30s, 5m, 1h.")
]
Once = Annotated[
    bool, typer.Option("--once", envvar="IAMSYNC_ONCE", help="One cycle only, and its result as exit code.")
]
OnlyLook = Annotated[
    bool, typer.Option("--dry-run", envvar="IAMSYNC_DRY_RUN", help="Change nothing; report what differs (drift).")
]
PauseFile = Annotated[
    Path | None,
    typer.Option(
        "--pause-file",
        metavar="FILE",
        envvar="IAMSYNC_PAUSE_FILE",
        help="While this file exists, only take access away. Its text is shown as the reason.",
    ),
]
MaintenanceWindows = Annotated[
    list[str] | None,
    typer.Option(
        "--maintenance-window",
        metavar="WINDOW",
        envvar="IAMSYNC_MAINTENANCE_WINDOW",
        help='Outside of it, only take access away: "Mon-Fri 08:00-18:00 Europe/Berlin". Repeatable.',
    ),
]
