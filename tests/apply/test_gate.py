"""A gate that closes in the middle of an apply: no call that gives anything follows, and access is still taken away."""

import pytest
from channels import InMemory, by
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from states import EC2, S3, desired, live, user

from iamsync.apply import Closed, apply
from iamsync.core.model import AccessKeys
from iamsync.core.plan import Plan
from iamsync.core.report import Status

LOST = Closed("the API server cannot be reached")
OTHER = Closed("replica-2 holds the lease", at_all=True)
TAKES = {"DetachUserPolicy", "DeleteAccessKey", "UntagUser"}


class Closing:
    """A gate that closes after so many calls have had their effect."""

    def __init__(self, network: Network, after: int, closed: Closed) -> None:
        self._closed = closed
        self._is_closed = after == 0
        self._after = after
        network.after_write = self._hear

    def _hear(self, number: int) -> None:
        self._is_closed = self._is_closed or number >= self._after

    def __call__(self) -> Closed | None:
        return self._closed if self._is_closed else None


@pytest.fixture
def plan(writer: IAMClient) -> Plan:
    """Two users lose a policy, one gets another, one is new."""
    for name in ("aiko", "bo", "cy"):
        writer.create_user(UserName=name, Tags=[{"Key": "iamsync:owner", "Value": "us"}])
        writer.attach_user_policy(UserName=name, PolicyArn=S3)
    return Plan.between(
        desired(user("aiko"), user("bo"), user("cy", S3, EC2), user("dee", EC2)),
        live(user("aiko", S3), user("bo", S3), user("cy", S3)),
    )


@pytest.mark.parametrize("after", range(6))
def test_after_it_has_closed_only_what_takes_access_away_is_sent(
    plan: Plan, network: Network, writer: IAMClient, after: int
) -> None:
    before = len(network.writes)
    report = apply(plan, writer, None, parallel=1, gate=Closing(network, before + after if after else 0, LOST))
    sent = [write.operation for write in network.writes[before:]]

    assert len(plan.actions) == 5
    rest = ["".join(map(str.capitalize, action.operation.split("_"))) for action in plan.actions[after:]]
    assert sent[after:] == [operation for operation in rest if operation in TAKES]
    assert [one.why for one in report.outcomes if one.status is Status.SKIPPED] == [LOST.why] * (5 - len(sent))
    assert report.count(Status.FAILED) == 0
    for name in ("aiko", "bo"):
        attached = writer.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        assert S3 not in {one["PolicyArn"] for one in attached}


def test_where_another_writes_nothing_is_begun(plan: Plan, network: Network, writer: IAMClient) -> None:
    before = len(network.writes)
    report = apply(plan, writer, None, parallel=1, gate=Closing(network, before + 1, OTHER))

    assert len(network.writes) == before + 1
    assert [one.why for one in report.outcomes if one.status is Status.SKIPPED] == [OTHER.why] * 4


def test_a_call_that_is_tried_again_is_asked_for_again(network: Network, writer: IAMClient) -> None:
    closed: list[Closed] = []
    network.script = [Fault(match="CreateUser", code="ServiceFailure", times=9)]
    network.after_refusal = lambda: closed.append(LOST)
    (outcome,) = apply(
        Plan.between(desired(user("aiko")), live()), writer, None, gate=lambda: closed[0] if closed else None
    ).outcomes

    assert (outcome.status, outcome.attempts) == (Status.FAILED, 1)
    assert outcome.why == f"{LOST.why}; whether it was done is not known"


@pytest.mark.parametrize("closed", [LOST, OTHER])
def test_a_key_that_cannot_be_delivered_is_deleted_although_it_has_closed(
    network: Network, writer: IAMClient, closed: Closed
) -> None:
    plan = Plan.between(desired(user("aiko", access_keys=AccessKeys(count=1))), live())
    apply(plan, writer, by(InMemory(full=0)), gate=Closing(network, 2, closed))

    assert [one.operation for one in network.writes[:3]] == ["CreateUser", "CreateAccessKey", "DeleteAccessKey"]
    assert writer.list_access_keys(UserName="aiko")["AccessKeyMetadata"] == []


def test_what_it_does_not_let_through_is_a_sentence(plan: Plan, writer: IAMClient, network: Network) -> None:
    report = apply(plan, writer, None, gate=Closing(network, 0, OTHER))

    assert {(one.status, one.why) for one in report.outcomes} == {(Status.SKIPPED, OTHER.why)}
