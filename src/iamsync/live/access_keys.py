"""A user's access keys: how old they are, and when they were last used."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from iamsync.core.model import AccessKey, User
from iamsync.core.tags import RETIRED_KEY_TAG

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def of(iam: "IAMClient", user: User, now: datetime) -> tuple[AccessKey, ...]:
    """The keys that ListAccessKeys tells, without when they were used."""
    pages = iam.get_paginator("list_access_keys").paginate(UserName=user.name)
    return tuple(
        AccessKey(
            id=key["AccessKeyId"],
            active=key["Status"] == "Active",
            age_days=_days(key["CreateDate"], now),
            retired_days=_retired_days(key["AccessKeyId"], user, now),
        )
        for page in pages
        for key in page["AccessKeyMetadata"]
    )


def with_last_use(
    iam: "IAMClient", keys: Iterable[AccessKey], asked: Collection[AccessKey], now: datetime
) -> tuple[AccessKey, ...]:
    """The same, those `asked` for with when they were last used (GetAccessKeyLastUsed, which lags a little and tells no
    date if never).
    """
    return tuple(replace(key, idle_days=_idle_days(iam, key.id, now)) if key in asked else key for key in keys)


def _idle_days(iam: "IAMClient", key_id: str, now: datetime) -> int | None:
    last = iam.get_access_key_last_used(AccessKeyId=key_id)["AccessKeyLastUsed"].get("LastUsedDate")
    return None if last is None else _days(last, now)


def _retired_days(key_id: str, user: User, now: datetime) -> int | None:
    """What our own note says. One that somebody has spoiled says nothing."""
    noted, _, day = user.tags.get(RETIRED_KEY_TAG, "").partition(" ")
    try:
        return max(0, (now.astimezone(UTC).date() - date.fromisoformat(day)).days) if noted == key_id else None
    except ValueError:
        return None


def _days(since: datetime, now: datetime) -> int:
    return max(0, (now - since).days)
