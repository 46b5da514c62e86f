"""Between a plan and its calls a user may have gone, and somebody else may have the name."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from faults import Network
from mypy_boto3_iam import IAMClient
from states import desired, user

from iamsync import live as reading
from iamsync.apply import apply
from iamsync.core.model import AccessKeys, Console, DesiredState
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Report, Status
from iamsync.delivery import Delivery

PASSWORD = Console(password_reset_required=False)
NEW_SECRETS = desired(user("aiko", console=PASSWORD, access_keys=AccessKeys(count=1)))
GONE = desired(user("bo"), prune=True)


def planned(iam: IAMClient, wanted: DesiredState) -> Plan:
    return Plan.between(wanted, reading.read(iam, wanted, at_once=1, now=datetime.now(tz=UTC)))


def created(iam: IAMClient, name: str, owner: str = "us") -> None:
    iam.create_user(UserName=name, Tags=[{"Key": "iamsync:owner", "Value": owner}])


def with_password_and_key(iam: IAMClient, name: str) -> None:
    iam.create_login_profile(UserName=name, Password="Correct-horse-9")
    iam.create_access_key(UserName=name)


def recreated(iam: IAMClient, name: str, owner: str) -> None:
    iam.delete_user(UserName=name)
    created(iam, name, owner)


def failed(report: Report) -> list[Outcome]:
    return [one for one in report.outcomes if one.status is Status.FAILED]


def writes(network: Network) -> list[str]:
    return [one.operation for one in network.writes]


@pytest.mark.parametrize("owner", ["them", "us"])
def test_another_user_of_the_name_gets_neither_password_nor_key(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, owner: str
) -> None:
    created(iam, "aiko")
    plan = planned(iam, NEW_SECRETS)
    recreated(iam, "aiko", owner)

    report = apply(plan, hasty, delivery)

    assert {one.action.operation for one in failed(report)} >= {"create_login_profile"}
    for outcome in failed(report):
        assert outcome.why.startswith("the user (A")
        assert outcome.why.endswith(" created since the plan: plan again")
    assert report.receipts == ()
    assert {"CreateLoginProfile", "CreateAccessKey"}.isdisjoint(writes(network))


@pytest.mark.parametrize(("owner", "shown"), [("them", '"them"'), (None, "none")])
def test_a_user_who_was_released_meanwhile_loses_nothing_for_good(
    network: Network, iam: IAMClient, hasty: IAMClient, owner: str | None, shown: str
) -> None:
    created(iam, "bo")
    created(iam, "eve")
    with_password_and_key(iam, "eve")
    plan = planned(iam, GONE)
    iam.untag_user(UserName="eve", TagKeys=["iamsync:owner"])
    if owner:
        iam.tag_user(UserName="eve", Tags=[{"Key": "iamsync:owner", "Value": owner}])

    report = apply(plan, hasty, None)

    (first, *_) = failed(report)
    assert first.why == f'the ownership tag was "us" and has become {shown} since the plan: plan again'
    assert not any(one.startswith("Delete") and one != "DeleteUserPolicy" for one in writes(network))
    assert iam.get_login_profile(UserName="eve")["LoginProfile"]["UserName"] == "eve"
    assert len(iam.list_access_keys(UserName="eve")["AccessKeyMetadata"]) == 1


def test_a_user_is_looked_at_once_and_a_new_one_not_at_all(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    created(iam, "bo")
    for name in ("eve", "fay"):
        created(iam, name)
        with_password_and_key(iam, name)
    wanted = desired(user("bo", console=PASSWORD), user("cy", console=PASSWORD), prune=True)
    plan = planned(iam, wanted)
    network.sent.clear()

    assert apply(plan, hasty, delivery).complete

    assert Counter(network.sent)["GetUser"] == 3, "bo, eve and fay; cy is new"


def test_a_user_who_is_adopted_is_taken_with_either_tag(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    iam.create_user(UserName="aiko")
    plan = planned(iam, desired(user("aiko", console=PASSWORD), adopt=True))

    assert apply(plan, hasty, delivery).complete

    assert "CreateLoginProfile" in writes(network)


def test_a_user_who_is_renamed_is_looked_at_by_the_new_name(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    created(iam, "aiko")
    plan = planned(iam, desired(user("aiko.sato", console=PASSWORD, previous_names=("aiko",))))
    network.invisible_calls = 2

    assert apply(plan, hasty, delivery).complete

    assert "CreateLoginProfile" in writes(network)


def test_a_leaver_who_is_gone_already_is_no_fault(iam: IAMClient, hasty: IAMClient) -> None:
    created(iam, "bo")
    created(iam, "eve")
    plan = planned(iam, GONE)
    iam.delete_user(UserName="eve")

    assert apply(plan, hasty, None).complete
