"""The judge must be able to say no, and must say it as the sandbox does: the same calls, refused by the same codes."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient

from iamsync.core.document import Document
from laws.model import GroupRecord, Iam, PolicyRecord, Refused, RoleRecord, UserRecord, VersionRecord
from laws.seeding import PASSWORD, seed

TEXT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
OLD_FASHIONED = TEXT.replace("2012-10-17", "2008-10-17")
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TEN = (
    "AmazonEC2ReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonRDSReadOnlyAccess",
    "SecurityAudit",
    "AmazonVPCReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
    "IAMReadOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "ReadOnlyAccess",
)


def arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"


def large(size: int) -> str:
    resource = f"arn:aws:s3:::{'x' * size}"
    return TEXT.replace('"*"}', f'"{resource}"}}')


def account() -> Iam:
    """One entity for each way to be in the way."""
    iam = Iam()
    for name in ("Used", "Bound", "OfRole", "Full"):
        versions = [VersionRecord(id=f"v{number}", document=TEXT, is_default=number == 1) for number in range(1, 6)]
        iam.policies[arn(name)] = PolicyRecord(
            arn=arn(name), name=name, versions=versions if name == "Full" else versions[:1], next_version=6
        )
    everywhere = {f"g{number}" for number in range(10)}
    iam.groups = {name: GroupRecord(name=name) for name in (*everywhere, "one-more", "empty")}
    iam.groups["carrying"] = GroupRecord(name="carrying", attached={arn("Used")}, inline={"text": TEXT})
    users = {
        "bare": UserRecord(name="bare", id="1"),
        "attached": UserRecord(name="attached", id="2", attached={f"arn:aws:iam::aws:policy/{name}" for name in TEN}),
        "inline": UserRecord(name="inline", id="3", inline={"text": TEXT}),
        "member": UserRecord(name="member", id="4", groups=everywhere),
        "signed": UserRecord(name="signed", id="5", password=True),
        "keyed": UserRecord(name="keyed", id="6", access_keys={"a": "Active", "b": "Inactive"}),
        "mfa": UserRecord(name="mfa", id="7", mfa={"arn:aws:iam::123456789012:mfa/phone"}),
        "ssh": UserRecord(name="ssh", id="8", ssh_keys={"a"}),
        "certified": UserRecord(name="certified", id="9", certificates={"a"}),
        "coder": UserRecord(name="coder", id="10", service_credentials={"a": "Active"}),
        "bound": UserRecord(name="bound", id="11", boundary=arn("Bound"), tags={"Team": "x"}),
    }
    iam.users = users
    iam.roles = {"build": RoleRecord(name="build", attached={arn("OfRole")})}
    return iam


REFUSED: list[tuple[str, str, Mapping[str, Any]]] = [
    ("EntityAlreadyExists", "create_user", {"UserName": "BARE"}),
    ("EntityAlreadyExists", "update_user", {"UserName": "bare", "NewUserName": "Inline"}),
    ("NoSuchEntity", "update_user", {"UserName": "nobody", "NewPath": "/x/"}),
    ("ValidationError", "create_user", {"UserName": "a b"}),
    ("ValidationError", "create_user", {"UserName": "new", "Path": "no-slash"}),
    ("NoSuchEntity", "create_user", {"UserName": "new", "PermissionsBoundary": arn("Nowhere")}),
    ("InvalidInput", "create_user", {"UserName": "new", "Tags": [{"Key": "aws:x", "Value": ""}]}),
    ("InvalidInput", "tag_user", {"UserName": "bare", "Tags": [{"Key": k, "Value": ""} for k in ("a", "A")]}),
    ("ValidationError", "tag_user", {"UserName": "bare", "Tags": [{"Key": "a!", "Value": ""}]}),
    (
        "LimitExceeded",
        "tag_user",
        {"UserName": "bound", "Tags": [{"Key": f"k{number}", "Value": ""} for number in range(50)]},
    ),
    *(
        ("DeleteConflict", "delete_user", {"UserName": name})
        for name in ("attached", "inline", "member", "signed", "keyed", "mfa", "ssh", "certified", "coder")
    ),
    ("NoSuchEntity", "delete_user", {"UserName": "nobody"}),
    ("LimitExceeded", "attach_user_policy", {"UserName": "attached", "PolicyArn": S3}),
    ("NoSuchEntity", "attach_user_policy", {"UserName": "bare", "PolicyArn": arn("Nowhere")}),
    (
        "PolicyNotAttachable",
        "attach_user_policy",
        {"UserName": "bare", "PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"},
    ),
    ("NoSuchEntity", "detach_user_policy", {"UserName": "bare", "PolicyArn": S3}),
    ("NoSuchEntity", "delete_user_permissions_boundary", {"UserName": "bare"}),
    ("NoSuchEntity", "put_user_permissions_boundary", {"UserName": "bare", "PermissionsBoundary": arn("No")}),
    ("LimitExceeded", "put_user_policy", {"UserName": "inline", "PolicyName": "x", "PolicyDocument": large(1950)}),
    ("MalformedPolicyDocument", "put_user_policy", {"UserName": "bare", "PolicyName": "x", "PolicyDocument": "{}"}),
    ("MalformedPolicyDocument", "create_policy", {"PolicyName": "x", "PolicyDocument": OLD_FASHIONED}),
    ("NoSuchEntity", "delete_user_policy", {"UserName": "bare", "PolicyName": "text"}),
    ("LimitExceeded", "add_user_to_group", {"UserName": "member", "GroupName": "one-more"}),
    ("NoSuchEntity", "add_user_to_group", {"UserName": "bare", "GroupName": "nowhere"}),
    ("EntityAlreadyExists", "create_login_profile", {"UserName": "signed", "Password": PASSWORD}),
    ("NoSuchEntity", "delete_login_profile", {"UserName": "bare"}),
    ("NoSuchEntity", "update_login_profile", {"UserName": "bare", "PasswordResetRequired": True}),
    ("LimitExceeded", "create_access_key", {"UserName": "keyed"}),
    ("NoSuchEntity", "deactivate_mfa_device", {"UserName": "bare", "SerialNumber": "arn:aws:iam::1:mfa/none"}),
    ("DeleteConflict", "delete_virtual_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/phone"}),
    ("NoSuchEntity", "delete_virtual_mfa_device", {"SerialNumber": "arn:aws:iam::123456789012:mfa/none"}),
    ("EntityAlreadyExists", "create_group", {"GroupName": "EMPTY"}),
    ("DeleteConflict", "delete_group", {"GroupName": "carrying"}),
    ("DeleteConflict", "delete_group", {"GroupName": "g1"}),
    ("LimitExceeded", "put_group_policy", {"GroupName": "empty", "PolicyName": "x", "PolicyDocument": large(5200)}),
    ("NoSuchEntity", "detach_group_policy", {"GroupName": "empty", "PolicyArn": S3}),
    ("NoSuchEntity", "delete_group_policy", {"GroupName": "empty", "PolicyName": "x"}),
    ("EntityAlreadyExists", "create_policy", {"PolicyName": "USED", "Path": "/x/", "PolicyDocument": TEXT}),
    ("ValidationError", "create_policy", {"PolicyName": "New", "Path": "//", "PolicyDocument": TEXT}),
    ("LimitExceeded", "create_policy", {"PolicyName": "New", "PolicyDocument": large(6200)}),
    ("LimitExceeded", "create_policy_version", {"PolicyArn": arn("Full"), "PolicyDocument": TEXT}),
    ("DeleteConflict", "delete_policy_version", {"PolicyArn": arn("Full"), "VersionId": "v1"}),
    ("NoSuchEntity", "delete_policy_version", {"PolicyArn": arn("Full"), "VersionId": "v9"}),
    ("NoSuchEntity", "set_default_policy_version", {"PolicyArn": arn("Full"), "VersionId": "v9"}),
    *(("DeleteConflict", "delete_policy", {"PolicyArn": arn(name)}) for name in ("Used", "Bound", "OfRole", "Full")),
    ("AccessDenied", "tag_policy", {"PolicyArn": S3, "Tags": [{"Key": "a", "Value": ""}]}),
    ("InvalidInput", "untag_policy", {"PolicyArn": arn("Used"), "TagKeys": ["aws:x"]}),
]
TAKEN: list[tuple[str, Mapping[str, Any]]] = [
    ("attach_user_policy", {"UserName": "attached", "PolicyArn": f"arn:aws:iam::aws:policy/{TEN[0]}"}),
    ("add_user_to_group", {"UserName": "member", "GroupName": "g1"}),
    ("remove_user_from_group", {"UserName": "bare", "GroupName": "g1"}),
    ("untag_user", {"UserName": "bare", "TagKeys": ["absent"]}),
    ("untag_policy", {"PolicyArn": arn("Used"), "TagKeys": ["absent"]}),
    ("tag_user", {"UserName": "bound", "Tags": [{"Key": "TEAM", "Value": "y"}]}),
    ("set_default_policy_version", {"PolicyArn": arn("Full"), "VersionId": "v1"}),
    ("put_user_permissions_boundary", {"UserName": "bound", "PermissionsBoundary": arn("Bound")}),
    ("put_user_policy", {"UserName": "bare", "PolicyName": "x", "PolicyDocument": OLD_FASHIONED}),
    ("delete_user", {"UserName": "bound"}),
    ("delete_group", {"GroupName": "empty"}),
]


@pytest.mark.parametrize(("code", "operation", "params"), REFUSED)
def test_the_model_refuses_and_nothing_is_changed(code: str, operation: str, params: Mapping[str, Any]) -> None:
    iam = account()

    with pytest.raises(Refused) as refused:
        iam.call(operation, params)

    assert refused.value.code == code
    assert iam == account()


@pytest.mark.parametrize(("operation", "params"), TAKEN)
def test_the_model_takes_what_iam_takes(operation: str, params: Mapping[str, Any]) -> None:
    account().call(operation, params)


def test_the_sandbox_refuses_and_takes_the_same(iam: IAMClient) -> None:
    seed(account(), iam)

    answers = [_code(iam, operation, params) for _, operation, params in REFUSED]

    assert answers == [code for code, _, _ in REFUSED]
    assert [_code(iam, operation, params) for operation, params in TAKEN] == [""] * len(TAKEN)


def test_a_tag_key_in_another_case_replaces_the_first() -> None:
    iam = account()

    iam.call("tag_user", {"UserName": "bound", "Tags": [{"Key": "TEAM", "Value": "y"}]})

    assert iam.users["bound"].tags == {"TEAM": "y"}


def test_an_unknown_parameter_is_refused_as_boto3_would() -> None:
    with pytest.raises(Refused, match="ParamValidation"):
        account().call("delete_user", {"UserName": "bare", "Force": True})


def test_the_texts_of_this_account_are_policies() -> None:
    assert Document.parse(TEXT).size == len(TEXT)


def _code(iam: IAMClient, operation: str, params: Mapping[str, Any]) -> str:
    try:
        getattr(iam, operation)(**params)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""
