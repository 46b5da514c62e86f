"""A channel, a format, a source and a metric that iamsync does not have, each a module of under sixty lines."""

import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.daemon.cycle import Cycles
from iamsync.daemon.result import CycleResult, Result
from iamsync.delivery import CHANNELS
from iamsync.render.formats import PLAN_FORMATS
from iamsync.sandbox import Sandbox
from seams import letters, tables
from seams.archives import Archives
from seams.metrics import Metrics

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"%s}\n'
TWO = (
    SETTINGS % ", delivery: letter"
    + "users:\n  aiko: {console: true, access_keys: {count: 1, deliver: csv}, policies: [aws:IAMUserChangePassword]}\n"
    + "  bo: {access_keys: 2}\n"
)


@pytest.mark.parametrize("name", ["letters", "tables", "archives", "metrics"])
def test_an_addition_is_short(name: str) -> None:
    assert len((Path(__file__).parent / f"{name}.py").read_text().splitlines()) < 60


@pytest.fixture
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, "letter", letters.prepare)


def written(letter: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in letter.read_text().splitlines()]


def keys(iam: IAMClient, name: str) -> set[str]:
    return {one["AccessKeyId"] for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]}


def test_a_new_format_is_an_option_of_plan(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLAN_FORMATS, "table", tables.table)
    write(tmp_path, all=SETTINGS % "" + "users: {aiko: {policies: [aws:IAMUserChangePassword]}}\n")

    shown = iamsync("plan", "--format", "table")
    filed = iamsync("plan", "--format", "table", "-o", "plan.txt")

    assert (shown.code, filed.code, filed.out) == (0, 0, "")
    assert [row.split(" | ") for row in shown.out.splitlines()] == [
        ["user/aiko", "create", "create_user", "desired/all.yaml:3"],
        ["user/aiko", "create", "attach_user_policy", "desired/all.yaml:3"],
    ]
    assert (tmp_path / "plan.txt").read_text() == shown.out


@pytest.mark.usefixtures("_letters")
def test_a_new_channel_is_known_from_the_files_to_the_report(iamsync: Iamsync, iam: IAMClient, tmp_path: Path) -> None:
    write(tmp_path, all=TWO)

    schema, plan, applied = iamsync("schema"), iamsync("plan"), iamsync("apply", "--yes", "--csv", "new.csv")

    aiko, bo = sorted((tmp_path / "letters-to-2-users").iterdir())
    (password,), pair = written(aiko), written(bo)
    assert '"letter"' in schema.out
    assert plan.out.count("delivered through letter") == 3
    assert plan.out.count("delivered as CSV") == 1
    assert applied.code == 0
    assert f"New passwords and access keys are delivered through letter: {aiko.relative_to(tmp_path)}." in applied.err
    assert "New passwords and access keys are in new.csv: hand them over and delete the file." in applied.err
    assert (password["kind"], len(password["secret"])) == ("password", 24)
    assert {one["id"] for one in pair} == keys(iam, "bo")
    assert [line.split(",")[2] for line in (tmp_path / "new.csv").read_text().splitlines()[1:]] == [*keys(iam, "aiko")]
    assert "Nothing to do" in iamsync("plan").out


@pytest.mark.usefixtures("_letters")
def test_a_new_channel_that_does_not_work_is_found_before_the_first_call(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    write(tmp_path, all=TWO)
    (tmp_path / "letters-to-2-users").mkdir()

    ended = iamsync("apply", "--yes", "--csv", "new.csv")

    assert ended.code == 3
    for user in ("aiko", "bo"):
        assert f"! user/{user} held back: nothing can be delivered: the folder letters-to-2-users cannot" in ended.out
    assert [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))] == []
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.usefixtures("_letters")
def test_what_a_new_channel_cannot_deliver_does_not_stay_alive(
    iamsync: Iamsync, iam: IAMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=TWO)
    open_file = Path.open

    def full_for_aiko(file: Path, *how: Any, **more: Any) -> Any:  # noqa: ANN401 - what Path.open takes and returns
        if file.name == "aiko.letter":
            raise OSError(28, "No space left on device")
        return open_file(file, *how, **more)

    monkeypatch.setattr(Path, "open", full_for_aiko)

    ended = iamsync("apply", "--yes", "--csv", "new.csv")

    assert ended.code == 1
    assert "aiko.letter cannot be written (No space left on device)" in ended.out
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_login_profile(UserName="aiko")
    assert len(keys(iam, "bo")) == 2


def archive(folder: Path, name: str, text: str) -> None:
    with zipfile.ZipFile(folder / name, "w") as file:
        file.writestr("all.yaml", text)


@pytest.fixture
def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


def test_the_loop_takes_its_files_from_a_new_source(session: boto3.Session, iam: IAMClient, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    cycles = Cycles(Archives(tmp_path / "inbox", tmp_path / "unpacked"), session, csv=tmp_path)

    empty = cycles.next()
    archive(tmp_path / "inbox", "1.zip", SETTINGS % "" + "users: {aiko: {}}\n")
    first, again = cycles.next(), cycles.next()
    archive(tmp_path / "inbox", "2.zip", SETTINGS % "" + "users: {aiko: {}, bo: {}}\n")
    second = cycles.next()

    results = [one.result for one in (empty, first, again, second)]
    assert results == [Result.ERROR, Result.APPLIED, Result.IN_SYNC, Result.APPLIED]
    assert empty.reasons == (f"there is no archive in {tmp_path / 'inbox'}: upload one",)
    assert first.commit == again.commit != second.commit
    assert {one["UserName"] for one in iam.list_users()["Users"]} == {"aiko", "bo"}
    assert second.planned[0].reason is not None
    assert second.planned[0].reason.file == str(tmp_path / "unpacked" / str(second.commit) / "all.yaml")


def test_a_new_metric_is_made_from_the_results(session: boto3.Session, iam: IAMClient, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    metrics = Metrics()
    source = Archives(tmp_path / "inbox", tmp_path / "unpacked")
    cycles = Cycles(source, session, csv=tmp_path, listener=metrics)
    iam.create_user(UserName="old.hand")

    cycles.next()
    users = "users: {aiko: {access_keys: 1}, old.hand: {}}\n"
    archive(tmp_path / "inbox", "1.zip", SETTINGS % "" + users)
    last: CycleResult = cycles.next()

    assert metrics.page().splitlines() == [
        'iamsync_actions_total{status="done"} 3',
        'iamsync_cycles_total{result="applied"} 1',
        'iamsync_cycles_total{result="error"} 1',
        'iamsync_deliveries_total{channel="csv"} 1',
        'iamsync_errors_total{kind="IamsyncError"} 1',
        "iamsync_held_back 1",
        f'iamsync_commit_info{{commit="{last.commit}"}} 1',
    ]
