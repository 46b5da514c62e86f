"""Reading the account, over HTTP: what it costs, and that it is whole or not at all."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient
from states import ACCOUNT, EC2, OURS, READS_S3, S3, allow, arn_of, desired, policy, user

from iamsync import live
from iamsync.apply import apply
from iamsync.core.model import Console, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.live import bulk
from iamsync.sandbox import Sandbox


def read(iam: IAMClient, wanted: DesiredState) -> LiveState:
    return live.read(iam, wanted, at_once=8, now=datetime.now(tz=UTC))


def calls(sandbox: Sandbox) -> Counter[str]:
    return Counter(call.operation for call in sandbox.calls)


def made(iam: IAMClient, wanted: DesiredState) -> None:
    assert apply(Plan.between(wanted, LiveState(account=ACCOUNT)), iam, None).complete


def test_what_is_read_is_what_was_made(iam: IAMClient) -> None:
    wanted = desired(
        user("aiko", S3, arn_of("Reads", "/team/"), path="/people/", tags=OURS | {"Team": "data"}),
        policy("Reads", path="/team/", tags=OURS | {"Team": "data"}),
    )
    made(iam, wanted)

    found = read(iam, wanted)

    assert found.users == wanted.users
    assert found.policies == wanted.policies
    assert [(one.id, one.is_default) for one in found.versions[arn_of("Reads", "/team/")]] == [("v1", True)]


def test_the_default_version_counts_not_the_newest(iam: IAMClient) -> None:
    made(iam, desired(policy("P", READS_S3)))
    iam.create_policy_version(PolicyArn=arn_of("P"), PolicyDocument=allow("ec2:*").render(), SetAsDefault=False)

    assert read(iam, desired()).policies[arn_of("P")].document == READS_S3


def test_a_password_is_asked_for_only_where_console_is_declared(iam: IAMClient, sandbox: Sandbox) -> None:
    for name in ("aiko", "bo", "chi"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="aiko", Password="Correct-horse-7", PasswordResetRequired=True)
    sandbox.forget_calls()

    found = read(iam, desired(user("aiko", console=Console()), user("bo", console=Console()), user("chi")))

    assert found.users["aiko"].console == Console(enabled=True)
    assert found.users["bo"].console == Console(enabled=False)
    assert found.users["chi"].console is None
    assert calls(sandbox) == {"GetAccountAuthorizationDetails": 1, "GetLoginProfile": 2}


def test_that_one_may_not_ask_for_a_password_does_not_mean_there_is_none(iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")

    def refused(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "?"}}, "GetLoginProfile")

    iam.meta.events.register("before-call.iam.GetLoginProfile", refused)

    with pytest.raises(ClientError, match="AccessDenied"):
        read(iam, desired(user("aiko", console=Console())))


def test_all_pages_are_read(iam: IAMClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAGE_SIZE", 3)
    wanted = desired(*[user(f"user{number}") for number in range(10)], policy("P"))
    made(iam, wanted)
    sandbox.forget_calls()

    found = read(iam, wanted)

    assert (len(found.users), len(found.policies)) == (10, 1)
    assert calls(sandbox)["GetAccountAuthorizationDetails"] == 4


def test_a_page_that_fails_leaves_no_picture(iam: IAMClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAGE_SIZE", 1)
    made(iam, desired(user("aiko"), user("bo")))
    pages = iter([None, ClientError({"Error": {"Code": "ServiceFailure", "Message": "?"}}, "x")])

    def second_fails(**_: object) -> None:
        if error := next(pages):
            raise error

    iam.meta.events.register("before-call.iam.GetAccountAuthorizationDetails", second_fails)

    with pytest.raises(ClientError):
        read(iam, desired(user("aiko")))


@pytest.mark.parametrize("users", [50, pytest.param(500, marks=pytest.mark.slow)])
def test_a_cycle_that_finds_nothing_to_do_costs_a_handful_of_calls(
    iam: IAMClient, sandbox: Sandbox, users: int
) -> None:
    own = [policy(f"Own{number}", allow(f"s3:Get{number}")) for number in range(5)]
    people = [user(f"user{number:03}", S3, EC2, own[number % 5].arn) for number in range(users)]
    wanted = desired(*people, *own)
    made(iam, wanted)
    sandbox.forget_calls()

    plan = Plan.between(wanted, read(iam, wanted))

    assert plan.actions == ()
    assert calls(sandbox) == {"GetAccountAuthorizationDetails": 1, "ListPolicyTags": 5}


@pytest.mark.parametrize("page", [50, pytest.param(bulk.PAGE_SIZE, marks=pytest.mark.slow)])
def test_ten_times_the_users_cost_only_the_further_pages(
    iam: IAMClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(bulk, "PAGE_SIZE", page)
    people = {name: user(name) for name in (f"user{number:04}" for number in range(5 * page))}
    wanted = replace(desired(policy("P")), users=people)
    made(iam, wanted)
    sandbox.forget_calls()

    plan = Plan.between(wanted, read(iam, wanted))

    assert plan.actions == ()
    assert calls(sandbox) == {"GetAccountAuthorizationDetails": 6, "ListPolicyTags": 1}
