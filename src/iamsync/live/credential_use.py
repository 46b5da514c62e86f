"""How users sign in: from AWS's credential report, which is one call for all, or one user at a time."""

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from iamsync.core.credential_use import CredentialUse
from iamsync.core.model import AccessKey, User
from iamsync.errors import LiveStateError
from iamsync.live import access_keys
from iamsync.live.concurrently import each

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ROOT: Final = "<root_account>"
"""The root user, as the credential report calls it."""
_TRIES: Final = 60
_PAUSE: Final = 2.0
"""Seconds between two questions whether the report is ready."""


class CredentialReport(NamedTuple):
    """The use of credentials by user, the root user among them, at a moment: AWS makes one every four hours at most
    (IAM User Guide, "Generate credential reports").
    """

    users: Mapping[str, CredentialUse]
    generated: datetime


def credential_report(iam: "IAMClient", now: datetime, wait: Callable[[float], None] = time.sleep) -> CredentialReport:
    """AWS's report: GenerateCredentialReport until it is complete, GetCredentialReport. Ages are counted to `now`.

    Raises what botocore raises, and LiveStateError if AWS does not complete it.
    """
    for _ in range(_TRIES):
        if iam.generate_credential_report()["State"] == "COMPLETE":
            break
        wait(_PAUSE)
    else:
        raise LiveStateError("AWS has not completed the credential report in two minutes: try again, or use --cheap")
    answer = iam.get_credential_report()
    return CredentialReport(dict(_parsed(answer["Content"].decode(), now)), answer["GeneratedTime"])


def _parsed(text: str, now: datetime) -> Iterator[tuple[str, CredentialUse]]:
    for row in csv.DictReader(text.splitlines()):
        yield (
            row["user"],
            CredentialUse(
                console=row["password_enabled"].lower() == "true",
                mfa=row["mfa_active"].lower() == "true",
                password_age_days=_days(row["password_last_changed"], now),
                password_idle_days=_days(row["password_last_used"], now),
                access_keys=tuple(_keys(row, now)),
            ),
        )


def _keys(row: Mapping[str, str], now: datetime) -> Iterator[AccessKey]:
    for number in ("1", "2"):
        active = row[f"access_key_{number}_active"].lower() == "true"
        age = _days(row[f"access_key_{number}_last_rotated"], now)
        idle = _days(row[f"access_key_{number}_last_used_date"], now)
        if active or age is not None or idle is not None:
            yield AccessKey(id=number, active=active, age_days=age or idle or 0, idle_days=idle)


def _days(text: str, now: datetime) -> int | None:
    """None for N/A, not_supported and no_information."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0, (now - moment).days)


def use_of_each(
    iam: "IAMClient", users: Mapping[str, User], now: datetime, *, at_once: int
) -> dict[str, CredentialUse]:
    """The same of each user, by GetLoginProfile, ListMFADevices, ListAccessKeys and, for each key,
    GetAccessKeyLastUsed. When a password was last used is in none of these answers.
    """

    def use(name: str) -> CredentialUse:
        keys = access_keys.of(iam, users[name], now)
        created = _password_created(iam, name)
        devices = iam.get_paginator("list_mfa_devices").paginate(UserName=name)
        return CredentialUse(
            console=created is not None,
            mfa=any(page["MFADevices"] for page in devices),
            password_age_days=None if created is None else max(0, (now - created).days),
            access_keys=access_keys.with_last_use(iam, keys, keys, now),
        )

    return each(use, sorted(users), at_once)


def _password_created(iam: "IAMClient", name: str) -> datetime | None:
    try:
        return iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"].astimezone(UTC)
    except iam.exceptions.NoSuchEntityException:
        return None
