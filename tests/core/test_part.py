"""A part of a plan: what belongs to some subjects, and what that depends on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import judge
from laws.model import live_state
from laws.pairs import Pair, pairs
from laws.playing import planned, play
from states import EC2, READS_S3, S3, allow, arn_of, deny, desired, group, live, policy, user

from iamsync.core.model import Console
from iamsync.core.part import Only
from iamsync.core.plan import Plan

TWO = desired(
    user("aiko", arn_of("Guard"), S3, groups=["readers"], console=Console()),
    user("bo", EC2, arn_of("Other")),
    policy("Guard", deny("iam:*")),
    policy("Other", READS_S3),
    group("readers", EC2),
)


def subjects(plan: Plan) -> set[str]:
    return {action.subject for action in plan.actions}


def only(*patterns: str) -> Only:
    return Only(patterns)


def test_a_user_comes_with_the_policies_and_groups_that_must_be_there() -> None:
    plan = Plan.between(TWO, live(), only=only("user/aiko"))

    assert subjects(plan) == {"user/aiko", "policy/Guard", "group/readers"}
    assert [(one.subject, one.actions) for one in plan.left_out] == [("policy/Other", 1), ("user/bo", 3)]
    assert plan.held_back == ()


def test_nobody_joins_a_group_that_still_has_what_the_left_out_part_takes_from_it() -> None:
    wanted = desired(user("aiko", groups=["readers"]), group("readers", EC2))
    found = live(user("aiko"), user("bo", groups=["readers"]), group("readers", S3, EC2))

    plan = Plan.between(wanted, found, only=only("user/aiko"))

    assert plan.actions == ()
    (held,) = plan.held_back
    assert held.text == (
        "does not join group/readers yet: what --only leaves out would give aiko permissions that the files do not give"
    )


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["user/*"], {"user/aiko", "user/bo", "policy/Guard", "policy/Other", "group/readers"}),
        (["USER/Bo"], {"user/bo", "policy/Other"}),
        (["policy/Other"], {"policy/Other"}),
        (["policy/O*", "group/readers"], {"policy/Other", "group/readers"}),
    ],
)
def test_patterns(patterns: list[str], expected: set[str]) -> None:
    assert subjects(Plan.between(TWO, live(), only=only(*patterns))) == expected


def test_the_digest_covers_the_part() -> None:
    whole, part = Plan.between(TWO, live()), Plan.between(TWO, live(), only=only("user/bo"))

    assert whole.digest != part.digest
    assert Plan.between(TWO, live(), only=only("*")).digest == whole.digest


def test_who_would_be_worse_off_without_what_is_left_out_waits_with_a_sentence() -> None:
    """Aiko may have what Shared says from now on, and never what it says now."""
    before = live(policy("Shared", allow("*")), user("aiko"))
    wanted = desired(policy("Shared", READS_S3), user("aiko", arn_of("Shared")))

    plan = Plan.between(wanted, before, only=only("user/aiko"))

    assert plan.actions == ()
    (held,) = plan.held_back
    assert held.subject == "user/aiko"
    assert held.text.startswith("without what --only leaves out, it would leave aiko with permissions that neither")


def test_what_is_said_of_others_is_not_said() -> None:
    wanted = desired(user("aiko", S3), user("bo", S3))

    plan = Plan.between(wanted, live(user("bo", tags={})), only=only("user/aiko"))

    assert plan.held_back == ()
    assert subjects(plan) == {"user/aiko"}


def test_the_limit_of_removals_judges_the_whole() -> None:
    gone = [user(f"leaver{number}") for number in range(10)]
    wanted = desired(user("aiko"), prune=True, max_removals=5, percent=False)

    plan = Plan.between(wanted, live(user("aiko"), *gone), only=only("user/leaver1"))

    assert [action.operation for action in plan.actions if action.operation == "delete_user"] == []
    assert any("10 removals" in held.text for held in plan.held_back)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("user/aiko", True),
        ("user/a*", True),
        ("group/readers", True),
        ("policy/Guard", True),
        ("user/old", True),
        ("aiko", False),
        ("user/stranger", False),
        ("user/chi", False),
        ("policy/AmazonS3ReadOnlyAccess", False),
        ("", False),
    ],
)
def test_a_pattern_that_fits_nothing_is_a_fault(pattern: str, fits: bool) -> None:  # noqa: FBT001
    faults = list(only(pattern).faults(TWO, live(user("old"), user("stranger", tags={}))))

    kinds = "write user/NAME, group/NAME or policy/NAME, with * for any characters"
    said = f"--only {pattern} fits no user, group or policy that is declared or owned: {kinds}"
    assert faults == ([] if fits else [said])


@given(pairs(), st.integers(min_value=0, max_value=10_000))
def test_a_part_is_as_safe_as_the_whole_and_the_rest_is_the_rest(pair: Pair, number: int) -> None:
    """IAM refuses no call of the part, nothing foreign changes, and the next plan does what was left out."""
    iam, wanted = pair
    whole, refusals = planned(iam, wanted)
    if refusals or not whole.actions:
        return
    subject = whole.actions[number % len(whole.actions)].subject
    part = Plan.between(wanted, live_state(iam, wanted), only=only(subject.replace("[", "[[]")))
    foreign = judge.foreign(iam, wanted)

    play(iam, part.actions)

    assert {repr(one.change) for one in part.actions} <= {repr(one.change) for one in whole.actions}
    assert judge.after(foreign, iam) == foreign
    rest, _ = planned(iam, wanted)
    play(iam, rest.actions)
    again, _ = planned(iam, wanted)
    assert again.actions == ()
