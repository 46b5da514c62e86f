"""Tags, and whose keys have no case."""

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses


def tags_of(iam: IAMClient, name: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(UserName=name)["Tags"]}


def test_a_tag_in_another_case_replaces_the_key_too(iam: IAMClient, alice: str) -> None:
    iam.tag_user(UserName=alice, Tags=[{"Key": "team", "Value": "data"}])
    iam.tag_user(UserName=alice, Tags=[{"Key": "Team", "Value": "web"}])
    assert tags_of(iam, alice) == {"Team": "web"}


def test_a_tag_is_removed_in_any_case(iam: IAMClient, alice: str) -> None:
    iam.tag_user(UserName=alice, Tags=[{"Key": "Team", "Value": "data"}])
    iam.untag_user(UserName=alice, TagKeys=["TEAM"])
    assert tags_of(iam, alice) == {}


def test_removing_a_tag_that_is_not_there_is_success(iam: IAMClient, alice: str) -> None:
    iam.untag_user(UserName=alice, TagKeys=["Team"])


def test_a_key_twice_in_one_request_is_refused(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."):
        iam.tag_user(UserName=alice, Tags=[{"Key": "Team", "Value": "data"}, {"Key": "team", "Value": "web"}])


def test_a_user_is_not_created_with_a_key_twice(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("InvalidInput", "Duplicate tag keys found."):
        iam.create_user(UserName="bob", Tags=[{"Key": "Team", "Value": "data"}, {"Key": "TEAM", "Value": "web"}])


def test_keys_of_a_policys_tags_have_case(iam: IAMClient, policy: str) -> None:
    iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "Team", "Value": "data"}, {"Key": "team", "Value": "web"}])
    iam.untag_policy(PolicyArn=policy, TagKeys=["TEAM", "team"])
    assert iam.list_policy_tags(PolicyArn=policy)["Tags"] == [{"Key": "Team", "Value": "data"}]


def test_the_same_key_of_a_policys_tags_twice_is_refused(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    with refuses("InvalidInput", "Duplicate tag keys found."):
        iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "Team", "Value": "data"}, {"Key": "Team", "Value": "web"}])


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "AWS:x"])
def test_keys_of_awss_own_cannot_be_written(iam: IAMClient, alice: str, refuses: Refuses, key: str) -> None:
    with refuses("InvalidInput", "aws: prefixed tag key names are not allowed"):
        iam.tag_user(UserName=alice, Tags=[{"Key": key, "Value": "x"}])


def test_keys_of_awss_own_cannot_be_removed(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("InvalidInput", "aws: prefixed tag key names are not allowed"):
        iam.untag_user(UserName=alice, TagKeys=["aws:x"])


@pytest.mark.parametrize(
    ("key", "value"),
    [("k" * 129, "x"), ("a#b", "x"), ("a\tb", "x"), ("Team", "v" * 257), ("Team", "50%"), ("Team", "a\nb")],
)
def test_a_tag_is_well_formed(iam: IAMClient, alice: str, refuses: Refuses, key: str, value: str) -> None:
    with refuses("ValidationError", "at 'tags.1.member."):
        iam.tag_user(UserName=alice, Tags=[{"Key": key, "Value": value}])


@pytest.mark.parametrize(("key", "value"), [("k" * 128, "v" * 256), ("部署 1", ""), ("_.:/=+-@", "é")])
def test_what_the_api_page_allows_is_a_tag(iam: IAMClient, alice: str, key: str, value: str) -> None:
    iam.tag_user(UserName=alice, Tags=[{"Key": key, "Value": value}])
    assert tags_of(iam, alice) == {key: value}
