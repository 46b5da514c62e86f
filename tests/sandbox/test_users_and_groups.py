"""Users and groups: what moto gets wrong."""

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_a_user_who_does_not_exist_cannot_be_read(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", "The user with name bob cannot be found."):
        iam.get_user(UserName="bob")


def test_a_list_of_users_tells_no_tags_and_no_boundary(iam: IAMClient) -> None:
    iam.create_user(UserName="bob", Tags=[{"Key": "Team", "Value": "data"}], PermissionsBoundary=READ_ONLY)
    (listed,) = iam.list_users()["Users"]
    assert {"Tags", "PermissionsBoundary"}.isdisjoint(listed)
    assert {"Tags", "PermissionsBoundary"} <= set(iam.get_user(UserName="bob")["User"])


def test_users_are_listed_in_pages_of_a_hundred(iam: IAMClient) -> None:
    for number in range(101):
        iam.create_user(UserName=f"user-{number}")
    pages = list(iam.get_paginator("list_users").paginate())
    assert [len(page["Users"]) for page in pages] == [100, 1]


@pytest.mark.usefixtures("alice")
def test_users_can_be_listed_by_path(iam: IAMClient) -> None:
    iam.create_user(UserName="bob", Path="/people/")
    assert [user["UserName"] for user in iam.list_users(PathPrefix="/people/")["Users"]] == ["bob"]


@pytest.mark.parametrize("path", ["/", "/elsewhere/"])
@pytest.mark.usefixtures("alice")
def test_a_name_is_taken_in_any_case_and_under_any_path(iam: IAMClient, refuses: Refuses, path: str) -> None:
    with refuses("EntityAlreadyExists", "User with name Alice already exists."):
        iam.create_user(UserName="Alice", Path=path)


def test_a_user_is_found_in_any_case(iam: IAMClient, alice: str) -> None:
    assert iam.get_user(UserName="ALICE")["User"]["UserName"] == alice


def test_a_user_is_found_in_any_case_by_what_is_left_to_moto(iam: IAMClient, alice: str, readers: str) -> None:
    iam.add_user_to_group(UserName="ALICE", GroupName="READERS")
    assert [user["UserName"] for user in iam.get_group(GroupName=readers)["Users"]] == [alice]


def test_a_renamed_user_keeps_everything(iam: IAMClient, alice: str, readers: str, document: str) -> None:
    iam.tag_user(UserName=alice, Tags=[{"Key": "Team", "Value": "data"}])
    iam.put_user_permissions_boundary(UserName=alice, PermissionsBoundary=READ_ONLY)
    iam.attach_user_policy(UserName=alice, PolicyArn=READ_ONLY)
    iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=document)
    iam.add_user_to_group(UserName=alice, GroupName=readers)
    key = iam.create_access_key(UserName=alice)["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName=alice, Password="correct horse Battery 9")
    iam.create_service_specific_credential(UserName=alice, ServiceName="codecommit.amazonaws.com")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName=alice,
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    before = iam.get_user(UserName=alice)["User"]

    iam.update_user(UserName=alice, NewUserName="alicia", NewPath="/people/")

    after = iam.get_user(UserName="alicia")["User"]
    assert after == {
        **before,
        "UserName": "alicia",
        "Path": "/people/",
        "Arn": "arn:aws:iam::123456789012:user/people/alicia",
    }
    (details,) = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert details["GroupList"] == [readers]
    assert details["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    assert [policy["PolicyName"] for policy in details["UserPolicyList"]] == ["own"]
    assert iam.get_login_profile(UserName="alicia")["LoginProfile"]["UserName"] == "alicia"
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == "alicia"
    (device,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert device["User"]["Arn"] == after["Arn"]
    (credential,) = iam.list_service_specific_credentials(UserName="alicia")["ServiceSpecificCredentials"]
    assert credential["UserName"] == "alicia"


@pytest.mark.parametrize("taken", ["bob", "Bob", "Alice"])
def test_a_user_is_not_renamed_to_a_name_that_is_taken(
    iam: IAMClient,
    alice: str,
    refuses: Refuses,
    taken: str,
) -> None:
    iam.create_user(UserName="bob")
    with refuses("EntityAlreadyExists", f"User with name {taken} already exists."):
        iam.update_user(UserName=alice, NewUserName=taken)


def test_adding_a_member_again_is_success(iam: IAMClient, alice: str, readers: str) -> None:
    for _ in range(2):
        iam.add_user_to_group(UserName=alice, GroupName=readers)
    assert len(iam.get_group(GroupName=readers)["Users"]) == 1


def test_removing_who_is_no_member_is_success(iam: IAMClient, alice: str, readers: str) -> None:
    iam.remove_user_from_group(UserName=alice, GroupName=readers)


def test_removing_from_a_group_that_does_not_exist_is_refused(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", "The group with name writers cannot be found."):
        iam.remove_user_from_group(UserName=alice, GroupName="writers")


@pytest.mark.usefixtures("readers")
def test_a_groups_name_is_taken_in_any_case(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("EntityAlreadyExists", "Group with name Readers already exists."):
        iam.create_group(GroupName="Readers", Path="/elsewhere/")


def test_a_group_is_not_renamed_to_a_name_that_is_taken(iam: IAMClient, readers: str, refuses: Refuses) -> None:
    iam.create_group(GroupName="writers")
    with refuses("EntityAlreadyExists"):
        iam.update_group(GroupName=readers, NewGroupName="Writers")


def test_a_renamed_group_keeps_its_members_and_policies(iam: IAMClient, alice: str, readers: str) -> None:
    iam.add_user_to_group(UserName=alice, GroupName=readers)
    iam.attach_group_policy(GroupName=readers, PolicyArn=READ_ONLY)
    iam.update_group(GroupName=readers, NewGroupName="lookers", NewPath="/people/")
    assert [group["Path"] for group in iam.list_groups_for_user(UserName=alice)["Groups"]] == ["/people/"]
    assert len(iam.list_attached_group_policies(GroupName="lookers")["AttachedPolicies"]) == 1


def test_a_groups_path_can_change_alone(iam: IAMClient, readers: str) -> None:
    iam.update_group(GroupName=readers, NewPath="/people/")
    assert [group["Path"] for group in iam.list_groups(PathPrefix="/people/")["Groups"]] == ["/people/"]


def test_members_are_listed_in_pages_and_without_tags(iam: IAMClient, readers: str) -> None:
    for name in ("alice", "bob", "carol"):
        iam.create_user(UserName=name, Tags=[{"Key": "Team", "Value": "data"}])
        iam.add_user_to_group(UserName=name, GroupName=readers)
    pages = list(iam.get_paginator("get_group").paginate(GroupName=readers, PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 1]
    assert all("Tags" not in user for page in pages for user in page["Users"])


def test_a_roles_name_is_taken_in_any_case(iam: IAMClient, role: str, refuses: Refuses) -> None:
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    with refuses("EntityAlreadyExists", "Role with name Deployer already exists."):
        iam.create_role(RoleName="Deployer", AssumeRolePolicyDocument=str(trust))


def test_who_is_no_user_must_say_which_user_is_meant(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("ValidationError", "Must specify userName when calling with non-User credentials"):
        iam.create_access_key()
