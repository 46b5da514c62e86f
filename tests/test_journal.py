"""The audit journal: what a line says, when it is on the disk, and what happens when it cannot be written."""

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write
from surroundings import bare

from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def with_policy(action: str) -> str:
    document = f"{{Version: 2012-10-17, Statement: [{{Effect: Allow, Action: '{action}', Resource: '*'}}]}}"
    return SETTINGS + f"policies: {{Reads: {{document: {document}}}}}\n"


def test_each_call_leaves_a_line_that_says_all_of_it(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    created, attached = lines(tmp_path / "j.jsonl")
    assert created["operation"] == "create_user"
    assert {
        key: attached[key] for key in ("account", "subject", "verb", "operation", "params", "result", "attempts")
    } == {
        "account": "123456789012",
        "subject": "user/aiko",
        "verb": "create",
        "operation": "attach_user_policy",
        "params": {"UserName": "aiko", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
        "result": "done",
        "attempts": 1,
    }
    assert str(attached["caller"]).startswith("arn:aws:")
    assert str(attached["time"]).endswith("+00:00")
    assert len(str(attached["plan"])) == 64
    assert created["plan"] == attached["plan"]
    assert created["request_id"] != attached["request_id"]


def test_a_failure_is_written_down_too_and_what_was_skipped_is_no_call(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    with Network(sandbox, [Fault(match="CreateUser", code="AccessDenied", message="not you")]) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 1

    (failed,) = lines(tmp_path / "j.jsonl")
    assert (failed["operation"], failed["result"], failed["error"]) == ("create_user", "failed", "AccessDenied")
    assert failed["why"] == "AccessDenied: not you"


def test_it_is_for_its_owner_alone_and_grows(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    try:
        write(tmp_path, all=AIKO)
        assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0
    finally:
        os.umask(before)
    write(tmp_path, all=AIKO.replace("S3", "EC2"))
    monkeypatch.setenv("IAMSYNC_JOURNAL", "j.jsonl")
    assert iamsync("apply", "--yes").code == 0

    assert stat.S_IMODE((tmp_path / "j.jsonl").stat().st_mode) == 0o600
    assert len(lines(tmp_path / "j.jsonl")) == 4


def test_no_password_is_in_it(iamsync: Iamsync, tmp_path: Path) -> None:
    story = ("--desired", str(STORY))
    assert iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "j.jsonl", *story).code == 0

    password = (tmp_path / "new.csv").read_text().splitlines()[1].split(",")[1]
    (made,) = [line for line in lines(tmp_path / "j.jsonl") if line["operation"] == "create_login_profile"]
    assert password not in (tmp_path / "j.jsonl").read_text()
    assert made["params"] == {
        "UserName": "aiko.sato",
        "Password": {"secret": "password"},
        "PasswordResetRequired": True,
    }


def test_an_evicted_version_is_kept_in_full(iamsync: Iamsync, tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path, all=with_policy(f"s3:Get{number}*"))
        assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    (evicted,) = [line for line in lines(tmp_path / "j.jsonl") if line["operation"] == "delete_policy_version"]
    assert json.loads(str(evicted["removed"]))["Statement"][0]["Action"] == "s3:Get0*"


def test_the_commit_of_the_files_is_named(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NAME": "x", "EMAIL": "x@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    write(tmp_path, all=AIKO)
    for command in (["init", "-q"], ["add", "desired"], ["commit", "-q", "-m", "All"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S607 - git is on the PATH
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tmp_path, text=True).strip()  # noqa: S607

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    assert {line["commit"] for line in lines(tmp_path / "j.jsonl")} == {head}


@pytest.mark.parametrize(
    "path", [{"GIT_DIR": "/nonexistent"}, {"PATH": "/nonexistent"}], ids=["no-repository", "no-git"]
)
def test_files_outside_git_have_no_commit(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: dict[str, str]
) -> None:
    for name, value in path.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    assert {line["commit"] for line in lines(tmp_path / "j.jsonl")} == {None}


@pytest.mark.parametrize("command", [["apply", "--yes"], ["run"]])
def test_without_a_journal_nothing_is_begun(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, command: list[str]
) -> None:
    write(tmp_path, all=AIKO)

    ended = iamsync(*command, "--journal", "no/such/folder/j.jsonl")

    assert ended.code == 1
    assert "the journal no/such/folder/j.jsonl cannot be written (No such file or directory)" in ended.err
    assert sandbox.calls == []


def test_on_a_full_device_nothing_is_begun(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {console: true, policies: [aws:IAMUserChangePassword]}}\n")

    ended = iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "/dev/full")

    assert ended.code == 1
    assert "the journal /dev/full cannot be written (No space left on device): nothing is done without it" in ended.err
    assert [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))] == []
    assert not (tmp_path / "new.csv").exists()
    assert iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "j.jsonl").code == 0


def test_on_a_disk_without_room_nothing_is_begun(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    disk = SimpleNamespace(f_blocks=1_000_000, f_bavail=15, f_frsize=4096)
    monkeypatch.setattr(os, "fstatvfs", lambda _: disk)

    ended = iamsync("apply", "--yes", "--journal", "j.jsonl")

    assert (ended.code, "No space left on device" in ended.err) == (1, True)
    assert [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))] == []
    disk.f_bavail = 16
    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0


def test_a_disk_that_fills_up_ends_the_run_after_the_call_that_could_not_be_written_down(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    real = os.write

    def full(descriptor: int, line: bytes) -> int:
        if line.startswith(b'{"time"'):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, line)

    monkeypatch.setattr(os, "write", full)
    ended = iamsync("apply", "--yes", "--journal", "j.jsonl")
    monkeypatch.undo()

    assert ended.code == 1
    assert "skipped user/aiko  attach aws:AmazonS3ReadOnlyAccess: the journal j.jsonl cannot be written" in ended.out
    assert iam.get_user(UserName="aiko")


def test_it_may_be_a_pipe_or_nothing_at_all(tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)

    def applied(journal: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "iamsync", "apply", "--yes", "--journal", journal]
        return subprocess.run(
            command, cwd=tmp_path, env=bare(**sandbox.environment), capture_output=True, text=True, check=False
        )

    piped = applied("/dev/stderr")
    sandbox.reset()
    thrown_away = applied("/dev/null")

    assert (piped.returncode, thrown_away.returncode) == (0, 0), piped.stderr + thrown_away.stderr
    made = [json.loads(line)["operation"] for line in piped.stderr.splitlines()]
    assert made == ["create_user", "attach_user_policy"]
    assert thrown_away.stderr == ""


def test_a_line_that_a_crash_truncated_does_not_spoil_the_next(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_text('{"time": "2026-11-')
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    cut, *whole = (tmp_path / "j.jsonl").read_text().splitlines()
    assert cut == '{"time": "2026-11-'
    assert [json.loads(line)["operation"] for line in whole] == ["create_user", "attach_user_policy"]


def test_a_line_is_on_the_disk_before_the_subjects_next_call(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    flush = os.fsync

    def seen(descriptor: int) -> None:
        flush(descriptor)
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    monkeypatch.setattr(os, "fsync", seen)
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    assert flushed == [str(tmp_path / "j.jsonl")] * 2
