"""The example company: 40 users, the same each time, with every kind of mess."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from faults.company import picture
from mypy_boto3_iam import IAMClient
from shell import Iamsync

from iamsync.sandbox import Sandbox, company


@pytest.fixture(scope="module")
def peopled() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.add_company()
        yield sandbox


@pytest.fixture(scope="module")
def found(peopled: Sandbox) -> dict[str, Any]:
    return picture(peopled)


def policy(name: str, found: dict[str, Any]) -> Any:  # noqa: ANN401 - an entry of the picture
    return next(one for arn, one in found["policies"].items() if arn.endswith(f"/{name}"))


def test_it_has_forty_users_and_no_call_is_left_of_making_them(peopled: Sandbox, found: dict[str, Any]) -> None:
    assert len(found["users"]) == 40
    assert [call for call in peopled.calls if call.operation.startswith(("Create", "Attach", "Put"))] == []


def test_it_is_the_same_each_time(found: dict[str, Any], sandbox: Sandbox) -> None:
    sandbox.add_company()

    assert picture(sandbox) == found


def test_it_has_every_kind_of_mess(found: dict[str, Any]) -> None:
    users, groups = found["users"], found["groups"]

    assert {len(policy("DataLakeWrite", found)["versions"]), len(policy("Deploy", found)["versions"])} == {5, 1}
    assert policy("DataLakeWrite", found)["versions"]["v3"][0] is True, "neither the first nor the last is in force"
    assert policy("LegacyS3", found)["versions"]["v1"][1]["Version"] == "2008-10-17"
    assert {"null", "0042", "svc_ci+build@example", "JSmith"} <= users.keys()
    assert sum(bool(user["inline"]) for user in users.values()) >= 5
    assert sum(bool(group["inline"]) for group in groups.values()) == 1
    assert len({user["boundary"] for user in users.values()}) == 3, "none, one of the company's, one of AWS's"
    assert users["rosa.diaz"]["tags"]["FullName"] == "Rosa Díaz-Müller"
    assert users["stack-worker"]["tags"] == {"aws:cloudformation:stack-name": "messaging"}
    assert any("Quarantine" in arn for arn in users["olga.petrova"]["attached"])
    assert users["yuki.mori"]["tags"]["iamsync:hold"]
    shared = [one for one, other in combinations(users, 2) if users[one]["attached"] == users[other]["attached"] != []]
    assert len(set(shared)) > 20


def test_roles_share_policies_with_users_and_keys_are_old_and_unused(peopled: Sandbox) -> None:
    iam: IAMClient = company.client(peopled.environment)

    roles = iam.list_entities_for_policy(PolicyArn="arn:aws:iam::123456789012:policy/Deploy")["PolicyRoles"]
    assert [one["RoleName"] for one in roles] == ["build", "deploy"]
    (never,) = iam.list_access_keys(UserName="emil.berg")["AccessKeyMetadata"]
    assert "LastUsedDate" not in iam.get_access_key_last_used(AccessKeyId=never["AccessKeyId"])["AccessKeyLastUsed"]
    (used,) = iam.list_access_keys(UserName="chen.wei")["AccessKeyMetadata"]
    last = iam.get_access_key_last_used(AccessKeyId=used["AccessKeyId"])["AccessKeyLastUsed"]["LastUsedDate"]
    assert (last - used["CreateDate"]).days == 29


def test_the_command_offers_it(iamsync: Iamsync) -> None:
    assert "company" in iamsync("sandbox", "--help").out
    assert iamsync("sandbox", "--example", "family").code == 1
