"""Short ways to write states in tests."""

from collections.abc import Iterable, Mapping

from iamsync.core.arn import Account, Arn, aws_policy_arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import (
    AccessKeys,
    Attachment,
    Console,
    Credentials,
    DesiredState,
    Group,
    Guards,
    LiveState,
    Origin,
    Policy,
    PolicyVersion,
    Settings,
    User,
)
from iamsync.core.tags import OWNER_TAG

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
    boundary: Arn | None = None,
    inline: Mapping[str, Document | None] | None = None,
    groups: Iterable[str] | None = (),
    added_groups: Iterable[str] = (),
    ended_groups: Iterable[str] = (),
    console: Console | None = None,
    access_keys: AccessKeys | None = None,
    suspended: bool = False,
    previous_names: tuple[str, ...] = (),
    line: int = 1,
) -> User:
    return User(
        name=name,
        path=path,
        tags=tags,
        boundary=boundary,
        attachments=attached(*attachments),
        inline=inline or {},
        groups=None if groups is None else frozenset(groups),
        added_groups=frozenset(added_groups),
        ended_groups=frozenset(ended_groups),
        console=console,
        access_keys=access_keys,
        suspended=suspended,
        previous_names=previous_names,
        origin=Origin(file="users.yaml", line=line),
    )


def group(
    name: str,
    *attachments: Arn,
    path: str = "/iamsync/us/",
    inline: Mapping[str, Document | None] | None = None,
    removes_strangers: bool = False,
) -> Group:
    return Group(
        name=name,
        path=path,
        attachments=attached(*attachments),
        inline=inline or {},
        removes_strangers=removes_strangers,
    )


def policy(
    name: str, document: Document | None = READS_S3, *, path: str = "/", tags: Mapping[str, str] = OURS
) -> Policy:
    return Policy(arn=arn_of(name, path), name=name, path=path, document=document, tags=tags)


def desired(
    *things: User | Policy | Group,
    owner: str = "us",
    protected: Iterable[str] = (),
    required: Iterable[str] = (),
    max_removals: int = 100,
    percent: bool = True,
    prune: bool = False,
    adopt: bool = False,
    adopt_names: Iterable[str] = (),
    ignore_tags: tuple[str, ...] = ("AKIA*",),
    denies_kept: bool = True,
    remove_denies: Iterable[str] = (),
) -> DesiredState:
    return DesiredState(
        account=ACCOUNT,
        users={one.name: one for one in things if isinstance(one, User)},
        groups={one.name: one for one in things if isinstance(one, Group)},
        policies={one.arn: one for one in things if isinstance(one, Policy)},
        settings=Settings(
            owner=owner,
            prune=prune,
            adopt=adopt,
            adopt_names=frozenset(adopt_names),
            denies_kept=denies_kept,
            remove_denies=frozenset(remove_denies),
            guards=Guards(
                protected_users=tuple(protected),
                required_users=tuple(required),
                max_removals=max_removals,
                percent=percent,
            ),
            ignore_tags=ignore_tags,
        ),
    )


def live(
    *things: User | Policy | Group,
    versions: Mapping[Arn, tuple[PolicyVersion, ...]] | None = None,
    credentials: Mapping[str, Credentials] | None = None,
    used_by: Mapping[Arn, frozenset[str]] | None = None,
) -> LiveState:
    policies = {one.arn: one for one in things if isinstance(one, Policy)}
    return LiveState(
        account=ACCOUNT,
        users={one.name: one for one in things if isinstance(one, User)},
        groups={one.name: one for one in things if isinstance(one, Group)},
        policies=policies,
        versions={arn: (version("v1", one.document),) for arn, one in policies.items()} | dict(versions or {}),
        credentials=credentials or {},
        used_by=used_by or {},
    )


def version(number: str, document: Document | None, *, default: bool = True) -> PolicyVersion:
    return PolicyVersion(id=number, document=document, is_default=default)
