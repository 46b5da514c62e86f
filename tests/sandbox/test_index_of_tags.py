"""GetResources, for the tags of policies."""

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient
from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

from iamsync.sandbox import Sandbox

DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}'


def client(sandbox: Sandbox, region: str = "us-east-1") -> ResourceGroupsTaggingAPIClient:
    return boto3.client(
        "resourcegroupstaggingapi",
        endpoint_url=sandbox.url,
        region_name=region,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )


@pytest.fixture
def tagging(sandbox: Sandbox) -> ResourceGroupsTaggingAPIClient:
    return client(sandbox)


@pytest.fixture
def arns(iam: IAMClient) -> list[str]:
    """Three policies: of one owner, of another, and without a tag."""
    tags: tuple[dict[str, str], ...] = ({"Owner": "us", "Team": "a"}, {"Owner": "them"}, {})
    return [
        iam.create_policy(
            PolicyName=f"P{number}",
            PolicyDocument=DOCUMENT,
            Tags=[{"Key": key, "Value": value} for key, value in one.items()],
        )["Policy"]["Arn"]
        for number, one in enumerate(tags)
    ]


def found(tagging: ResourceGroupsTaggingAPIClient, *values: str, size: int = 100) -> list[str]:
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "Owner", "Values": list(values)}],
        ResourceTypeFilters=["iam:policy"],
        PaginationConfig={"PageSize": size},
    )
    return [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]


def test_a_filter_fits_by_key_and_by_any_of_its_values(
    tagging: ResourceGroupsTaggingAPIClient, arns: list[str]
) -> None:
    assert found(tagging, "us") == arns[:1]
    assert found(tagging, "us", "them") == arns[:2]
    assert found(tagging) == arns[:2]
    assert found(tagging, "nobody") == []
    assert tagging.get_resources(ResourceTypeFilters=["s3:bucket"])["ResourceTagMappingList"] == []


def test_all_tags_are_listed_and_what_has_none_is_not_there(
    tagging: ResourceGroupsTaggingAPIClient, arns: list[str]
) -> None:
    first, second = tagging.get_resources()["ResourceTagMappingList"]

    assert first == {
        "ResourceARN": arns[0],
        "Tags": [{"Key": "Owner", "Value": "us"}, {"Key": "Team", "Value": "a"}],
    }
    assert second["ResourceARN"] == arns[1]


def test_pages_follow_each_other(tagging: ResourceGroupsTaggingAPIClient, arns: list[str], sandbox: Sandbox) -> None:
    sandbox.forget_calls()

    assert found(tagging, size=1) == arns[:2]

    assert [(call.service, call.operation) for call in sandbox.calls] == [("tagging", "GetResources")] * 2


def test_more_than_a_hundred_on_a_page_are_refused(tagging: ResourceGroupsTaggingAPIClient) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        tagging.get_resources(ResourcesPerPage=101)


@pytest.mark.usefixtures("arns")
def test_another_region_than_that_of_iam_has_no_tags_of_iam(sandbox: Sandbox) -> None:
    assert found(client(sandbox, "eu-west-1")) == []


def test_an_index_that_falls_behind_knows_what_was_and_not_what_is(
    tagging: ResourceGroupsTaggingAPIClient, arns: list[str], iam: IAMClient, sandbox: Sandbox
) -> None:
    sandbox.tag_index.fall_behind()
    iam.untag_policy(PolicyArn=arns[0], TagKeys=["Owner"])
    iam.delete_policy(PolicyArn=arns[1])
    iam.tag_policy(PolicyArn=arns[2], Tags=[{"Key": "Owner", "Value": "us"}])

    assert found(tagging) == arns[:2]

    sandbox.tag_index.catch_up()
    assert found(tagging) == arns[2:]


def test_an_index_can_leave_out_and_deny(
    tagging: ResourceGroupsTaggingAPIClient, arns: list[str], sandbox: Sandbox
) -> None:
    sandbox.tag_index.leave_out(arns[0])
    assert found(tagging) == arns[1:2]

    sandbox.tag_index.close()
    with pytest.raises(ClientError, match="AccessDenied"):
        found(tagging)

    sandbox.reset()
    assert found(tagging) == []
