"""The trap of the first sign-in, as a person meets it: refused before it exists, with the lines that cure it."""

from collections import Counter
from pathlib import Path

import pytest
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write

from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
TRAP = SETTINGS + (
    "policies:\n"
    "  NoMFA:\n"
    "    document:\n"
    "      Version: 2012-10-17\n"
    "      Statement:\n"
    "        - Sid: DenyAllIfNoMFA\n"
    "          Effect: Deny\n"
    "          NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices']\n"
    "          Resource: '*'\n"
    "          Condition: {BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}\n"
    "users: {aiko: {policies: [NoMFA, aws:IAMUserChangePassword], console: true}}\n"
)


def test_validate_refuses_the_trap_and_plan_and_apply_hold_back_who_would_fall_in_it(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=TRAP)

    for command, code in (("validate",), 1), (("plan",), 3), (("apply", "--yes"), 3):
        ended = iamsync(*command)

        assert ended.code == code
        said = ended.out + ended.err
        assert "DenyAllIfNoMFA" in said
        assert "iam:ChangePassword" in said
        assert "iam:GetAccountPasswordPolicy" in said
    assert [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS] == ["CreatePolicy"]


def self_service(partition: str, account: str) -> str:
    """A policy by which people manage their own password and MFA, written for one partition and account."""
    iam = f"arn:{partition}:iam::{account}:"
    own = f"['{iam}user/${{aws:username}}', '{iam}mfa/*']"
    listed = "['iam:ChangePassword', 'iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices']"
    no_mfa = "{BoolIfExists: {'aws:MultiFactorAuthPresent': 'false'}}"
    return (
        "policies:\n"
        "  Own:\n"
        "    document:\n"
        "      Version: 2012-10-17\n"
        "      Statement:\n"
        f"        - {{Effect: Allow, Action: {listed}, Resource: {own}}}\n"
        "        - {Effect: Allow, Action: 'iam:GetAccountPasswordPolicy', Resource: '*'}\n"
        "        - Effect: Deny\n"
        f"          NotAction: ['iam:GetAccountPasswordPolicy', {listed[1:]}\n"
        "          Resource: '*'\n"
        f"          Condition: {no_mfa}\n"
        "users: {aiko: {policies: [Own], groups: [], console: true}}\n"
    )


S3_BESIDE = TRAP.replace("aws:IAMUserChangePassword]", "aws:AmazonS3ReadOnlyAccess], groups: []").replace(
    "['iam:CreateVirtualMFADevice'", "['iam:ChangePassword', 'iam:CreateVirtualMFADevice'"
)
"""A guard that lets everybody set up MFA, which nothing allows: the text of the policy beside it is known."""


def test_beside_a_policy_of_aws_the_judge_decides(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=S3_BESIDE)

    ended = iamsync("validate")

    assert ended.code == 1
    assert "perhaps" not in ended.err
    assert "nothing allows iam:CreateVirtualMFADevice, iam:EnableMFADevice and iam:ListMFADevices" in ended.err


def test_what_a_policy_of_aws_says_by_now_decides(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    """The shipped text is older than AWS's: the new one allows what the person needs."""
    write(tmp_path, all=S3_BESIDE)
    sandbox.revise_aws_policy("AmazonS3ReadOnlyAccess", {"Version": "2012-10-17", "Statement": [ALLOW_ALL]})

    ended = iamsync("plan")

    assert "cannot set it up" not in ended.out + ended.err
    assert (ended.code, "held back" in ended.out) == (0, False)
    read = Counter(call.operation for call in sandbox.calls)
    assert (read["GetPolicy"], read["GetPolicyVersion"]) == (1, 1)


def test_a_policy_of_aws_that_has_not_changed_is_not_read(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=S3_BESIDE)

    ended = iamsync("plan")

    assert ended.code == 3
    read = Counter(call.operation for call in sandbox.calls)
    assert (read["GetPolicy"], read["GetPolicyVersion"]) == (1, 0)


ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
WITHOUT_ACCOUNT = "version: 1\nsettings: {owner: us}\n"


@pytest.mark.parametrize(
    ("settings", "partition", "account"),
    [
        (SETTINGS, "aws-cn", "*"),
        (WITHOUT_ACCOUNT, "aws-us-gov", "*"),
        (WITHOUT_ACCOUNT, "aws", "111122223333"),
        (WITHOUT_ACCOUNT, "aws-cn", "111122223333"),
    ],
)
def test_a_partition_and_an_account_that_are_not_known_offline_are_not_guessed(
    iamsync: Iamsync, tmp_path: Path, settings: str, partition: str, account: str
) -> None:
    write(tmp_path, all=settings + self_service(partition, account))

    assert iamsync("validate", "--strict").code == 0


def test_a_region_speaks_of_its_partition(iamsync: Iamsync, tmp_path: Path) -> None:
    """IAM of China is not in us-east-1, and neither is who is kept to its regions."""
    lock = (
        "policies:\n"
        "  Region:\n"
        "    document:\n"
        "      Version: 2012-10-17\n"
        "      Statement:\n"
        "        - Effect: Deny\n"
        "          Action: '*'\n"
        "          Resource: '*'\n"
        "          Condition: {StringNotEquals: {'aws:RequestedRegion': R}}\n"
        "users: {aiko: {policies: [Region, aws:IAMUserChangePassword], groups: [], console: true}}\n"
    )
    for region, code in (("cn-north-1", 0), ("us-gov-west-1", 0), ("eu-central-1", 1)):
        write(tmp_path, all=SETTINGS + lock.replace(": R}", f": {region}}}"))

        assert iamsync("validate").code == code


def test_what_is_wrong_in_every_partition_is_an_error_offline(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WITHOUT_ACCOUNT + self_service("aws-cn", "*").replace("'iam:EnableMFADevice', ", "", 1))

    ended = iamsync("validate")

    assert ended.code == 1
    assert '"arn:aws-cn:iam::*:user/${aws:username}"' in " ".join(ended.err.split())


def test_the_account_that_the_settings_name_is_no_guess(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS + self_service("aws", "111122223333"))

    assert iamsync("validate").code == 1


def test_the_story_is_no_trap(iamsync: Iamsync) -> None:
    assert iamsync("validate", "--strict", "--desired", str(STORY)).code == 0


def test_who_has_a_password_already_is_not_held_up(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    """They may long have set their own; the trap is about the first sign-in."""
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.create_login_profile(UserName="aiko", Password="Correct-horse-7")
    write(tmp_path, all=TRAP)

    planned = iamsync("plan")

    assert (planned.code, "warning" in planned.err) == (0, False)


def test_who_has_a_password_that_expires_is_warned(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    """There is time to set a new one before it does, so nothing is refused."""
    iam.update_account_password_policy(MaxPasswordAge=90, AllowUsersToChangePassword=True)
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.create_login_profile(UserName="aiko", Password="Correct-horse-7")
    write(tmp_path, all=TRAP)

    planned = iamsync("plan")

    assert planned.code == 0
    assert "when the password expires the person must set a new password before anything else" in planned.err
    assert "DenyAllIfNoMFA" in planned.err
