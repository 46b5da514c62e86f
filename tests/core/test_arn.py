import pytest

from iamsync.core.arn import Account, Arn, account_of, aws_policy_arn, parse_policy_arn, policy_arn, short_name

CHINA = Account(id="123456789012", partition="aws-cn")


def test_the_partition_is_the_accounts_own() -> None:
    assert policy_arn(CHINA, "/team/", "Deploy") == "arn:aws-cn:iam::123456789012:policy/team/Deploy"
    assert aws_policy_arn("aws-us-gov", "job-function/Billing") == "arn:aws-us-gov:iam::aws:policy/job-function/Billing"


def test_a_policy_arn_is_read_into_its_parts() -> None:
    parts = parse_policy_arn("arn:aws:iam::123456789012:policy/a/b/Deploy")

    assert parts is not None
    assert (parts.account, parts.path, parts.name) == ("123456789012", "/a/b/", "Deploy")


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:user/aiko",
        "arn:aws:iam::12345:policy/P",
        "arn:aws:iam::123456789012:policy/",
        "arn:aws:iam::123456789012:policy//P",
        "arn:aws:iam::123456789012:policy/P\n",
        "arn:aws:iam::123456789012:policy/Pé",
        "AmazonS3ReadOnlyAccess",
    ],
)
def test_what_is_no_policy_arn_is_not_taken_for_one(text: str) -> None:
    assert parse_policy_arn(text) is None


@pytest.mark.parametrize(
    ("arn", "partition"),
    [
        ("arn:aws:iam::123456789012:user/people/aiko", "aws"),
        ("arn:aws-cn:sts::123456789012:assumed-role/iamsync/session", "aws-cn"),
        ("arn:aws:iam::123456789012:root", "aws"),
    ],
)
def test_the_caller_says_which_account_and_partition(arn: str, partition: str) -> None:
    assert account_of(Arn(arn)) == Account(id="123456789012", partition=partition)


def test_a_caller_that_is_none_has_no_account() -> None:
    assert account_of(Arn("nobody")) is None


@pytest.mark.parametrize("arn", ["aws:job-function/Billing", "aws:AmazonS3ReadOnlyAccess"])
def test_an_aws_policy_is_shown_as_it_is_written_in_the_files(arn: str) -> None:
    assert short_name(aws_policy_arn("aws", arn.removeprefix("aws:"))) == arn


def test_an_own_policy_is_shown_by_its_name() -> None:
    assert short_name(policy_arn(CHINA, "/x/", "Deploy")) == "Deploy"
    assert short_name(Arn("odd")) == "odd"
