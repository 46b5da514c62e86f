"""A blockage holds back only what it touches, and never a revocation (docs/promises.md)."""

from dataclasses import replace

import pytest
from states import EC2, READS_S3, S3, allow, arn_of, deny, desired, group, live, policy, user

from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.deny import DENY_ALL, SUSPENDED_POLICY
from iamsync.core.model import AccessKey, Console, Credentials, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.scope import Note
from iamsync.core.tags import SUSPENDED_KEYS_TAG
from iamsync.render.actions import summary

PASSWORD = Console()
OURS_ELSEWHERE = {"iamsync:owner": "them"}
ACTIVE_KEY = Credentials(access_keys=(AccessKey(id="AKIA1", active=True),))


def planned(wanted: DesiredState, found: LiveState, allowed: int | None = None, **holds: str) -> Plan:
    notes = {f"user/{name}": Note(subject=f"user/{name}", text=text) for name, text in holds.items()}
    return Plan.between(wanted, found, holds=notes, allowed_removals=allowed)


def done(plan: Plan) -> list[str]:
    return [f"{one.subject}: {summary(one)}" for one in plan.actions]


def waiting(plan: Plan) -> dict[str, list[str]]:
    return {held.subject: [summary(one) for one in held.actions] for held in plan.held_back}


def test_a_user_who_is_held_back_still_loses_what_nobody_declares() -> None:
    wanted, found = desired(user("aiko", S3, EC2)), live(user("aiko", S3, arn_of("Hand")), policy("Hand", tags={}))

    plan = planned(wanted, found, aiko="the quota is full")

    assert done(plan) == ["user/aiko: detach Hand"]
    assert waiting(plan) == {"user/aiko": ["attach aws:AmazonEC2ReadOnlyAccess"]}
    assert plan.held_back[0].text == "the quota is full"


def test_a_required_user_is_not_suspended_and_others_are() -> None:
    wanted = desired(user("aiko", suspended=True), user("bo", suspended=True), required=["aiko"])
    found = live(user("aiko", console=PASSWORD), user("bo", console=PASSWORD))

    plan = planned(wanted, found, allowed=2)

    assert {one.subject for one in plan.actions} == {"user/bo"}
    assert waiting(plan) == {"user/aiko": ["inline policy iamsync-suspended", "delete console password"]}
    assert "is required by settings.guards.required_users and is not suspended" in plan.held_back[0].text


def test_a_user_who_is_held_back_is_suspended_all_the_same() -> None:
    wanted = desired(user("aiko", S3, EC2, suspended=True))
    found = live(user("aiko", S3, console=PASSWORD), credentials={"aiko": ACTIVE_KEY})

    plan = planned(wanted, found, aiko="something is in the way")

    assert done(plan) == [
        "user/aiko: inline policy iamsync-suspended",
        "user/aiko: record which access keys were active",
        "user/aiko: deactivate access key AKIA1",
        "user/aiko: delete console password",
    ]
    assert waiting(plan) == {"user/aiko": ["attach aws:AmazonEC2ReadOnlyAccess"]}


def test_a_new_user_who_is_held_back_waits_as_a_whole_and_others_do_not() -> None:
    plan = planned(desired(user("aiko", S3), user("bo", S3)), live(), aiko="no")

    assert done(plan) == ["user/bo: create user", "user/bo: attach aws:AmazonS3ReadOnlyAccess"]
    assert waiting(plan) == {"user/aiko": ["create user", "attach aws:AmazonS3ReadOnlyAccess"]}


def test_what_would_cost_a_user_what_both_ends_give_waits_with_it() -> None:
    """B replaces A; while B waits, A stays."""
    both = (policy("A", READS_S3), policy("B", READS_S3))
    wanted, found = desired(user("aiko", arn_of("B")), *both), live(user("aiko", arn_of("A")), *both)

    plan = planned(wanted, found, aiko="no")

    assert done(plan) == []
    assert {text for held in plan.held_back for text in [held.text.split(",")[0]]} == {
        "no",
        "without what is held back",
    }


def test_a_policy_that_does_not_exist_holds_back_who_needs_it() -> None:
    wanted = desired(user("aiko", arn_of("Gone")), user("bo", boundary=arn_of("Gone")), user("chie", S3))

    plan = planned(wanted, live(user("aiko", EC2), user("bo"), user("chie")))

    assert done(plan) == [
        "user/chie: attach aws:AmazonS3ReadOnlyAccess",
        "user/aiko: detach aws:AmazonEC2ReadOnlyAccess",
    ]
    assert waiting(plan) == {"user/aiko": ["attach Gone"], "user/bo": ["boundary Gone"]}
    assert "needs policy Gone, which does not exist" in plan.held_back[0].text


def test_who_relies_on_a_policy_of_another_owner_loses_what_is_not_declared() -> None:
    wanted = desired(user("aiko", arn_of("P")), policy("P"))
    found = live(user("aiko", EC2), policy("P", tags=OURS_ELSEWHERE))

    plan = planned(wanted, found)

    assert done(plan) == ["user/aiko: detach aws:AmazonEC2ReadOnlyAccess"]
    assert waiting(plan) == {"policy/P": [], "user/aiko": ["attach P"]}


def test_a_protected_user_is_left_as_it_is_whatever_the_case_and_others_are_not() -> None:
    wanted = desired(user("Break-Glass-1", S3), user("aiko", S3), protected=["break-glass-*"])

    plan = planned(wanted, live(user("Break-Glass-1", EC2), user("aiko")))

    assert done(plan) == ["user/aiko: attach aws:AmazonS3ReadOnlyAccess"]
    assert waiting(plan) == {
        "user/Break-Glass-1": ["attach aws:AmazonS3ReadOnlyAccess", "detach aws:AmazonEC2ReadOnlyAccess"]
    }


def test_a_protected_user_is_not_suspended_pruned_or_renamed() -> None:
    protected = ["bo"]

    suspended = planned(desired(user("bo", suspended=True), protected=protected), live(user("bo", console=PASSWORD)))
    pruned = planned(desired(user("aiko"), protected=protected, prune=True), live(user("aiko"), user("bo")))
    renamed = planned(desired(user("aiko", previous_names=("bo",)), protected=protected), live(user("bo")))

    assert [done(plan) for plan in (suspended, pruned, renamed)] == [[], [], []]
    assert all(plan.held_back for plan in (suspended, pruned, renamed))


def test_a_shared_text_or_group_that_would_change_a_protected_user_waits_as_a_whole() -> None:
    wanted = desired(policy("P", allow("s3:*")), policy("Q", allow("s3:*")), group("admins", S3), protected=["root"])
    found = live(
        user("root", arn_of("P"), tags={}, groups=["admins"]),
        policy("P", READS_S3),
        policy("Q", READS_S3),
        group("admins"),
    )

    plan = planned(wanted, found)

    assert done(plan) == ["policy/Q: new default version"]
    assert set(waiting(plan)) == {"policy/P", "group/admins"}
    assert all("detach it from root yourself" in held.text for held in plan.held_back)


@pytest.mark.parametrize(
    "kept",
    [S3, aws_policy_arn("aws", "AdministratorAccess"), aws_policy_arn("aws", "NewerThanIamsync"), arn_of("Own")],
)
@pytest.mark.parametrize("had", [True, False])
def test_nobody_joins_a_group_that_keeps_for_a_protected_member_what_the_files_do_not_give(
    kept: Arn, *, had: bool
) -> None:
    own = policy("Own", allow("s3:*"))
    wanted = desired(own, group("admins"), user("aiko", EC2, groups=["admins"]), user("bo"), protected=["root"])
    root, bo = user("root", tags={}, groups=["admins"]), user("bo", groups=["admins"])
    found = live(root, bo, user("aiko", *([kept] if had else [])), own, group("admins", kept))

    plan = planned(wanted, found)

    assert all("join" not in one and "add to group" not in one for one in done(plan))
    assert "user/bo: remove from group admins" in done(plan)
    assert "user/aiko: attach aws:AmazonEC2ReadOnlyAccess" in done(plan)
    assert sum("user/aiko: detach" in one for one in done(plan)) == had, "a revocation goes on"
    assert waiting(plan)["user/aiko"] == ["add to group admins"]
    texts = [one.text for one in plan.held_back if one.subject == "user/aiko"]
    assert texts == [
        "does not join group/admins yet: what is held back there would give aiko permissions that the files do not give"
    ]


def test_nor_two_groups_that_keep_the_same() -> None:
    wanted = desired(group("a"), group("b"), user("aiko", groups=["a", "b"]), protected=["root"])
    found = live(user("root", tags={}, groups=["a", "b"]), user("aiko"), group("a", S3), group("b", S3))

    plan = planned(wanted, found)

    assert done(plan) == []


def test_nor_one_that_keeps_the_wider_text_of_a_policy_or_a_deny() -> None:
    wide, narrow, denying = (policy("P", one) for one in (allow("s3:*"), READS_S3, deny("ec2:*")))
    has = group("a", arn_of("P"))
    root, old = user("root", tags={}, groups=["a"]), user("aiko", EC2)
    joining = user("aiko", EC2, groups=["a"])

    wider = planned(desired(narrow, has, joining, protected=["root"]), live(wide, has, root, old))
    narrower = planned(desired(narrow, has, joining, protected=["root"]), live(denying, has, root, old))

    assert (done(wider), done(narrower)) == ([], [])
    assert "would give aiko permissions that the files do not give" in text_about("user/aiko", wider)
    assert "would take from aiko permissions that the files give" in text_about("user/aiko", narrower)


def text_about(subject: str, plan: Plan) -> str:
    return "; ".join(one.text for one in plan.held_back if one.subject == subject)


def test_a_group_that_keeps_for_a_protected_member_what_somebody_has_anyway_is_joined() -> None:
    wanted = desired(group("admins", EC2), user("aiko", S3, groups=["admins"]), protected=["root"])
    found = live(user("root", tags={}, groups=["admins"]), user("aiko", S3), group("admins", S3, EC2))

    plan = planned(wanted, found)

    assert done(plan) == ["user/aiko: add to group admins"]
    assert waiting(plan) == {"group/admins": ["detach aws:AmazonS3ReadOnlyAccess"]}


PEOPLE = [user(name, S3, console=PASSWORD) for name in "abcd"]
KEYS = {name: Credentials(access_keys=(AccessKey(id=f"AKIA{name}", active=True),)) for name in "abcd"}


def test_over_the_limit_of_removals_only_what_cannot_be_undone_waits() -> None:
    wanted = desired(*PEOPLE[:2], prune=True, max_removals=25)

    plan = planned(wanted, live(*PEOPLE, credentials=KEYS))

    assert done(plan)[:3] == [
        "user/c: inline policy iamsync-suspended",
        "user/c: record which access keys were active",
        "user/c: deactivate access key AKIAc",
    ]
    assert "user/d: detach aws:AmazonS3ReadOnlyAccess" in done(plan)
    assert waiting(plan) == {
        f"user/{name}": ["delete console password", f"delete access key AKIA{name}", "delete user"] for name in "cd"
    }
    assert "2 removals (user/c, user/d), more than settings.guards.max_removals 25% of 4 managed" in (
        plan.held_back[0].text
    )
    assert "--allow-removals 2" in plan.held_back[0].text


def test_removals_that_this_run_allows_are_done() -> None:
    wanted = desired(*PEOPLE[:2], prune=True, max_removals=25)

    plan = planned(wanted, live(*PEOPLE, credentials=KEYS), 2)

    assert plan.held_back == ()
    assert "user/d: delete user" in done(plan)
    assert planned(desired(*PEOPLE[:3], prune=True, max_removals=1), live(*PEOPLE)).held_back == (), "one may always go"


def test_who_is_locked_out_by_suspension_counts_as_removed() -> None:
    suspended = [replace(one, suspended=True) for one in PEOPLE[:3]]

    plan = planned(desired(*suspended, PEOPLE[3], max_removals=50), live(*PEOPLE, credentials=KEYS))

    assert [one for one in done(plan) if "iamsync-suspended" in one] == [
        f"user/{name}: inline policy iamsync-suspended" for name in "abc"
    ]
    assert waiting(plan) == {f"user/{name}": ["delete console password"] for name in "abc"}


def test_over_the_limit_nothing_is_done_twice() -> None:
    wanted = desired(*PEOPLE[:2], prune=True, max_removals=25)
    tags = {"iamsync:owner": "us", SUSPENDED_KEYS_TAG: "AKIA1"}
    off = Credentials(access_keys=(AccessKey(id="AKIA1", active=False),))
    cut = [user(name, tags=tags, inline={SUSPENDED_POLICY: DENY_ALL}, console=PASSWORD) for name in "cd"]

    plan = planned(wanted, live(*PEOPLE[:2], *cut, credentials={"c": off, "d": off}))

    assert done(plan) == []
    assert set(waiting(plan)) == {"user/c", "user/d"}


DENIED = aws_policy_arn("aws", "AWSDenyAll")
FULL = allow(*[f"s3:GetObject{number:04}" for number in range(118)])
"""So long that the Deny of a suspension does not fit beside it."""


def test_a_hand_made_text_that_leaves_no_room_goes_before_the_deny_of_a_suspension() -> None:
    assert FULL.size + DENY_ALL.size > 2048
    found = live(user("aiko", inline={"mine": FULL}, console=PASSWORD))

    plan = planned(desired(user("aiko", suspended=True)), found)

    assert done(plan) == [
        "user/aiko: delete inline policy mine",
        "user/aiko: inline policy iamsync-suspended",
        "user/aiko: delete console password",
    ]


def test_where_declared_texts_leave_no_room_the_managed_deny_is_the_boundary_until_the_suspension_ends() -> None:
    suspended = user("aiko", inline={"own": FULL}, suspended=True)
    found = user("aiko", inline={"own": FULL}, console=PASSWORD)

    plan = planned(desired(suspended), live(found))
    again = planned(desired(suspended), live(replace(found, console=Console(enabled=False), boundary=DENIED)))
    lifted = planned(desired(replace(suspended, suspended=False)), live(replace(found, boundary=DENIED)))

    assert done(plan) == ["user/aiko: boundary aws:AWSDenyAll", "user/aiko: delete console password"]
    assert done(again) == []
    assert done(lifted) == ["user/aiko: remove boundary aws:AWSDenyAll"]


def test_who_is_renamed_gets_the_managed_deny_before_the_new_name() -> None:
    suspended = user("aiko", inline={"own": FULL}, suspended=True, previous_names=("bo",))

    plan = planned(desired(suspended), live(user("bo", inline={"own": FULL})))

    assert done(plan) == ["user/aiko: boundary aws:AWSDenyAll", "user/aiko: rename bo -> aiko"]
    assert plan.actions[0].params["UserName"] == "bo"


def test_an_ending_suspension_activates_keys_beside_its_boundary_and_lifts_it_last() -> None:
    tags = {"iamsync:owner": "us", SUSPENDED_KEYS_TAG: "AKIA1"}
    off = {"aiko": Credentials(access_keys=(AccessKey(id="AKIA1", active=False),))}
    found = user("aiko", tags=tags, inline={"own": FULL}, boundary=DENIED)

    assert done(planned(desired(user("aiko", inline={"own": FULL})), live(found, credentials=off))) == [
        "user/aiko: activate access key AKIA1 again",
        "user/aiko: clear bookkeeping tag iamsync:suspended-keys",
        "user/aiko: remove boundary aws:AWSDenyAll",
    ]


def test_keys_come_back_only_where_a_suspension_has_switched_them_off() -> None:
    """Whoever may tag the user can write the tag; the Deny beside it only a suspension has put there."""
    tags = {"iamsync:owner": "us", SUSPENDED_KEYS_TAG: "AKIA1"}
    off = {"aiko": Credentials(access_keys=(AccessKey(id="AKIA1", active=False),))}

    forged = planned(desired(user("aiko")), live(user("aiko", tags=tags), credentials=off))
    lifted = planned(
        desired(user("aiko")), live(user("aiko", tags=tags, inline={SUSPENDED_POLICY: DENY_ALL}), credentials=off)
    )

    assert done(forged) == ["user/aiko: clear bookkeeping tag iamsync:suspended-keys"]
    assert done(lifted) == [
        "user/aiko: activate access key AKIA1 again",
        "user/aiko: clear bookkeeping tag iamsync:suspended-keys",
        "user/aiko: delete inline policy iamsync-suspended",
    ]


def test_a_text_that_only_loses_is_changed_for_whoever_is_held_back() -> None:
    wanted = desired(user("aiko", arn_of("P"), EC2), policy("P", allow("s3:Get*")))
    found = live(user("aiko", arn_of("P")), policy("P", allow("s3:Get*", "s3:Put*")))

    plan = planned(wanted, found, aiko="no")

    assert done(plan) == ["policy/P: new default version"]
    assert waiting(plan) == {"user/aiko": ["attach aws:AmazonEC2ReadOnlyAccess"]}


def test_a_deny_made_by_hand_is_not_taken_off_who_is_held_back() -> None:
    denied = policy("Deny", deny("s3:*"))

    plan = planned(desired(user("aiko")), live(user("aiko", arn_of("Deny")), denied), aiko="no")

    assert done(plan) == []
    assert waiting(plan) == {"user/aiko": ["detach Deny"]}
