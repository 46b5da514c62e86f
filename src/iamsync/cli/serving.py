"""What `run` starts beside the loop: servers and notifications."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from iamsync.cli.loop_options import Address
from iamsync.daemon.board import Board
from iamsync.daemon.http.secret import secret_in
from iamsync.daemon.http.server import Server
from iamsync.daemon.http.site import Doors, Site, is_loopback
from iamsync.daemon.http.webhook import Bell
from iamsync.daemon.notice import Notice

_log = logging.getLogger("iamsync.http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What runs beside the loop, if anything: servers at these addresses, and messages to the places in a file."""

    doors: Doors
    metrics: Address | None = None
    site: Address | None = None
    notify: Path | None = None

    def refuse_wrong(self) -> None:
        """Raise BadParameter, or an IamsyncError with a sentence, if something is not as it must be."""
        for file in (self.doors.token, self.doors.webhook_secret):
            if file is not None:
                secret_in(file)
        if self.site is not None and self.doors.token is None and not is_loopback(self.site.host):
            words = "others can reach that address: protect the page with --token-file"
            raise typer.BadParameter(words, param_hint="--status-address")
        if self.site is None and (self.doors.token or self.doors.webhook_secret):
            words = "it needs --status-address, where the page and the webhook are"
            raise typer.BadParameter(words, param_hint="--token-file, --webhook-secret-file")


@contextmanager
def started(beside: Beside, board: Board, wake: Callable[[], None]) -> Iterator[Callable[[Notice], None]]:
    """While this holds, the servers answer, and what gets a message sends it. Raises IamsyncError."""

    def count(kind: str) -> Callable[[str], None]:
        return lambda ended: board.count(kind, ended)

    with ExitStack() as stack:
        send: Callable[[Notice], None] = _nobody
        if beside.notify is not None:
            from iamsync.daemon.notify import Notifier, places_in  # noqa: PLC0415 - needs an extra

            notifier = Notifier(places_in(beside.notify), count=count("notification"))
            send = stack.enter_context(notifier).send
        if beside.metrics is not None:
            from iamsync.daemon.http.probes import probes  # noqa: PLC0415 - needs an extra

            server = Server(
                beside.metrics.host, beside.metrics.port, probes(lambda: board.seen), count=count("http_request")
            )
            stack.enter_context(server)
            _log_address("health and metrics", beside.metrics.host, server.port)
        if beside.site is not None:
            site = Site(lambda: board.seen, beside.doors, wake=wake, bell=Bell(wake), count=count("webhook"))
            server = Server(beside.site.host, beside.site.port, site, count=count("http_request"))
            stack.enter_context(server)
            _log_address("status page", beside.site.host, server.port)
        yield send


def _nobody(_: Notice) -> None:
    """Where nobody is notified."""


def _log_address(what: str, host: str, port: int) -> None:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    _log.info("listening", extra={"fields": {"what": what, "url": url}})
