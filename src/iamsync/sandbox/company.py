"""A company of 40 users whose account has grown by hand, made in an empty sandbox: what `company.yaml` says.

Calls of IAM make it, where IAM takes such calls. What IAM no longer takes, or AWS alone writes, is put into the account
itself: documents of 2008, tags of CloudFormation, and how old credentials are. It is the same account each time, but
for the ids of users and access keys, and ages are counted from the moment at which it is made.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import boto3
import yaml
from moto.core.utils import utcnow
from moto.iam.models import AccessKeyLastUsed

from iamsync.sandbox.accounts import ACCOUNT_ID, Account

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import TagTypeDef

Entry = Mapping[str, Any]

_PASSWORD: Final = "Correct-horse-9-battery"  # noqa: S105 - of users in a fake account
_STACK: Final = "aws:cloudformation:stack-name"
_TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def written() -> Entry:
    """What the company is: policies, groups, roles, teams and users, as `company.yaml` has them."""
    found: Entry = yaml.safe_load(files("iamsync.sandbox").joinpath("company.yaml").read_text("utf-8"))
    return found


def users(company: Entry) -> dict[str, Entry]:
    """Each user with what the team gives and what the user has beside it."""
    found: dict[str, Entry] = {}
    for team in company["teams"].values():
        found |= {name: {key: value for key, value in team.items() if key != "users"} for name in team["users"]}
    for name, beside in company["users"].items():
        found[name] = _together(found.get(name, {}), beside)
    return found


def _together(team: Entry, beside: Entry) -> Entry:
    whole = {**team, **beside}
    for key in ("attached", "groups"):
        whole[key] = [*team.get(key, ()), *beside.get(key, ())]
    return {**whole, "tags": {**team.get("tags", {}), **beside.get("tags", {})}}


def call(iam: "IAMClient") -> None:
    """Make the company by calls of IAM, in an account that is empty."""
    company = written()
    for name in company["roles"]:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)
    for name, policy in company["policies"].items():
        _policy(name, policy, iam)
    paths = {name: policy.get("path", "/") for name, policy in company["policies"].items()}
    for name, group in company["groups"].items():
        iam.create_group(GroupName=name, Path=group.get("path", "/"))
        for policy in group.get("attached", ()):
            iam.attach_group_policy(GroupName=name, PolicyArn=_arn(policy, paths))
        for inline, document in group.get("inline", {}).items():
            iam.put_group_policy(GroupName=name, PolicyName=inline, PolicyDocument=json.dumps(document))
    for name, user in users(company).items():
        _user(name, user, paths, iam)


def put(account: Account) -> None:
    """What no call of IAM makes, in an account in which `call` was made."""
    company = written()
    for name, policy in company["policies"].items():
        found = account.find_own_policy(name)
        if found is not None and "version" in policy:
            found.versions[0].document = json.dumps({"Version": policy["version"], **policy["document"]})
        if found is not None and "stack" in policy:
            found.tags = {_STACK: {"Key": _STACK, "Value": policy["stack"]}}
    for name, user in users(company).items():
        if "stack" in user:
            account.tags_of(account.user(name))[_STACK] = user["stack"]
        _age(name, user, account)


def _age(name: str, entry: Entry, account: Account) -> None:
    user, now = account.user(name), utcnow()
    for key, wanted in zip(user.access_keys, entry.get("keys", ()), strict=True):
        key.create_date = now - timedelta(days=wanted["age"])
        if "used" in wanted:
            key.last_used = AccessKeyLastUsed(now - timedelta(days=wanted["used"]), "s3", "eu-central-1")
    if "console" in entry:
        account.passwords_created[user.id] = now - timedelta(days=entry["console"])
    ages = [*(key["age"] for key in entry.get("keys", ())), entry.get("console", 0), 30]
    user.create_date = now - timedelta(days=max(ages))


def _policy(name: str, entry: Entry, iam: "IAMClient") -> None:
    texts = [_write_to(entry["bucket"], folder) for folder in entry.get("versions", ())] or [entry["document"]]
    first, *others = [json.dumps({"Version": "2012-10-17", **text}) for text in texts]
    tags = _tags(entry.get("tags", {}))
    arn = iam.create_policy(
        PolicyName=name,
        Path=entry.get("path", "/"),
        PolicyDocument=first,
        Tags=tags,
        **({"Description": entry["description"]} if "description" in entry else {}),
    )["Policy"]["Arn"]
    for number, text in enumerate(others, 2):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=number == entry["default"])
    for role in entry.get("roles", ()):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    for role in entry.get("roles_bounded", ()):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)


def _write_to(bucket: str, folder: str) -> Entry:
    actions, resource = ["s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{bucket}/{folder}/*"
    return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}


def _user(name: str, entry: Entry, paths: Mapping[str, str], iam: "IAMClient") -> None:
    iam.create_user(UserName=name, Path=entry.get("path", "/"), Tags=_tags(entry.get("tags", {})))
    if "boundary" in entry:
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=_arn(entry["boundary"], paths))
    for policy in entry.get("attached", ()):
        iam.attach_user_policy(UserName=name, PolicyArn=_arn(policy, paths))
    for inline, document in entry.get("inline", {}).items():
        iam.put_user_policy(UserName=name, PolicyName=inline, PolicyDocument=json.dumps(document))
    for group in entry.get("groups", ()):
        iam.add_user_to_group(UserName=name, GroupName=group)
    if "console" in entry:
        iam.create_login_profile(UserName=name, Password=_PASSWORD)
    if entry.get("mfa"):
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
    for wanted in entry.get("keys", ()):
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        if wanted.get("inactive"):
            iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")


def _tags(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _arn(name: str, paths: Mapping[str, str]) -> str:
    if name.startswith("aws:"):
        return f"arn:aws:iam::aws:policy/{name.removeprefix('aws:')}"
    return f"arn:aws:iam::{ACCOUNT_ID}:policy{paths[name]}{name}"


def client(environment: Mapping[str, str]) -> "IAMClient":
    """A client of the sandbox to which these variables lead, whatever the shell is set up for."""
    return boto3.client(
        "iam",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
