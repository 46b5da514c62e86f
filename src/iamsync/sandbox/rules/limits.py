"""IAM's quotas, as LimitExceeded.

Source: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas). The numbers are in `iamsync.sandbox.quotas`.
"""

import re

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

_WHITE_SPACE = re.compile(r"\s")


@rule("CreateUser")
def account_has_room_for_a_user(request: Request) -> None:
    """Users in an account: 5,000."""
    _refuse_one_more(request, "UsersQuota", "UsersPerAccount", len(request.account.backend.users))


@rule("CreateGroup")
def account_has_room_for_a_group(request: Request) -> None:
    """Groups in an account: 300."""
    _refuse_one_more(request, "GroupsQuota", "GroupsPerAccount", len(request.account.backend.groups))


@rule("CreateRole")
def account_has_room_for_a_role(request: Request) -> None:
    """Roles in an account: 1,000."""
    _refuse_one_more(request, "RolesQuota", "RolesPerAccount", len(request.account.backend.roles))


@rule("CreatePolicy")
def account_has_room_for_a_policy(request: Request) -> None:
    """Customer-managed policies in an account: 1,500."""
    _refuse_one_more(request, "PoliciesQuota", "PoliciesPerAccount", len(request.account.own_policies()))


@rule("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy")
def principal_has_room_for_an_attachment(request: Request) -> None:
    """Managed policies attached to a user, a group, a role: 10 each."""
    kind, present = request.principal_kind, request.principal.managed_policies
    if request.text("PolicyArn") not in present:
        _refuse_one_more(request, f"AttachedPoliciesPer{kind}Quota", f"PoliciesPer{kind}", len(present))


@rule("AddUserToGroup")
def user_has_room_for_a_group(request: Request) -> None:
    """Groups a user can be in: 10."""
    present = request.account.groups_of(request.user)
    if request.group not in present:
        _refuse_one_more(request, "GroupsPerUserQuota", "GroupsPerUser", len(present))


@rule("CreateAccessKey")
def user_has_room_for_an_access_key(request: Request) -> None:
    """Access keys of a user, inactive ones too: 2."""
    _refuse_one_more(request, "AccessKeysPerUserQuota", "AccessKeysPerUser", len(request.user.access_keys))


@rule("EnableMFADevice")
def user_has_room_for_an_mfa_device(request: Request) -> None:
    """MFA devices in use by a user: 8."""
    _refuse_one_more(request, "MFADevicesPerUser", "MFADevicesPerUser", len(request.user.mfa_devices))


@rule("UploadSSHPublicKey")
def user_has_room_for_an_ssh_key(request: Request) -> None:
    """SSH public keys of a user: 5."""
    _refuse_one_more(request, "SSHPublicKeysPerUser", "SSHPublicKeysPerUser", len(request.user.ssh_public_keys))


@rule("CreateServiceSpecificCredential")
def user_has_room_for_a_service_credential(request: Request) -> None:
    """API_CreateServiceSpecificCredential: two for each service."""
    present = [
        credential
        for credential in request.account.service_credentials.values()
        if (credential.user_id, credential.service) == (request.user.id, request.text("ServiceName"))
    ]
    _refuse_one_more(request, "ServiceCredentialsPerUser", "ServiceSpecificCredentialsPerUser", len(present))


@rule("CreatePolicyVersion")
def policy_has_room_for_a_version(request: Request) -> None:
    """Versions of a managed policy that can be stored: 5."""
    quota = request.account.quotas["VersionsPerPolicyQuota"]
    if len(request.policy.versions) >= quota:
        raise Refused(
            "LimitExceeded",
            f"A managed policy can have up to {quota} versions. Before you create a new version, you must delete an "
            "existing version.",
        )


@rule("CreatePolicy", "CreatePolicyVersion")
def managed_policy_is_short_enough(request: Request) -> None:
    """Characters in a managed policy, white space not counted: 6,144."""
    quota = request.account.quotas["PolicySizeQuota"]
    if _size(request.text("PolicyDocument")) > quota:
        raise Refused("LimitExceeded", f"Cannot exceed quota for PolicySize: {quota}")


@rule("PutUserPolicy", "PutGroupPolicy", "PutRolePolicy")
def inline_policies_are_short_enough_together(request: Request) -> None:
    """Characters in all inline policies of a user: 2,048, group: 5,120, role: 10,240; white space not counted."""
    kind, principal = request.principal_kind, request.principal
    quota = request.account.quotas[f"{kind}PolicySizeQuota"]
    documents = {**principal.policies, request.text("PolicyName"): request.text("PolicyDocument")}
    if sum(_size(document) for document in documents.values()) > quota:
        raise Refused(
            "LimitExceeded",
            f"Maximum policy size of {quota} bytes exceeded for {kind.lower()} {principal.name}",
        )


def _refuse_one_more(request: Request, quota: str, called: str, present: int) -> None:
    """Refuse what would be one too many; `called` is the quota's name in the message."""
    allowed = request.account.quotas[quota]
    if present >= allowed:
        raise Refused("LimitExceeded", f"Cannot exceed quota for {called}: {allowed}")


def _size(document: str) -> int:
    return len(_WHITE_SPACE.sub("", document))
