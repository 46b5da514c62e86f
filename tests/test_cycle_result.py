"""What a cycle found and did, as a value; the line of the log is made from it."""

import json
from pathlib import Path

import boto3
import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Logged, write

from iamsync.core.arn import Account
from iamsync.core.report import Status
from iamsync.daemon.cycle import Cycles
from iamsync.daemon.log import fields
from iamsync.daemon.result import CycleResult, Result
from iamsync.source import Checkout

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"%s}\n'
AIKO = SETTINGS % "" + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess], access_keys: 1}}\n"


class Commits:
    """A source whose folder is always from the same commit."""

    def __init__(self, folder: Path) -> None:
        self._checkout = Checkout(path=folder, commit="c0ffee")

    def current(self) -> Checkout:
        """The folder."""
        return self._checkout


@pytest.fixture
def cycles(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cycles:
    """Cycles of a loop that goes through the network."""
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "csv").mkdir()
    return Cycles(Commits(tmp_path / "desired"), boto3.Session(), csv=tmp_path / "csv")


def operations(result: CycleResult) -> list[str]:
    return [action.operation for action in result.planned]


def test_a_cycle_says_what_it_planned_and_did_as_whom_and_from_which_commit(
    cycles: Cycles, tmp_path: Path, iam: IAMClient
) -> None:
    iam.create_user(UserName="someone.else")
    write(tmp_path, all=AIKO)

    result = cycles.next()

    (file,) = (tmp_path / "csv").iterdir()
    assert (result.result, result.commit) == (Result.APPLIED, "c0ffee")
    assert result.account == Account(id="123456789012", partition="aws")
    assert ":123456789012:" in str(result.caller)
    assert operations(result) == ["create_user", "attach_user_policy", "create_access_key", "untag_user"]
    assert result.report.count(Status.DONE) == len(result.planned)
    assert [(one.user, one.place) for one in result.report.receipts] == [("aiko", str(file))]
    assert (result.unmanaged_users, result.error_kind, result.reasons) == (1, "", ())
    assert cycles.last is result


def test_a_quiet_cycle_is_in_sync(cycles: Cycles, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    applied = cycles.next()

    quiet = cycles.next()

    assert (quiet.result, quiet.planned, quiet.report.outcomes, quiet.managed) == (Result.IN_SYNC, (), (), 1)
    assert quiet.started >= applied.started
    assert cycles.last is quiet


def test_what_failed_is_in_the_report(cycles: Cycles, tmp_path: Path, network: Network) -> None:
    write(tmp_path, all=AIKO)
    network.script = [Fault(match="^AttachUserPolicy", code="AccessDenied")]

    result = cycles.next()

    assert (result.result, result.report.count(Status.FAILED)) == (Result.FAILED, 1)


def test_what_is_held_back_is_not_what_failed(cycles: Cycles, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    write(tmp_path, all=AIKO)

    result = cycles.next()

    assert (result.result, [note.subject for note in result.held_back]) == (Result.PENDING, ["user/aiko"])


def test_a_refused_cycle_says_what_it_would_have_done(cycles: Cycles, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS % ", guards: {required_users: [bo]}" + "users: {aiko: {}}\n")

    result = cycles.next()

    assert (result.result, result.error_kind) == (Result.REFUSED, "PlanRefused")
    assert "bo" in result.reasons[0]
    assert operations(result) == ["create_user"]
    assert result.report.outcomes == ()


def test_an_error_is_reported_by_its_kind_as_far_as_the_cycle_came(
    cycles: Cycles, tmp_path: Path, network: Network
) -> None:
    write(tmp_path, all="users: [")
    wrong_files = cycles.next()
    write(tmp_path, all=AIKO)
    network.script = [Fault(match="^GetCallerIdentity", code="ExpiredToken")]
    expired = cycles.next()
    network.script = [Fault(match="^GetAccountAuthorizationDetails", code="AccessDenied")]
    unread = cycles.next()

    kinds = [one.error_kind for one in (wrong_files, expired, unread)]
    assert kinds == ["DesiredStateError", "CredentialsError", "LiveStateError"]
    assert {one.result for one in (wrong_files, expired, unread)} == {Result.ERROR}
    assert {one.commit for one in (wrong_files, expired, unread)} == {"c0ffee"}
    assert all(one.reasons for one in (wrong_files, expired, unread))


def test_a_source_without_files_is_an_error_like_any_other(tmp_path: Path) -> None:
    class Unreachable:
        def current(self) -> Checkout:
            raise TimeoutError("the remote does not answer")

    result = Cycles(Unreachable(), boto3.Session(), csv=tmp_path).next()

    assert (result.result, result.commit, result.error_kind) == (Result.ERROR, None, "TimeoutError")
    assert result.reasons == ("TimeoutError: the remote does not answer",)


def test_the_line_of_the_log_says_no_more_than_before(cycles: Cycles, tmp_path: Path, logged: Logged) -> None:
    write(tmp_path, all=AIKO)
    applied = cycles.next()
    write(tmp_path, all="users: [")
    failed = cycles.next()

    assert list(fields(applied)) == [
        "result",
        "account",
        "caller",
        "commit",
        "digest",
        "done",
        "failed",
        "skipped",
        "failures",
        "put_off",
        "held_back",
        "warnings",
        "orphans",
        "unmanaged",
        "secrets_in",
        "seconds",
    ]
    assert list(fields(failed)) == ["result", "account", "caller", "commit", "digest", "why", "seconds"]
    assert [{"level": level, **fields(one)} for level, one in (("INFO", applied), ("ERROR", failed))] == logged()
    assert json.dumps(fields(applied))


def test_each_action_leaves_a_line_beside_the_cycles(
    cycles: Cycles, tmp_path: Path, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "iamsync")
    write(tmp_path, all=AIKO)
    network.script = [Fault(match="^AttachUserPolicy", code="AccessDenied")]

    result = cycles.next()

    found = [record for record in caplog.records if record.name == "iamsync.action"]
    assert [(one.levelname, vars(one)["fields"]) for one in found[:2]] == [
        (
            "INFO",
            {
                "result": "done",
                "subject": "user/aiko",
                "action": "create user",
                "reason": f"{tmp_path}/desired/all.yaml:3",
            },
        ),
        (
            "ERROR",
            {
                "result": "failed",
                "subject": "user/aiko",
                "action": "attach aws:AmazonS3ReadOnlyAccess",
                "reason": f"{tmp_path}/desired/all.yaml:3",
                "why": "AccessDenied: injected",
            },
        ),
    ]
    assert len(found) == result.report.count(Status.DONE) + result.report.count(Status.FAILED)
    said = fields(result)
    assert (said["account"], said["commit"], len(str(said["digest"]))) == ("123456789012", "c0ffee", 64)


def test_each_result_goes_to_whoever_listens(tmp_path: Path) -> None:
    heard: list[CycleResult] = []
    cycles = Cycles(Commits(tmp_path), boto3.Session(), csv=tmp_path, listener=heard.append)

    assert [cycles.next(), cycles.next()] == heard
