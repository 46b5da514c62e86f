"""Quotas, each reached and then passed; and raised."""

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

from iamsync.sandbox import Sandbox

CODECOMMIT = "codecommit.amazonaws.com"


@pytest.fixture
def some_policies(iam: IAMClient, policy: str) -> list[str]:
    """Eleven that can be attached to a user."""
    listed = iam.list_policies(Scope="AWS", PathPrefix="/job-function/")["Policies"]
    return [policy, *(each["Arn"] for each in listed)][:11]


def of_size(size: int) -> str:
    """A document of that many characters, white space not counted, and with much of it."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["*"]}]}
    bare = len(json.dumps(document, separators=(",", ":"))) - len('"*"')
    bucket = "arn:aws:s3:::"
    document["Statement"][0]["Resource"] = [bucket + "b" * (size - bare - len(bucket) - 2)]  # type: ignore[index]
    return json.dumps(document, indent=8)


ATTACH: dict[str, Callable[[IAMClient, str], object]] = {
    "User": lambda iam, arn: iam.attach_user_policy(UserName="alice", PolicyArn=arn),
    "Group": lambda iam, arn: iam.attach_group_policy(GroupName="readers", PolicyArn=arn),
    "Role": lambda iam, arn: iam.attach_role_policy(RoleName="deployer", PolicyArn=arn),
}


@pytest.mark.parametrize("kind", ATTACH)
@pytest.mark.usefixtures("alice", "readers", "role")
def test_ten_managed_policies_may_be_attached(
    iam: IAMClient,
    some_policies: list[str],
    refuses: Refuses,
    kind: str,
) -> None:
    for arn in some_policies[:10]:
        ATTACH[kind](iam, arn)
    ATTACH[kind](iam, some_policies[0])
    with refuses("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: 10"):
        ATTACH[kind](iam, some_policies[10])


def test_a_user_is_in_ten_groups_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    for number in range(11):
        iam.create_group(GroupName=f"group-{number}")
    for number in range(10):
        iam.add_user_to_group(UserName=alice, GroupName=f"group-{number}")
    iam.add_user_to_group(UserName=alice, GroupName="group-0")
    with refuses("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"):
        iam.add_user_to_group(UserName=alice, GroupName="group-10")


def test_a_user_has_two_access_keys_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    for _ in range(2):
        key = iam.create_access_key(UserName=alice)["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName=alice, AccessKeyId=key, Status="Inactive")
    with refuses("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName=alice)


def test_a_user_has_five_ssh_keys_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    for number in range(5):
        iam.upload_ssh_public_key(UserName=alice, SSHPublicKeyBody=f"ssh-rsa {number}")
    with refuses("LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5"):
        iam.upload_ssh_public_key(UserName=alice, SSHPublicKeyBody="ssh-rsa 5")


def test_a_user_has_eight_mfa_devices_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    def enable(number: int) -> None:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"device-{number}")["VirtualMFADevice"]
        iam.enable_mfa_device(
            UserName=alice,
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )

    for number in range(8):
        enable(number)
    with refuses("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8"):
        enable(8)


def test_a_user_has_two_credentials_for_a_service_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    for _ in range(2):
        iam.create_service_specific_credential(UserName=alice, ServiceName=CODECOMMIT)
    with refuses("LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"):
        iam.create_service_specific_credential(UserName=alice, ServiceName=CODECOMMIT)


def test_a_policy_has_five_versions_at_most(iam: IAMClient, policy: str, document: str, refuses: Refuses) -> None:
    for _ in range(4):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document)
    with refuses("LimitExceeded", "A managed policy can have up to 5 versions."):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document)


def test_a_managed_policy_has_6144_characters_at_most(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    iam.create_policy(PolicyName="P", PolicyDocument=of_size(6144))
    with refuses("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName="Q", PolicyDocument=of_size(6145))
    with refuses("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=of_size(6145))


def test_a_users_inline_policies_have_2048_characters_together(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    iam.put_user_policy(UserName=alice, PolicyName="one", PolicyDocument=of_size(1024))
    iam.put_user_policy(UserName=alice, PolicyName="two", PolicyDocument=of_size(1024))
    iam.put_user_policy(UserName=alice, PolicyName="two", PolicyDocument=of_size(1000))
    with refuses("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user alice"):
        iam.put_user_policy(UserName=alice, PolicyName="two", PolicyDocument=of_size(1025))


def test_a_groups_inline_policies_have_5120_characters_together(
    iam: IAMClient,
    readers: str,
    refuses: Refuses,
) -> None:
    iam.put_group_policy(GroupName=readers, PolicyName="one", PolicyDocument=of_size(5120))
    with refuses("LimitExceeded", "Maximum policy size of 5120 bytes exceeded for group readers"):
        iam.put_group_policy(GroupName=readers, PolicyName="two", PolicyDocument=of_size(200))


def test_a_user_has_fifty_tags_at_most(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    iam.tag_user(UserName=alice, Tags=[{"Key": f"key-{number}", "Value": ""} for number in range(50)])
    iam.tag_user(UserName=alice, Tags=[{"Key": "KEY-0", "Value": "again"}])
    with refuses("LimitExceeded", "The number of tags has reached the maximum limit"):
        iam.tag_user(UserName=alice, Tags=[{"Key": "one-more", "Value": ""}])


def test_a_policy_has_fifty_tags_at_most(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    iam.tag_policy(PolicyArn=policy, Tags=[{"Key": f"key-{number}", "Value": ""} for number in range(50)])
    with refuses("LimitExceeded", "The number of tags has reached the maximum limit"):
        iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "one-more", "Value": ""}])


@pytest.fixture
def cramped() -> Iterator[IAMClient]:
    """An account in which there is room for one of everything."""
    quotas = dict.fromkeys(("UsersQuota", "GroupsQuota", "RolesQuota", "PoliciesQuota"), 1)
    with Sandbox(quotas=quotas) as sandbox:
        yield boto3.client(
            "iam",
            endpoint_url=sandbox.url,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )


def test_an_account_can_be_full_of_users(cramped: IAMClient, refuses: Refuses) -> None:
    cramped.create_user(UserName="alice")
    with refuses("LimitExceeded", "Cannot exceed quota for UsersPerAccount: 1"):
        cramped.create_user(UserName="bob")


def test_an_account_can_be_full_of_groups(cramped: IAMClient, refuses: Refuses) -> None:
    cramped.create_group(GroupName="readers")
    with refuses("LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 1"):
        cramped.create_group(GroupName="writers")


def test_an_account_can_be_full_of_roles(cramped: IAMClient, refuses: Refuses) -> None:
    cramped.create_role(RoleName="one", AssumeRolePolicyDocument="{}")
    with refuses("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1"):
        cramped.create_role(RoleName="two", AssumeRolePolicyDocument="{}")


def test_an_account_can_be_full_of_policies(cramped: IAMClient, document: str, refuses: Refuses) -> None:
    cramped.create_policy(PolicyName="One", PolicyDocument=document)
    with refuses("LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 1"):
        cramped.create_policy(PolicyName="Two", PolicyDocument=document)


def test_the_summary_tells_quotas_as_they_were_raised(cramped: IAMClient) -> None:
    assert cramped.get_account_summary()["SummaryMap"]["UsersQuota"] == 1


@pytest.mark.usefixtures("alice", "readers", "policy")
def test_the_summary_tells_usage_and_quotas(iam: IAMClient) -> None:
    summary = iam.get_account_summary()["SummaryMap"]
    told = {
        "Users": 1,
        "UsersQuota": 5000,
        "Groups": 1,
        "GroupsQuota": 300,
        "GroupsPerUserQuota": 10,
        "Policies": 1,
        "PoliciesQuota": 1500,
        "PolicySizeQuota": 6144,
        "PolicyVersionsInUse": 1,
        "VersionsPerPolicyQuota": 5,
        "AttachedPoliciesPerUserQuota": 10,
        "UserPolicySizeQuota": 2048,
        "AccessKeysPerUserQuota": 2,
    }
    assert {name: summary[name] for name in told} == told  # type: ignore[index]  # str, not a literal
