"""The law of AWS's index of tags: whatever it says, what is planned is what IAM's own answers lead to, or nothing."""

from collections.abc import Mapping
from itertools import chain
from random import Random
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_iam import IAMClient
from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

from iamsync import live, planning
from iamsync.core.model import DesiredState
from iamsync.core.part import Only
from iamsync.core.plan import Plan
from iamsync.core.scope.groups import with_one_spelling
from iamsync.core.tags import OWNER_TAG
from laws.model import Iam
from laws.model.client import Client
from laws.pairs import Pair, pairs
from laws.playing import planned, play

lawful = settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


class Index:
    """GetResources with these tags, whatever is asked for."""

    def __init__(self, tags: Mapping[str, Mapping[str, str]]) -> None:
        self._tags = tags

    def get_paginator(self, _: str) -> "Index":
        return self

    def paginate(self, **_: object) -> list[dict[str, Any]]:
        written = {arn: [{"Key": key, "Value": tags[key]} for key in tags] for arn, tags in self._tags.items()}
        return [{"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": written[arn]} for arn in written]}]


@lawful
@given(pairs(), st.integers(0, 2**16))
def test_the_index_never_leads_to_another_plan_than_iam_does_but_to_none(pair: Pair, chance: int) -> None:
    iam, desired = pair
    dice = Random(chance)  # noqa: S311 - no secret
    plan, refused = planned(iam, desired)
    if dice.random() < 0.8 and not refused:
        play(iam, plan.actions)
    late = Index({arn: policy.tags for arn, policy in iam.policies.items() if dice.random() < 0.8})
    iam = _meddled_with(iam, dice)
    in_time = Index({arn: policy.tags for arn, policy in iam.policies.items()})

    by_iam = _plan(iam, desired, None)

    assert _plan(iam, desired, in_time) == by_iam
    by_late_index = _plan(iam, desired, late)
    assert planning.is_calm(by_late_index) or by_late_index == by_iam


def _meddled_with(iam: Iam, dice: Random) -> Iam:
    """Somebody takes a mark off, puts one on, or deletes a policy, and the index has not heard of it."""
    iam = iam.copy()
    for policy in list(iam.policies.values()):
        match dice.randrange(8):
            case 0:
                policy.tags.pop(OWNER_TAG, None)
            case 1:
                policy.tags[OWNER_TAG] = dice.choice(["us", "them"])
            case 2:
                policy.tags["Team"] = "x"
            case 3 if policy.arn not in _used(iam):
                del iam.policies[policy.arn]
            case _:
                pass
    return iam


def _used(iam: Iam) -> set[str]:
    attached = (one.attached for holders in (iam.users, iam.groups) for one in holders.values())
    return {*chain.from_iterable(attached), *(user.boundary or "" for user in iam.users.values())}


def _plan(iam: Iam, desired: DesiredState, index: Index | None) -> Plan:
    tagging = cast("ResourceGroupsTaggingAPIClient | None", index)
    client = cast("IAMClient", Client(iam))
    bulk = live.read_in_bulk(client, desired.account)
    look = planning.Look(
        iam=client,
        wanted=with_one_spelling(desired, bulk.groups),
        now=iam.now,
        removals=None,
        only=Only(),
        destinations=None,
        tagging=lambda: tagging,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("iamsync.live.FEW", 0)
        return planning._found(look, bulk, {}, lambda: None)[1]  # noqa: SLF001 - before holds that ask other services
