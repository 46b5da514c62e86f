"""Permissions boundaries, which moto drops."""

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

POWER_USER = "arn:aws:iam::aws:policy/PowerUserAccess"
MISSING = "arn:aws:iam::123456789012:policy/Missing"


def boundary_of(iam: IAMClient, name: str) -> str | None:
    bound = iam.get_user(UserName=name)["User"].get("PermissionsBoundary")
    return bound["PermissionsBoundaryArn"] if bound else None


def test_a_user_is_created_with_a_boundary(iam: IAMClient) -> None:
    created = iam.create_user(UserName="bob", PermissionsBoundary=POWER_USER)["User"]
    assert created["PermissionsBoundary"]["PermissionsBoundaryArn"] == POWER_USER
    assert boundary_of(iam, "bob") == POWER_USER


def test_a_boundary_is_put_replaced_and_deleted(iam: IAMClient, alice: str, policy: str) -> None:
    assert boundary_of(iam, alice) is None
    iam.put_user_permissions_boundary(UserName=alice, PermissionsBoundary=POWER_USER)
    assert boundary_of(iam, alice) == POWER_USER
    iam.put_user_permissions_boundary(UserName=alice, PermissionsBoundary=policy)
    assert boundary_of(iam, alice) == policy
    iam.delete_user_permissions_boundary(UserName=alice)
    assert boundary_of(iam, alice) is None


def test_a_boundary_that_is_not_there_cannot_be_deleted(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity"):
        iam.delete_user_permissions_boundary(UserName=alice)


def test_a_user_is_not_created_with_a_boundary_that_does_not_exist(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", f"Scope ARN: {MISSING} does not exist or is not attachable."):
        iam.create_user(UserName="bob", PermissionsBoundary=MISSING)
    assert iam.list_users()["Users"] == []


def test_a_boundary_that_does_not_exist_is_not_put(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", MISSING):
        iam.put_user_permissions_boundary(UserName=alice, PermissionsBoundary=MISSING)


def test_a_boundary_that_does_not_exist_is_not_put_on_a_role(iam: IAMClient, role: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", MISSING):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=MISSING)


def test_the_whole_account_tells_boundaries(iam: IAMClient) -> None:
    iam.create_user(UserName="bob", PermissionsBoundary=POWER_USER)
    (bob,) = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert bob["PermissionsBoundary"]["PermissionsBoundaryArn"] == POWER_USER


@pytest.mark.parametrize("usage", ["PermissionsBoundary", "PermissionsPolicy"])
def test_being_bound_and_being_permitted_are_distinguished(
    iam: IAMClient,
    alice: str,
    role: str,
    policy: str,
    usage: str,
) -> None:
    iam.create_user(UserName="bob", PermissionsBoundary=policy)
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=policy)
    iam.attach_user_policy(UserName=alice, PolicyArn=policy)
    entities = iam.list_entities_for_policy(PolicyArn=policy, PolicyUsageFilter=usage)  # type: ignore[arg-type]  # a str
    users = [user["UserName"] for user in entities["PolicyUsers"]]
    roles = [each["RoleName"] for each in entities["PolicyRoles"]]
    assert (users, roles) == ((["bob"], [role]) if usage == "PermissionsBoundary" else ([alice], []))


def test_a_policy_says_how_many_it_bounds(iam: IAMClient, policy: str) -> None:
    iam.create_user(UserName="bob", PermissionsBoundary=policy)
    (listed,) = iam.list_policies(Scope="Local")["Policies"]
    (detailed,) = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"]
    got = iam.get_policy(PolicyArn=policy)["Policy"]
    assert [each["PermissionsBoundaryUsageCount"] for each in (listed, detailed, got)] == [1, 1, 1]
    assert [each["AttachmentCount"] for each in (listed, detailed, got)] == [0, 0, 0]


def test_a_boundary_goes_with_its_user(iam: IAMClient, policy: str) -> None:
    iam.create_user(UserName="bob", PermissionsBoundary=policy)
    iam.delete_user(UserName="bob")
    assert iam.get_policy(PolicyArn=policy)["Policy"]["PermissionsBoundaryUsageCount"] == 0
    iam.create_user(UserName="bob")
    assert boundary_of(iam, "bob") is None


def test_policies_can_be_listed_by_usage(iam: IAMClient, alice: str, policy: str) -> None:
    iam.put_user_permissions_boundary(UserName=alice, PermissionsBoundary=POWER_USER)
    iam.attach_user_policy(UserName=alice, PolicyArn=policy)
    bounding = iam.list_policies(PolicyUsageFilter="PermissionsBoundary")["Policies"]
    permitting = iam.list_policies(PolicyUsageFilter="PermissionsPolicy")["Policies"]
    assert [each["Arn"] for each in bounding] == [POWER_USER]
    assert [each["Arn"] for each in permitting] == [policy]
