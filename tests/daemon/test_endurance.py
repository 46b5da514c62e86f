"""Cycles with nothing to do leave nothing behind: no write, no memory, no file, no thread; and make as few calls."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from shell import write
from surroundings import bare

from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
QUIET = {"GetCallerIdentity": 1, "GetAccountAuthorizationDetails": 1}
"""The calls of a cycle that finds nothing to do, for each thousand entities (docs/promises.md)."""


def users(number: int) -> str:
    """Files that declare so many users."""
    one = "  user-{:04}: {{policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
    return f"{SETTINGS}users:\n{''.join(one.format(index) for index in range(number))}"


@contextmanager
def loop_in(folder: Path, sandbox: Sandbox) -> "Iterator[subprocess.Popen[str]]":
    """A loop in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("quiet_loop.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        env=bare(**sandbox.environment),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def tick(loop: "subprocess.Popen[str]") -> dict[str, Any]:
    """The result of the next cycle, and what the process holds after it."""
    assert loop.stdin
    assert loop.stdout
    loop.stdin.write("\n")
    loop.stdin.flush()
    told: dict[str, Any] = json.loads(loop.stdout.readline())
    return told


@pytest.mark.parametrize(
    ("cycles", "declared", "warm"), [(50, 20, 15), pytest.param(1000, 1000, 50, marks=pytest.mark.slow)]
)
def test_quiet_cycles_leave_nothing_behind(
    sandbox: Sandbox, tmp_path: Path, cycles: int, declared: int, warm: int
) -> None:
    write(tmp_path, all=users(declared))
    with loop_in(tmp_path, sandbox) as loop:
        assert tick(loop)["result"] == "applied"
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for number in range(cycles):
            sandbox.forget_calls()
            after = tick(loop)
            before = after if number == warm else before
            calls = Counter(call.operation for call in sandbox.calls)
            assert (after["result"], calls) == ("in sync", QUIET), number

    assert after["pages"] <= before["pages"] * 1.05
    assert after["files"] <= before["files"]
    assert after["threads"] <= before["threads"]
