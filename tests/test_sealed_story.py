"""Secrets that are sealed, from the files to the person who opens them."""

import json
from pathlib import Path

import boto3
import pytest
from faults.company import held_keys, password_in
from mypy_boto3_iam import IAMClient
from openers import age_pair, ssh_pair
from shell import Iamsync, write

from iamsync.daemon.cycle import Cycles
from iamsync.daemon.result import Result
from iamsync.delivery import Destinations
from iamsync.delivery.age import recipient
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

AIKO, BO = age_pair(), ssh_pair()
CHANGE = "policies: [aws:IAMUserChangePassword]"
FILES = f"""version: 1
settings: {{owner: us, account_id: "123456789012", delivery: {{password: age}}}}
users:
  aiko:
    console: true
    access_keys: {{count: 1, deliver: age}}
    recipients: [{AIKO.public}]
    {CHANGE}
  bo:
    deliver: age
    access_keys: 2
    recipients: [keys/bo.pub]
  robot: {{access_keys: 1}}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write(tmp_path, all=FILES)
    (tmp_path / "desired" / "keys").mkdir()
    (tmp_path / "desired" / "keys" / "bo.pub").write_text(BO.public)
    (tmp_path / "out").mkdir()


def test_each_user_opens_what_works_and_nobody_else_does(iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path) -> None:
    plan = iamsync("plan")
    applied = iamsync("apply", "--yes", "--sealed", "out", "--csv", "out")

    assert applied.code == 0, applied.out
    aiko, bo = sorted((tmp_path / "out").glob("*.age"))
    (mine,), his = AIKO.rows(aiko), BO.rows(bo)
    assert mine["Password"] == password_in(sandbox, "aiko")
    assert mine["Console login link"] == "https://123456789012.signin.aws.amazon.com/console"
    for name, rows in (("aiko", [mine]), ("bo", his)):
        held = {(key.access_key_id, key.secret_access_key) for key in held_keys(sandbox, name)}
        assert {(row["Access key ID"], row["Secret access key"]) for row in rows} == held
    assert [row["Password"] for row in his] == ["", ""]
    for fingerprint, number in ((recipient(AIKO.public).fingerprint, 2), (recipient(BO.public).fingerprint, 2)):
        assert plan.out.count(f"delivered as age file, sealed for {fingerprint}") == number
    secrets = [mine["Password"], *(row["Secret access key"] for row in [mine, *his])]
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or not any(secret in file.read_text() for secret in secrets)
    assert [len(file.read_text().splitlines()) for file in (tmp_path / "out").glob("*.csv")] == [2]
    for file in (aiko, bo):
        words = f"in {file.relative_to(tmp_path)}: hand them over; only their recipients can open them."
        assert f"New passwords and access keys are {words}" in applied.err


def test_without_a_folder_only_those_wait_who_get_something_sealed(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    applied = iamsync("apply", "--yes", "--csv", "out")

    assert applied.code == 3
    assert "! user/aiko held back: nothing can be delivered: no folder is named" in applied.out
    assert [one["UserName"] for one in iam.list_users()["Users"]] == ["robot"]
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_broken_folder_does_not_hold_back_a_revocation(iamsync: Iamsync, iam: IAMClient, tmp_path: Path) -> None:
    iamsync("apply", "--yes", "--csv", "out", "--sealed", "out")
    gone = FILES.replace("robot: {access_keys: 1}", "robot: {suspended: true}").replace(
        "access_keys: 2", "suspended: true"
    )
    write(tmp_path, all=gone + f"  chi: {{console: {{deliver: age}}, recipients: [{AIKO.public}], {CHANGE}}}\n")

    ended = iamsync("apply", "--yes", "--csv", "out", "--sealed", "missing")

    assert ended.code == 3
    assert "! user/chi held back: nothing can be delivered: the folder missing is missing" in ended.out
    for name in ("bo", "robot"):
        assert {key["Status"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]} == {"Inactive"}


def test_a_reviewed_plan_is_refused_if_the_secrets_would_go_elsewhere(iamsync: Iamsync, tmp_path: Path) -> None:
    iamsync("plan", "--out", "plan.iamsync")
    (tmp_path / "desired" / "keys" / "bo.pub").write_text(AIKO.public)

    ended = iamsync("apply", "plan.iamsync", "--csv", "out", "--sealed", "out")

    assert (ended.code, list((tmp_path / "out").iterdir())) == (3, [])
    assert "refused: changed plan" in ended.err


THIEF = age_pair()


@pytest.fixture
def _applied(iamsync: Iamsync) -> None:
    assert iamsync("apply", "--yes", "--csv", "out", "--sealed", "out").code == 0


def delivery_tag(iam: IAMClient, name: str) -> str | None:
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(UserName=name)["Tags"]}
    return tags.get("iamsync:delivery")


@pytest.mark.usefixtures("_applied")
def test_whoever_changes_the_recipient_is_seen_before_a_secret_goes_there(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    old, new = recipient(AIKO.public).fingerprint, recipient(THIEF.public).fingerprint
    write(
        tmp_path,
        all=FILES.replace(AIKO.public, THIEF.public).replace("{count: 1, deliver: age}", "{count: 2, deliver: age}"),
    )
    for file in (tmp_path / "out").iterdir():
        file.unlink()
    assert delivery_tag(iam, "aiko") == f"age {old}"

    shown = iamsync("plan", "--format", "text", "-o", "-", "--format", "markdown", "-o", "plan.md")
    first = iamsync("apply", "--yes", "--csv", "out", "--sealed", "out")

    words = f"! user/aiko held back: new passwords and access keys go to age {new}, no longer to age {old}"
    assert (words in shown.out, words in first.out) == (True, True)
    assert f"tag iamsync:delivery=age {old} -> age {new}" in shown.out
    markdown = (tmp_path / "plan.md").read_text()
    assert "**New passwords and access keys go elsewhere: 1**" in markdown.partition("### Held back")[0]
    assert (first.code, list((tmp_path / "out").iterdir())) == (3, [])
    assert (len(iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]), delivery_tag(iam, "aiko")) == (
        1,
        f"age {new}",
    )

    second = iamsync("apply", "--yes", "--csv", "out", "--sealed", "out")

    (sealed,) = (tmp_path / "out").iterdir()
    assert (second.code, len(THIEF.rows(sealed))) == (0, 1)
    assert len(iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]) == 2
    assert "Nothing to do" in iamsync("plan").out


@pytest.mark.usefixtures("_applied")
def test_a_tag_that_somebody_has_removed_costs_one_run_and_lets_nothing_through(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    iam.untag_user(UserName="aiko", TagKeys=["iamsync:delivery"])
    write(
        tmp_path,
        all=FILES.replace(AIKO.public, THIEF.public).replace("{count: 1, deliver: age}", "{count: 2, deliver: age}"),
    )
    for file in (tmp_path / "out").iterdir():
        file.unlink()

    first = iamsync("apply", "--yes", "--csv", "out", "--sealed", "out")

    assert (first.code, list((tmp_path / "out").iterdir())) == (3, [])
    assert "no longer to the default channel" in first.out
    assert iamsync("apply", "--yes", "--csv", "out", "--sealed", "out").code == 0


@pytest.mark.usefixtures("_applied")
def test_what_is_sealed_no_longer_is_seen_as_well(iamsync: Iamsync, iam: IAMClient, tmp_path: Path) -> None:
    write(tmp_path, all=FILES.replace("deliver: age\n    access_keys: 2\n", "access_keys: 2\n"))

    ended = iamsync("apply", "--yes", "--csv", "out", "--sealed", "out")

    assert ended.code == 0, "no secret is due"
    assert "deliver new passwords and access keys elsewhere" in ended.out
    noted = delivery_tag(iam, "bo")
    assert noted is not None
    assert noted.startswith("password:age access_key:csv SHA256:")


KEEPS = """#!/bin/sh
read asked
case "$asked" in *'"verb": "check"'*) exit 0;; esac
umask 077
echo "$asked" >> "$HOME/store.jsonl"
"""


def test_a_program_delivers_what_works(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "deliver").write_text(KEEPS)
    (tmp_path / "deliver").chmod(0o755)
    start = 'version: 1\nsettings: {owner: us, account_id: "123456789012", delivery: command}\n'
    write(tmp_path, all=f"{start}users: {{aiko: {{console: true, access_keys: 1, {CHANGE}}}}}\n")

    without = iamsync("apply", "--yes")
    applied = iamsync("apply", "--yes", "--delivery-command", "./deliver")

    assert (without.code, applied.code) == (3, 0)
    assert "held back: nothing can be delivered: no program is named: name one with --delivery-command" in without.out
    assert applied.out.count("delivered by the delivery command") == 2
    put = [json.loads(line) for line in (tmp_path / "store.jsonl").read_text().splitlines()]
    (key,) = held_keys(sandbox, "aiko")
    assert {one["kind"]: one["secret"] for one in put} == {
        "password": password_in(sandbox, "aiko"),
        "access_key": key.secret_access_key,
    }
    assert f"delivered through command: {tmp_path / 'deliver'}." in applied.err
    assert "Nothing to do" in iamsync("plan").out


def test_the_loop_seals_as_well_and_waits_one_cycle_for_another_recipient(
    sandbox: Sandbox, iam: IAMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    start = 'version: 1\nsettings: {owner: us, account_id: "123456789012", delivery: age}\n'
    declared = "users: {aiko: {access_keys: %s, recipients: [%s]}}\n"
    places = Destinations(csv=None, sealed=tmp_path / "out")
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=None, places=places)

    write(tmp_path, all=start + declared % (1, AIKO.public))
    results = [cycles.next().result]
    write(tmp_path, all=start + declared % (2, THIEF.public))
    before = set((tmp_path / "out").iterdir())
    results.append(cycles.next().result)
    assert set((tmp_path / "out").iterdir()) == before, "no secret is made by the cycle that learns of it"
    results.append(cycles.next().result)

    (new,) = set((tmp_path / "out").iterdir()) - before
    assert results == [Result.APPLIED] * 3
    assert len(iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]) == 2
    assert ([len(AIKO.rows(file)) for file in before], len(THIEF.rows(new))) == ([1], 1)
