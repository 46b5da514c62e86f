"""Strangers: who is in an owned group and is not declared."""

import pytest
from states import EC2, S3, deny, desired, group, live, user

from iamsync.core.model import DesiredState, Group, LiveState, User
from iamsync.core.plan import Plan
from iamsync.core.tags import HOLD_TAG, OWNER_TAG

OPS = group("ops", S3, removes_strangers=True)


def removed(plan: Plan) -> list[str]:
    return [str(one.params["UserName"]) for one in plan.actions if one.operation == "remove_user_from_group"]


def warned(plan: Plan) -> dict[str, str]:
    return {note.subject: note.text for note in plan.warnings}


def planned(wanted: DesiredState, *found: User | Group, allowed: int | None = None) -> Plan:
    return Plan.between(wanted, live(*found), allowed_removals=allowed)


def test_strangers_are_removed_from_a_group_that_wants_none_and_only_there() -> None:
    found = (
        OPS,
        group("readers"),
        user("aiko", groups=["ops"]),
        user("eve", tags={}, groups=["ops", "readers"]),
        user("fay", groups=["ops"]),
    )

    plan = planned(desired(OPS, group("readers"), user("aiko", groups=["ops"])), *found)

    assert [(one.operation, one.params["GroupName"], one.subject) for one in plan.actions] == [
        ("remove_user_from_group", "ops", "user/eve"),
        ("remove_user_from_group", "ops", "user/fay"),
    ]
    assert list(warned(plan)) == ["group/readers"], "who is removed is not reported as a member"


def test_without_the_key_strangers_are_reported_and_stay() -> None:
    plan = planned(
        desired(group("ops"), user("aiko")), group("ops"), user("aiko"), user("eve", tags={}, groups=["ops"])
    )

    assert plan.actions == ()
    assert warned(plan) == {"group/ops": "has members who are not declared, and who have what the group has: eve"}


def test_protected_strangers_are_reported_and_never_removed() -> None:
    wanted = desired(OPS, user("aiko"), protected=["BREAK-*"])

    plan = planned(wanted, OPS, user("aiko"), user("break-glass", tags={}, groups=["ops"]))

    assert plan.actions == ()
    assert plan.held_back == (), "a note, no exit code"
    text = "`strangers: remove` leaves members alone who are declared, required or protected: break-glass"
    assert warned(plan) == {"group/ops": text}


@pytest.mark.parametrize("tags", [{}, {OWNER_TAG: "them"}])
@pytest.mark.parametrize("name", ["bo", "Bo"])
def test_a_user_who_is_declared_to_be_a_member_and_left_alone_is_not_removed(name: str, tags: dict[str, str]) -> None:
    plan = planned(desired(OPS, user("bo", groups=["ops"])), OPS, user(name, tags=tags, groups=["ops"]))

    assert plan.actions == ()


def test_a_user_who_is_declared_elsewhere_and_left_alone_is_removed() -> None:
    plan = planned(desired(OPS, user("bo", groups=[])), OPS, user("bo", tags={}, groups=["ops"]))

    assert removed(plan) == ["bo"]


def test_removing_strangers_counts_for_no_limit() -> None:
    wanted = desired(OPS, user("aiko"), max_removals=0, percent=False)
    strangers = [user(f"eve{number}", tags={}, groups=["ops"]) for number in range(5)]

    plan = planned(wanted, OPS, user("aiko"), *strangers, allowed=0)

    assert removed(plan) == [f"eve{number}" for number in range(5)]


def test_a_stranger_on_hold_is_removed_unless_the_group_denies_something() -> None:
    eve = user("eve", tags={HOLD_TAG: "incident"}, groups=["ops"])
    denying = group("ops", inline={"fence": deny("s3:*")}, removes_strangers=True)

    allowing = planned(desired(OPS, user("aiko")), OPS, user("aiko"), eve)
    held = planned(desired(denying, user("aiko")), denying, user("aiko"), eve)

    assert removed(allowing) == ["eve"]
    assert removed(held) == []
    assert [one.subject for one in held.held_back] == ["user/eve"]


def test_a_stranger_gains_nothing_before_the_removal() -> None:
    plan = planned(desired(OPS, user("aiko")), group("ops"), user("aiko"), user("eve", tags={}, groups=["ops"]))

    assert [one.operation for one in plan.actions] == ["remove_user_from_group", "attach_group_policy"]
    assert plan.graph.after[1] == frozenset({0})


def test_strangers_are_removed_from_an_adopted_group_only_when_it_is_ours() -> None:
    wanted = desired(group("ops", S3, path="", removes_strangers=True), user("aiko"), adopt=True)

    plan = planned(wanted, group("ops", S3, path="/"), user("aiko"), user("eve", tags={}, groups=["ops"]))

    assert [one.operation for one in plan.actions] == ["update_group", "remove_user_from_group"]
    assert plan.graph.after[1] == frozenset({0})


def test_a_renamed_member_is_no_stranger() -> None:
    wanted = desired(OPS, user("dara", groups=["ops"], previous_names=("aiko",)))

    plan = planned(wanted, OPS, user("aiko", groups=["ops"]))

    assert [one.operation for one in plan.actions] == ["update_user"]
    assert warned(plan) == {}


def test_a_user_who_is_deleted_leaves_once() -> None:
    wanted = desired(OPS, user("aiko"), prune=True)
    found: LiveState = live(OPS, user("aiko"), user("left", EC2, groups=["ops"]))

    plan = Plan.between(wanted, found)

    assert removed(plan) == ["left"]
    assert plan.actions[-1].operation == "delete_user"
