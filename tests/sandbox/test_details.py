"""GetAccountAuthorizationDetails: the whole account, in pages."""

import json
from typing import Any

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def principals(alice: str, readers: str, role: str) -> tuple[str, str, str]:
    """A user, a group and a role."""
    return alice, readers, role


@pytest.fixture
def everything(iam: IAMClient, principals: tuple[str, str, str], policy: str, document: str) -> IAMClient:
    """One of each, all of them connected."""
    alice, readers, role = principals
    iam.tag_user(UserName=alice, Tags=[{"Key": "Team", "Value": "data"}])
    iam.add_user_to_group(UserName=alice, GroupName=readers)
    iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=document)
    iam.put_group_policy(GroupName=readers, PolicyName="theirs", PolicyDocument=document)
    iam.attach_user_policy(UserName=alice, PolicyArn=policy)
    iam.attach_group_policy(GroupName=readers, PolicyArn=READ_ONLY)
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "Team", "Value": "data"}])
    return iam


def test_a_user_is_described_whole(everything: IAMClient, policy: str, document: str) -> None:
    (user,) = everything.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    del user["CreateDate"]
    assert user.pop("UserId").startswith("AIDA")
    assert user == {
        "Path": "/",
        "UserName": "alice",
        "Arn": "arn:aws:iam::123456789012:user/alice",
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": json.loads(document)}],
        "GroupList": ["readers"],
        "AttachedManagedPolicies": [{"PolicyName": "Reading", "PolicyArn": policy}],
        "Tags": [{"Key": "Team", "Value": "data"}],
    }


def test_a_group_is_described_whole(everything: IAMClient, document: str) -> None:
    (group,) = everything.get_account_authorization_details(Filter=["Group"])["GroupDetailList"]
    assert group["GroupPolicyList"] == [{"PolicyName": "theirs", "PolicyDocument": json.loads(document)}]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]


def test_a_role_is_described_whole(everything: IAMClient, policy: str) -> None:
    (role,) = everything.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    trust = role["AssumeRolePolicyDocument"]
    assert isinstance(trust, dict)
    assert trust["Statement"][0]["Action"] == "sts:AssumeRole"
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "Reading", "PolicyArn": policy}]


def test_a_policy_is_described_with_all_its_versions_and_no_tags(
    everything: IAMClient, policy: str, document: str
) -> None:
    everything.create_policy_version(PolicyArn=policy, PolicyDocument=document.replace("s3", "ec2"))
    (told,) = everything.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"]
    actions = {each["VersionId"]: each["Document"]["Statement"][0]["Action"] for each in told["PolicyVersionList"]}  # type: ignore[index]  # a dict
    assert (told["AttachmentCount"], told["DefaultVersionId"], actions) == (2, "v1", {"v1": "s3:*", "v2": "ec2:*"})
    assert "Tags" not in told


def test_of_awss_policies_only_those_in_use_are_listed(everything: IAMClient, alice: str) -> None:
    everything.put_user_permissions_boundary(
        UserName=alice,
        PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
    )
    told = everything.get_account_authorization_details(Filter=["AWSManagedPolicy"])["Policies"]
    assert {policy["PolicyName"] for policy in told} == {"ReadOnlyAccess", "PowerUserAccess"}


@pytest.mark.parametrize(
    ("wanted", "sizes"),
    [
        ([], (1, 1, 1, 2)),
        (["User"], (1, 0, 0, 0)),
        (["Group"], (0, 1, 0, 0)),
        (["Role"], (0, 0, 1, 0)),
        (["LocalManagedPolicy"], (0, 0, 0, 1)),
        (["AWSManagedPolicy"], (0, 0, 0, 1)),
        (["User", "AWSManagedPolicy", "LocalManagedPolicy"], (1, 0, 0, 2)),
    ],
)
def test_the_filter_is_kept(everything: IAMClient, wanted: list[Any], sizes: tuple[int, ...]) -> None:
    details: Any = everything.get_account_authorization_details(Filter=wanted)
    assert tuple(len(details[section]) for section in SECTIONS) == sizes


def test_one_marker_leads_through_all_sections(everything: IAMClient) -> None:
    pages: list[Any] = list(
        everything.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}),
    )
    assert [[len(page[section]) for section in SECTIONS] for page in pages] == [
        [1, 1, 0, 0],
        [0, 0, 1, 1],
        [0, 0, 0, 1],
    ]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]


def test_a_page_holds_a_hundred_unless_asked_otherwise(iam: IAMClient) -> None:
    for number in range(101):
        iam.create_user(UserName=f"user-{number}")
    first = iam.get_account_authorization_details()
    assert (len(first["UserDetailList"]), first["IsTruncated"]) == (100, True)
    second = iam.get_account_authorization_details(Marker=first["Marker"])
    assert (len(second["UserDetailList"]), second["IsTruncated"]) == (1, False)


def test_a_last_page_that_is_full_is_the_last(iam: IAMClient) -> None:
    for number in range(2):
        iam.create_user(UserName=f"user-{number}")
    assert not iam.get_account_authorization_details(MaxItems=2)["IsTruncated"]


def test_more_than_a_thousand_at_once_are_refused(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("ValidationError", "less than or equal to 1000"):
        iam.get_account_authorization_details(MaxItems=1001)


def test_a_marker_that_nobody_gave_is_refused(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("ValidationError", "Invalid Marker"):
        iam.get_account_authorization_details(Marker="elsewhere")


def test_documents_come_back_as_they_were_written(iam: IAMClient, alice: str) -> None:
    odd = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a%2Fb+c/${aws:username}/é"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [odd]})
    iam.put_user_policy(UserName=alice, PolicyName="odd", PolicyDocument=text)
    (user,) = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert user["UserPolicyList"][0]["PolicyDocument"] == json.loads(text)
    assert iam.get_user_policy(UserName=alice, PolicyName="odd")["PolicyDocument"] == json.loads(text)
