"""A lost password: another one for a named user, through the channel of the first, and nothing else."""

import json
from pathlib import Path

import pytest
from faults.company import has_password, password_in
from mypy_boto3_iam import IAMClient
from mypy_boto3_iam.type_defs import TagTypeDef
from openers import age_pair
from shell import Iamsync, write

from iamsync.delivery.age import recipient
from iamsync.sandbox import Sandbox

AIKO, THIEF = age_pair(), age_pair()
CHANGE = "policies: [aws:IAMUserChangePassword]"
FILES = f"""version: 1
settings: {{owner: us, account_id: "123456789012", guards: {{protected_users: [boss]}}}}
users:
  aiko: {{console: {{deliver: age, password_reset_required: false}}, recipients: [{AIKO.public}], {CHANGE}}}
  bo: {{console: true, {CHANGE}}}
  robot: {{}}
  gone: {{console: true, suspended: true}}
"""
COMMAND = ("reset-password", "--yes", "--csv", "out", "--sealed", "out", "--journal", "journal.jsonl")


@pytest.fixture(autouse=True)
def _applied(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path, all=FILES)
    assert iamsync("apply", "--yes", "--csv", "out", "--sealed", "out").code == 0
    for file in (tmp_path / "out").iterdir():
        file.unlink()


def writes(journal: Path) -> list[str]:
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [line["operation"] for line in lines if line["event"] == "sent"]


def test_the_new_password_is_delivered_and_works_and_nothing_else_is_done(
    iamsync: Iamsync, iam: IAMClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    old, bos = password_in(sandbox, "aiko"), password_in(sandbox, "bo")
    write(tmp_path, all=FILES.replace("robot: {}", "robot: {path: /bots/}"))

    ended = iamsync(*COMMAND, "aiko")

    (sealed,) = (tmp_path / "out").iterdir()
    ((row,), new) = AIKO.rows(sealed), password_in(sandbox, "aiko")
    assert (ended.code, row["Password"]) == (0, new), ended.out
    assert (new != old, password_in(sandbox, "bo")) == (True, bos)
    assert iam.get_login_profile(UserName="aiko")["LoginProfile"]["PasswordResetRequired"] is True
    assert "replace console password" in ended.out
    assert f"sealed for {recipient(AIKO.public).fingerprint}; a new one must be set at first sign-in" in ended.out
    assert "robot" not in ended.out
    assert writes(tmp_path / "journal.jsonl") == ["update_login_profile"]
    assert new not in ended.out + ended.err + (tmp_path / "journal.jsonl").read_text()


def test_a_password_that_is_gone_is_made(iamsync: Iamsync, iam: IAMClient, sandbox: Sandbox, tmp_path: Path) -> None:
    iam.delete_login_profile(UserName="bo")

    ended = iamsync(*COMMAND, "user/bo", "aiko")

    assert ended.code == 0, ended.out
    assert sorted(writes(tmp_path / "journal.jsonl")) == ["create_login_profile", "update_login_profile"]
    (csv,) = (tmp_path / "out").glob("*.csv")
    assert password_in(sandbox, "bo") in csv.read_text()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("eve", "is not declared"),
        ("robot", "has no password by the files: declare console: true"),
        ("gone", "is suspended"),
        ("late", "is not in the account by this name: apply first"),
        ("boss", 'is protected by "boss" in settings.guards.protected_users'),
        ("held", "is on hold: remove the tag iamsync:hold first"),
        ("theirs", 'is not owned by "us"'),
        ("frozen", "is suspended"),
    ],
)
def test_who_may_get_none_is_refused_and_nobody_gets_one(
    iamsync: Iamsync, iam: IAMClient, sandbox: Sandbox, tmp_path: Path, name: str, why: str
) -> None:
    more = "".join(f"  {one}: {{console: true, {CHANGE}}}\n" for one in ("boss", "held", "theirs", "frozen", "late"))
    write(tmp_path, all=FILES + more)
    mine: TagTypeDef = {"Key": "iamsync:owner", "Value": "us"}
    found: dict[str, list[TagTypeDef]] = {
        "boss": [mine],
        "held": [mine, {"Key": "iamsync:hold", "Value": ""}],
        "theirs": [],
        "frozen": [mine, {"Key": "iamsync:suspended-keys", "Value": "AKIA"}],
        "eve": [mine],
    }
    for one, tags in found.items():
        iam.create_user(UserName=one, Tags=tags)
        iam.create_login_profile(UserName=one, Password="Their-own-pass-1")
    before = password_in(sandbox, "aiko")

    ended = iamsync(*COMMAND, "aiko", name)

    assert (ended.code, list((tmp_path / "out").iterdir())) == (3, [])
    assert f"refused: no new password: user/{name} {why}" in ended.err
    assert password_in(sandbox, "aiko") == before


def test_a_changed_recipient_gets_no_password_in_the_run_that_learns_of_it(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    write(tmp_path, all=FILES.replace(AIKO.public, THIEF.public))
    old = password_in(sandbox, "aiko")

    first = iamsync(*COMMAND, "aiko")

    assert (first.code, list((tmp_path / "out").iterdir()), password_in(sandbox, "aiko")) == (3, [], old)
    assert f"no longer to password:age access_key:csv {recipient(AIKO.public).fingerprint}" in first.out
    assert "deliver new passwords and access keys elsewhere" in first.out
    assert iamsync(*COMMAND, "aiko").code == 0
    assert password_in(sandbox, "aiko") != old


def test_a_broken_channel_holds_it_back(iamsync: Iamsync, sandbox: Sandbox) -> None:
    old = password_in(sandbox, "aiko")

    ended = iamsync("reset-password", "--yes", "--sealed", "missing", "aiko")

    assert (ended.code, password_in(sandbox, "aiko")) == (3, old)
    assert "! user/aiko held back: nothing can be delivered: the folder missing is missing" in ended.out


def test_who_could_not_replace_it_at_sign_in_is_held_back(iamsync: Iamsync, iam: IAMClient, sandbox: Sandbox) -> None:
    iam.detach_user_policy(UserName="bo", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    iam.update_account_password_policy(AllowUsersToChangePassword=False)
    old = password_in(sandbox, "bo")

    ended = iamsync(*COMMAND, "bo")

    assert (ended.code, password_in(sandbox, "bo")) == (3, old), ended.out
    assert "! user/bo held back" in ended.out


def test_it_is_asked_for_and_declined(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.render.screen.can_ask", lambda: True)
    monkeypatch.setattr("iamsync.render.screen.ask", lambda _: False)
    old = password_in(sandbox, "bo")

    ended = iamsync("reset-password", "--csv", "out", "bo")

    assert (ended.code, list((tmp_path / "out").iterdir()), password_in(sandbox, "bo")) == (1, [], old)
    assert "Nothing was changed." in ended.err


def test_the_files_say_nothing_of_it_afterwards(iamsync: Iamsync, iam: IAMClient) -> None:
    assert iamsync(*COMMAND, "aiko", "bo").code == 0

    assert "Nothing to do" in iamsync("plan").out
    assert has_password(iam, "aiko")
