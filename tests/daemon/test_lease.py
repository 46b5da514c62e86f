"""The lease: who writes, who waits, what each knows, and how one takes over; against an API server over HTTPS."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from cluster import Cluster
from mypy_boto3_iam import IAMClient
from shell import Iamsync, Logged, write
from surroundings import bare

from iamsync.core.report import Outcome, Status
from iamsync.daemon.cycle import Cycles
from iamsync.daemon.lease import DURATION, Lease
from iamsync.daemon.result import Result
from iamsync.reconcile import Means
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def replica(cluster: Cluster, clock: Clock, name: str) -> Lease:
    return Lease(cluster.stored, name, clock=clock)


def why(lease: Lease) -> tuple[str, bool]:
    """Why a replica may not write, and whether it may write nothing at all."""
    closed = lease.gate()
    assert closed is not None
    return closed.why, closed.at_all


def test_one_of_two_writes_and_the_record_is_that_of_client_go(cluster: Cluster, clock: Clock) -> None:
    first, second = replica(cluster, clock, "first"), replica(cluster, clock, "second")
    first.try_once()
    second.try_once()
    taken = dict(cluster.spec)
    clock.now += 2
    first.try_once()

    assert first.gate() is None
    assert why(second) == ("first holds the lease iamsync/loop: this one only looks", True)
    assert (first.leads, second.leads) == (True, False)
    assert (taken["holderIdentity"], taken["leaseDurationSeconds"], taken["leaseTransitions"]) == ("first", 15, 1)
    assert cluster.spec["acquireTime"] == taken["acquireTime"] <= taken["renewTime"] < cluster.spec["renewTime"]
    assert cluster.spec["leaseTransitions"] == 1


def test_a_lease_that_does_not_change_is_taken_after_its_duration_and_no_earlier(
    cluster: Cluster, clock: Clock
) -> None:
    first, second = replica(cluster, clock, "first"), replica(cluster, clock, "second")
    first.try_once()
    clock.now += 9
    second.try_once()
    clock.now += DURATION - 0.1
    second.try_once()
    before = second.leads
    clock.now += 0.1
    second.try_once()

    assert (before, second.leads, first.leads) == (False, True, False)
    assert (cluster.spec["holderIdentity"], cluster.spec["leaseTransitions"]) == ("second", 2)
    first.try_once()
    assert why(first) == ("second holds the lease iamsync/loop: this one only looks", True)


def test_the_clock_of_the_other_machine_does_not_matter(cluster: Cluster, clock: Clock) -> None:
    cluster.change(holderIdentity="old", leaseDurationSeconds=15, renewTime="1970-01-01T00:00:00.000000Z")
    second = replica(cluster, clock, "second")
    second.try_once()
    for year in range(2100, 2110):
        cluster.change(renewTime=f"{year}-01-01T00:00:00.000000Z")
        clock.now += DURATION - 1
        second.try_once()

    assert why(second)[1]
    clock.now += DURATION
    second.try_once()
    assert second.leads


def test_a_holder_that_cannot_renew_stops_before_another_may_take_it(cluster: Cluster, clock: Clock) -> None:
    first, second = replica(cluster, clock, "first"), replica(cluster, clock, "second")
    first.try_once()
    second.try_once()
    cluster.gone = True
    clock.now += 9
    for one in (first, second):
        one.try_once()
    still = first.gate(), why(second)[1]
    clock.now += 2

    assert still == (None, True)
    assert why(first)[0].startswith("the Kubernetes API server localhost cannot be reached (")
    assert why(first)[0].endswith("): only what takes access away is done")
    assert not why(first)[1]
    clock.now += DURATION
    assert not why(second)[1], "the other may be dead, and nobody can tell: revocations go on"
    cluster.gone = False
    first.try_once()
    assert first.leads
    assert cluster.spec["leaseTransitions"] == 1, "it was never anybody else's"


def test_a_process_that_was_stopped_looks_before_its_next_call(cluster: Cluster, clock: Clock) -> None:
    first, second = replica(cluster, clock, "first"), replica(cluster, clock, "second")
    first.try_once()
    second.try_once()
    clock.now += 3600
    second.try_once()

    assert why(first) == ("second holds the lease iamsync/loop: this one only looks", True)


def test_a_conflict_makes_a_standby(cluster: Cluster, clock: Clock) -> None:
    first = replica(cluster, clock, "first")
    first.try_once()
    cluster.before_put = lambda: cluster.change(holderIdentity="other")
    first.try_once()

    assert why(first) == ("another replica has just changed the lease iamsync/loop: this one only looks", True)
    assert cluster.spec["holderIdentity"] == "other"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"GET": 403}, "may not get the lease iamsync/loop: its Role needs the verbs get and update on this one"),
        ({"PUT": 403}, "may not update the lease iamsync/loop: its Role needs the verbs get and update on this one"),
        ({"GET": 404, "POST": 403}, "there is no lease iamsync/loop, and the service account may not create it: apply"),
        ({"GET": 404, "POST": 404}, "is there a namespace iamsync"),
        ({"GET": 401}, "does not accept the token in "),
        ({"GET": 500}, "the API server answers 500 to get of the lease iamsync/loop"),
    ],
)
def test_what_the_api_server_refuses_is_a_sentence_and_only_revocations_go_on(
    cluster: Cluster, clock: Clock, answers: dict[str, int], words: str
) -> None:
    cluster.answers = answers
    first = replica(cluster, clock, "first")
    first.try_once()

    said, at_all = why(first)
    assert words in said
    assert "\n" not in said
    assert not at_all


def test_a_lease_that_is_missing_is_made(cluster: Cluster, clock: Clock) -> None:
    cluster.leases.clear()
    first = replica(cluster, clock, "first")
    first.try_once()

    assert first.leads
    assert cluster.spec["leaseTransitions"] == 0


def test_the_token_is_read_for_each_request(cluster: Cluster, clock: Clock) -> None:
    first, token = replica(cluster, clock, "first"), cluster.account / "token"
    right = token.read_text()
    token.write_text("expired")
    first.try_once()
    before = first.leads
    token.write_text(right)
    first.try_once()

    assert (before, first.leads) == (False, True)


def test_a_server_that_another_authority_vouches_for_is_not_asked(
    cluster: Cluster, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Cluster(tmp_path_factory.mktemp("other"))
    (cluster.account / "ca.crt").write_text((other.account / "ca.crt").read_text())
    other.close()
    first = replica(cluster, clock, "first")
    first.try_once()

    assert "CERTIFICATE_VERIFY_FAILED" in why(first)[0]
    assert cluster.asked == []


def test_a_clean_end_lets_the_next_one_write_at_once(cluster: Cluster, clock: Clock) -> None:
    second = replica(cluster, clock, "second")
    with replica(cluster, clock, "first") as first:
        second.try_once()
        assert not second.leads
    second.try_once()

    assert (first.leads, second.leads) == (False, True)
    assert cluster.spec["holderIdentity"] == "second"


def test_who_does_not_hold_it_releases_nothing(cluster: Cluster, clock: Clock) -> None:
    cluster.change(holderIdentity="other", leaseDurationSeconds=15)
    with replica(cluster, clock, "first"):
        pass

    assert cluster.spec["holderIdentity"] == "other"


@pytest.fixture
def session(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


def writes(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls if not call.operation.startswith(("Get", "List"))]


def test_a_standby_looks_and_without_the_api_server_access_is_only_taken_away(
    cluster: Cluster, clock: Clock, session: boto3.Session, sandbox: Sandbox, tmp_path: Path, logged: Logged
) -> None:
    lease = replica(cluster, clock, "first")
    cycles = Cycles(Folder(tmp_path / "desired"), session, csv=tmp_path, means=Means(gate=lease.gate))
    write(tmp_path, all=AIKO)
    lease.try_once()
    leading = cycles.next()
    write(tmp_path, all=AIKO.replace("aiko: {", "aiko: {suspended: true, "), more="users: {bo: {}}\n")
    cluster.change(holderIdentity="other")
    lease.try_once()
    sandbox.forget_calls()
    standby = cycles.next()
    written = writes(sandbox)
    cluster.gone = True
    clock.now += DURATION
    lease.try_once()
    alone = cycles.next()
    cluster.gone = False
    lease.try_once()
    again = cycles.next()

    assert (leading.result, standby.result, alone.result, again.result) == (
        Result.APPLIED,
        Result.STANDBY,
        Result.APPLIED,
        Result.APPLIED,
    )
    assert (standby.standby, written) == ("other holds the lease iamsync/loop: this one only looks", [])
    assert {action.subject for action in standby.planned} == {"user/aiko", "user/bo"}
    assert {action.subject for action in alone.planned} == {"user/aiko"}
    assert [one.subject for one in alone.held_back] == ["user/bo"]
    assert "cannot be reached" in alone.paused
    assert {action.subject for action in again.planned} == {"user/bo"}
    assert [line.get("standby", "") for line in logged()] == ["", standby.standby, "", ""]


def test_a_lease_that_is_lost_in_the_middle_of_an_apply_is_the_reason_of_what_is_skipped(
    cluster: Cluster, clock: Clock, session: boto3.Session, iam: IAMClient, tmp_path: Path, logged: Logged
) -> None:
    lease = replica(cluster, clock, "first")

    def lose(_: Outcome) -> None:
        cluster.gone = True
        clock.now += DURATION

    means = Means(gate=lease.gate, listener=lose, parallel=1)
    cycles = Cycles(Folder(tmp_path / "desired"), session, csv=tmp_path, means=means)
    write(tmp_path, all=AIKO)
    lease.try_once()
    result = cycles.next()

    assert (result.result, iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]) == (Result.FAILED, [])
    assert [one.status for one in result.report.outcomes] == [Status.DONE, Status.SKIPPED]
    assert "cannot be reached" in result.report.outcomes[1].why
    (line,) = logged()
    assert str(line["paused"]) == result.report.outcomes[1].why


class Replica:
    """`iamsync run --lease loop` as a process."""

    def __init__(self, folder: Path, sandbox: Sandbox, cluster: Cluster) -> None:
        self.process = subprocess.Popen(
            [*(sys.executable, "-m", "iamsync", "run", "--every", "1h"), *("--lease", "loop", "--lease-seconds", "5")],
            cwd=folder,
            env=bare(AWS_EC2_METADATA_DISABLED="true", **sandbox.environment, **cluster.environment),
            stderr=subprocess.PIPE,
            text=True,
        )

    def cycle(self, result: str) -> dict[str, object]:
        """The next cycle with that result."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            fields: dict[str, object] = json.loads(line)
            if fields["event"] == "cycle" and fields["result"] == result:
                return fields
        raise AssertionError("it has ended")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    started: list[Replica] = []
    yield started
    for one in started:
        one.close()


def test_a_standby_takes_over_after_the_first_was_killed_and_releases_at_its_end(
    replicas: list[Replica], tmp_path: Path, sandbox: Sandbox, iam: IAMClient, cluster: Cluster
) -> None:
    write(tmp_path, all=AIKO)
    replicas.append(Replica(tmp_path, sandbox, cluster))
    replicas[0].cycle("applied")
    write(tmp_path, more="users: {bo: {}}\n")
    sandbox.forget_calls()
    replicas.append(Replica(tmp_path, sandbox, cluster))
    standby = replicas[1].cycle("standby")
    written = writes(sandbox)
    first = cluster.spec["holderIdentity"]
    replicas[0].process.kill()
    over = replicas[1].cycle("applied")

    assert str(standby["standby"]) == f"{first} holds the lease iamsync/loop: this one only looks"
    assert (written, over["done"]) == ([], 1)
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"aiko", "bo"}
    replicas[1].process.terminate()
    assert replicas[1].process.wait(60) == 0
    assert (cluster.spec["holderIdentity"], cluster.spec["leaseTransitions"]) == ("", 2)


def test_a_replica_that_was_stopped_and_resumed_is_a_standby(
    replicas: list[Replica], tmp_path: Path, sandbox: Sandbox, cluster: Cluster
) -> None:
    write(tmp_path, all=AIKO)
    replicas.append(Replica(tmp_path, sandbox, cluster))
    replicas[0].cycle("applied")
    replicas[0].process.send_signal(signal.SIGSTOP)
    write(tmp_path, more="users: {bo: {}}\n")
    replicas.append(Replica(tmp_path, sandbox, cluster))
    replicas[1].cycle("applied")
    write(tmp_path, more="users: {bo: {}, cy: {}}\n")
    sandbox.forget_calls()
    replicas[0].process.send_signal(signal.SIGHUP)
    replicas[0].process.send_signal(signal.SIGCONT)
    standby = replicas[0].cycle("standby")

    assert str(standby["standby"]).startswith(str(cluster.spec["holderIdentity"]))
    assert writes(sandbox) == []


def test_two_replicas_that_take_the_same_access_away_at_once_end_well(
    cluster: Cluster, clock: Clock, session: boto3.Session, iam: IAMClient, tmp_path: Path
) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess], access_keys: 1}}\n")
    first, second = (replica(cluster, clock, name) for name in ("first", "second"))
    loops = [
        Cycles(Folder(tmp_path / "desired"), session, csv=tmp_path, means=Means(gate=one.gate))
        for one in (first, second)
    ]
    first.try_once()
    loops[0].next()
    write(tmp_path, all=SETTINGS + "users: {aiko: {suspended: true, access_keys: 1}, bo: {}}\n")
    cluster.gone = True
    clock.now += DURATION
    for one in (first, second):
        one.try_once()
    with ThreadPoolExecutor(2) as pool:
        met = [one.result for one in pool.map(lambda loop: loop.next(), loops)]
    after = [loop.next() for loop in loops]

    assert Result.APPLIED in met
    assert not {Result.STANDBY, Result.REFUSED, Result.ERROR} & {*met}
    assert [(one.result, [held.subject for held in one.held_back]) for one in after] == [
        (Result.PENDING, ["user/bo"])
    ] * 2
    assert [one["Status"] for one in iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]] == ["Inactive"]
    assert iam.list_user_policies(UserName="aiko")["PolicyNames"] == ["iamsync-suspended"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"),
        (
            {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", "IAMSYNC_SERVICE_ACCOUNT": "no"},
            "automountServiceAccountToken: true",
        ),
    ],
)
def test_without_a_service_account_it_does_not_begin(
    iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, str], words: str
) -> None:
    write(tmp_path, all=AIKO)
    for name in ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    ended = iamsync("run", "--once", "--lease", "loop")

    assert words in " ".join(ended.err.replace("│", " ").split())
    assert ended.code != 0


def test_a_loop_that_only_looks_needs_no_lease(iamsync: Iamsync) -> None:
    assert "--dry-run writes nothing" in iamsync("run", "--dry-run", "--lease", "loop").err
