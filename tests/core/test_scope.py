from states import OURS, READS_S3, S3, allow, arn_of, desired, live, policy, user

from iamsync.core.model import OWNER_TAG, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.scope import leave_alone


def held_back(wanted: DesiredState, found: LiveState) -> dict[str, str]:
    return {note.subject: note.text for note in leave_alone(wanted, found).held_back}


def test_a_user_that_exists_without_our_mark_is_never_touched_and_the_plan_says_how_to_adopt() -> None:
    wanted, found = desired(user("aiko", S3)), live(user("aiko", tags={}))

    plan = Plan.between(wanted, found)

    assert plan.actions == ()
    assert plan.held_back[0].subject == "user/aiko"
    assert "exists, not owned" in plan.held_back[0].text
    assert "aws iam tag-user --user-name aiko --tags Key=iamsync:owner,Value=us" in plan.held_back[0].text
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


def test_a_policy_cannot_move_to_another_path() -> None:
    notes = held_back(desired(policy("P", path="/new/")), live(policy("P", path="/old/")))

    assert "exists as arn:aws:iam::123456789012:policy/old/P" in notes["policy/P"]


def test_who_nobody_declared_is_counted_and_left_alone() -> None:
    found = live(user("aiko"), user("left", S3), user("stranger", S3, tags={}))

    scope = leave_alone(desired(user("aiko")), found)

    assert set(scope.live.users) == {"aiko"}
    assert scope.orphans == ("left",)
    assert scope.unmanaged_users == 1


def test_ignored_tags_and_the_tags_of_aws_are_no_drift() -> None:
    wanted = desired(user("aiko"), policy("P"), ignore_tags=("AKIA*", "cost-?"))
    extra = {"AKIAIOSFODNN7EXAMPLE": "laptop", "aws:cloudformation:stack-id": "x", "cost-1": "y"}
    found = live(user("aiko", tags=OURS | extra), policy("P", tags=OURS | extra))

    assert Plan.between(wanted, found).actions == ()


def test_other_tags_are_drift() -> None:
    found = live(user("aiko", tags=OURS | {"akia": "no key id"}))

    assert [action.operation for action in Plan.between(desired(user("aiko")), found).actions] == ["untag_user"]
