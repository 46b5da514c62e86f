"""Plans carried out against the sandbox, over HTTP."""

import signal
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from channels import to_file
from hearing import Ask
from mypy_boto3_iam import IAMClient
from states import DENIES_IAM, EC2, S3, arn_of, desired, live, policy, user

from iamsync.apply import apply
from iamsync.core.arn import Arn
from iamsync.core.model import Console, DesiredState
from iamsync.core.plan import Plan
from iamsync.core.report import Report, Status
from iamsync.delivery import Delivery
from iamsync.delivery.password import PasswordRules
from iamsync.sandbox import Sandbox

NOWHERE = Arn("arn:aws:iam::aws:policy/NoSuchPolicy")


@pytest.fixture
def delivery(tmp_path: Path) -> Iterator[Delivery]:
    with to_file(tmp_path / "new.csv") as delivery:
        yield delivery


def plan_for(wanted: DesiredState) -> Plan:
    return Plan.between(wanted, live())


def results(report: Report) -> list[tuple[str, str, str]]:
    return [(one.action.subject, one.action.operation, one.status.value) for one in report.outcomes]


def test_one_after_the_other_the_calls_are_those_of_the_plan_in_its_order(sandbox: Sandbox, iam: IAMClient) -> None:
    plan = plan_for(desired(user("aiko", arn_of("Guard"), S3), policy("Guard", DENIES_IAM)))

    report = apply(plan, iam, None, parallel=1)

    assert report.complete
    assert [call.operation for call in sandbox.calls] == [
        "CreatePolicy",
        "CreateUser",
        "AttachUserPolicy",
        "AttachUserPolicy",
    ]


def test_a_failure_stops_its_subject_and_no_other(iam: IAMClient) -> None:
    report = apply(plan_for(desired(user("aiko", NOWHERE, S3), user("bo", S3))), iam, None)

    assert results(report) == [
        ("user/aiko", "create_user", "done"),
        ("user/bo", "create_user", "done"),
        ("user/aiko", "attach_user_policy", "done"),
        ("user/aiko", "attach_user_policy", "failed"),
        ("user/bo", "attach_user_policy", "done"),
    ]
    assert "NoSuchEntity" in report.outcomes[3].why


def test_who_needs_what_failed_is_skipped_with_the_reason_and_gets_nothing_more(iam: IAMClient) -> None:
    """The guard rail could not be made, so what it was to hold down is not granted either."""
    iam.create_policy(PolicyName="Guard", PolicyDocument=DENIES_IAM.render())
    wanted = desired(user("aiko", arn_of("Guard"), S3), user("bo", S3), policy("Guard", DENIES_IAM))

    report = apply(plan_for(wanted), iam, None)

    assert results(report) == [
        ("policy/Guard", "create_policy", "failed"),
        ("user/aiko", "create_user", "done"),
        ("user/bo", "create_user", "done"),
        ("user/aiko", "attach_user_policy", "skipped"),
        ("user/aiko", "attach_user_policy", "skipped"),
        ("user/bo", "attach_user_policy", "done"),
    ]
    assert report.outcomes[3].blocked_by is report.outcomes[0].action
    assert report.outcomes[4].harmed == "aiko"


def test_a_password_is_delivered_before_it_is_live(tmp_path: Path, iam: IAMClient, delivery: Delivery) -> None:
    rows_when_sent: list[str] = []
    iam.meta.events.register(
        "before-call.iam.CreateLoginProfile", lambda **_: rows_when_sent.append((tmp_path / "new.csv").read_text())
    )

    report = apply(plan_for(desired(user("aiko", console=Console()))), iam, delivery)

    assert report.complete
    assert "aiko," in rows_when_sent[0]
    assert iam.get_login_profile(UserName="aiko")["LoginProfile"]["PasswordResetRequired"] is True


def test_a_password_that_aws_refuses_does_not_stay_in_the_file(tmp_path: Path, iam: IAMClient) -> None:
    iam.update_account_password_policy(MinimumPasswordLength=100)
    path = tmp_path / "weak.csv"
    with to_file(path, rules=PasswordRules(minimum_length=8)) as weak:
        report = apply(plan_for(desired(user("aiko", console=Console()))), iam, weak)

        assert report.outcomes[-1].error_code == "PasswordPolicyViolation"
        assert "aiko" not in path.read_text()


def test_a_password_whose_answer_was_lost_stays_in_the_file(tmp_path: Path, iam: IAMClient, delivery: Delivery) -> None:
    """A server's error may come after the password went live."""
    plan = plan_for(desired(user("aiko", console=Console())))

    def fails(**_: object) -> None:
        raise ClientError(
            {"Error": {"Code": "ServiceFailure", "Message": "?"}, "ResponseMetadata": {"HTTPStatusCode": 500}},  # type: ignore[typeddict-item]
            "CreateLoginProfile",
        )

    iam.meta.events.register("before-call.iam.CreateLoginProfile", fails)

    report = apply(plan, iam, delivery)

    assert report.outcomes[-1].status is Status.FAILED
    assert "aiko," in (tmp_path / "new.csv").read_text()


def test_without_a_way_to_deliver_no_password_is_made(sandbox: Sandbox, iam: IAMClient) -> None:
    report = apply(plan_for(desired(user("aiko", console=Console()))), iam, None)

    assert report.outcomes[-1].status is Status.FAILED
    assert "CreateLoginProfile" not in [call.operation for call in sandbox.calls]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_running_call_finish_and_starts_no_other(
    number: signal.Signals, iam: IAMClient, ask_to_stop: Ask
) -> None:
    iam.meta.events.register("before-call.iam.CreateUser", lambda **_: ask_to_stop(number))
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    report = apply(plan_for(desired(user("aiko", S3), user("bo", EC2))), iam, None, parallel=1)

    assert report.interrupted
    assert [one.status for one in report.outcomes] == [Status.DONE, *[Status.SKIPPED] * 3]
    assert report.outcomes[1].why == f"stopped by {number.name}"
    assert iam.get_user(UserName="aiko")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers


def test_after_expired_credentials_nothing_more_is_tried(iam: IAMClient, sandbox: Sandbox) -> None:
    def expired(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "?"}}, "CreateUser")

    iam.meta.events.register("before-call.iam.CreateUser", expired)

    report = apply(plan_for(desired(user("aiko"), user("bo"))), iam, None, parallel=1)

    assert [one.status for one in report.outcomes] == [Status.FAILED, Status.SKIPPED]
    assert "ExpiredToken" in report.outcomes[1].why
    assert sandbox.calls == []


def test_a_call_that_cannot_even_be_sent_is_reported_as_not_done() -> None:
    nowhere = boto3.client("iam", endpoint_url="http://127.0.0.1:9", aws_access_key_id="x", aws_secret_access_key="x")

    report = apply(plan_for(desired(user("aiko"))), nowhere, None)

    assert report.outcomes[0].status is Status.FAILED
    assert "it was not sent, so it was not done" in report.outcomes[0].why
