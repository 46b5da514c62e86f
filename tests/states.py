"""Short ways to write states in tests."""

from collections.abc import Iterable, Mapping

from iamsync.core.arn import Account, Arn, aws_policy_arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import (
    OWNER_TAG,
    Attachment,
    Console,
    DesiredState,
    Guards,
    LiveState,
    Origin,
    Policy,
    PolicyVersion,
    Settings,
    User,
)

ACCOUNT = Account(id="123456789012", partition="aws")
OURS = {OWNER_TAG: "us"}
S3 = aws_policy_arn("aws", "AmazonS3ReadOnlyAccess")
EC2 = aws_policy_arn("aws", "AmazonEC2ReadOnlyAccess")


def allow(*actions: str) -> Document:
    return Document.parse(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    )


def deny(*actions: str) -> Document:
    return Document.parse(
        {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": list(actions), "Resource": "*"}}
    )


READS_S3 = allow("s3:Get*", "s3:List*")
DENIES_IAM = deny("iam:*")


def arn_of(name: str, path: str = "/") -> Arn:
    return policy_arn(ACCOUNT, path, name)


def attached(*policies: Arn) -> frozenset[Attachment]:
    return frozenset(Attachment(policy=policy) for policy in policies)


def user(
    name: str,
    *attachments: Arn,
    path: str = "/",
    tags: Mapping[str, str] = OURS,
    console: Console | None = None,
    line: int = 1,
) -> User:
    return User(
        name=name,
        path=path,
        tags=tags,
        attachments=attached(*attachments),
        console=console,
        origin=Origin(file="users.yaml", line=line),
    )


def policy(
    name: str, document: Document | None = READS_S3, *, path: str = "/", tags: Mapping[str, str] = OURS
) -> Policy:
    return Policy(arn=arn_of(name, path), name=name, path=path, document=document, tags=tags)


def desired(
    *things: User | Policy, owner: str = "us", protected: Iterable[str] = (), ignore_tags: tuple[str, ...] = ("AKIA*",)
) -> DesiredState:
    return DesiredState(
        account=ACCOUNT,
        users={one.name: one for one in things if isinstance(one, User)},
        policies={one.arn: one for one in things if isinstance(one, Policy)},
        settings=Settings(owner=owner, guards=Guards(protected_users=tuple(protected)), ignore_tags=ignore_tags),
    )


def live(*things: User | Policy, versions: Mapping[Arn, tuple[PolicyVersion, ...]] | None = None) -> LiveState:
    policies = {one.arn: one for one in things if isinstance(one, Policy)}
    return LiveState(
        account=ACCOUNT,
        users={one.name: one for one in things if isinstance(one, User)},
        policies=policies,
        versions={arn: (version("v1", one.document),) for arn, one in policies.items()} | dict(versions or {}),
    )


def version(number: str, document: Document | None, *, default: bool = True) -> PolicyVersion:
    return PolicyVersion(id=number, document=document, is_default=default)
