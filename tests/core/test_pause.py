"""While paused, everything waits but what takes access away."""

from hypothesis import HealthCheck, given, settings
from laws.model import Iam, live_state
from laws.pairs import Pair, pairs
from laws.playing import play
from laws.rights import probes, rights
from states import EC2, S3, arn_of, desired, live, policy, user

from iamsync.core.hold import NO_HOLDS, together
from iamsync.core.model import AccessKey, Console, Credentials, DesiredState, LiveState
from iamsync.core.pause import pausing
from iamsync.core.plan import Plan
from iamsync.render.actions import summary

WHY = "paused since this morning"
PASSWORD = Console()
ACTIVE_KEY = Credentials(access_keys=(AccessKey(id="AKIA1", active=True),))


def paused(wanted: DesiredState, found: LiveState) -> Plan:
    """The plan of a paused loop, as `planning` makes it."""
    plan, holds = Plan.between(wanted, found, may_delete=False), NO_HOLDS
    while (more := together((*holds.values(), *pausing(plan.actions, WHY)))) != holds:
        holds = more
        plan = Plan.between(wanted, found, holds=holds, may_delete=False)
    return plan


def done(plan: Plan) -> list[str]:
    return [f"{one.subject}: {summary(one)}" for one in plan.actions]


def waiting(plan: Plan) -> list[str]:
    return [f"{held.subject}: {summary(one)}" for held in plan.held_back for one in held.actions]


def test_what_grants_waits_and_says_why() -> None:
    plan = paused(desired(user("aiko", S3), user("bo")), live(user("aiko")))

    assert done(plan) == []
    assert waiting(plan) == ["user/aiko: attach aws:AmazonS3ReadOnlyAccess", "user/bo: create user"]
    assert {held.text for held in plan.held_back} == {WHY}


def test_what_nobody_declares_is_taken_away() -> None:
    plan = paused(desired(user("aiko", S3)), live(user("aiko", EC2, arn_of("Hand")), policy("Hand", tags={})))

    assert sorted(done(plan)) == ["user/aiko: detach Hand", "user/aiko: detach aws:AmazonEC2ReadOnlyAccess"]
    assert waiting(plan) == ["user/aiko: attach aws:AmazonS3ReadOnlyAccess"]


def test_a_suspension_goes_on() -> None:
    wanted = desired(user("aiko", S3, suspended=True), user("bo", S3))
    found = live(user("aiko", S3, console=PASSWORD), user("bo"), credentials={"aiko": ACTIVE_KEY})

    plan = paused(wanted, found)

    assert {one.subject for one in plan.actions} == {"user/aiko"}
    assert {"user/aiko: deactivate access key AKIA1", "user/aiko: inline policy iamsync-suspended"} <= {*done(plan)}
    assert "user/aiko: delete console password" in done(plan), "the user stays, and a password can be made again"
    assert waiting(plan) == ["user/bo: attach aws:AmazonS3ReadOnlyAccess"]


def test_who_would_be_deleted_is_suspended_and_stays() -> None:
    wanted = desired(user("aiko"), prune=True)
    found = live(user("aiko"), user("bo", S3, console=PASSWORD), credentials={"bo": ACTIVE_KEY})

    plan = paused(wanted, found)

    assert {"user/bo: deactivate access key AKIA1", "user/bo: inline policy iamsync-suspended"} <= {*done(plan)}
    assert "user/bo: detach aws:AmazonS3ReadOnlyAccess" in done(plan)
    assert {"user/bo: delete access key AKIA1", "user/bo: delete user"} <= {*waiting(plan)}


def let_in(iam: Iam) -> dict[str, tuple[bool, frozenset[str]]]:
    """Of each user, by id: whether there is a password, and the active access keys."""
    return {
        user.id: (user.password, frozenset(key for key, status in user.access_keys.items() if status == "Active"))
        for user in iam.users.values()
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(pairs())
def test_whatever_is_declared_nobody_gains_anything(pair: Pair) -> None:
    before, wanted = pair
    plan = paused(wanted, live_state(before, wanted))
    after = before.copy()

    play(after, plan.actions)

    asked = probes(before, after)
    had = {user.id: rights(before, user, asked) for user in before.users.values()}
    for one in after.users.values():
        assert rights(after, one, asked) <= had[one.id], "nobody is new, and nobody may do more"
    for name, (password, keys) in let_in(after).items():
        had_password, had_keys = let_in(before)[name]
        assert password <= had_password
        assert keys <= had_keys
    assert {user.id for user in before.users.values()} == {user.id for user in after.users.values()}
