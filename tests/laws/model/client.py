"""The model as a client of boto3's kind that only reads: whatever `iamsync.live.read` asks is answered as IAM would."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from laws.model.calls import Refused
from laws.model.credentials import is_virtual
from laws.model.iam import Iam
from laws.model.records import GroupRecord, PolicyRecord, UserRecord

Shape = dict[str, Any]


class Client:
    """Reads an account. An operation that is not here is an AttributeError, so that no new question goes unnoticed."""

    class exceptions:  # noqa: N801 - boto3's name
        """What boto3 raises."""

        NoSuchEntityException = Refused

    def __init__(self, iam: Iam) -> None:
        self._iam = iam

    def get_paginator(self, operation: str) -> "_Paginator":
        """Pages, of which there is one."""
        return _Paginator(getattr(self, operation))

    def get_account_authorization_details(self, Filter: list[str]) -> Shape:  # noqa: N803
        """Users, groups and policies; of policies no tags, of users no credentials."""
        iam = self._iam
        return {
            "UserDetailList": [_user(user) for user in iam.users.values()] if "User" in Filter else [],
            "GroupDetailList": [_group(group) for group in iam.groups.values()] if "Group" in Filter else [],
            "RoleDetailList": [],
            "Policies": [_policy(one) for one in iam.policies.values()] if "LocalManagedPolicy" in Filter else [],
        }

    def get_account_summary(self) -> Shape:
        """How much there is, and may be."""
        iam = self._iam
        return {
            "SummaryMap": {
                "Users": len(iam.users),
                "Groups": len(iam.groups),
                "Policies": len(iam.policies),
                "UsersQuota": iam.quotas["users"],
                "GroupsQuota": iam.quotas["groups"],
                "PoliciesQuota": iam.quotas["policies"],
                "AttachedPoliciesPerUserQuota": iam.quotas["policies_per_user"],
                "AttachedPoliciesPerGroupQuota": iam.quotas["policies_per_group"],
                "GroupsPerUserQuota": iam.quotas["groups_per_user"],
                "VersionsPerPolicyQuota": iam.quotas["versions_per_policy"],
                "PolicySizeQuota": iam.quotas["policy_size"],
                "UserPolicySizeQuota": iam.quotas["user_inline_size"],
                "GroupPolicySizeQuota": iam.quotas["group_inline_size"],
                "AccessKeysPerUserQuota": iam.quotas["access_keys_per_user"],
            }
        }

    def get_policy(self, PolicyArn: str) -> Shape:  # noqa: N803
        """A managed policy, AWS's too."""
        if not self._iam.exists(PolicyArn):
            raise Refused("NoSuchEntity", f"Policy {PolicyArn} was not found.")
        return {"Policy": {"Arn": PolicyArn, "PolicyName": PolicyArn.rpartition("/")[2], "IsAttachable": True}}

    def list_policy_tags(self, PolicyArn: str) -> Shape:  # noqa: N803
        """In no other answer."""
        return {"Tags": _tags(self._iam.policy(PolicyArn).tags)}

    def get_login_profile(self, UserName: str) -> Shape:  # noqa: N803
        """NoSuchEntity where there is no password."""
        user = self._iam.user(UserName)
        if not user.password:
            raise Refused("NoSuchEntity", f"Login Profile for User {UserName} cannot be found.")
        told = {"UserName": UserName, "PasswordResetRequired": user.password_reset_required}
        return {"LoginProfile": {**told, "CreateDate": self._days_ago(0)}}

    def get_user(self, UserName: str) -> Shape:  # noqa: N803
        """No PasswordLastUsed: nobody signs in here."""
        return {"User": {"UserName": self._iam.user(UserName).name}}

    def list_access_keys(self, UserName: str) -> Shape:  # noqa: N803
        """Ids and statuses, no secrets."""
        user = self._iam.user(UserName)
        return {
            "AccessKeyMetadata": [
                {"AccessKeyId": key, "Status": status, "CreateDate": self._days_ago(user.key_ages.get(key, 0))}
                for key, status in user.access_keys.items()
            ]
        }

    def get_access_key_last_used(self, AccessKeyId: str) -> Shape:  # noqa: N803
        """No date if never."""
        user = next(one for one in self._iam.users.values() if AccessKeyId in one.access_keys)
        used = user.key_uses.get(AccessKeyId)
        return {"AccessKeyLastUsed": {} if used is None else {"LastUsedDate": self._days_ago(used)}}

    def _days_ago(self, days: int) -> datetime:
        return self._iam.now - timedelta(days=days)

    def list_mfa_devices(self, UserName: str) -> Shape:  # noqa: N803
        """Virtual and other."""
        return {"MFADevices": [{"SerialNumber": one} for one in self._iam.user(UserName).mfa]}

    def list_virtual_mfa_devices(self, AssignmentStatus: str = "Any") -> Shape:  # noqa: N803
        """Those of users, and those of nobody."""
        assigned = [one for user in self._iam.users.values() for one in user.mfa if is_virtual(one)]
        free = list(self._iam.free_mfa_devices)
        wanted = {"Any": [*assigned, *free], "Assigned": assigned, "Unassigned": free}[AssignmentStatus]
        return {"VirtualMFADevices": [{"SerialNumber": one} for one in wanted]}

    def list_ssh_public_keys(self, UserName: str) -> Shape:  # noqa: N803
        """By id."""
        return {"SSHPublicKeys": [{"SSHPublicKeyId": one} for one in self._iam.user(UserName).ssh_keys]}

    def list_signing_certificates(self, UserName: str) -> Shape:  # noqa: N803
        """By id."""
        return {"Certificates": [{"CertificateId": one} for one in self._iam.user(UserName).certificates]}

    def list_service_specific_credentials(self, UserName: str) -> Shape:  # noqa: N803
        """By id."""
        credentials = self._iam.user(UserName).service_credentials
        return {"ServiceSpecificCredentials": [{"ServiceSpecificCredentialId": one} for one in credentials]}

    def list_entities_for_policy(self, PolicyArn: str, PolicyUsageFilter: str | None = None) -> Shape:  # noqa: N803
        """Who has a policy: attached, as boundary, or, where no filter is given, either way."""

        def has(one: Any) -> bool:  # noqa: ANN401 - a user, group or role
            attached = PolicyArn in one.attached and PolicyUsageFilter != "PermissionsBoundary"
            bounds = getattr(one, "boundary", None) == PolicyArn and PolicyUsageFilter != "PermissionsPolicy"
            return attached or bounds

        iam = self._iam
        return {
            "PolicyUsers": [{"UserName": one.name} for one in iam.users.values() if has(one)],
            "PolicyGroups": [{"GroupName": one.name} for one in iam.groups.values() if has(one)],
            "PolicyRoles": [{"RoleName": one.name} for one in iam.roles.values() if has(one)],
        }


class _Paginator:
    def __init__(self, ask: Callable[..., Shape]) -> None:
        self._ask: Final = ask

    def paginate(self, *, PaginationConfig: object = None, **params: object) -> Iterator[Shape]:  # noqa: ARG002, N803
        yield self._ask(**params)


def _user(user: UserRecord) -> Shape:
    boundary = {"PermissionsBoundary": {"PermissionsBoundaryArn": user.boundary}} if user.boundary else {}
    return {
        "UserName": user.name,
        "UserId": user.id,
        "Path": user.path,
        "Tags": _tags(user.tags),
        "AttachedManagedPolicies": _attached(user.attached),
        "UserPolicyList": _inline(user.inline),
        "GroupList": list(user.groups),
        **boundary,
    }


def _group(group: GroupRecord) -> Shape:
    return {
        "GroupName": group.name,
        "Path": group.path,
        "AttachedManagedPolicies": _attached(group.attached),
        "GroupPolicyList": _inline(group.inline),
    }


def _policy(policy: PolicyRecord) -> Shape:
    return {
        "Arn": policy.arn,
        "PolicyName": policy.name,
        "Path": policy.path,
        "Description": policy.description,
        "PolicyVersionList": [
            {"VersionId": one.id, "IsDefaultVersion": one.is_default, "Document": _decoded(one.document)}
            for one in policy.versions
        ],
    }


def _attached(arns: set[str]) -> list[Shape]:
    return [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]


def _inline(texts: Mapping[str, str]) -> list[Shape]:
    return [{"PolicyName": name, "PolicyDocument": _decoded(text)} for name, text in texts.items()]


def _tags(tags: Mapping[str, str]) -> list[Shape]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _decoded(text: str) -> object:
    """boto3 parses documents, and leaves what it cannot parse as it came."""
    try:
        return json.loads(text)
    except ValueError:
        return text
