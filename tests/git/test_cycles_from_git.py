"""Cycles of the loop on a repository: a commit is there after the next cycle, and a bad one changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from faults import Fault, Network
from forge import SETTINGS, Clock, Forge, Sources, allow, new_key, users
from mypy_boto3_iam import IAMClient
from shell import Logged

from iamsync.daemon.cycle import Cycles
from iamsync.daemon.git.source import ANY, Conditions
from iamsync.daemon.result import Result
from iamsync.daemon.versions import Versions
from iamsync.reconcile import Means
from iamsync.source import Folder

S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"


@pytest.fixture
def cycles(
    network: Network, source_of: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Cycles]:
    """Cycles of a loop on the repository, as the next start of the process would begin them."""
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)

    def begun(conditions: Conditions = ANY, **options: Any) -> Cycles:  # noqa: ANN401 - those of Cycles
        means = Means(journal=tmp_path / "journal.jsonl")
        return Cycles(source_of(conditions), boto3.Session(), csv=tmp_path, means=means, **options)

    return begun


def names(iam: IAMClient) -> set[str]:
    return {user["UserName"] for user in iam.list_users()["Users"]}


def test_a_commit_is_there_after_the_next_cycle_and_in_the_journal(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, tmp_path: Path
) -> None:
    loop = cycles()
    first = forge.commit("aiko")
    one = loop.next()
    second = forge.commit("aiko", "bo")
    two, quiet = loop.next(), loop.next()

    assert [cycle.result for cycle in (one, two, quiet)] == [Result.APPLIED, Result.APPLIED, Result.IN_SYNC]
    assert names(iam) == {"aiko", "bo"}
    assert [one.commit, two.commit, quiet.commit] == [first, second, second]
    assert quiet.source is not None
    assert quiet.source.commit == second
    journal = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert {(line["event"], line["commit"]) for line in journal} == {
        (event, commit) for event in ("sent", "call", "run") for commit in (first, second)
    }
    assert two.planned[0].reason is not None
    assert two.planned[0].reason.file.endswith(f"/{second}/files/desired/all.yaml")


def test_while_the_newest_commit_is_broken_cycles_go_on_from_the_last_good_one(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, clock: Clock, logged: Logged
) -> None:
    loop = cycles()
    good = forge.commit(files={"desired/all.yaml": AIKO})
    loop.next()
    bad = forge.commit(files={"desired/all.yaml": "users: [\n", "desired/more.yaml": "users: {mallory: {pth: /}}\n"})
    clock.seconds = 60
    quiet = loop.next()
    iam.detach_user_policy(UserName="aiko", PolicyArn=S3)
    clock.seconds = 660
    repaired = loop.next()

    assert [quiet.result, repaired.result] == [Result.IN_SYNC, Result.APPLIED]
    assert names(iam) == {"aiko"}
    assert iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]
    assert [quiet.commit, repaired.commit] == [good, good]
    assert repaired.source is not None
    assert repaired.source.refused is not None
    assert (repaired.source.refused.commit, repaired.source.refused.since) == (bad, clock.now().replace(minute=1))
    assert repaired.source.refused.why[0].startswith("desired/all.yaml:"), "as the repository names it"
    _, _, line = logged()
    assert (line["level"], line["result"], line["refused_commit"]) == ("ERROR", "applied", bad)
    assert {"refused_why", "refused_since", "refused_for"} <= line.keys()
    healed = forge.commit(files={"desired/all.yaml": users("aiko", "bo"), "desired/more.yaml": ""})
    last = loop.next()
    assert (last.result, last.commit) == (Result.APPLIED, healed)
    assert last.source is not None
    assert last.source.refused is None
    assert names(iam) == {"aiko", "bo"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SETTINGS.replace("us,", "us, guards: {required_users: [bo]},") + "users: {cy: {}}\n", "bo"),
        pytest.param(users("cy").replace("123456789012", "999999999999"), "999999999999", marks=pytest.mark.slow),
    ],
    ids=["a required user is missing", "another account"],
)
def test_a_commit_that_a_guard_refuses_leaves_the_last_good_one_in_force(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, text: str, why: str
) -> None:
    loop = cycles()
    good = forge.commit(files={"desired/all.yaml": AIKO})
    loop.next()
    bad = forge.commit(files={"desired/all.yaml": text})
    iam.detach_user_policy(UserName="aiko", PolicyArn=S3)

    repaired, quiet = loop.next(), loop.next()

    assert [repaired.result, quiet.result, repaired.commit] == [Result.APPLIED, Result.IN_SYNC, good]
    assert names(iam) == {"aiko"}
    assert quiet.source is not None
    assert quiet.source.refused is not None
    assert quiet.source.refused.commit == bad
    assert why in quiet.source.refused.why[0]


def test_what_is_no_fault_of_a_commit_does_not_refuse_it(
    forge: Forge, cycles: Callable[..., Cycles], network: Network
) -> None:
    loop = cycles()
    forge.commit("aiko")
    loop.next()
    newer = forge.commit("aiko", "bo")
    network.script = [Fault(match="^GetAccountAuthorizationDetails", code="AccessDenied")]
    unread, after = loop.next(), loop.next()

    assert [unread.result, after.result, after.commit] == [Result.ERROR, Result.APPLIED, newer]
    assert unread.source is not None
    assert unread.source.refused is None


def test_a_grant_ends_while_the_newest_commit_is_refused(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient
) -> None:
    """It ended long ago. Somebody has attached it by hand since then."""
    loop = cycles()
    ended = "users: {aiko: {policy_sets: [{name: s3, until: 2020-01-01}]}}\n"
    sets = "policy_sets: {s3: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
    forge.commit(files={"desired/all.yaml": SETTINGS + sets + ended})
    loop.next()
    forge.commit(files={"desired/all.yaml": "{"})
    iam.attach_user_policy(UserName="aiko", PolicyArn=S3)

    assert loop.next().result is Result.APPLIED
    assert iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"] == []


def test_an_unsigned_commit_changes_nothing(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, tmp_path: Path
) -> None:
    key = new_key(tmp_path / "key")
    loop = cycles(Conditions(signers=allow(tmp_path / "allowed", key)))
    forge.commit("mallory")
    nothing = loop.next()
    signed = forge.commit("aiko", key=key)
    first = loop.next()
    forge.commit("aiko", "mallory")
    second = loop.next()

    assert [one.result for one in (nothing, first, second)] == [Result.ERROR, Result.APPLIED, Result.IN_SYNC]
    assert "is not signed" in nothing.reasons[0]
    assert nothing.error_kind == "SourceError"
    assert (second.commit, names(iam)) == (signed, {"aiko"})


def test_ten_cycles_without_the_remote_are_calm(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, clock: Clock, logged: Logged
) -> None:
    loop = cycles()
    forge.commit(files={"desired/all.yaml": AIKO})
    loop.next()
    logged()
    forge.go()
    for _ in range(9):
        clock.seconds += 60
        assert loop.next().result is Result.IN_SYNC
    iam.detach_user_policy(UserName="aiko", PolicyArn=S3)
    clock.seconds += 60
    assert loop.next().result is Result.APPLIED, "drift is repaired all the same"

    lines = logged()
    assert {line["level"] for line in lines} == {"WARNING"}
    assert [line["fetch_failures"] for line in lines] == [1, 2, 3, 3, 4, 4, 4, 4, 5, 5]
    assert len({line["next_fetch"] for line in lines}) == 5
    assert {line["fetch_failing_since"] for line in lines} == {"2027-03-01T12:01:00+00:00"}
    assert all("does not appear to be a git repository" in str(line["fetch_error"]) for line in lines)
    forge.come_back()
    clock.seconds += 1000
    loop.next()
    (line,) = logged()
    assert (line["level"], "fetch_error" in line) == ("INFO", False)


def test_a_loop_that_only_looks_reports_drift_and_changes_nothing(
    forge: Forge, cycles: Callable[..., Cycles], iam: IAMClient, logged: Logged, tmp_path: Path
) -> None:
    loop = cycles(applies=False)
    forge.commit(files={"desired/all.yaml": AIKO.replace("{policies", "{access_keys: 1, policies")})

    drift = loop.next()

    assert (drift.result, names(iam), drift.report.outcomes) == (Result.DRIFT, set(), ())
    (line,) = logged()
    assert line["level"] == "WARNING"
    calls = ("create user", "attach aws:AmazonS3ReadOnlyAccess", "create access key")
    assert str(line["drift"]).startswith(str([f"user/aiko: {call}" for call in calls])[:-1])
    assert not list(tmp_path.glob("*.csv"))
    cycles().next()
    assert cycles(applies=False).next().result is Result.IN_SYNC


def test_a_folder_keeps_no_commit(source_of: Sources) -> None:
    assert isinstance(source_of(), Versions)
    assert not isinstance(Folder(Path()), Versions)
