"""Passwords that must be claimed: who does not sign in loses the password, and gets no other one without a request."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults.company import has_password
from moto.core.utils import utcnow
from mypy_boto3_iam import IAMClient
from openers import age_pair
from shell import Ended, Iamsync, write

from iamsync.sandbox import Sandbox

CHANGE = "policies: [aws:IAMUserChangePassword]"
FILES = f"""version: 1
settings: {{owner: us, account_id: "123456789012"}}
users:
  aiko: {{console: {{claim_within: 7d}}, {CHANGE}}}
"""


def days_ago(days: float) -> datetime:
    return utcnow() - timedelta(days=days)


def day(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


class Aiko:
    """Whose password it is."""

    def __init__(self, sandbox: Sandbox, iam: IAMClient) -> None:
        self._sandbox, self._iam = sandbox, iam

    def has(self, *, made: float, used: float | None = None, noted: str | None = None) -> None:
        """A password made so many days ago, a sign-in so many days ago, and the tag of a reset."""
        with self._sandbox._accounts.in_moto():  # noqa: SLF001 - no API makes a password older, or signs in
            account = self._sandbox._accounts.account("123456789012", "aws")  # noqa: SLF001
            user = account.user("aiko")
            account.passwords_created[user.id] = days_ago(made)
            user.password_last_used = None if used is None else days_ago(used)  # type: ignore[assignment]  # moto says None
        if noted is not None:
            self._iam.tag_user(UserName="aiko", Tags=[{"Key": "iamsync:password-delivered", "Value": noted}])

    @property
    def tags(self) -> dict[str, str]:
        """The tags but that of the owner."""
        tags = self._iam.list_user_tags(UserName="aiko")["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags if tag["Key"] != "iamsync:owner"}

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a password."""
        return has_password(self._iam, "aiko")


@pytest.fixture
def aiko(iamsync: Iamsync, sandbox: Sandbox, iam: IAMClient, tmp_path: Path) -> Aiko:
    write(tmp_path, all=FILES)
    (tmp_path / "out").mkdir()
    assert apply(iamsync).code == 0
    return Aiko(sandbox, iam)


def apply(iamsync: Iamsync) -> Ended:
    return iamsync("apply", "--yes", "--csv", "out")


def test_who_does_not_sign_in_loses_the_password_once(iamsync: Iamsync, aiko: Aiko, sandbox: Sandbox) -> None:
    aiko.has(made=8)

    plan = iamsync("plan")
    applied = apply(iamsync)

    assert "no sign-in for 8 days since it was delivered; claim_within is 7 days" in plan.out
    assert "delete console password" in plan.out
    assert (applied.code, aiko.can_sign_in, aiko.tags) == (0, False, {"iamsync:unclaimed-password": day(0)})
    sandbox.forget_calls()
    again = apply(iamsync)
    assert "Nothing to do" in again.out
    assert "nobody claimed it, so it was deleted" in again.out
    assert [one.operation for one in sandbox.calls if not one.operation.startswith(("Get", "List"))] == []


def test_a_reset_makes_another_which_must_be_claimed_as_well(iamsync: Iamsync, aiko: Aiko) -> None:
    aiko.has(made=8)
    apply(iamsync)

    ended = iamsync("reset-password", "aiko", "--yes", "--csv", "out")

    assert (ended.code, aiko.can_sign_in, aiko.tags) == (0, True, {}), ended.out
    assert "Nothing to do" in iamsync("plan").out
    aiko.has(made=7)
    assert "delete console password" in iamsync("plan").out


def test_a_reset_of_a_password_notes_the_day(iamsync: Iamsync, aiko: Aiko) -> None:
    aiko.has(made=100, used=90)

    ended = iamsync("reset-password", "aiko", "--yes", "--csv", "out")

    assert (ended.code, aiko.tags) == (0, {"iamsync:password-delivered": day(0)}), ended.out
    assert "Nothing to do" in iamsync("plan").out


@pytest.mark.parametrize(
    ("made", "used", "noted", "is_kept"),
    [
        (6, None, None, True),
        (8, 1, None, True),
        (8, 7.9, None, True),
        (8, 9, None, False),
        (100, 90, None, True),
        (100, 90, 3, True),
        (100, 90, 9, False),
        (100, 5, 9, True),
        (5, 90, 9, True),
        (100, 90, 200, True),
        (100, None, 200, False),
    ],
)
def test_a_sign_in_counts_after_the_password_was_made_and_delivered(
    iamsync: Iamsync, aiko: Aiko, made: float, used: float | None, noted: int | None, *, is_kept: bool
) -> None:
    aiko.has(made=made, used=used, noted=None if noted is None else day(noted))

    assert apply(iamsync).code == 0

    assert aiko.can_sign_in is is_kept


@pytest.mark.parametrize("noted", [day(-2), "9999-99-99", "soon", ""])
@pytest.mark.parametrize("used", [1, None])
def test_a_note_that_cannot_be_is_ignored_and_reported(
    iamsync: Iamsync, aiko: Aiko, noted: str, used: float | None
) -> None:
    aiko.has(made=8, used=used, noted=noted)

    applied = apply(iamsync)

    assert aiko.can_sign_in is (used is not None)
    assert f"the tag iamsync:password-delivered ({noted}) is no day until today: it is ignored" in applied.out


def test_without_room_for_the_tag_the_password_stays(iamsync: Iamsync, iam: IAMClient, aiko: Aiko) -> None:
    aiko.has(made=8)
    iam.tag_user(UserName="aiko", Tags=[{"Key": f"iamsync:new-access-key:{n:08x}", "Value": ""} for n in range(49)])

    applied = apply(iamsync)

    assert (applied.code, aiko.can_sign_in) == (1, True), applied.out


def test_without_claim_within_the_password_is_made_as_ever(iamsync: Iamsync, aiko: Aiko, tmp_path: Path) -> None:
    aiko.has(made=8)
    apply(iamsync)
    write(tmp_path, all=FILES.replace("{claim_within: 7d}", "true"))

    assert (apply(iamsync).code, aiko.can_sign_in, aiko.tags) == (0, True, {})


def test_a_snapshot_says_the_same(iamsync: Iamsync, aiko: Aiko, tmp_path: Path) -> None:
    aiko.has(made=8, used=9)

    for more in ((), ("--all",)):
        assert iamsync("snapshot", "--out", "live.json", *more).code == 0
        assert iamsync("plan", "--live", "live.json").out.count("no sign-in for 8 days") == 1
    write(tmp_path, all=FILES.replace("{claim_within: 7d}", "true"))
    iamsync("snapshot", "--out", "live.json")
    write(tmp_path, all=FILES)
    lacking = iamsync("plan", "--live", "live.json")
    assert lacking.code == 3
    assert "whether aiko has claimed the password" in lacking.err


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_reset_that_is_held_back_notes_nothing(
    iamsync: Iamsync, iam: IAMClient, aiko: Aiko, tmp_path: Path, *, is_gone: bool
) -> None:
    aiko.has(made=8, used=None if is_gone else 1)
    apply(iamsync)
    before = aiko.tags
    elsewhere = f"{{claim_within: 7d, deliver: age}}, recipients: [{age_pair().public}]"
    write(tmp_path, all=FILES.replace("{claim_within: 7d}", elsewhere))

    ended = iamsync("reset-password", "aiko", "--yes", "--csv", "out", "--sealed", "out")

    iam.untag_user(UserName="aiko", TagKeys=["iamsync:delivery"])
    assert (ended.code, aiko.tags, aiko.can_sign_in) == (3, before, not is_gone), ended.out
    assert bool(before) is is_gone
