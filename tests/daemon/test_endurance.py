"""Cycles with nothing to do leave nothing behind: no write, no memory, no file, no thread; and make as few calls."""

import gc
import threading
from collections import Counter
from pathlib import Path

import boto3
import pytest
from shell import write

from iamsync.cli.loop_options import Address
from iamsync.cli.serving import Beside, started
from iamsync.daemon.http.site import Doors
from iamsync.daemon.pause import never
from iamsync.daemon.result import Result
from iamsync.daemon.watched import Watched
from iamsync.reconcile import Means
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
QUIET = {"GetCallerIdentity": 1, "GetAccountAuthorizationDetails": 1}
"""The calls of a cycle that finds nothing to do, for each thousand entities (docs/promises.md)."""


def users(number: int) -> str:
    """Files that declare so many users."""
    one = "  user-{:04}: {{policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
    return f"{SETTINGS}users:\n{''.join(one.format(index) for index in range(number))}"


def resident() -> int:
    """The memory of this process, in pages (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1])


def held() -> tuple[int, int]:
    """How many files are open, and how many threads run."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.mark.parametrize(
    ("cycles", "declared", "warm"), [(50, 20, 15), pytest.param(1000, 1000, 50, marks=pytest.mark.slow)]
)
def test_quiet_cycles_leave_nothing_behind(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cycles: int, declared: int, warm: int
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=users(declared))
    watched = Watched(
        Folder(tmp_path / "desired"), boto3.Session(), every=300, csv=tmp_path, means=Means(), paused=never
    )
    here = Address("127.0.0.1", 0)
    with started(Beside(doors=Doors(), metrics=here, site=here), watched.board, lambda: None):
        assert watched.tick().result is Result.APPLIED
        memory, open_things = 0, (0, 0)
        for number in range(cycles):
            sandbox.forget_calls()
            result = watched.tick().result
            watched.pace(300)
            gc.collect()
            calls = Counter(call.operation for call in sandbox.calls)
            assert (result, calls) == (Result.IN_SYNC, QUIET), number
            if number == warm:
                memory, open_things = resident(), held()
        assert resident() <= memory * 1.05
        assert held() <= open_things
