from dataclasses import replace

import pytest
from states import EC2, S3, arn_of, desired, group, live, policy, user

from iamsync.core.model import DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.quota import exceeded, is_near


def held_back(wanted: DesiredState, found: LiveState, **summary: int) -> list[str]:
    return [f"{one.subject} {one.text}" for one in exceeded(Plan.between(wanted, found), found, summary)]


def test_an_ordinary_plan_is_not_worth_a_call() -> None:
    assert not is_near(Plan.between(desired(user("aiko", S3)), live()), live())


@pytest.mark.parametrize(
    ("wanted", "found", "quota"),
    [
        (desired(user("a"), user("b")), live(), "UsersQuota"),
        (desired(group("a"), group("b")), live(), "GroupsQuota"),
        (desired(policy("a"), policy("b")), live(), "PoliciesQuota"),
        (desired(user("a", S3, EC2)), live(), "AttachedPoliciesPerUserQuota"),
        (desired(group("a", S3, EC2)), live(), "AttachedPoliciesPerGroupQuota"),
        (desired(user("a", groups=["x", "y"])), live(group("x", path="/"), group("y", path="/")), "GroupsPerUserQuota"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_would_exceed_a_quota_is_held_back_with_the_numbers(
    wanted: DesiredState, found: LiveState, quota: str
) -> None:
    (why,) = held_back(wanted, found, **{quota: 1})

    assert " would have 2 " in why
    assert f"AWS allows 1 ({quota})" in why
    assert held_back(wanted, found, **{quota: 2}) == []


def test_what_is_removed_makes_room() -> None:
    wanted, found = desired(user("a"), prune=True), live(user("b"))

    assert held_back(wanted, found, UsersQuota=1) == []


def test_eleven_policies_are_worth_a_call_and_a_raised_quota_allows_them() -> None:
    many = [arn_of(f"P{number}") for number in range(11)]
    wanted, found = desired(user("a", *many)), live(*(policy(f"P{number}", tags={}) for number in range(11)))

    assert is_near(Plan.between(wanted, found), found)
    assert held_back(wanted, found)
    assert held_back(wanted, found, AttachedPoliciesPerUserQuota=20) == []


def test_where_the_account_is_full_only_the_last_wait() -> None:
    wanted = desired(user("a"), user("b"), user("c"))

    assert [why.split()[0] for why in held_back(wanted, live(), UsersQuota=2)] == ["user/c"]


def test_a_user_who_gets_another_name_still_has_what_was_attached() -> None:
    wanted = desired(replace(user("new", S3, EC2), previous_names=("old",)))
    found = live(user("old", S3))

    assert "user/new would have 2 attached policies" in held_back(wanted, found, AttachedPoliciesPerUserQuota=1)[0]
    assert held_back(wanted, found, AttachedPoliciesPerUserQuota=2) == []
