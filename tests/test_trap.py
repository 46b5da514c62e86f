"""The trap of the first sign-in, as a person meets it: refused before it exists, with the lines that cure it."""

from pathlib import Path

from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write

from iamsync import aws
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


def test_validate_and_plan_refuse_the_trap_and_name_the_cure(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox
) -> None:
    write(tmp_path, all=TRAP)

    for command in (("validate",), ("plan",), ("apply", "--yes")):
        ended = iamsync(*command)

        assert ended.code == 1
        assert "DenyAllIfNoMFA" in ended.err
        assert "iam:ChangePassword" in ended.err
        assert "iam:GetAccountPasswordPolicy" in ended.err
    assert [call.operation for call in sandbox.calls if call.operation not in aws.READS] == []


def test_the_story_is_no_trap(iamsync: Iamsync) -> None:
    assert iamsync("validate", "--strict", "--desired", str(STORY)).code == 0


def test_who_has_a_password_already_is_not_held_up(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    """They may long have set their own; the trap is about the first sign-in."""
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.create_login_profile(UserName="aiko", Password="Correct-horse-7")
    write(tmp_path, all=TRAP)

    assert iamsync("plan").code == 0
