"""Nothing is deleted from under what depends on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from mypy_boto3_iam import IAMClient
from small_account import Refuses

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def with_phone(iam: IAMClient) -> str:
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice",
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    return serial


def in_group(iam: IAMClient) -> None:
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="alice")


def with_certificate(iam: IAMClient) -> None:
    key, name, today = Ed25519PrivateKey.generate(), x509.Name([]), datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=today,
        not_valid_after=today + timedelta(days=1),
    ).sign(key, algorithm=None)
    iam.upload_signing_certificate(UserName="alice", CertificateBody=certificate.public_bytes(Encoding.PEM).decode())


DEPENDENTS: dict[str, tuple[Callable[[IAMClient], object], str]] = {
    "login profile": (
        lambda iam: iam.create_login_profile(UserName="alice", Password="correct horse Battery 9"),
        "must delete login profile first.",
    ),
    "access key": (lambda iam: iam.create_access_key(UserName="alice"), "must delete access keys first."),
    "MFA device": (with_phone, "must delete MFA device first."),
    "SSH key": (
        lambda iam: iam.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody="ssh-rsa AAAA"),
        "must remove referenced objects first.",
    ),
    "signing certificate": (with_certificate, "must delete signing certificates first."),
    "service credential": (
        lambda iam: iam.create_service_specific_credential(
            UserName="alice",
            ServiceName="codecommit.amazonaws.com",
        ),
        "must remove referenced objects first.",
    ),
    "group": (in_group, "must remove users from group first."),
    "attached policy": (
        lambda iam: iam.attach_user_policy(UserName="alice", PolicyArn=READ_ONLY),
        "must detach all policies first.",
    ),
    "inline policy": (
        lambda iam: iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=DOCUMENT),
        "must delete policies first.",
    ),
}


@pytest.mark.parametrize(("depend", "words"), DEPENDENTS.values(), ids=DEPENDENTS)
@pytest.mark.usefixtures("alice")
def test_a_user_with_a_dependent_stays(
    iam: IAMClient,
    refuses: Refuses,
    depend: Callable[[IAMClient], object],
    words: str,
) -> None:
    depend(iam)
    with refuses("DeleteConflict", f"Cannot delete entity, {words}"):
        iam.delete_user(UserName="alice")
    assert iam.get_user(UserName="alice")["User"]["UserName"] == "alice"


def test_a_bare_user_goes_with_tags_and_boundary(iam: IAMClient) -> None:
    iam.create_user(UserName="bob", Tags=[{"Key": "Team", "Value": "data"}], PermissionsBoundary=READ_ONLY)
    iam.delete_user(UserName="bob")
    assert iam.list_users()["Users"] == []


GROUPS_DEPENDENTS: dict[str, tuple[Callable[[IAMClient], object], str]] = {
    "member": (
        lambda iam: iam.add_user_to_group(GroupName="readers", UserName="alice"),
        "must remove users from group first.",
    ),
    "attached policy": (
        lambda iam: iam.attach_group_policy(GroupName="readers", PolicyArn=READ_ONLY),
        "must detach all policies first.",
    ),
    "inline policy": (
        lambda iam: iam.put_group_policy(GroupName="readers", PolicyName="own", PolicyDocument=DOCUMENT),
        "must delete policies first.",
    ),
}


@pytest.mark.parametrize(("depend", "words"), GROUPS_DEPENDENTS.values(), ids=GROUPS_DEPENDENTS)
@pytest.mark.usefixtures("alice", "readers")
def test_a_group_with_a_dependent_stays(
    iam: IAMClient,
    refuses: Refuses,
    depend: Callable[[IAMClient], object],
    words: str,
) -> None:
    depend(iam)
    with refuses("DeleteConflict", f"Cannot delete entity, {words}"):
        iam.delete_group(GroupName="readers")


USES: dict[str, Callable[[IAMClient, str], object]] = {
    "by a user": lambda iam, arn: iam.attach_user_policy(UserName="alice", PolicyArn=arn),
    "by a group": lambda iam, arn: iam.attach_group_policy(GroupName="readers", PolicyArn=arn),
    "by a role": lambda iam, arn: iam.attach_role_policy(RoleName="deployer", PolicyArn=arn),
    "as a user's boundary": lambda iam, arn: iam.put_user_permissions_boundary(
        UserName="alice",
        PermissionsBoundary=arn,
    ),
    "as a role's boundary": lambda iam, arn: iam.put_role_permissions_boundary(
        RoleName="deployer",
        PermissionsBoundary=arn,
    ),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.usefixtures("alice", "readers", "role")
def test_a_policy_in_use_stays(
    iam: IAMClient,
    policy: str,
    refuses: Refuses,
    use: Callable[[IAMClient, str], object],
) -> None:
    use(iam, policy)
    with refuses("DeleteConflict", "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=policy)


def test_a_policy_with_two_versions_stays(iam: IAMClient, policy: str, document: str, refuses: Refuses) -> None:
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=document)
    with refuses("DeleteConflict", "This policy has more than one version."):
        iam.delete_policy(PolicyArn=policy)


def test_a_policy_that_nobody_uses_goes(iam: IAMClient, policy: str) -> None:
    iam.delete_policy(PolicyArn=policy)
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_the_default_version_stays(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    with refuses("DeleteConflict", "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=policy, VersionId="v1")


@pytest.mark.usefixtures("alice")
def test_a_virtual_mfa_device_in_use_stays(iam: IAMClient, refuses: Refuses) -> None:
    serial = with_phone(iam)
    with refuses("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
