"""`iamsync run --git`, as processes."""

import json
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import pytest
from forge import Forge, users
from git_server import serving
from mypy_boto3_iam import IAMClient
from shell import Iamsync, Logged, write
from surroundings import bare

from iamsync.cli.repository import default_state_folder
from iamsync.sandbox import Sandbox

TOKEN = "tops3cret-1b7e"


class Looping(Protocol):
    """Starts the loop on a repository as a process, which comes to its second cycle in an hour."""

    def __call__(self, url: str) -> "subprocess.Popen[str]":
        """The process."""


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """A token, and where everything is kept."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "csv").mkdir()
    names = {"git-token": "token", "state": "state", "csv": "csv", "journal": "journal.jsonl"}
    return [word for option, name in names.items() for word in (f"--{option}", str(tmp_path / name))]


@pytest.fixture
def looping(sandbox: Sandbox, options: list[str]) -> Looping:
    def started(url: str) -> "subprocess.Popen[str]":
        fitting = options if url.startswith("http") else options[2:]
        return subprocess.Popen(
            [sys.executable, "-m", "iamsync", "run", "--every", "1h", "--git", url, *fitting],
            env=bare(AWS_EC2_METADATA_DISABLED="true", **sandbox.environment),
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def test_a_process_that_is_killed_in_a_fetch_is_continued_by_the_next(
    iamsync: Iamsync, looping: Looping, options: list[str], forge: Forge, iam: IAMClient, tmp_path: Path, logged: Logged
) -> None:
    first = forge.commit("aiko")
    with serving(forge.bare.parent, TOKEN) as server:
        url = f"{server.url}/repo.git"
        once = ("run", "--once", "--git", url, *options)
        codes = [iamsync(*once).code]
        second = forge.commit("aiko", "bo")
        server.hangs = True
        killed = looping(url)
        assert server.hanging.wait(60)
        killed.kill()
        _, said = killed.communicate(timeout=60)
        left = list((tmp_path / "state").glob("*/incoming-*"))
        server.fails = HTTPStatus.SERVICE_UNAVAILABLE
        codes.append(iamsync(*once).code)
        removed = list((tmp_path / "state").glob("*/incoming-*"))
        server.hangs, server.fails = False, None
        codes.append(iamsync(*once).code)

    cycles = logged()
    assert (killed.returncode, len(left), removed) == (-signal.SIGKILL, 1, [])
    assert codes == [0, 1, 0], "the second is from the disk, and loud"
    assert [line["result"] for line in cycles] == ["applied", "in sync", "applied"]
    assert [line["commit"] for line in cycles] == [first, first, second]
    assert "503" in str(cycles[1]["fetch_error"])
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"aiko", "bo"}
    assert TOKEN not in f"{said} {cycles} {(tmp_path / 'journal.jsonl').read_text()}"


def test_a_signal_ends_a_fetch_that_gets_no_answer(forge: Forge, looping: Looping) -> None:
    forge.commit("aiko")
    with serving(forge.bare.parent, TOKEN) as server:
        server.hangs = True
        loop = looping(f"{server.url}/repo.git")
        assert server.hanging.wait(60)
        loop.send_signal(signal.SIGTERM)
        _, said = loop.communicate(timeout=60)

    assert (loop.returncode, said) == (0, "")


@pytest.mark.slow
def test_a_hangup_brings_a_commit_at_once(forge: Forge, looping: Looping, iam: IAMClient) -> None:
    """Even if the repository has just failed, and the next cycle is in an hour."""
    forge.commit("aiko")
    forge.go()
    loop = looping(forge.url)
    assert loop.stderr is not None
    first = json.loads(loop.stderr.readline())
    forge.come_back()
    loop.send_signal(signal.SIGHUP)
    lines = [json.loads(loop.stderr.readline()) for _ in range(2)]
    loop.send_signal(signal.SIGTERM)
    loop.communicate(timeout=60)

    assert (first["event"], first["result"]) == ("cycle", "error")
    assert [(line["event"], line["result"]) for line in lines] == [("action", "done"), ("cycle", "applied")]
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["aiko"]


def test_the_exit_code_of_one_cycle_is_that_of_an_apply(
    iamsync: Iamsync, forge: Forge, iam: IAMClient, tmp_path: Path
) -> None:
    once = ("run", "--once", "--git", forge.url, "--state", str(tmp_path / "state"), "--csv", str(tmp_path))
    empty = iamsync(*once)
    forge.commit("aiko")
    drift, nobody = iamsync(*once, "--dry-run"), iam.list_users()["Users"]
    applied, quiet, same = iamsync(*once), iamsync(*once), iamsync(*once, "--dry-run")
    forge.commit(files={"desired/all.yaml": "{"})
    broken = iamsync(*once)
    forge.go()
    gone = iamsync(*once)

    assert [one.code for one in (empty, drift, applied, quiet, same, broken, gone)] == [1, 2, 0, 0, 0, 3, 1]
    assert nobody == []


def test_one_cycle_on_a_folder(iamsync: Iamsync, tmp_path: Path) -> None:
    once = ("run", "--once", "--csv", str(tmp_path))
    missing = iamsync(*once)
    write(tmp_path, all=users("aiko"))
    drift, applied = iamsync(*once, "--dry-run"), iamsync(*once)
    write(tmp_path, all=users("aiko").replace("owner: us", "owner: us, guards: {required_users: [bo]}"))
    refused = iamsync(*once)

    assert [one.code for one in (missing, drift, applied, refused)] == [1, 2, 0, 3]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--git", "https://x:tops3cret@h/x"), "has a password in it"),
        (("--git", "git@h:x"), "needs --git-key FILE and --git-known-hosts FILE"),
        (("--verify-signatures", "x"), "need --git"),
        (("--git-token", "x"), "need --git"),
        (("--git", "file:///x", "--accept-rewrite", "abc"), "give all of its 40 hexadecimal digits"),
    ],
)
def test_options_that_cannot_be_meant(iamsync: Iamsync, options: tuple[str, ...], sentence: str) -> None:
    ended = iamsync("run", "--once", *options)

    assert ended.code == 1
    assert sentence in " ".join(ended.err.split())
    assert "tops3cret" not in ended.err


def test_the_state_is_where_systemd_or_the_user_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert default_state_folder() == Path("/home/x/.local/state/iamsync")
    monkeypatch.setenv("XDG_STATE_HOME", "/x")
    assert default_state_folder() == Path("/x/iamsync")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/iamsync:/var/lib/other")
    assert default_state_folder() == Path("/var/lib/iamsync")
