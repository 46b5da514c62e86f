"""A process that is killed at any moment leaves a folder from which the next start goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from forge import Forge, Sources, users
from surroundings import bare

LOOK = """
import sys
from pathlib import Path
from iamsync.daemon.git.address import Address
from iamsync.daemon.git.source import GitSource
source = GitSource(Address(url=sys.argv[1]), Path(sys.argv[2]))
source.accept(source.current())
"""
STEPS = 14
"""How often git is started from the first look to the end, and once more."""


def all_or_one(steps: range) -> list[object]:
    """Each step in the slow run, and one of them here."""
    return [pytest.param(step, marks=() if step == 9 else pytest.mark.slow) for step in steps]


@pytest.mark.parametrize("step", all_or_one(range(1, STEPS + 1)))
def test_a_kill_when_git_is_started_is_healed_by_the_next_start(
    forge: Forge, source_of: Sources, tmp_path: Path, step: int
) -> None:
    """The git that was just started goes on, as it does when only its parent is killed."""
    first = forge.commit("aiko")
    source = source_of()
    source.accept(source.current())
    source.close()
    second = forge.commit("aiko", "bo")
    (tmp_path / "bin").mkdir()
    (tmp_path / "count").write_text("0")
    killing = tmp_path / "bin" / "git"
    killing.write_text(
        f"#!/bin/sh\nread n < {tmp_path}/count\nn=$((n + 1))\necho $n > {tmp_path}/count\n"
        f'[ $n = {step} ] && kill -9 $PPID\nexec {shutil.which("git")} "$@"\n'
    )
    killing.chmod(0o700)
    environment = bare(PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    command = [sys.executable, "-c", LOOK, forge.url, str(tmp_path / "state")]
    ended = subprocess.run(command, env=environment, stderr=subprocess.PIPE, check=False)

    starts = int((tmp_path / "count").read_text())
    assert starts < STEPS or step == STEPS, "the sweep covers all of it"
    forge.go()
    without = source_of().current()
    source_of().close()
    forge.come_back()
    last = source_of()
    checkout = last.current()
    last.accept(checkout)

    assert without.commit in {first, second}, ended.stderr
    assert (ended.returncode == 0) == (without.commit == second)
    assert (checkout.commit, (checkout.path / "all.yaml").read_text()) == (second, users("aiko", "bo"))
    assert [entry.name for entry in (tmp_path / "state").glob("*/*") if entry.is_dir()] == [second]
