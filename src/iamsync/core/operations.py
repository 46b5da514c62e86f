"""Every operation of AWS that iamsync sends, with the permissions that it needs and the kind of resource it acts on.

No client of iamsync sends an operation that is in neither table (see `iamsync.aws`).

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management
(IAM)", "... for AWS Security Token Service", "... for AWS IAM Access Analyzer" and "... for Amazon Resource Group
Tagging API".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

Operation = tuple[str, str]
"""A service, as botocore has it, and an operation of it: `("iam", "CreateUser")`."""


class Resource(Enum):
    """What an operation acts on, as the ARN of IAM has it (`arn:aws:iam::123456789012:user/people/aiko`)."""

    ANY = "*"
    """No kind: the permission is given for all resources, or not at all."""
    USER = "user"
    GROUP = "group"
    POLICY = "policy"
    ROLE = "role"
    MFA_DEVICE = "mfa"


@dataclass(frozen=True, slots=True)
class Needs:
    """The IAM permissions without which AWS denies an operation, and on what the caller must have them."""

    permissions: tuple[str, ...]
    resource: Resource


def _on(resource: Resource, *names: str) -> dict[Operation, Needs]:
    """Operations of IAM that need the permission of their own name."""
    return {("iam", name): Needs((f"iam:{name}",), resource) for name in names}


READS: Final[Mapping[Operation, Needs]] = {
    ("sts", "GetCallerIdentity"): Needs((), Resource.ANY),  # works even where it is denied (API_GetCallerIdentity)
    ("accessanalyzer", "ValidatePolicy"): Needs(("access-analyzer:ValidatePolicy",), Resource.ANY),
    ("resourcegroupstaggingapi", "GetResources"): Needs(("tag:GetResources",), Resource.ANY),
    **_on(
        Resource.ANY,
        "GetAccountAuthorizationDetails",
        "GetAccountPasswordPolicy",
        "GetAccountSummary",
        "ListAccountAliases",
        "ListVirtualMFADevices",
    ),
    **_on(
        Resource.USER,
        "GetAccessKeyLastUsed",
        "GetLoginProfile",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSSHPublicKeys",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
    ),
    **_on(Resource.GROUP, "GetGroup"),
    **_on(
        Resource.POLICY,
        "GetPolicy",
        "GetPolicyVersion",
        "ListEntitiesForPolicy",
        "ListPolicyTags",
        "ListPolicyVersions",
    ),
    **_on(Resource.ROLE, "GetRole", "ListAttachedRolePolicies"),
}
"""The operations that change nothing. A list: a guess by prefix would let a write through."""

AUDIT_READS: Final[Mapping[Operation, Needs]] = {
    **_on(Resource.ANY, "GenerateCredentialReport", "GetCredentialReport"),
}
"""What `report` reads beside these. The Service Authorization Reference counts both as reads: the first makes AWS write
a report for whoever asks next, and changes nothing else.
"""

WRITES: Final[Mapping[Operation, Needs]] = {
    # iamsync creates these with tags, which need a permission of their own (IAM User Guide, "IAM: Create new users only
    # with specific tags"). For a boundary the reference names a condition key of CreateUser, and no other permission.
    ("iam", "CreateUser"): Needs(("iam:CreateUser", "iam:TagUser"), Resource.USER),
    ("iam", "CreatePolicy"): Needs(("iam:CreatePolicy", "iam:TagPolicy"), Resource.POLICY),
    **_on(
        Resource.USER,  # UpdateUser needs its permission on the user by the old and by the new name (API_UpdateUser)
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteSSHPublicKey",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "DeleteUser",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DetachUserPolicy",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "TagUser",
        "UntagUser",
        "UpdateAccessKey",
        "UpdateLoginProfile",
        "UpdateUser",
    ),
    **_on(
        Resource.GROUP,  # a membership, too: the user is not asked for (AddUserToGroup, RemoveUserFromGroup)
        "AddUserToGroup",
        "AttachGroupPolicy",
        "CreateGroup",
        "DeleteGroup",
        "DeleteGroupPolicy",
        "DetachGroupPolicy",
        "PutGroupPolicy",
        "RemoveUserFromGroup",
        "UpdateGroup",
    ),
    **_on(
        Resource.POLICY,
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    ),
    **_on(Resource.MFA_DEVICE, "DeleteVirtualMFADevice"),
}
"""The operations that change the account."""
