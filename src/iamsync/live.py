"""IAM -> LiveState, whole or not at all.

One bulk read, however many users there are; beside it only what no bulk answer holds and somebody declares: the tags of
declared policies, and whether a user who declares `console` has a password.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mypy_boto3_iam import IAMClient
from mypy_boto3_iam.type_defs import (
    ManagedPolicyDetailTypeDef,
    PolicyVersionTypeDef,
    TagTypeDef,
    UserDetailTypeDef,
)

from iamsync.core.arn import Arn
from iamsync.core.document import Document, DocumentError
from iamsync.core.model import Attachment, Console, DesiredState, LiveState, Policy, PolicyVersion, User

PAGE_SIZE = 1000
"""The most that GetAccountAuthorizationDetails and ListPolicyTags give at once (MaxItems)."""

Answer = TypeVar("Answer")


def read(iam: IAMClient, desired: DesiredState, *, at_once: int) -> LiveState:
    """Everything live that `desired` can be compared with; at most `at_once` calls are in flight.

    Raises what botocore raises: a picture with a missing page is none.
    """
    users: list[UserDetailTypeDef] = []
    policies: list[ManagedPolicyDetailTypeDef] = []
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "LocalManagedPolicy"], PaginationConfig={"PageSize": PAGE_SIZE}
    )
    for page in pages:
        users += page["UserDetailList"]
        policies += page["Policies"]
    # AWS may answer with AWS-managed policies that are in use, asked for or not.
    local = {Arn(policy["Arn"]): policy for policy in policies if Arn(policy["Arn"]).split(":")[4] != "aws"}
    names = {user["UserName"] for user in users}
    with_console = [name for name, user in desired.users.items() if user.console is not None and name in names]
    tags = _each(lambda arn: _policy_tags(iam, arn), [arn for arn in desired.policies if arn in local], at_once)
    consoles = _each(lambda name: _console(iam, name), with_console, at_once)
    return LiveState(
        account=desired.account,
        users={user["UserName"]: _user(user, consoles.get(user["UserName"])) for user in users},
        policies={arn: _policy(policy, tags.get(arn, {})) for arn, policy in local.items()},
        versions={arn: tuple(map(_version, policy["PolicyVersionList"])) for arn, policy in local.items()},
    )


def _each(ask: Callable[[str], Answer], keys: Sequence[str], at_once: int) -> dict[str, Answer]:
    """The answer for each key, asked concurrently. The first error ends it: nothing waits for answers nobody wants."""
    if not keys:
        return {}
    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        return dict(zip(keys, pool.map(ask, keys), strict=True))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _policy_tags(iam: IAMClient, arn: str) -> dict[str, str]:
    pages = iam.get_paginator("list_policy_tags").paginate(PolicyArn=arn, PaginationConfig={"PageSize": PAGE_SIZE})
    return _tags(tag for page in pages for tag in page["Tags"])


def _console(iam: IAMClient, user_name: str) -> Console:
    """Only "there is none" means that there is none: any other error is an error (API_GetLoginProfile)."""
    try:
        profile = iam.get_login_profile(UserName=user_name)["LoginProfile"]
    except iam.exceptions.NoSuchEntityException:
        return Console(enabled=False)
    return Console(enabled=True, password_reset_required=profile.get("PasswordResetRequired", False))


def _user(detail: UserDetailTypeDef, console: Console | None) -> User:
    return User(
        name=detail["UserName"],
        path=detail["Path"],
        tags=_tags(detail.get("Tags", [])),
        attachments=frozenset(
            Attachment(policy=Arn(one["PolicyArn"])) for one in detail.get("AttachedManagedPolicies", [])
        ),
        console=console,
    )


def _policy(detail: ManagedPolicyDetailTypeDef, tags: Mapping[str, str]) -> Policy:
    default = next((one for one in detail["PolicyVersionList"] if one.get("IsDefaultVersion")), None)
    return Policy(
        arn=Arn(detail["Arn"]),
        name=detail["PolicyName"],
        path=detail["Path"],
        description=detail.get("Description", ""),
        document=_document(default.get("Document")) if default else None,
        tags=tags,
    )


def _version(detail: PolicyVersionTypeDef) -> PolicyVersion:
    return PolicyVersion(
        id=detail["VersionId"], document=_document(detail.get("Document")), is_default=detail["IsDefaultVersion"]
    )


def _document(stored: object) -> Document | None:
    """A stored text as a document, or None if it is none: such a text must not hide the rest of the account."""
    if not isinstance(stored, str | Mapping):
        return None
    try:
        return Document.parse(stored)
    except DocumentError:
        return None


def _tags(tags: Iterable[TagTypeDef]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
