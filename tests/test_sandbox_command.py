"""`iamsync sandbox`: what it prints leads a shell to it, whatever the shell was set up for."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from shell import Iamsync
from surroundings import bare

from iamsync.sandbox import Sandbox

PROGRAM = f"{sys.executable} -m iamsync"
ELSEWHERE = {
    "AWS_PROFILE": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CONFIG_FILE": os.devnull,
}
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'], len(boto3.client('iam').list_users()))"


def who(setup: str, folder: Path) -> str:
    """Whom boto3 talks to in a shell that was set up for a real account and then by these lines."""
    script = f'{setup}\nexec "{sys.executable}" -c "{WHO}"\n'
    ended = subprocess.run(
        ["/bin/sh", "-c", script], cwd=folder, env=bare(**ELSEWHERE), capture_output=True, text=True, check=False
    )
    return ended.stdout.partition(" ")[0] or ended.stderr


@pytest.fixture
def started() -> Iterator[tuple[str, str]]:
    """A sandbox in a process of its own: its port, and the lines that it has printed."""
    command = [sys.executable, "-m", "iamsync", "sandbox", "--port", "0"]
    with subprocess.Popen(command, env=bare(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = "".join(process.stdout.readline() for _ in range(3))
        yield str(urlsplit(lines.partition("=")[2].split()[0]).port), lines
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said


def test_the_printed_lines_lead_a_shell_to_the_sandbox(started: tuple[str, str], tmp_path: Path) -> None:
    _, lines = started

    assert who(lines, tmp_path).strip() == "123456789012"


def test_export_prints_the_same_lines_for_eval(started: tuple[str, str], tmp_path: Path) -> None:
    port, lines = started

    assert who(f'eval "$({PROGRAM} sandbox --export --port {port})"', tmp_path).strip() == "123456789012"
    ended = subprocess.run(
        [*PROGRAM.split(), "sandbox", "--export", "--port", port],
        env=bare(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == (lines, "")


def test_without_them_the_shell_leads_elsewhere(tmp_path: Path) -> None:
    assert "real" in who("", tmp_path), "the profile of that name is looked for"


def test_where_no_sandbox_is_up_nothing_is_exported(iamsync: Iamsync, sandbox: Sandbox) -> None:
    port = str(urlsplit(sandbox.url).port)

    assert iamsync("sandbox", "--export", "--port", port).code == 0
    ended = iamsync("sandbox", "--export", "--port", "9")

    assert (ended.code, ended.out) == (1, "")
    assert "No sandbox listens on 127.0.0.1, port 9. Start one with iamsync sandbox" in ended.err
