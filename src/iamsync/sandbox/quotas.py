"""IAM's quotas: one table, under the names of GetAccountSummary where that has one.

Source: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas). A test raises one with `Sandbox(quotas=...)`,
as an account's owner does with a quota increase.
"""

from collections.abc import Mapping
from types import MappingProxyType

QUOTAS: Mapping[str, int] = MappingProxyType(
    {
        "UsersQuota": 5000,
        "GroupsQuota": 300,
        "RolesQuota": 1000,
        "PoliciesQuota": 1500,
        "InstanceProfilesQuota": 1000,
        "ServerCertificatesQuota": 20,
        "GroupsPerUserQuota": 10,
        "AccessKeysPerUserQuota": 2,
        "SigningCertificatesPerUserQuota": 2,
        "AttachedPoliciesPerUserQuota": 10,
        "AttachedPoliciesPerGroupQuota": 10,
        "AttachedPoliciesPerRoleQuota": 10,
        "UserPolicySizeQuota": 2048,
        "GroupPolicySizeQuota": 5120,
        "RolePolicySizeQuota": 10240,
        "AssumeRolePolicySizeQuota": 2048,
        "PolicySizeQuota": 6144,
        "VersionsPerPolicyQuota": 5,
        "PolicyVersionsInUseQuota": 10000,
        "MFADevicesPerUser": 8,
        "SSHPublicKeysPerUser": 5,
        "ServiceCredentialsPerUser": 2,
        "TagsPerEntity": 50,
    },
)

UNREPORTED = frozenset({"MFADevicesPerUser", "SSHPublicKeysPerUser", "ServiceCredentialsPerUser", "TagsPerEntity"})
"""The quotas that GetAccountSummary does not tell."""
