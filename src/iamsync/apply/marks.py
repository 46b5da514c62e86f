"""Whether what exists already is what a creating call asked for: our own first try, whose answer was lost, or the same
call of another apply of the same files.

A name alone proves nothing. A user and a policy must carry the tags that were asked for, the owner's mark among them; a
group cannot carry tags, so its path stands for the mark.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from iamsync.core.action import Action
from iamsync.core.arn import Account, policy_arn
from iamsync.core.document import Document, DocumentError
from iamsync.core.model import OWNER_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import TagTypeDef


class Found(Enum):
    """What was found under the name of something that is to be created."""

    AS_ASKED = auto()
    OTHERWISE = auto()
    NOT_YET = auto()
    """It exists, says the creating call, but cannot be read yet."""


def found(action: Action, iam: "IAMClient", account: Account) -> Found:
    """What IAM holds under the name that `action` was to create."""
    look = {"create_user": _user_as_asked, "create_group": _group_as_asked, "create_policy": _policy_as_asked}
    try:
        same = look[action.operation](action.params, iam, account)
    except iam.exceptions.NoSuchEntityException:
        return Found.NOT_YET
    return Found.AS_ASKED if same else Found.OTHERWISE


def _user_as_asked(params: Mapping[str, Any], iam: "IAMClient", _: Account) -> bool:
    user = iam.get_user(UserName=params["UserName"])["User"]
    boundary = user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return (
        user["UserName"] == params["UserName"]
        and user["Path"] == params.get("Path", "/")
        and boundary == params.get("PermissionsBoundary")
        and _is_marked(params.get("Tags", ()), user.get("Tags", ()))
    )


def _group_as_asked(params: Mapping[str, Any], iam: "IAMClient", _: Account) -> bool:
    group = iam.get_group(GroupName=params["GroupName"], MaxItems=1)["Group"]
    path = params.get("Path", "/")
    return path != "/" and (group["GroupName"], group["Path"]) == (params["GroupName"], path)


def _policy_as_asked(params: Mapping[str, Any], iam: "IAMClient", account: Account) -> bool:
    arn = policy_arn(account, params.get("Path", "/"), params["PolicyName"])
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    return (
        policy["PolicyName"] == params["PolicyName"]
        and policy.get("Description", "") == params.get("Description", "")
        and _is_marked(params.get("Tags", ()), policy.get("Tags", ()))
        and says(iam, arn, policy["DefaultVersionId"], params["PolicyDocument"])
    )


def says(iam: "IAMClient", arn: str, version: str, text: str) -> bool:
    """Whether a stored version means what `text` means."""
    stored = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"].get("Document", "")
    try:
        return Document.parse(stored) == Document.parse(text)
    except DocumentError:
        return False


def _is_marked(asked: "Iterable[TagTypeDef]", found: "Iterable[TagTypeDef]") -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in found}
    wanted = {tag["Key"]: tag["Value"] for tag in asked}
    return OWNER_TAG in wanted and wanted.items() <= tags.items()
