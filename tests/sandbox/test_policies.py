"""Managed policies: versions, attachments, and what belongs to AWS."""

import json

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICE_ROLE = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"


@pytest.mark.parametrize("path", ["/", "/elsewhere/"])
@pytest.mark.usefixtures("policy")
def test_a_name_is_taken_in_any_case_and_under_any_path(
    iam: IAMClient,
    document: str,
    refuses: Refuses,
    path: str,
) -> None:
    with refuses("EntityAlreadyExists", "A policy called reading already exists. Duplicate names are not allowed."):
        iam.create_policy(PolicyName="reading", Path=path, PolicyDocument=document)


def test_a_name_that_aws_uses_is_free(iam: IAMClient, document: str) -> None:
    created = iam.create_policy(PolicyName="ReadOnlyAccess", PolicyDocument=document)["Policy"]
    assert created["Arn"] == "arn:aws:iam::123456789012:policy/ReadOnlyAccess"


def test_a_list_of_policies_tells_no_tags_and_no_description(iam: IAMClient, document: str) -> None:
    tags = [{"Key": "Team", "Value": "data"}]
    arn = iam.create_policy(PolicyName="P", PolicyDocument=document, Description="of P", Tags=tags)["Policy"]["Arn"]  # type: ignore[arg-type]  # a TypedDict
    (listed,) = iam.list_policies(Scope="Local")["Policies"]
    assert {"Tags", "Description"}.isdisjoint(listed)
    got = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (got["Tags"], got["Description"]) == (tags, "of P")


def test_the_default_version_counts_and_not_the_newest(iam: IAMClient, policy: str, document: str) -> None:
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=document)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v1"
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v2"
    versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert {each["VersionId"]: each["IsDefaultVersion"] for each in versions} == {"v1": False, "v2": True}


def test_setting_the_default_version_again_is_success(iam: IAMClient, policy: str) -> None:
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    assert [each["IsDefaultVersion"] for each in iam.list_policy_versions(PolicyArn=policy)["Versions"]] == [True]


def test_version_ids_only_grow(iam: IAMClient, policy: str, document: str) -> None:
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=document)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    created = iam.create_policy_version(PolicyArn=policy, PolicyDocument=document, SetAsDefault=True)
    assert created["PolicyVersion"]["VersionId"] == "v3"


def test_a_version_is_described_with_its_document_and_a_list_without(
    iam: IAMClient, policy: str, document: str
) -> None:
    version = iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(document)
    assert "Document" not in iam.list_policy_versions(PolicyArn=policy)["Versions"][0]


def test_a_version_that_does_not_exist_cannot_be_the_default(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", "version v9 does not exist"):
        iam.set_default_policy_version(PolicyArn=policy, VersionId="v9")


def test_a_policy_attached_twice_is_attached_once(iam: IAMClient, alice: str, policy: str) -> None:
    for _ in range(2):
        iam.attach_user_policy(UserName=alice, PolicyArn=policy)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    iam.detach_user_policy(UserName=alice, PolicyArn=policy)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 0


def test_what_is_not_attached_cannot_be_detached(iam: IAMClient, alice: str, policy: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", f"Policy {policy} was not found."):
        iam.detach_user_policy(UserName=alice, PolicyArn=policy)


@pytest.mark.parametrize(
    "arn",
    ["arn:aws:iam::123456789012:policy/Missing", "arn:aws:iam::aws:policy/Missing"],
)
def test_a_policy_that_does_not_exist_cannot_be_attached(
    iam: IAMClient,
    alice: str,
    refuses: Refuses,
    arn: str,
) -> None:
    with refuses("NoSuchEntity", f"Policy {arn} does not exist or is not attachable."):
        iam.attach_user_policy(UserName=alice, PolicyArn=arn)


def test_what_is_no_policy_arn_cannot_be_attached(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("InvalidInput", "ARN arn:aws:iam::123456789012:user/alice is not valid."):
        iam.attach_user_policy(UserName=alice, PolicyArn="arn:aws:iam::123456789012:user/alice")


def test_a_services_policy_cannot_be_attached_to_a_user(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("PolicyNotAttachable"):
        iam.attach_user_policy(UserName=alice, PolicyArn=SERVICE_ROLE)


def test_what_aws_manages_has_no_new_versions(iam: IAMClient, document: str, refuses: Refuses) -> None:
    with refuses("AccessDenied", "iam:CreatePolicyVersion"):
        iam.create_policy_version(PolicyArn=READ_ONLY, PolicyDocument=document)


def test_what_aws_manages_cannot_be_tagged(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("AccessDenied", "iam:TagPolicy"):
        iam.tag_policy(PolicyArn=READ_ONLY, Tags=[{"Key": "Team", "Value": "data"}])


def test_what_aws_manages_cannot_be_deleted(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("AccessDenied", "iam:DeletePolicy"):
        iam.delete_policy(PolicyArn=READ_ONLY)


def test_an_inline_policy_is_replaced(iam: IAMClient, alice: str, document: str) -> None:
    for text in (document, document.replace("s3", "ec2")):
        iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=text)
    assert iam.list_user_policies(UserName=alice)["PolicyNames"] == ["own"]
    got = iam.get_user_policy(UserName=alice, PolicyName="own")["PolicyDocument"]
    assert got["Statement"][0]["Action"] == "ec2:*"  # type: ignore[index]  # boto3 parses it


def test_an_inline_policy_that_does_not_exist_cannot_be_deleted(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", "The user policy with name own cannot be found."):
        iam.delete_user_policy(UserName=alice, PolicyName="own")


def test_entities_are_listed_in_pages_across_kinds(iam: IAMClient, alice: str, readers: str, policy: str) -> None:
    iam.attach_user_policy(UserName=alice, PolicyArn=policy)
    iam.attach_group_policy(GroupName=readers, PolicyArn=policy)
    paginator = iam.get_paginator("list_entities_for_policy")
    pages = list(paginator.paginate(PolicyArn=policy, PaginationConfig={"PageSize": 1}))
    assert [(len(page["PolicyUsers"]), len(page["PolicyGroups"])) for page in pages] == [(1, 0), (0, 1)]
