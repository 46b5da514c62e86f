"""Asked to stop: what flies lands, and the result is told. faults/ kills without asking."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults import Network
from shell import Iamsync, write

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
