"""kill -9 after any write: the next apply ends where an undisturbed one does, and no password is lost."""

import os
import signal
import subprocess
import sys
import time
from csv import DictReader
from pathlib import Path

import pytest
from faults import Network
from shell import Iamsync, write

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
BEFORE = (
    SETTINGS
    + """
policies:
  Guard: {document: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: 's3:Put*', Resource: '*'}]}}
users:
  aiko: {policies: [Guard, aws:AmazonS3ReadOnlyAccess], tags: {team: a}}
"""
)
AFTER = (
    SETTINGS
    + """
policies:
  Guard: {document: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: 's3:Delete*', Resource: '*'}]}}
  Reads: {document: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}}
users:
  aiko: {policies: [Guard, Reads], tags: {team: b}}
  bo: {policies: [Guard, Reads, aws:IAMUserChangePassword], console: true}
"""
)
WRITES = 10


@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_killed_after_any_write_the_next_apply_finishes(
    number: int, network: Network, iamsync: Iamsync, tmp_path: Path
) -> None:
    write(tmp_path, all=BEFORE)
    assert iamsync("apply", "--yes").code == 0
    write(tmp_path, all=AFTER)

    applied_and_killed(network, tmp_path, number)
    again = iamsync("apply", "--yes", "--csv", "second.csv")

    assert again.code == 0, again.out
    assert "Nothing to do" in iamsync("plan").out
    assert password_of_bo(tmp_path) == password_in_the_sandbox(network)
    versions = [call for call in network.sandbox.calls if call.operation == "CreatePolicyVersion"]
    assert len(versions) == 1, "the version is not made twice"


def test_the_plan_has_as_many_writes_as_are_tried(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=BEFORE)
    assert iamsync("apply", "--yes").code == 0
    write(tmp_path, all=AFTER)

    assert f"Applied: {WRITES} done" in iamsync("apply", "--yes").out


@pytest.mark.parametrize("asked_with", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_says_what_was_done_and_exits_with_130(
    network: Network, iamsync: Iamsync, tmp_path: Path, asked_with: signal.Signals
) -> None:
    write(tmp_path, all=AFTER)
    process = applying(network, tmp_path)

    def ask(made: int) -> None:
        if made == 2:
            process.send_signal(asked_with)
            time.sleep(0.3)

    network.after_write = ask
    said, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert f"stopped by {asked_with.name}" in said
    assert "Interrupted: run apply again to go on." in said
    assert said.count("\ndone ") == len(network.writes)
    assert iamsync("apply", "--yes").code == 0


def applying(network: Network, folder: Path) -> "subprocess.Popen[str]":
    """`iamsync apply` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "iamsync", "apply", "--yes", "--csv", "first.csv"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **network.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def applied_and_killed(network: Network, folder: Path, number: int) -> None:
    """An apply that ends right after its write of that number, before it gets the answer."""
    process = applying(network, folder)
    network.after_write = lambda made: process.send_signal(signal.SIGKILL) if made == number else None
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL


def password_of_bo(folder: Path) -> str:
    """What was delivered last."""
    files = [file for file in (folder / "second.csv", folder / "first.csv") if file.exists()]
    rows = [row for file in files for row in DictReader(file.read_text().splitlines())]
    return next(row["Password"] for row in rows if row["User name"] == "bo")


def password_in_the_sandbox(network: Network) -> str:
    """What the fake AWS holds for bo."""
    with network.sandbox._accounts.in_moto():  # noqa: SLF001 - no API tells a password
        account = network.sandbox._accounts.account("123456789012", "aws")  # noqa: SLF001
        user = account.find_user("bo")
        assert user is not None
        return str(user.password)
