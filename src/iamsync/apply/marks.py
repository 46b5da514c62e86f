"""Whether what exists already is what a creating call asked for: our own first try, whose answer was lost, or the same
call of another apply of the same files.

A name alone proves nothing. A user and a policy must carry the tags that were asked for, the owner's mark among them; a
group cannot carry tags, so its path stands for the mark.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING

from iamsync.core.change import CreateGroup, CreatePolicy, CreateUser
from iamsync.core.document import Document, DocumentError
from iamsync.core.model import Group, Policy, User
from iamsync.core.tags import OWNER_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import TagTypeDef


class Found(Enum):
    """What exists under the name of something that the plan creates."""

    AS_ASKED = auto()
    OTHERWISE = auto()
    NOT_YET = auto()
    """It exists, says the creating call, but cannot be read yet."""


def found(change: CreateUser | CreateGroup | CreatePolicy, iam: "IAMClient") -> Found:
    """What IAM holds under the name that `change` was to create."""
    try:
        same = _is_as_asked(change, iam)
    except iam.exceptions.NoSuchEntityException:
        return Found.NOT_YET
    return Found.AS_ASKED if same else Found.OTHERWISE


def _is_as_asked(change: CreateUser | CreateGroup | CreatePolicy, iam: "IAMClient") -> bool:
    match change:
        case CreateUser(user):
            return _user_as_asked(user, iam)
        case CreateGroup(group):
            return _group_as_asked(group, iam)
        case CreatePolicy(policy, document):
            return _policy_as_asked(policy, document, iam)


def _user_as_asked(asked: User, iam: "IAMClient") -> bool:
    user = iam.get_user(UserName=asked.name)["User"]
    boundary = user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    is_same = (user["UserName"], user["Path"], boundary) == (asked.name, asked.path, asked.boundary)
    return is_same and _is_marked(asked.tags, user.get("Tags", ()))


def _group_as_asked(asked: Group, iam: "IAMClient") -> bool:
    group = iam.get_group(GroupName=asked.name, MaxItems=1)["Group"]
    return asked.path != "/" and (group["GroupName"], group["Path"]) == (asked.name, asked.path)


def _policy_as_asked(asked: Policy, document: Document, iam: "IAMClient") -> bool:
    policy = iam.get_policy(PolicyArn=asked.arn)["Policy"]
    return (
        policy["PolicyName"] == asked.name
        and policy.get("Description", "") == asked.description
        and _is_marked(asked.tags, policy.get("Tags", ()))
        and says(iam, asked.arn, policy["DefaultVersionId"], document)
    )


def says(iam: "IAMClient", arn: str, version: str, document: Document) -> bool:
    """Whether a stored version means what `document` means."""
    stored = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"].get("Document", "")
    try:
        return Document.parse(stored) == document
    except DocumentError:
        return False


def _is_marked(asked: Mapping[str, str], found: "Iterable[TagTypeDef]") -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in found}
    return OWNER_TAG in asked and asked.items() <= tags.items()
