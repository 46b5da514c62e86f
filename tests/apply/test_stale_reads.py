"""The loop under reads that lag behind its own writes: it does nothing twice, and says so."""

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from faults import Network
from shell import Logged, write

from iamsync.daemon.cycle import Cycles
from iamsync.source import Folder

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
ALL = (
    "policies: {Guard: {document: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: '%s', Resource: '*'}]}}}\n"
    "users: {aiko: {policies: [Guard, aws:AmazonS3ReadOnlyAccess, aws:IAMUserChangePassword], console: true}}\n"
)
ALWAYS = 10**9
Cycle = Callable[[], dict[str, object]]


@pytest.fixture
def one_cycle(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged) -> Cycle:
    """One cycle of a loop that goes through the network; what it logs."""
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)

    def one() -> dict[str, object]:
        cycles.next()
        (line,) = logged()
        return line

    return one


def test_cycles_that_do_not_see_the_last_ones_writes_wait_and_do_not_say_in_sync(
    network: Network, one_cycle: Cycle, tmp_path: Path
) -> None:
    write(tmp_path, all=SETTINGS + ALL % "s3:Put*")
    network.stale_reads = ALWAYS

    first = one_cycle()
    made = len(network.writes)
    blind = [one_cycle() for _ in range(3)]
    network.stale_reads = 0
    seeing = one_cycle()

    assert (first["result"], made) == ("applied", 6)
    assert [line["result"] for line in blind] == ["pending"] * 3
    assert "user/aiko: create user: just done, not visible yet" in str(blind[0]["put_off"])
    assert (seeing["result"], seeing["put_off"]) == ("in sync", [])
    assert len(network.writes) == made


def test_a_new_version_is_not_doubled_by_a_stale_read(network: Network, one_cycle: Cycle, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS + ALL % "s3:Put*")
    assert one_cycle()["result"] == "applied"
    write(tmp_path, all=SETTINGS + ALL % "s3:Delete*")
    assert one_cycle()["result"] == "applied"
    network.stale_reads = ALWAYS

    lines = [one_cycle() for _ in range(3)]

    assert {line["result"] for line in lines} <= {"pending", "applied"}
    assert [one.operation for one in network.writes].count("CreatePolicyVersion") == 1


def test_what_somebody_undoes_after_it_was_seen_is_repaired_at_once(
    network: Network, one_cycle: Cycle, tmp_path: Path
) -> None:
    write(tmp_path, all=SETTINGS + ALL % "s3:Put*")
    assert one_cycle()["result"] == "applied"
    assert one_cycle()["result"] == "in sync"
    iam = boto3.client("iam")
    iam.detach_user_policy(UserName="aiko", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")

    assert (one_cycle()["result"], network.writes[-1].operation) == ("applied", "AttachUserPolicy")
