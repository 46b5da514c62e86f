"""The account that all faults are played on: `live.yaml` before, `desired/` after, every verb of iamsync between."""

import shutil
from collections import Counter
from copy import copy, deepcopy
from csv import DictReader
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from casebook.account import account
from casebook.case import case
from laws.seeding import seed
from moto.core.utils import utcnow
from mypy_boto3_iam import IAMClient

from iamsync.sandbox import Sandbox
from iamsync.sandbox.accounts import is_aws_managed

HERE = Path(__file__).parent
PLAN = case(HERE).plan
"""What lies between before and after."""

WRITES = len(PLAN.actions)
NEW_VERSIONS = sum(action.operation == "create_policy_version" for action in PLAN.actions)

ARGUMENTS = ("apply", "--yes", "--allow-removals", "5")
NEWCOMERS = ("bo.sato", "dai", "fumi", "gen")
"""Who has a password in the end; bo had one before."""

KEYED = ("hana", "ivo")
"""Who gets an access key; ivo has an old one, whose successor it is."""

Picture = dict[str, Any]


def begin(sandbox: Sandbox, folder: Path) -> None:
    """The account as it is before, and the files in `folder`."""
    accounts = sandbox._accounts  # noqa: SLF001 - to make the account by calls each time takes longer than most tests
    accounts._iam, accounts._sts, accounts._accounts = copied(_before())  # noqa: SLF001 - as above
    sandbox.forget_calls()
    shutil.copytree(HERE / "desired", folder / "desired", dirs_exist_ok=True)


@cache
def _before() -> Any:  # noqa: ANN401 - what a sandbox remembers
    with Sandbox() as sandbox:
        seed(account(HERE / "live.yaml", "us"), of(sandbox))
        for key in held_keys(sandbox, "ivo"):
            key.create_date -= timedelta(days=100)
        accounts = sandbox._accounts  # noqa: SLF001 - as above
        return accounts._iam, accounts._sts, accounts._accounts  # noqa: SLF001 - as above


def copied(remembered: Any) -> Any:  # noqa: ANN401 - as above
    """The same, to be changed on its own. Of AWS's thousand policies only the counts of their uses ever change."""
    policies = (one for account in remembered[2].values() for one in account.backend.managed_policies.values())
    return deepcopy(remembered, {id(one): copy(one) for one in policies if is_aws_managed(one)})


def of(sandbox: Sandbox) -> IAMClient:
    """A client that goes to the sandbox directly."""
    return boto3.client(
        "iam",
        endpoint_url=sandbox.url,
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )


def picture(sandbox: Sandbox) -> Picture:
    """All that IAM holds, without what differs from one account to the next: ids, times."""
    iam = of(sandbox)
    pages = list(
        iam.get_paginator("get_account_authorization_details").paginate(Filter=["User", "Group", "LocalManagedPolicy"])
    )
    return {
        "users": {one["UserName"]: _user(iam, one) for page in pages for one in page["UserDetailList"]},
        "groups": {one["GroupName"]: _holder(one, "Group") for page in pages for one in page["GroupDetailList"]},
        "policies": {one["Arn"]: _policy(iam, one) for page in pages for one in page["Policies"]},
        "mfa": sorted(one["SerialNumber"] for one in iam.list_virtual_mfa_devices()["VirtualMFADevices"]),
    }


def _user(iam: IAMClient, detail: Any) -> Picture:  # noqa: ANN401 - one entry of an answer
    name = detail["UserName"]
    tags = {tag["Key"]: tag["Value"] for tag in detail.get("Tags", [])}
    if "iamsync:suspended-keys" in tags:
        tags["iamsync:suspended-keys"] = str(len(tags["iamsync:suspended-keys"].split()))
    return {
        **_holder(detail, "User"),
        "tags": tags,
        "groups": sorted(detail["GroupList"]),
        "boundary": detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "password": has_password(iam, name),
        "keys": _statuses(iam, name),
        "devices": sorted(one["SerialNumber"] for one in iam.list_mfa_devices(UserName=name)["MFADevices"]),
    }


def _statuses(iam: IAMClient, name: str) -> list[str]:
    """Of whoever gets a key only what works: a key that a killed run has made may stay, deactivated."""
    statuses = sorted(key["Status"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"])
    return [status for status in statuses if status == "Active" or name not in KEYED]


def _holder(detail: Any, kind: str) -> Picture:  # noqa: ANN401 - as above
    return {
        "path": detail["Path"],
        "attached": sorted(one["PolicyArn"] for one in detail["AttachedManagedPolicies"]),
        "inline": {one["PolicyName"]: one["PolicyDocument"] for one in detail.get(f"{kind}PolicyList", [])},
    }


def _policy(iam: IAMClient, detail: Any) -> Picture:  # noqa: ANN401 - as above
    versions = {one["VersionId"]: (one["IsDefaultVersion"], one["Document"]) for one in detail["PolicyVersionList"]}
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_policy_tags(PolicyArn=detail["Arn"])["Tags"]}
    return {"versions": versions, "tags": tags}


def has_password(iam: IAMClient, name: str) -> bool:
    """Whether a user can sign in."""
    try:
        iam.get_login_profile(UserName=name)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def password_in(sandbox: Sandbox, name: str) -> str:
    """The password that the fake AWS holds for a user."""
    with sandbox._accounts.in_moto():  # noqa: SLF001 - no API tells a password
        user = sandbox._accounts.account("123456789012", "aws").user(name)  # noqa: SLF001
    return str(user.password)


def held_keys(sandbox: Sandbox, name: str) -> list[Any]:
    """A user's access keys, with their secrets, as the fake AWS holds them."""
    with sandbox._accounts.in_moto():  # noqa: SLF001 - no API tells a secret again, or makes a key older
        return list(sandbox._accounts.account("123456789012", "aws").user(name).access_keys)  # noqa: SLF001


def rows_in(folder: Path) -> list[dict[str, str]]:
    """All rows of all CSV files of a folder."""
    return [row for file in sorted(folder.glob("*.csv")) for row in DictReader(file.read_text().splitlines())]


def delivered(folder: Path) -> dict[str, set[str]]:
    """All passwords in all CSV files of a folder, by user."""
    rows = rows_in(folder)
    return {name: {row["Password"] for row in rows if row["User name"] == name} for name in NEWCOMERS}


def assert_nobody_lost_a_password(sandbox: Sandbox, folder: Path) -> None:
    """Each user who got a password can read one that works; bo keeps the one of before."""
    told = delivered(folder)
    for name in NEWCOMERS[1:]:
        assert password_in(sandbox, name) in told[name], f"nobody knows the password of {name}"
    assert not told["bo.sato"]


def assert_nobody_lost_an_access_key(sandbox: Sandbox, folder: Path) -> None:
    """Each new key that is alive is held by somebody: a key of ours that nobody holds must not exist."""
    told = {(row["User name"], row["Access key ID"], row["Secret access key"]) for row in rows_in(folder)}
    for name in KEYED:
        young = [key for key in held_keys(sandbox, name) if key.create_date > utcnow() - timedelta(days=1)]
        new = [key for key in young if key.status == "Active"]
        assert len(new) == 1
        assert {(name, key.access_key_id, key.secret_access_key) for key in new} <= told


def assert_nothing_doubled(sandbox: Sandbox) -> None:
    """What has a second effect when it is repeated was done once."""
    made = Counter(call.operation for call in sandbox.calls)
    assert made["CreatePolicyVersion"] == NEW_VERSIONS
