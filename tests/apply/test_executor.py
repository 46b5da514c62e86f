"""Who goes side by side, who waits, who is skipped; and what is reported of each."""

import os
import re
import signal
import threading
from collections.abc import Mapping
from itertools import count

import pytest
from faults import Fault, Network
from hearing import Ask, send_here
from mypy_boto3_iam import IAMClient
from states import DENIES_IAM, EC2, S3, arn_of, desired, live, policy, user

from iamsync.apply import Patience, apply
from iamsync.aws import tries
from iamsync.aws.rate import Rate
from iamsync.core.model import DesiredState
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Status
from iamsync.render.actions import why_words

TEN = [f"user{number}" for number in range(10)]
A_YEAR = 3e7
"""Seconds. What comes back from such a pause was asked to."""


def plan_for(wanted: DesiredState) -> Plan:
    return Plan.between(wanted, live())


def test_what_concerns_different_users_goes_side_by_side(network: Network, writer: IAMClient) -> None:
    network.meeting["CreateUser"] = threading.Barrier(5)  # each call waits until five are there
    network.meeting["AttachUserPolicy"] = threading.Barrier(5)
    plan = plan_for(desired(*(user(name, S3) for name in TEN)))

    report = apply(plan, writer, None, parallel=5)

    assert report.complete
    for name in TEN:
        mine = [write.operation for write in network.writes if write.params["UserName"] == name]
        assert mine == ["CreateUser", "AttachUserPolicy"]


def test_nobody_waits_for_a_stranger(network: Network, writer: IAMClient) -> None:
    """A call that hangs holds up those that concern the same user, and no others."""
    others_are_done = threading.Event()
    report: list[Outcome] = []

    def heard(outcome: Outcome) -> None:
        report.append(outcome)
        if len([one for one in report if one.action.subject != "user/user0"]) == 18:
            others_are_done.set()

    def wait(_: str, params: Mapping[str, str]) -> None:
        if params["UserName"] == "user0":
            others_are_done.wait()

    network.before_write = wait
    apply(plan_for(desired(*(user(name, S3) for name in TEN))), writer, None, parallel=3, listener=heard)

    assert {one.action.subject for one in report[:18]} == {f"user/{name}" for name in TEN[1:]}


def test_outcomes_are_in_the_order_of_the_plan_and_heard_of_as_they_come(writer: IAMClient) -> None:
    plan = plan_for(desired(*(user(name, S3) for name in TEN)))
    heard: list[Outcome] = []

    report = apply(plan, writer, None, listener=heard.append)

    assert [outcome.action for outcome in report.outcomes] == list(plan.actions)
    assert sorted(map(id, heard)) == sorted(map(id, report.outcomes))


def test_an_outcome_tells_attempts_duration_and_the_request_id(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="CreateUser", code="ServiceFailure", times=2)]

    later_whenever_asked = Rate(count().__next__)
    (outcome,) = apply(plan_for(desired(user("aiko"))), writer, None, rate=later_whenever_asked).outcomes

    assert (outcome.status, outcome.attempts) == (Status.DONE, 3)
    assert outcome.seconds > 0
    assert len(outcome.request_id) == 36


def test_one_users_every_write_is_refused_and_all_others_are_done(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="UserName=user3", code="AccessDenied", times=99)]

    report = apply(plan_for(desired(*(user(name, S3, EC2) for name in TEN))), writer, None)

    left = {one.action.subject: one.status.value for one in report.outcomes if one.status is not Status.DONE}
    assert left == {"user/user3": "skipped"}
    assert report.count(Status.DONE) == 27
    assert report.count(Status.FAILED) == 1


def test_what_needs_a_failed_policy_and_what_only_it_makes_safe_is_skipped(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="CreatePolicy", code="LimitExceeded")]
    wanted = desired(user("aiko", arn_of("Guard"), S3), user("bo", S3), policy("Guard", DENIES_IAM))

    report = apply(plan_for(wanted), writer, None)

    skipped = [one for one in report.outcomes if one.status is Status.SKIPPED]
    assert [(one.blocked_by, one.harmed) for one in skipped] == [(report.outcomes[0].action, ""), (None, "aiko")]
    assert why_words(skipped[0]) == "policy/Guard: create policy failed"
    assert why_words(skipped[1]).startswith("because of the failures above it would leave aiko with permissions that")
    assert {one.action.subject for one in skipped} == {"user/aiko"}


def test_a_signal_lets_all_that_is_in_flight_land_and_starts_nothing_new(
    network: Network, writer: IAMClient, ask_to_stop: Ask
) -> None:
    """Both calls that begin meet on the way, so that both are in flight when it is heard."""
    network.meeting["CreateUser"] = threading.Barrier(2)
    network.after_write = lambda _: ask_to_stop(signal.SIGTERM)

    report = apply(plan_for(desired(*(user(name, S3) for name in TEN))), writer, None, parallel=2)

    done = [one for one in report.outcomes if one.status is Status.DONE]
    assert report.interrupted
    assert len(done) == len(network.writes) == 2
    assert {one.why for one in report.outcomes if one.status is Status.SKIPPED} == {"stopped by SIGTERM"}


@pytest.mark.usefixtures("main_thread_waits_on")
@pytest.mark.parametrize("code", ["Throttling", "ServiceFailure"])
def test_a_signal_ends_the_pause_before_a_further_try(
    network: Network, writer: IAMClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    for pause in ("THROTTLED", "LOST", "LONGEST"):
        monkeypatch.setattr(tries, pause, A_YEAR)
    monkeypatch.setattr(tries, "random", lambda: 1.0)
    network.script = [Fault(match="^CreateUser", code=code, times=99)]
    network.after_refusal = lambda: send_here(signal.SIGTERM)

    report = apply(plan_for(desired(user("aiko", S3))), writer, None)

    assert network.sent == ["CreateUser"]
    assert report.interrupted
    assert [one.status for one in report.outcomes] == [Status.FAILED, Status.SKIPPED]
    assert report.outcomes[0].error_code == code


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_end_in_the_middle_end_the_run_with_a_clear_word(
    network: Network, writer: IAMClient, code: str
) -> None:
    network.script = [Fault(match=".", code=code, skip=4, times=99)]

    report = apply(plan_for(desired(*(user(name, S3) for name in TEN))), writer, None, parallel=2)

    assert report.count(Status.DONE) == 4
    assert report.count(Status.FAILED) <= 2
    why = {one.why for one in report.outcomes if one.status is Status.SKIPPED}
    assert why == {f"no further call can succeed after {code}"}


def test_throttling_slows_the_run_down_and_it_ends_well(network: Network, writer: IAMClient) -> None:
    network.writes_a_second = 10
    wanted = desired(*(user(name, S3) for name in TEN), *(user(f"{name}b") for name in TEN))

    report = apply(plan_for(wanted), writer, None)

    assert report.complete
    assert len(network.writes) == 30
    assert len(network.sent) < 2 * 30


def test_an_account_that_throttles_for_good_ends_the_run_in_bounded_time(
    network: Network, writer: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.0)
    monkeypatch.setattr("iamsync.aws.rate.SLOWEST", 100.0)
    network.script = [Fault(match=".", code="Throttling", times=999)]

    report = apply(plan_for(desired(user("aiko"), user("bo"))), writer, None, parallel=1)

    failed, skipped = report.outcomes
    assert (failed.status, failed.error_code) == (Status.FAILED, "Throttling")
    assert skipped.why.startswith("AWS has throttled every call for ")


def test_a_quota_is_not_throttling(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="CreateUser", code="LimitExceeded", message="Cannot exceed quota for Users: 5000")]

    report = apply(plan_for(desired(user("aiko"))), writer, None)

    assert network.sent == ["CreateUser"]
    assert report.outcomes[0].why == "LimitExceeded: Cannot exceed quota for Users: 5000"


@pytest.mark.parametrize(
    ("match", "code"),
    [("CreateUser", "ConcurrentModification"), ("AttachUserPolicy", "EntityTemporarilyUnmodifiable")],
)
def test_what_will_pass_is_waited_for(network: Network, writer: IAMClient, match: str, code: str) -> None:
    network.script = [Fault(match=match, code=code, times=3)]

    report = apply(plan_for(desired(user("aiko", S3))), writer, None, patience=Patience(first=0.01))

    assert report.complete
    assert network.sent.count(match) == 4


def test_patience_ends_and_says_how_long_it_lasted(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="AttachUserPolicy", code="ConcurrentModification", times=99)]

    report = apply(plan_for(desired(user("aiko", S3))), writer, None, patience=Patience(total=0.03, first=0.01))

    assert report.outcomes[1].status is Status.FAILED
    assert re.search(r"it was waited for, \d+ s in all", report.outcomes[1].why)
    assert network.sent.count("AttachUserPolicy") == 1 + 2, "the pauses are 0.01 s and 0.02 s"


def test_the_pauses_grow_and_end() -> None:
    assert list(Patience(total=10, first=1, longest=4).pauses()) == [1, 2, 4, 3]
    assert sum(Patience().pauses()) == 120


def test_patience_ends_at_once_when_it_is_asked_to_stop(network: Network, writer: IAMClient) -> None:
    network.script = [Fault(match="AttachUserPolicy", code="ConcurrentModification", times=99)]
    network.after_refusal = lambda: os.kill(os.getpid(), signal.SIGINT)
    patience = Patience(total=A_YEAR, first=A_YEAR, longest=A_YEAR)

    report = apply(plan_for(desired(user("aiko", S3))), writer, None, patience=patience)

    assert network.sent == ["CreateUser", "AttachUserPolicy"]
    assert report.interrupted
    assert report.outcomes[1].error_code == "ConcurrentModification"


def test_what_this_run_made_and_iam_does_not_see_yet_is_waited_for(network: Network, writer: IAMClient) -> None:
    network.invisible_calls = 3
    wanted = desired(user("aiko", arn_of("Guard"), S3), policy("Guard", DENIES_IAM))

    report = apply(plan_for(wanted), writer, None, patience=Patience(first=0.01))

    assert report.complete
    assert [write.operation for write in network.writes].count("CreateUser") == 1
