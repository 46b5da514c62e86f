"""Since when a user, group or policy exists: what tells the one that a run created from another of the same name."""

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamsync.core.arn import Account, policy_arn
from iamsync.core.model import group_subject, user_subject

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def creation(iam: "IAMClient", account: Account, subject: str, path: str) -> datetime | None:
    """When a subject (`user/aiko`, `policy/Deploy`) was created, aware; None if it does not exist. `path` is that of a
    policy.

    Raises what botocore raises.
    """
    _, _, name = subject.partition("/")
    try:
        if subject == user_subject(name):
            return iam.get_user(UserName=name)["User"]["CreateDate"]
        if subject == group_subject(name):
            return iam.get_group(GroupName=name, MaxItems=1)["Group"]["CreateDate"]
        return iam.get_policy(PolicyArn=policy_arn(account, path, name))["Policy"]["CreateDate"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
