"""Asked to stop: what flies lands, and the result is reported. faults/ kills without asking."""

import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import hearing
import pytest
from faults import Network
from hearing import wait_for
from shell import Iamsync, write
from surroundings import bare

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
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


@pytest.mark.parametrize("asked_with", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_says_what_was_done_and_exits_with_130(
    network: Network, iamsync: Iamsync, tmp_path: Path, asked_with: signal.Signals
) -> None:
    write(tmp_path, all=AFTER)
    started: Future[subprocess.Popen[str]] = Future()

    def ask(made: int) -> None:
        if made == 2:
            started.result(600).send_signal(asked_with)
            wait_for(tmp_path / "heard")

    network.after_write = ask
    started.set_result(applying(network, tmp_path))
    process = started.result()
    said, _ = process.communicate(timeout=600)

    assert process.returncode == 130
    assert f"stopped by {asked_with.name}" in said
    assert "Interrupted: run apply again to go on." in said
    assert said.count("\ndone ") == len(network.writes)
    assert iamsync("apply", "--yes", "--csv", ".").code == 0


PROGRAM = """
from pathlib import Path
from hearing import after_hearing
from iamsync.__main__ import run
after_hearing(Path("heard").touch)
run()
"""


def applying(network: Network, folder: Path) -> "subprocess.Popen[str]":
    """`iamsync apply` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "apply", "--yes", "--csv", "first.csv"],
        cwd=folder,
        env=bare(PYTHONPATH=str(Path(hearing.__file__).parent), **network.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
