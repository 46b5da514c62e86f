"""What no bulk answer holds, one thing at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamsync.core.access.known import known_version
from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.model import AccessKey, Console, Credentials, User, group_subject, user_subject
from iamsync.errors import DENIED
from iamsync.live.bulk import PAGE_SIZE, document_in, tags_of
from iamsync.live.claims import unclaimed_days

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.paginator import ListPolicyTagsPaginator
    from mypy_boto3_iam.type_defs import LoginProfileTypeDef


def policy_tags(tags: "ListPolicyTagsPaginator", arn: str) -> dict[str, str]:
    """The tags of a customer-managed policy: in no other answer of IAM (ManagedPolicyDetail has none).

    There may be thousands of policies, so the paginator is made by who asks for all of them.
    """
    pages = tags.paginate(PolicyArn=arn, PaginationConfig={"PageSize": PAGE_SIZE})
    return tags_of(tag for page in pages for tag in page["Tags"])


def console(iam: "IAMClient", user: User, claim_within: int | None, now: datetime) -> Console:
    """Whether there is a password; for how long nobody has claimed it, if that must happen within some days."""
    profile = login_profile(iam, user.name)
    if profile is None:
        return Console(enabled=False)
    days = None if claim_within is None else unclaimed_days(iam, user, profile["CreateDate"], claim_within, now)
    reset_required = profile.get("PasswordResetRequired", False)
    return Console(enabled=True, password_reset_required=reset_required, unclaimed_days=days)


def login_profile(iam: "IAMClient", user_name: str) -> "LoginProfileTypeDef | None":
    """What IAM says of a password; None if there is none.

    Only "there is none" means that there is none: any other error is an error (API_GetLoginProfile).
    """
    try:
        return iam.get_login_profile(UserName=user_name)["LoginProfile"]
    except iam.exceptions.NoSuchEntityException:
        return None


def credentials(iam: "IAMClient", user_name: str, keys: tuple[AccessKey, ...]) -> Credentials:
    """Everything that DeleteUser wants gone before and that lets somebody in, but the password; `keys` among it."""
    devices = iam.get_paginator("list_mfa_devices").paginate(UserName=user_name)
    ssh_keys = iam.get_paginator("list_ssh_public_keys").paginate(UserName=user_name)
    certificates = iam.get_paginator("list_signing_certificates").paginate(UserName=user_name)
    service = iam.list_service_specific_credentials(UserName=user_name)["ServiceSpecificCredentials"]
    return Credentials(
        access_keys=keys,
        mfa_devices=_sorted(device["SerialNumber"] for page in devices for device in page["MFADevices"]),
        ssh_public_keys=_sorted(key["SSHPublicKeyId"] for page in ssh_keys for key in page["SSHPublicKeys"]),
        signing_certificates=_sorted(one["CertificateId"] for page in certificates for one in page["Certificates"]),
        service_credentials=_sorted(one["ServiceSpecificCredentialId"] for one in service),
    )


def used_by(iam: "IAMClient", arn: str) -> frozenset[str]:
    """Who has a policy, as an attachment or as a boundary (ListEntitiesForPolicy without a usage filter: both)."""
    users: set[str] = set()
    for page in iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn):
        users |= {user_subject(one["UserName"]) for one in page["PolicyUsers"]}
        users |= {group_subject(one["GroupName"]) for one in page["PolicyGroups"]}
        users |= {f"role/{one['RoleName']}" for one in page["PolicyRoles"]}
    return frozenset(users)


def roles_with(iam: "IAMClient", arn: str) -> frozenset[str] | None:
    """The roles among them; None if the caller may not ask."""
    try:
        return frozenset(one for one in used_by(iam, arn) if one.startswith("role/"))
    except ClientError as error:
        if error.response["Error"].get("Code") in DENIED:
            return None
        raise


def spare_mfa_devices(iam: "IAMClient") -> tuple[str, ...]:
    """Serial numbers of virtual MFA devices that are assigned to nobody."""
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Unassigned")
    return _sorted(device["SerialNumber"] for page in pages for device in page["VirtualMFADevices"])


def is_attachable(iam: "IAMClient", arn: Arn) -> bool:
    """Whether a managed policy is there and may be attached (GetPolicy)."""
    try:
        return iam.get_policy(PolicyArn=arn)["Policy"].get("IsAttachable", True)
    except iam.exceptions.NoSuchEntityException:
        return False


def text_of_aws(iam: "IAMClient", arn: Arn) -> Document | None:
    """What an AWS-managed policy says by now, if that is another version than the one that iamsync ships; None as well
    if it is not there, or may not be read.
    """
    shipped = known_version(arn)
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        if version == shipped:
            return None
        stored = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"].get("Document")
    except ClientError as error:
        if error.response["Error"]["Code"] in {*DENIED, "NoSuchEntity"}:
            return None
        raise
    return document_in(stored)


def role_policies(iam: "IAMClient", role_name: str) -> frozenset[Arn]:
    """The managed policies and the permissions boundary of a role; none if it is not in this account, as for AWS's own
    sign-in roles.
    """
    try:
        pages = list(iam.get_paginator("list_attached_role_policies").paginate(RoleName=role_name))
        boundary = iam.get_role(RoleName=role_name)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    except iam.exceptions.NoSuchEntityException:
        return frozenset()
    attached = frozenset(Arn(one["PolicyArn"]) for page in pages for one in page["AttachedPolicies"])
    return attached | {Arn(boundary)} if boundary else attached


def account_summary(iam: "IAMClient") -> dict[str, int]:
    """What the account uses and may use (GetAccountSummary)."""
    return {str(name): number for name, number in iam.get_account_summary()["SummaryMap"].items()}


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))
