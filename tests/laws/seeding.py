"""The model's account, made again in the sandbox by calls of boto3. Ids of credentials are the sandbox's own."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from mypy_boto3_iam import IAMClient
from mypy_boto3_iam.type_defs import TagTypeDef

from laws.model import GroupRecord, Iam, PolicyRecord, RoleRecord, UserRecord
from laws.model.credentials import is_virtual

PASSWORD = "correct horse Battery 9"


def seed(model: Iam, iam: IAMClient) -> None:
    """Make in an empty sandbox what the model holds."""
    for policy in model.policies.values():
        _policy(policy, iam)
    for group in model.groups.values():
        _group(group, iam)
    for user in model.users.values():
        _user(user, iam)
    for role in model.roles.values():
        _role(role, iam)


def _policy(policy: PolicyRecord, iam: IAMClient) -> None:
    """Versions that are gone are made and deleted, so that the others get their numbers."""
    texts = {version.id: version.document for version in policy.versions}
    last = max(int(version[1:]) for version in texts)
    stopgap = next(iter(texts.values()))
    iam.create_policy(
        PolicyName=policy.name,
        Path=policy.path,
        PolicyDocument=texts.get("v1", stopgap),
        Tags=_tags(policy.tags),
    )
    for number in range(2, last + 1):
        text = texts.get(f"v{number}", stopgap)
        iam.create_policy_version(PolicyArn=policy.arn, PolicyDocument=text, SetAsDefault=True)
        if f"v{number - 1}" not in texts:
            iam.delete_policy_version(PolicyArn=policy.arn, VersionId=f"v{number - 1}")
    default = next(version.id for version in policy.versions if version.is_default)
    iam.set_default_policy_version(PolicyArn=policy.arn, VersionId=default)


def _group(group: GroupRecord, iam: IAMClient) -> None:
    iam.create_group(GroupName=group.name, Path=group.path)
    for arn in group.attached:
        iam.attach_group_policy(GroupName=group.name, PolicyArn=arn)
    for name, text in group.inline.items():
        iam.put_group_policy(GroupName=group.name, PolicyName=name, PolicyDocument=text)


def _role(role: RoleRecord, iam: IAMClient) -> None:
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"Service":"ec2.amazonaws.com"}}]}'
    )
    iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=trust)
    if role.boundary:
        iam.put_role_permissions_boundary(RoleName=role.name, PermissionsBoundary=role.boundary)
    for arn in role.attached:
        iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)


def _user(user: UserRecord, iam: IAMClient) -> None:
    iam.create_user(UserName=user.name, Path=user.path, Tags=_tags(user.tags))
    if user.boundary:
        iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=user.boundary)
    for arn in user.attached:
        iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    for name, text in user.inline.items():
        iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=text)
    for group in user.groups:
        iam.add_user_to_group(UserName=user.name, GroupName=group)
    _credentials(user, iam)


def _credentials(user: UserRecord, iam: IAMClient) -> None:
    name = user.name
    if user.password:
        iam.create_login_profile(UserName=name, Password=PASSWORD)
    for status in user.access_keys.values():
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active" if status == "Active" else "Inactive")
    for serial in user.mfa:
        if is_virtual(serial):
            iam.create_virtual_mfa_device(VirtualMFADeviceName=serial.rpartition("/")[2])
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
    for number, _ in enumerate(user.ssh_keys):
        iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody=f"ssh-rsa {name}{number}")
    for number, _ in enumerate(user.certificates):
        iam.upload_signing_certificate(UserName=name, CertificateBody=_certificate(number))
    for _ in user.service_credentials:
        iam.create_service_specific_credential(UserName=name, ServiceName="codecommit.amazonaws.com")


def _tags(tags: dict[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@cache
def _certificate(number: int) -> str:
    key, name, today = Ed25519PrivateKey.generate(), x509.Name([]), datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=number + 1,
        not_valid_before=today,
        not_valid_after=today + timedelta(days=1),
    ).sign(key, algorithm=None)
    return certificate.public_bytes(Encoding.PEM).decode()
