"""The one bulk read: users, groups and customer-managed policies with all their versions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from iamsync.core.arn import Account, Arn
from iamsync.core.document import Document, DocumentError
from iamsync.core.model import Attachment, Group, LiveState, Policy, PolicyVersion, User

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import (
        AttachedPolicyTypeDef,
        GroupDetailTypeDef,
        ManagedPolicyDetailTypeDef,
        PolicyDetailTypeDef,
        PolicyVersionTypeDef,
        TagTypeDef,
        UserDetailTypeDef,
    )

PAGE_SIZE = 1000
"""The most that GetAccountAuthorizationDetails and ListPolicyTags give at once (MaxItems)."""


def read_in_bulk(iam: "IAMClient", account: Account) -> LiveState:
    """All of GetAccountAuthorizationDetails that concerns us. Roles are not read: iamsync does not manage them."""
    users: list[UserDetailTypeDef] = []
    groups: list[GroupDetailTypeDef] = []
    policies: list[ManagedPolicyDetailTypeDef] = []
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Group", "LocalManagedPolicy"], PaginationConfig={"PageSize": PAGE_SIZE}
    )
    for page in pages:
        # One marker walks all sections, so a page may hold only some of them.
        users += page.get("UserDetailList", [])
        groups += page.get("GroupDetailList", [])
        policies += page.get("Policies", [])
    # AWS may answer with AWS-managed policies that are in use, asked for or not.
    local = {Arn(policy["Arn"]): policy for policy in policies if policy["Arn"].split(":")[4] != "aws"}
    return LiveState(
        account=account,
        users={user["UserName"]: _user(user) for user in users},
        groups={group["GroupName"]: _group(group) for group in groups},
        policies={arn: _policy(policy) for arn, policy in local.items()},
        versions={arn: tuple(map(_version, policy["PolicyVersionList"])) for arn, policy in local.items()},
    )


def _user(detail: "UserDetailTypeDef") -> User:
    boundary = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return User(
        name=detail["UserName"],
        id=detail["UserId"],
        path=detail["Path"],
        tags=tags_of(detail.get("Tags", [])),
        boundary=Arn(boundary) if boundary else None,
        attachments=_attachments(detail.get("AttachedManagedPolicies", [])),
        inline=_inline(detail.get("UserPolicyList", [])),
        groups=frozenset(detail.get("GroupList", [])),
    )


def _group(detail: "GroupDetailTypeDef") -> Group:
    return Group(
        name=detail["GroupName"],
        path=detail["Path"],
        attachments=_attachments(detail.get("AttachedManagedPolicies", [])),
        inline=_inline(detail.get("GroupPolicyList", [])),
    )


def _attachments(attached: "Sequence[AttachedPolicyTypeDef]") -> frozenset[Attachment]:
    return frozenset(Attachment(policy=Arn(one["PolicyArn"])) for one in attached)


def _inline(details: "Sequence[PolicyDetailTypeDef]") -> dict[str, Document | None]:
    return {one["PolicyName"]: document_in(one.get("PolicyDocument")) for one in details}


def _policy(detail: "ManagedPolicyDetailTypeDef") -> Policy:
    default = next((one for one in detail["PolicyVersionList"] if one.get("IsDefaultVersion")), None)
    return Policy(
        arn=Arn(detail["Arn"]),
        name=detail["PolicyName"],
        path=detail["Path"],
        description=detail.get("Description", ""),
        document=document_in(default.get("Document")) if default else None,
    )


def _version(detail: "PolicyVersionTypeDef") -> PolicyVersion:
    return PolicyVersion(
        id=detail["VersionId"], document=document_in(detail.get("Document")), is_default=detail["IsDefaultVersion"]
    )


def document_in(stored: object) -> Document | None:
    """A stored text as a document, or None if it is none: such a text must not hide the rest of the account."""
    if not isinstance(stored, str | Mapping):
        return None
    try:
        return Document.parse(stored)
    except DocumentError:
        return None


def tags_of(tags: "Iterable[TagTypeDef]") -> dict[str, str]:
    """Tags by key."""
    return {tag["Key"]: tag["Value"] for tag in tags}
