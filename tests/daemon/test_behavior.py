"""What the loop does between and beside its cycles: pause, drift and contest, a look without a write, SIGHUP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, Logged, write
from surroundings import bare

from iamsync.daemon.cycle import Cycles
from iamsync.daemon.loop import Loop
from iamsync.daemon.pause import MOST_WORDS, Pause, pause, resume
from iamsync.daemon.result import Result
from iamsync.daemon.windows import window
from iamsync.sandbox import Sandbox
from iamsync.signals import hangup_calls
from iamsync.source import Folder

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def at(hour: int = 12) -> datetime:
    """A Tuesday."""
    return datetime(2033, 5, 3, hour, tzinfo=UTC)


@pytest.fixture
def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


@pytest.fixture
def cycles(session: boto3.Session, tmp_path: Path) -> Cycles:
    write(tmp_path, all=AIKO)
    return Cycles(Folder(tmp_path / "desired"), session, csv=tmp_path, paused=Pause(file=tmp_path / "paused"))


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))]


def test_while_paused_nothing_is_written_but_what_takes_access_away(
    cycles: Cycles, sandbox: Sandbox, iam: IAMClient, tmp_path: Path, logged: Logged
) -> None:
    cycles.next()
    pause(tmp_path / "paused", "we look into\nsomething")
    write(tmp_path, more="users: {cy: {}}\n")
    sandbox.forget_calls()
    waiting = cycles.next()
    written = writes(sandbox)
    write(tmp_path, all=AIKO.replace("aiko: {", "aiko: {suspended: true, "))
    suspended = cycles.next()
    resume(tmp_path / "paused")
    going_on = cycles.next()

    assert (waiting.result, written) == (Result.PENDING, [])
    assert suspended.result is Result.APPLIED
    assert suspended.paused.startswith("paused since 20")
    assert "(we look into something): only what takes access away is done" in suspended.paused
    assert [held.subject for held in suspended.held_back] == ["user/cy"]
    assert "iamsync-suspended" in iam.list_user_policies(UserName="aiko")["PolicyNames"]
    assert (going_on.result, going_on.paused) == (Result.APPLIED, "")
    assert {action.subject for action in going_on.planned} == {"user/cy"}
    assert [line.get("paused", "") for line in logged()] == ["", waiting.paused, suspended.paused, ""]


def test_what_a_pause_held_back_is_no_drift_when_it_ends(cycles: Cycles, tmp_path: Path) -> None:
    pause(tmp_path / "paused", "")
    assert cycles.next().result is Result.PENDING
    resume(tmp_path / "paused")

    after = cycles.next()

    assert (after.result, after.drifted) == (Result.APPLIED, ())


def test_a_pause_file_that_cannot_be_read_pauses(tmp_path: Path) -> None:
    (tmp_path / "paused").mkdir()
    file = Pause(file=tmp_path / "paused")

    assert "cannot be read (Is a directory): only what takes access away is done" in file(at())


def test_a_pause_file_is_read_no_further_than_its_reason(tmp_path: Path) -> None:
    (tmp_path / "paused").write_bytes(b"\xff" * 10_000_000)

    assert len(Pause(file=tmp_path / "paused")(at())) < MOST_WORDS + len(str(tmp_path)) + 150


def test_a_pause_is_for_its_owner_and_begins_once(tmp_path: Path) -> None:
    pause(tmp_path / "paused", "the first")
    pause(tmp_path / "paused", "the second")

    assert (tmp_path / "paused").read_text() == "the first"
    assert (tmp_path / "paused").stat().st_mode & 0o777 == 0o600
    resume(tmp_path / "paused")
    resume(tmp_path / "paused")
    assert Pause(file=tmp_path / "paused")(at()) == ""


def test_outside_of_all_windows_the_loop_is_paused(tmp_path: Path) -> None:
    shut = Pause(file=tmp_path / "none", windows=(window("Mon 01:00-02:00"), window("Tue 01:00-02:00")))

    assert shut(at(1)) == ""
    assert shut(at(3)) == (
        "outside of the maintenance windows (Mon 01:00-02:00 UTC, Tue 01:00-02:00 UTC): only what takes access away is "
        "done; the next begins at 2033-05-09 01:00 UTC"
    )


def test_what_is_repaired_again_and_again_is_contested(
    cycles: Cycles, iam: IAMClient, tmp_path: Path, logged: Logged
) -> None:
    results = [cycles.next()]
    for _ in range(4):
        iam.detach_user_policy(UserName="aiko", PolicyArn=S3)
        results.append(cycles.next())
    write(tmp_path, all=AIKO.replace("S3ReadOnly", "S3Full"))
    changed = cycles.next()

    assert [[action.subject for action in one.drifted] for one in results] == [[], *[["user/aiko"]] * 4]
    assert [len(one.contested) for one in results] == [0, 0, 0, 1, 1]
    assert changed.drifted == ()
    lines = logged()
    assert lines[-2]["contested"] == ["user/aiko attach aws:AmazonS3ReadOnlyAccess, 4 times in 1 h"]
    assert ["contested" in line for line in lines] == [False, False, False, True, True, True]
    assert [line["level"] for line in lines] == [*["INFO"] * 3, *["WARNING"] * 3]


def test_what_failed_is_no_drift_when_it_is_done(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)
    network.script = [Fault(match="^AttachUserPolicy", code="AccessDenied")]

    first, second = cycles.next(), cycles.next()

    assert (first.result, second.result, second.drifted) == (Result.FAILED, Result.APPLIED, ())


def test_a_loop_that_only_looks_reports_drift_and_writes_nothing(
    session: boto3.Session, sandbox: Sandbox, tmp_path: Path, logged: Logged
) -> None:
    write(tmp_path, all=AIKO.replace("aiko: {", "aiko: {access_keys: 1, "))
    looking = Cycles(Folder(tmp_path / "desired"), session, csv=None, applies=False)

    result = looking.next()

    assert (result.result, result.held_back, writes(sandbox)) == (Result.DRIFT, (), [])
    (line,) = logged()
    assert (line["level"], line["result"], line["done"]) == ("WARNING", "drift", 0)
    assert "user/aiko: create user" in str(line["drift"])
    assert "user/aiko: create access key" in str(line["drift"])


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        (AIKO, (), 0),
        (AIKO, ("--dry-run",), 2),
        (SETTINGS + "users: {stranger: {}}\n", (), 3),
        (SETTINGS + "users: {stranger: {}}\n", ("--dry-run",), 3),
        (AIKO.replace("owner: us", "owner: us, guards: {required_users: [bo]}"), (), 3),
        ("users: [", (), 1),
    ],
)
def test_a_single_cycle_ends_with_its_result(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path, files: str, arguments: tuple[str, ...], code: int
) -> None:
    iam.create_user(UserName="stranger")
    write(tmp_path, all=files)

    assert iamsync("run", "--once", "--csv", ".", *arguments).code == code


def test_a_window_that_is_none_is_refused(iamsync: Iamsync) -> None:
    ended = iamsync("run", "--maintenance-window", "whenever")

    assert ended.code == 1
    assert 'invalid maintenance window "whenever": write "Mon-Fri' in ended.err


@pytest.fixture
def hourly(sandbox: Sandbox, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A loop that comes to its second cycle in an hour."""
    write(tmp_path, all=AIKO)
    with subprocess.Popen(
        [sys.executable, "-m", "iamsync", "run", "--every", "1h"],
        cwd=tmp_path,
        env=bare(AWS_EC2_METADATA_DISABLED="true", **sandbox.environment),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def next_cycle(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stderr is not None
    while True:
        fields: dict[str, object] = json.loads(process.stderr.readline())
        if fields["event"] == "cycle":
            return fields


def test_sighup_starts_a_cycle_and_sigterm_still_ends_the_loop(hourly: "subprocess.Popen[str]", iam: IAMClient) -> None:
    next_cycle(hourly)
    iam.attach_user_policy(UserName="aiko", PolicyArn=ADMINISTRATOR)
    hourly.send_signal(signal.SIGHUP)
    second = next_cycle(hourly)
    hourly.send_signal(signal.SIGHUP)
    third = next_cycle(hourly)
    hourly.send_signal(signal.SIGTERM)

    assert (second["result"], second["done"], third["result"]) == ("applied", 1, "in sync")
    assert hourly.wait(60) == 0


def test_a_signal_that_is_heard_twice_starts_one_cycle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its handler asks for the cycle; the thread that ends the wait may be late, during that cycle."""
    late: list[Callable[[int], object]] = []
    ticks = 0

    @contextmanager
    def reported(tell: Callable[[int], object], _: object) -> Iterator[None]:
        late.append(tell)
        yield

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        late[0](signal.SIGHUP)

    def stop_when_it_was_heard() -> None:
        while not looping._bell.empty():  # noqa: SLF001 - nobody else knows whether it was heard
            time.sleep(0.001)
        looping.stop()

    def pace(seconds: float) -> float:
        pool.submit(stop_when_it_was_heard)
        return seconds

    monkeypatch.setattr("iamsync.daemon.loop.reported_at_once", reported)
    looping = Loop(tick, every=365 * 24 * 3600, pace=pace)
    with ThreadPoolExecutor(1) as pool:
        looping.run()

    assert ticks == 1


def test_who_ignores_sighup_for_us_is_obeyed() -> None:
    """As nohup does."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with hangup_calls(lambda: pytest.fail("it was heard")):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
