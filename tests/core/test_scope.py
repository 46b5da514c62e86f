from dataclasses import replace

import pytest
from states import EC2, OURS, READS_S3, S3, allow, arn_of, desired, group, live, policy, user

from iamsync.core.action import ArnNote, GroupMove, OldArnNote
from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.release import left_alone, refused, released
from iamsync.core.scope import leave_alone
from iamsync.core.tags import OWNER_TAG


def held_back(wanted: DesiredState, found: LiveState) -> dict[str, str]:
    return {held.subject: held.text for held in Plan.between(wanted, found).held_back}


@pytest.mark.parametrize("tag", ["aws:cloudformation:stack-name", "aws:cloudformation:stack-id"])
def test_whatever_a_stack_has_made_is_the_stacks(tag: str) -> None:
    found = live(user("bo", tags={tag: "arn:aws:cloudformation:eu-west-1:123456789012:stack/people/1"}))

    scope = leave_alone(desired(user("bo"), adopt=True), found)

    assert "owned by the CloudFormation stack" in scope.left_alone[0].text


def test_a_user_that_exists_without_our_mark_is_never_touched_and_the_plan_says_how_to_adopt() -> None:
    wanted, found = desired(user("aiko", S3)), live(user("aiko", tags={}))

    plan = Plan.between(wanted, found)

    assert plan.actions == ()
    assert plan.held_back[0].subject == "user/aiko"
    assert "exists, not owned" in plan.held_back[0].text
    assert "to adopt it: --adopt aiko, or settings.adopt: true" in plan.held_back[0].text
    assert str(plan.held_back[0].origin) == "users.yaml:1"


def test_another_owners_user_is_never_touched_and_both_owners_are_named() -> None:
    notes = held_back(desired(user("aiko")), live(user("aiko", tags={OWNER_TAG: "them"})))

    assert 'owned by "them", not by "us"' in notes["user/aiko"]


def test_a_policy_that_exists_without_our_mark_is_never_touched() -> None:
    plan = Plan.between(desired(policy("P", allow("s3:*"))), live(policy("P", READS_S3, tags={})))

    assert plan.actions == ()
    assert "exists, not owned" in plan.held_back[0].text


def test_who_relies_on_a_policy_that_is_not_ours_waits() -> None:
    """The live policy may say anything; attaching it would grant what nobody reviewed."""
    wanted = desired(user("aiko", arn_of("P"), S3), user("bo", S3), policy("P"))

    plan = Plan.between(wanted, live(policy("P", tags={})))

    assert {action.subject for action in plan.actions} == {"user/bo"}
    assert {note.subject for note in plan.held_back} == {"policy/P", "user/aiko"}


def test_a_name_that_differs_only_in_case_is_the_same_user_to_iam() -> None:
    notes = held_back(desired(user("Aiko")), live(user("aiko")))

    assert "exists as aiko" in notes["user/Aiko"]


def test_who_is_declared_in_another_case_is_not_pruned() -> None:
    wanted = desired(user("Aiko"), policy("deploy"), group("Readers"), prune=True)

    plan = Plan.between(wanted, live(user("aiko"), policy("Deploy"), group("readers")))

    assert plan.actions == ()
    assert {note.subject for note in plan.held_back} == {"user/Aiko", "policy/deploy"}, "a group has either spelling"


def test_a_policy_cannot_move_to_another_path() -> None:
    notes = held_back(desired(policy("P", path="/new/")), live(policy("P", path="/old/")))

    assert "exists as arn:aws:iam::123456789012:policy/old/P" in notes["policy/P"]


def test_who_nobody_declared_is_counted_and_left_alone() -> None:
    found = live(user("aiko"), user("left", S3), user("stranger", S3, tags={}))

    scope = leave_alone(desired(user("aiko")), found)

    assert set(scope.live.users) == {"aiko"}
    assert scope.orphans == ("user/left",)
    assert len(scope.unmanaged.users) == 1


def test_ignored_tags_and_the_tags_of_aws_are_no_drift() -> None:
    wanted = desired(user("aiko"), policy("P"), ignore_tags=("AKIA*", "cost-?"))
    extra = {"AKIAIOSFODNN7EXAMPLE": "laptop", "aws:cloudformation:stack-id": "x", "cost-1": "y"}
    found = live(user("aiko", tags=OURS | extra), policy("P", tags=OURS | extra))

    assert Plan.between(wanted, found).actions == ()


def test_a_declared_tag_counts_though_its_key_is_ignored() -> None:
    wanted = desired(
        user("aiko", tags=OURS | {"cost-1": "x"}), policy("P", tags=OURS | {"cost-1": "x"}), ignore_tags=("cost-?",)
    )
    others = OURS | {"cost-1": "y", "cost-2": "z"}

    assert Plan.between(wanted, live(*wanted.users.values(), *wanted.policies.values())).actions == ()
    actions = Plan.between(wanted, live(user("aiko", tags=others), policy("P", tags=others))).actions
    assert sorted(action.operation for action in actions) == ["tag_policy", "tag_user"]


def test_other_tags_are_drift() -> None:
    found = live(user("aiko", tags=OURS | {"akia": "no key id"}))

    assert [action.operation for action in Plan.between(desired(user("aiko")), found).actions] == ["untag_user"]


# --- adopting ---


def test_adopting_marks_first_and_shows_every_difference() -> None:
    wanted = desired(user("aiko", S3), adopt=True)

    plan = Plan.between(wanted, live(user("aiko", EC2, tags={"Team": "x"})))

    assert [action.operation for action in plan.actions] == [
        "tag_user",
        "untag_user",
        "attach_user_policy",
        "detach_user_policy",
    ]
    assert plan.actions[0].params["Tags"] == [{"Key": OWNER_TAG, "Value": "us"}]


def test_adopting_by_name_takes_only_that_name() -> None:
    wanted = desired(user("aiko"), user("bo"), policy("P"), adopt_names=["aiko", "P"])
    found = live(user("aiko", tags={}), user("bo", tags={}), policy("P", tags={}))

    plan = Plan.between(wanted, found)

    assert {action.subject for action in plan.actions} == {"user/aiko", "policy/P"}
    assert [note.subject for note in plan.held_back] == ["user/bo"]


def test_what_another_owner_or_cloudformation_has_is_never_adopted() -> None:
    wanted = desired(user("aiko"), user("bo"), adopt=True)
    found = live(user("aiko", tags={OWNER_TAG: "them"}), user("bo", tags={"aws:cloudformation:stack-name": "people"}))

    notes = held_back(wanted, found)

    assert 'owned by "them", not by "us"' in notes["user/aiko"]
    assert 'owned by the CloudFormation stack "people", not by "us"' in notes["user/bo"]


# --- groups ---


def calls(wanted: DesiredState, found: LiveState) -> list[tuple[str, str]]:
    """Each call with the path, policy or user that it is about."""
    actions = Plan.between(wanted, found).actions
    about = ("NewPath", "Path", "PolicyArn", "UserName")
    return [(one.operation, next(str(one.params[key]) for key in about if key in one.params)) for one in actions]


def test_a_group_elsewhere_is_not_ours_and_holds_back_its_members() -> None:
    wanted = desired(group("admins", S3), user("aiko", groups=["admins"]))

    plan = Plan.between(wanted, live(group("admins", path="/")))

    assert plan.actions == ()
    assert {note.subject for note in plan.held_back} == {"group/admins", "user/aiko"}


def test_a_group_elsewhere_may_be_adopted_or_only_used_and_the_plan_says_how() -> None:
    found = live(group("ops", path="/teams/"), user("aiko"))

    text = held_back(desired(group("ops", path=""), user("aiko")), found)["group/ops"]

    assert "moves it to /iamsync/us/teams/ops: --adopt group/ops, or settings.adopt: true" in text
    assert "To only use it: do not declare it, and name it in `groups` of the users" in text
    assert calls(desired(user("aiko", groups=["ops"])), found) == [("add_user_to_group", "aiko")]


@pytest.mark.parametrize("consent", ["ops", "group/ops", "GROUP/OPS", None])
def test_an_adopted_group_is_moved_first_and_its_old_path_is_kept(consent: str | None) -> None:
    wanted = desired(
        group("ops", S3, path=""),
        user("aiko", groups=["ops"]),
        adopt=consent is None,
        adopt_names=filter(None, [consent]),
    )
    found = live(group("ops", EC2, path="/teams/eu/"), user("aiko"))

    assert calls(wanted, found) == [
        ("update_group", "/iamsync/us/teams/eu/"),
        ("attach_group_policy", S3),
        ("detach_group_policy", EC2),
        ("add_user_to_group", "aiko"),
    ]
    moved = group("ops", S3, path="/iamsync/us/teams/eu/")
    assert calls(wanted, live(moved, user("aiko", groups=["ops"]))) == []


def test_an_adopted_group_goes_to_the_path_that_is_declared() -> None:
    wanted = desired(group("ops", path="/iamsync/us/audit/"), user("aiko"), adopt=True)

    assert calls(wanted, live(group("ops", path="/teams/"), user("aiko"))) == [("update_group", "/iamsync/us/audit/")]


def test_what_an_adopted_group_needs_and_gives_waits_for_its_move() -> None:
    wanted = desired(group("ops", S3, path=""), user("aiko", groups=["ops"]), adopt=True)

    plan = Plan.between(wanted, live(group("ops", path="/"), user("aiko")))

    assert [plan.graph.after[number] for number in range(3)] == [frozenset(), frozenset({0}), frozenset({0, 1})]


def test_the_plan_says_which_policies_name_the_old_arn_of_an_adopted_group() -> None:
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::123456789012:group/teams/ops"}
    text = Document.parse({"Version": "2012-10-17", "Statement": statement})
    wanted = desired(group("ops", path=""), user("aiko"), adopt=True)

    (move,) = Plan.between(wanted, live(group("ops", path="/teams/"), user("aiko"), policy("Admin", text))).actions

    assert move.notes == (
        ArnNote(
            old=Arn("arn:aws:iam::123456789012:group/teams/ops"),
            new=Arn("arn:aws:iam::123456789012:group/iamsync/us/teams/ops"),
        ),
        GroupMove.ADOPTED,
        OldArnNote(subject="policy/Admin", old="group/teams/ops"),
    )


def test_a_group_of_another_owner_is_never_adopted() -> None:
    notes = held_back(desired(group("ops", path=""), adopt=True), live(group("ops", path="/iamsync/them/teams/")))

    assert notes["group/ops"] == 'exists, owned by "them", not by "us": let them release it first'


def test_a_group_whose_path_would_be_too_long_is_not_adopted() -> None:
    notes = held_back(desired(group("ops", path=""), adopt=True), live(group("ops", path=f"/{'x' * 500}/")))

    assert notes["group/ops"] == "its path would have 513 characters, expected at most 512: declare a `path`"


def test_a_group_without_a_declared_path_stays_where_it_is_below_the_owners() -> None:
    wanted = desired(group("ops", path=""))

    assert calls(wanted, live(group("ops", path="/iamsync/us/teams/"))) == []
    assert calls(wanted, live()) == [("create_group", "/iamsync/us/")]


def test_names_of_groups_are_compared_without_case() -> None:
    wanted = desired(group("Readers", S3), user("aiko", groups=["READERS", "Audit"]), user("bo", groups=None))
    found = live(group("readers"), group("audit", path="/"), user("aiko"), user("bo", groups=["readers", "audit"]))

    actions = Plan.between(wanted, found).actions

    assert sorted((one.operation, one.params["GroupName"]) for one in actions) == [
        ("add_user_to_group", "audit"),
        ("add_user_to_group", "readers"),
        ("attach_group_policy", "readers"),
        ("remove_user_from_group", "readers"),
    ]


def test_a_release_moves_a_group_back_and_keeps_the_rest() -> None:
    settings = desired().settings
    found = live(group("ops", S3, path="/iamsync/us/teams/"), group("new"), user("ops"), group("other", path="/"))

    plan = Plan.of(released(["group/ops", "New", "other"], found, settings))

    assert [(one.operation, one.params["GroupName"], one.params["NewPath"]) for one in plan.actions] == [
        ("update_group", "new", "/"),
        ("update_group", "ops", "/teams/"),
    ]
    assert [note.subject for note in left_alone(["other"], found, "us")] == ["group/other"]
    assert refused(["group/other"], found, "us") == ["group/other"]


def test_a_group_that_nobody_has_made_is_waited_for() -> None:
    notes = held_back(desired(user("aiko", groups=["auditors"])), live())

    assert "needs group auditors, which does not exist" in notes["user/aiko"]


def test_memberships_that_nobody_declared_are_left_alone_but_not_those_in_our_groups() -> None:
    wanted = desired(user("aiko", groups=None), group("readers"))
    found = live(user("aiko", groups=["auditors", "readers"]), group("readers"), group("auditors", path="/"))

    plan = Plan.between(wanted, found)

    assert [(one.operation, one.params["GroupName"]) for one in plan.actions] == [("remove_user_from_group", "readers")]


def test_groups_that_are_added_are_joined_and_others_are_left_alone() -> None:
    wanted = desired(user("aiko", groups=None, added_groups=["auditors"], ended_groups=["ops"]), group("readers"))
    elsewhere = [group(name, path="/") for name in ("auditors", "ops", "by-hand")]
    found = live(user("aiko", groups=["ops", "by-hand", "readers"]), group("readers"), *elsewhere)

    plan = Plan.between(wanted, found)

    assert sorted((one.operation, one.params["GroupName"]) for one in plan.actions) == [
        ("add_user_to_group", "auditors"),
        ("remove_user_from_group", "ops"),
        ("remove_user_from_group", "readers"),
    ]


def test_an_added_group_that_nobody_has_made_is_waited_for() -> None:
    notes = held_back(desired(user("aiko", groups=None, added_groups=["auditors"])), live(user("aiko")))

    assert "needs group auditors, which does not exist" in notes["user/aiko"]


def test_a_set_that_is_carried_by_a_group_makes_its_users_members() -> None:
    wanted = desired(user("aiko", groups=None, added_groups=["viewers"]), group("viewers", S3))

    assert [one.operation for one in Plan.between(wanted, live()).actions] == [
        "create_group",
        "create_user",
        "attach_group_policy",
        "add_user_to_group",
    ]


# --- leaving ---


def test_what_is_ours_and_no_longer_declared_goes_only_with_prune() -> None:
    found = live(user("left"), policy("P"), group("g"))

    assert Plan.between(desired(user("aiko")), found).orphans == ("group/g", "policy/P", "user/left")
    gone = {one.subject for one in Plan.between(desired(user("aiko"), prune=True), found).actions}
    assert gone == {"user/aiko", "user/left", "policy/P", "group/g"}


def test_a_policy_that_somebody_else_still_has_stays() -> None:
    found = live(policy("P"), used_by={arn_of("P"): frozenset({"role/Deploy", "user/left"})})
    found = replace(found, users={"left": user("left", arn_of("P"))})

    plan = Plan.between(desired(user("aiko"), prune=True), found)

    assert "delete_policy" not in [one.operation for one in plan.actions]
    assert "role/Deploy still has it" in plan.warnings[0].text


def test_a_group_with_strangers_in_it_stays() -> None:
    found = live(group("g"), user("stranger", tags={}, groups=["g"]))

    plan = Plan.between(desired(user("aiko"), prune=True), found)

    assert "group/g" in plan.orphans


def test_a_policy_that_is_still_declared_somewhere_stays() -> None:
    wanted = desired(user("aiko", boundary=arn_of("P")), prune=True)

    plan = Plan.between(wanted, live(user("aiko", boundary=arn_of("P")), policy("P")))

    assert plan.actions == ()


# --- renaming ---


def test_a_previous_name_is_renamed_and_nothing_else() -> None:
    plan = Plan.between(desired(user("new", S3, previous_names=("old",))), live(user("old", S3)))

    assert [one.operation for one in plan.actions] == ["update_user"]


def test_a_previous_name_that_is_not_ours_is_not_renamed_and_nobody_is_made_beside_it() -> None:
    plan = Plan.between(desired(user("new", previous_names=("old",))), live(user("old", tags={})))

    assert plan.actions == ()
    assert "old exists, not owned" in plan.held_back[0].text


def test_a_previous_name_beside_the_new_one_is_reported_and_kept() -> None:
    wanted = desired(user("new", previous_names=("old",)), prune=True)

    plan = Plan.between(wanted, live(user("new"), user("old")))

    assert plan.actions == ()
    assert "beside old" in plan.warnings[0].text


def test_a_change_of_case_alone_is_no_rename() -> None:
    plan = Plan.between(desired(user("aiko", previous_names=("Aiko",))), live(user("Aiko")))

    assert plan.actions == ()
    assert "exists as Aiko" in plan.held_back[0].text


def test_a_left_over_mfa_device_of_a_new_users_name_is_reported() -> None:
    found = replace(live(), spare_mfa_devices=("arn:aws:iam::123456789012:mfa/aiko",))

    assert "left over" in Plan.between(desired(user("aiko")), found).warnings[0].text


def test_that_nobody_is_an_administrator_any_more_is_reported() -> None:
    administrators = aws_policy_arn("aws", "AdministratorAccess")

    plan = Plan.between(desired(user("aiko")), live(user("aiko", administrators)))

    assert "the last user with AdministratorAccess" in plan.warnings[0].text
    assert not Plan.between(desired(user("bo")), live(user("aiko", administrators), user("bo"))).warnings


def test_of_several_previous_names_the_latest_wins_and_only_one_is_renamed() -> None:
    wanted = desired(user("new", previous_names=("older", "old")))

    plan = Plan.between(wanted, live(user("older"), user("old")))

    assert [one.params["UserName"] for one in plan.actions] == ["old"]


# --- what AWS itself does ---


def test_a_quarantined_user_keeps_the_quarantine_and_everybody_hears_of_it() -> None:
    quarantine = aws_policy_arn("aws", "AWSCompromisedKeyQuarantineV3")

    plan = Plan.between(desired(user("aiko")), live(user("aiko", quarantine)))

    assert plan.actions == ()
    assert "QUARANTINED" in plan.warnings[0].text


def test_a_description_that_cannot_be_changed_is_said_and_no_drift() -> None:
    wanted = desired(replace(policy("P"), description="new"))

    plan = Plan.between(wanted, live(replace(policy("P"), description="old")))

    assert plan.actions == ()
    assert "cannot change the description of a policy" in plan.warnings[0].text
