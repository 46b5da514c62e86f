"""moto's objects as AWS writes them."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

from moto.iam.models import Group, ManagedPolicy, PolicyVersion, Role, User

from iamsync.sandbox.accounts import Account

Shape = dict[str, object]


class Principal(Protocol):
    """What users, groups and roles have in common: policies."""

    name: str
    id: str
    policies: dict[str, str]
    managed_policies: dict[str, ManagedPolicy]


def tag_list(tags: Mapping[str, str | None]) -> list[Shape]:
    """Tags as the API lists them."""
    return [{"Key": key, "Value": value or ""} for key, value in tags.items()]


def boundary(arn: str | None) -> Shape | None:
    """A permissions boundary, if there is one."""
    return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn} if arn else None


def listed_user(user: User) -> Shape:
    """A user in a list: without tags and boundary, which only GetUser tells (API_ListUsers)."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "PasswordLastUsed": user.password_last_used,
    }


def whole_user(account: Account, user: User) -> Shape:
    """A user with tags and boundary."""
    return {
        **listed_user(user),
        "PermissionsBoundary": boundary(account.boundaries.get(user.id)),
        "Tags": tag_list(account.tags_of(user)) or None,
    }


def listed_group(group: Group) -> Shape:
    """A group."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": group.create_date,
    }


def listed_policy(policy: ManagedPolicy, boundary_uses: int) -> Shape:
    """A managed policy in a list: without tags and description, which only GetPolicy tells (API_ListPolicies)."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": boundary_uses,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
    }


def listed_version(version: PolicyVersion) -> Shape:
    """A version of a managed policy, without its document."""
    return {
        "VersionId": version.version_id,
        "IsDefaultVersion": version.is_default,
        "CreateDate": version.create_date,
    }


def whole_version(version: PolicyVersion) -> Shape:
    """A version of a managed policy with its document, which IAM URL-encodes."""
    return {"Document": quote(version.document, safe=""), **listed_version(version)}


def attached(policy: ManagedPolicy) -> Shape:
    """A managed policy where it is attached."""
    return {"PolicyName": policy.name, "PolicyArn": policy.arn}


def inline_list(principal: Principal) -> list[Shape]:
    """The inline policies with their documents, which IAM URL-encodes."""
    return [{"PolicyName": name, "PolicyDocument": quote(text, safe="")} for name, text in principal.policies.items()]


def listed_role(role: Role) -> Shape:
    """A role in a list: without tags, boundary and last use (API_ListRoles)."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document or "", safe=""),
        "MaxSessionDuration": role.max_session_duration,
    }
