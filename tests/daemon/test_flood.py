"""A flood of requests delays no cycle: cycles go on, and none waits for a request."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import boto3
import pytest
from shell import write

from iamsync.cli.loop_options import Address
from iamsync.cli.serving import Beside, started
from iamsync.daemon.http.server import AT_ONCE
from iamsync.daemon.http.site import Doors
from iamsync.daemon.pause import never
from iamsync.daemon.result import Result
from iamsync.daemon.watched import Watched
from iamsync.reconcile import Means
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

AIKO = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\nusers: {aiko: {}}\n'
CLIENTS = 2 * AT_ONCE


@contextmanager
def flood(port: int, path: str) -> Iterator["Counter[int]"]:
    """Clients that ask without end, each as soon as it was answered or refused; how often each status came."""
    statuses, lock, is_over = Counter[int](), threading.Lock(), threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            status = 0
            with suppress(OSError, HTTPException):
                connection.request("GET", path, headers={"Host": "localhost"})
                status = connection.getresponse().status
            connection.close()
            with lock:
                statuses[status] += 1

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def ports(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Where the servers listen, as the log says."""
    lines = [vars(one)["fields"] for one in caplog.records if one.name == "iamsync.http"]
    return [int(str(line["url"]).rstrip("/").rpartition(":")[2]) for line in lines]


def test_cycles_go_on_during_a_flood_of_both_addresses(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "iamsync.http")
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    watched = Watched(
        Folder(tmp_path / "desired"), boto3.Session(), every=300, csv=tmp_path, means=Means(), paused=never
    )
    here = Address("127.0.0.1", 0)
    with ExitStack() as stack:
        stack.enter_context(started(Beside(doors=Doors(), metrics=here, site=here), watched.board, lambda: None))
        metrics, site = ports(caplog)
        counts = [stack.enter_context(flood(metrics, "/metrics")), stack.enter_context(flood(site, "/"))]
        results = [watched.tick().result for _ in range(6)]
        while not all(statuses[200] for statuses in counts):
            results.append(watched.tick().result)

    assert results[0] is Result.APPLIED
    assert set(results[1:]) == {Result.IN_SYNC}
    for statuses in counts:
        assert set(statuses) <= {0, 200, 503}, "answered or refused"
