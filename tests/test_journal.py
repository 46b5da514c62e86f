"""The audit journal: what a line says, when it is on the disk, who may read it, and what if it cannot be written."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write
from surroundings import bare

from iamsync import __version__
from iamsync.render import screen
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"


def lines(path: Path, event: str = "call") -> list[dict[str, object]]:
    """The lines of one kind: calls that have ended, calls that are about to be sent, or runs."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in found if line["event"] == event]


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
    assert (attached["reason"], attached["version"]) == ("desired/all.yaml:3", __version__)
    assert created["run"] == attached["run"]
    assert (created["call"], attached["call"]) == (1, 2)


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

    passwords = [line.split(",")[1] for line in (tmp_path / "new.csv").read_text().splitlines()[1:]]
    made = [line["params"] for line in lines(tmp_path / "j.jsonl") if line["operation"] == "create_login_profile"]
    assert [password for password in passwords if password in (tmp_path / "j.jsonl").read_text()] == []
    assert len(passwords) == len(made) == 2
    assert {
        "UserName": "aiko.sato",
        "Password": {"secret": "password"},
        "PasswordResetRequired": True,
    } in made


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
        if b'"event": "call"' in line:
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
    made = [json.loads(line) for line in piped.stderr.splitlines()]
    assert [(line["event"], line.get("operation")) for line in made] == [
        ("sent", "create_user"),
        ("call", "create_user"),
        ("sent", "attach_user_policy"),
        ("call", "attach_user_policy"),
        ("run", None),
    ]
    assert thrown_away.stderr == ""


def test_a_line_that_a_crash_truncated_does_not_spoil_the_next(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_text('{"time": "2026-11-')
    write(tmp_path, all=AIKO)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    cut, *whole = (tmp_path / "j.jsonl").read_text().splitlines()
    assert cut == '{"time": "2026-11-'
    assert [json.loads(line)["event"] for line in whole] == ["sent", "call", "sent", "call", "run"]


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

    assert flushed == [str(tmp_path / "j.jsonl")] * 5, "before and after each call, and at the end of the run"


def test_a_call_that_cannot_be_announced_is_not_sent(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {console: true, policies: [aws:IAMUserChangePassword]}}\n")
    real = os.write

    def full(descriptor: int, line: bytes) -> int:
        if b'"operation": "create_login_profile"' in line:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, line)

    monkeypatch.setattr(os, "write", full)
    ended = iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "j.jsonl")

    assert ended.code == 1
    assert "create console password: the journal j.jsonl cannot be written (No space left on device)" in ended.out
    assert "it was not sent, so it was not done" in ended.out
    assert "CreateLoginProfile" not in [call.operation for call in sandbox.calls]
    assert not (tmp_path / "new.csv").exists() or "aiko" not in (tmp_path / "new.csv").read_text()


def test_a_call_is_in_the_journal_even_when_the_process_is_killed_before_the_answer(
    tmp_path: Path, network: Network
) -> None:
    write(tmp_path, all=AIKO)
    command = [sys.executable, "-m", "iamsync", "apply", "--yes", "--journal", "j.jsonl"]
    environment = bare(AWS_EC2_METADATA_DISABLED="true", **network.environment)
    processes: list[subprocess.Popen[bytes]] = []

    def kill(operation: str, _: Mapping[str, str]) -> None:
        if operation == "AttachUserPolicy":
            processes[0].kill()
            processes[0].wait()

    network.before_write = kill
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        processes.append(process)
        assert process.wait(600) == -signal.SIGKILL

    (created,) = lines(tmp_path / "j.jsonl")
    announced = lines(tmp_path / "j.jsonl", "sent")
    assert [(line["call"], line["operation"]) for line in announced] == [(1, "create_user"), (2, "attach_user_policy")]
    assert (created["call"], lines(tmp_path / "j.jsonl", "run")) == (1, []), "a run without its last line was killed"
    assert announced[1]["params"] == {"UserName": "aiko", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}


def test_each_run_leaves_one_line_however_it_ends(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IAMSYNC_JOURNAL", "j.jsonl")

    def ended(files: str, *arguments: str) -> dict[str, object]:
        write(tmp_path, all=files)
        (tmp_path / "j.jsonl").unlink(missing_ok=True)
        iamsync(*(arguments or ("apply", "--yes")))
        (line,) = lines(tmp_path / "j.jsonl", "run")
        assert (line["version"], len(str(line["run"]))) == (__version__, 8)
        return line

    applied, quiet = ended(AIKO), ended(AIKO)
    assert (applied["result"], applied["done"], quiet["result"], quiet["done"]) == ("applied", 2, "in sync", 0)
    assert applied["run"] != quiet["run"]
    assert (quiet["account"], len(str(quiet["plan"]))) == ("123456789012", 64)

    refused = ended(SETTINGS)
    assert (refused["result"], str(refused["why"])[:21]) == ("refused", "empty desired state: ")
    wrong = ended(AIKO.replace("123456789012", "210987654321"))
    assert (wrong["result"], str(wrong["why"])[:14]) == ("refused", "wrong account:")
    broken = ended("users: [")
    assert (broken["result"], broken["account"]) == ("error", None)
    assert str(broken["why"]).startswith("desired/all.yaml:1:9: not valid YAML")
    held = ended(AIKO.replace("aiko", "bob"), "release", "aiko", "--yes")
    assert (held["result"], held["done"]) == ("applied", 1)

    with Network(sandbox, [Fault(match="CreateUser", code="AccessDenied", message="not you")]) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        failed = ended(AIKO.replace("aiko", "bob"))
    assert (failed["result"], failed["failed"], failed["skipped"]) == ("failed", 1, 1)


def test_a_plan_that_nobody_agrees_to_leaves_a_line_too(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=AIKO)
    monkeypatch.setattr(screen, "can_ask", lambda: True)
    monkeypatch.setattr(screen, "ask", lambda _: False)

    assert iamsync("apply", "--journal", "j.jsonl").code == 1

    assert [line["result"] for line in lines(tmp_path / "j.jsonl", "run")] == ["declined"]


def test_what_is_changed_or_removed_is_there_with_its_old_value(iamsync: Iamsync, tmp_path: Path) -> None:
    def applied(files: str) -> dict[str, dict[str, object]]:
        (tmp_path / "j.jsonl").unlink(missing_ok=True)
        write(tmp_path, all=files)
        ended = iamsync("apply", "--yes", "--journal", "j.jsonl")
        assert ended.code == 0, ended.out + ended.err
        return {str(line["operation"]): line for line in lines(tmp_path / "j.jsonl")}

    prune = SETTINGS.replace("owner: us", "owner: us, prune: true, guards: {max_removals: 9}")
    tags = "{path: /people/, tags: {Team: data, Floor: '3'}, permissions_boundary: aws:PowerUserAccess}"
    applied(with_policy("s3:GetA") + f"users: {{stays: {{}}, aiko: {tags}}}\n")
    changed = applied(
        with_policy("s3:GetB")
        + "users: {stays: {}, aiko: {path: /data/, tags: {Team: x}, permissions_boundary: aws:ReadOnlyAccess}}\n"
    )
    removed = applied(prune + "users: {stays: {}}\n")

    assert {name: line["old"] for name, line in changed.items()} == {
        "update_user": {"path": "/people/"},
        "tag_user": {"tags": {"Team": "data"}},
        "untag_user": {"tags": {"Floor": "3"}},
        "put_user_permissions_boundary": {"permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess"},
        "create_policy_version": {"default_version": "v1"},
    }
    assert removed["delete_user"]["old"] == {
        "path": "/data/",
        "permissions_boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "tags": {"Team": "x", "iamsync:owner": "us"},
    }
    assert removed["delete_policy"]["old"] == {
        "path": "/",
        "tags": {"iamsync:owner": "us"},
        "default_version": "v2",
    }
    assert "s3:GetB" in str(removed["delete_policy"]["removed"])


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_an_existing_file_is_closed_to_others(iamsync: Iamsync, tmp_path: Path, mode: int) -> None:
    write(tmp_path, all=AIKO)
    (tmp_path / "j.jsonl").touch()
    (tmp_path / "j.jsonl").chmod(mode)

    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    assert stat.S_IMODE((tmp_path / "j.jsonl").stat().st_mode) == 0o600


def test_where_the_mode_cannot_be_enforced_nothing_is_begun(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    write(tmp_path, all=AIKO)
    (tmp_path / "j.jsonl").touch(0o644)
    monkeypatch.setattr(os, "fchmod", refused)

    ended = iamsync("apply", "--yes", "--journal", "j.jsonl")

    assert (ended.code, sandbox.calls) == (1, [])
    why = "the journal j.jsonl has mode 0644, and mode 0600 cannot be set (Operation not permitted)"
    assert f"{why}: nothing is done without it" in ended.err


@pytest.mark.parametrize("target", ["there", "missing"])
def test_a_link_is_not_followed(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, target: str) -> None:
    write(tmp_path, all=AIKO)
    (tmp_path / "there").write_text("somebody else's\n")
    (tmp_path / "there").chmod(0o644)
    (tmp_path / "j.jsonl").symlink_to(tmp_path / target)

    ended = iamsync("apply", "--yes", "--journal", "j.jsonl")

    assert (ended.code, sandbox.calls) == (1, [])
    assert "the journal j.jsonl is a link, which is not followed: name the file itself" in ended.err
    assert (tmp_path / "there").read_text() == "somebody else's\n"
    assert stat.S_IMODE((tmp_path / "there").stat().st_mode) == 0o644
    assert not (tmp_path / "missing").exists()
