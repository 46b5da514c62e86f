"""Names, paths and descriptions that IAM does not take."""

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

TOO_LONG_FOR_USERS = "u" * 65
TOO_LONG_FOR_OTHERS = "g" * 129


@pytest.mark.parametrize("name", [TOO_LONG_FOR_USERS, "aiko sato", "aiko/sato", "愛子", "aiko\n", "\u0661"])
def test_a_users_name_is_well_formed(iam: IAMClient, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "userName"):
        iam.create_user(UserName=name)


@pytest.mark.parametrize("name", ["u" * 64, "a", "aiko.sato+x=y,z@example-1.com_"])
def test_what_the_api_page_allows_is_a_users_name(iam: IAMClient, name: str) -> None:
    assert iam.create_user(UserName=name)["User"]["UserName"] == name


@pytest.mark.parametrize("name", [TOO_LONG_FOR_USERS, "aiko sato"])
def test_a_users_new_name_is_well_formed(iam: IAMClient, alice: str, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "newUserName"):
        iam.update_user(UserName=alice, NewUserName=name)


@pytest.mark.parametrize("name", [TOO_LONG_FOR_OTHERS, "read only"])
def test_a_groups_name_is_well_formed(iam: IAMClient, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "groupName"):
        iam.create_group(GroupName=name)


@pytest.mark.parametrize("name", [TOO_LONG_FOR_OTHERS, "read only"])
def test_a_groups_new_name_is_well_formed(iam: IAMClient, readers: str, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "newGroupName"):
        iam.update_group(GroupName=readers, NewGroupName=name)


@pytest.mark.parametrize("name", [TOO_LONG_FOR_USERS, "my role"])
def test_a_roles_name_is_well_formed(iam: IAMClient, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "roleName"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")


@pytest.mark.parametrize("name", [TOO_LONG_FOR_OTHERS, "read only"])
def test_a_policys_name_is_well_formed(iam: IAMClient, document: str, refuses: Refuses, name: str) -> None:
    with refuses("ValidationError", "policyName"):
        iam.create_policy(PolicyName=name, PolicyDocument=document)


def test_an_inline_policys_name_is_well_formed(iam: IAMClient, alice: str, document: str, refuses: Refuses) -> None:
    with refuses("ValidationError", "policyName"):
        iam.put_user_policy(UserName=alice, PolicyName="read only", PolicyDocument=document)


@pytest.mark.parametrize("path", ["people", "/people", "people/", "//", "/愛/", "/a b/", f"/{'p' * 511}/"])
def test_a_path_is_well_formed(iam: IAMClient, refuses: Refuses, path: str) -> None:
    with refuses("ValidationError", "path is invalid"):
        iam.create_user(UserName="bob", Path=path)


@pytest.mark.parametrize("path", ["/", "/people/", "/a/b/c/", "/!~/", f"/{'p' * 510}/"])
def test_what_the_api_page_allows_is_a_path(iam: IAMClient, path: str) -> None:
    assert iam.create_user(UserName="bob", Path=path)["User"]["Path"] == path


@pytest.mark.parametrize("path", ["people", "/people"])
def test_a_new_path_is_well_formed(iam: IAMClient, alice: str, refuses: Refuses, path: str) -> None:
    with refuses("ValidationError", "newPath is invalid"):
        iam.update_user(UserName=alice, NewPath=path)


@pytest.mark.parametrize("path", ["/a!/", "/a//b/", "//", "/a"])
def test_a_policys_path_is_narrower(iam: IAMClient, document: str, refuses: Refuses, path: str) -> None:
    with refuses("ValidationError", "path is invalid"):
        iam.create_policy(PolicyName="P", Path=path, PolicyDocument=document)


@pytest.mark.parametrize("description", ["d" * 1001, "雨"])
def test_a_description_is_well_formed(iam: IAMClient, document: str, refuses: Refuses, description: str) -> None:
    with refuses("ValidationError", "description"):
        iam.create_policy(PolicyName="P", Description=description, PolicyDocument=document)
