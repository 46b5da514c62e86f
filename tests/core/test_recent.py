"""What this process has just written, and a plan from a read that lags behind it."""

from states import DENIES_IAM, EC2, READS_S3, S3, arn_of, desired, group, live, policy, user, version

from iamsync.core.action import Action
from iamsync.core.model import AccessKeys, Console, Credentials, LiveState
from iamsync.core.plan import Plan
from iamsync.core.recent import SECONDS, Recent, settled, written
from iamsync.core.report import Outcome, Report, Status

NO_KEYS = {"aiko": Credentials()}
WANTED = desired(user("aiko", arn_of("Guard"), S3, console=Console()), policy("Guard", DENIES_IAM))


def planned(found: LiveState) -> Plan:
    return Plan.between(WANTED, found)


def done(*made: Action, at: float = 0.0) -> Recent:
    report = Report(outcomes=tuple(Outcome(action=one, status=Status.DONE) for one in made))
    return Recent(writes=written(report, at), now=at + 1)


def test_a_read_that_saw_nothing_of_a_run_doubles_nothing() -> None:
    plan = planned(live())

    after = settled(plan, done(*plan.actions))

    assert after.plan.actions == ()
    assert after.put_off == plan.actions
    made_once = {"create_user", "create_policy", "create_login_profile"}
    assert len(after.unseen) == len([one for one in plan.actions if one.operation in made_once]) == 3


def test_a_read_that_saw_half_of_a_run_doubles_nothing_and_forgets_that_half() -> None:
    first = planned(live())
    half = planned(live(user("aiko"), policy("Guard", DENIES_IAM)))
    assert 0 < len(half.actions) < len(first.actions)

    after = settled(half, done(*first.actions))

    assert {one.operation for one in after.plan.actions} == {"attach_user_policy"}, "twice is as once"
    assert (after.put_off, after.unseen) == ((), ())


def test_a_version_is_not_made_twice() -> None:
    stored = tuple(version(f"v{number}", READS_S3, default=number == 5) for number in range(1, 6))
    old = live(policy("Guard", READS_S3), versions={arn_of("Guard"): stored})
    plan = Plan.between(desired(policy("Guard", DENIES_IAM)), old)
    assert [one.operation for one in plan.actions] == ["delete_policy_version", "create_policy_version"]

    assert [one.operation for one in settled(plan, done(*plan.actions)).put_off] == ["create_policy_version"]


def test_what_was_seen_once_and_is_gone_again_is_drift() -> None:
    plan = planned(live())
    seen = settled(plan.without(plan.actions), done(*plan.actions))

    assert seen.unseen == ()
    assert settled(plan, Recent(writes=seen.unseen, now=2)).plan.actions == plan.actions


def test_after_a_while_it_is_drift_even_if_it_never_was_seen() -> None:
    plan = planned(live())
    writes = done(*plan.actions).writes

    assert settled(plan, Recent(writes=writes, now=SECONDS + 1)).plan.actions == plan.actions


def test_a_failed_write_is_tried_again() -> None:
    plan = planned(live())
    report = Report(outcomes=tuple(Outcome(action=one, status=Status.FAILED) for one in plan.actions))

    assert settled(plan, Recent(writes=written(report, 0), now=1)).plan.actions == plan.actions


def test_the_opposite_of_a_write_is_not_put_off() -> None:
    """Who takes a grant back at once has seen it; so has the read behind that plan."""
    granted = Plan.between(desired(user("aiko", S3)), live(user("aiko")))
    taken = Plan.between(desired(user("aiko")), live(user("aiko", S3)))

    assert settled(taken, done(*granted.actions)).plan.actions == taken.actions


def test_what_takes_access_away_is_never_put_off() -> None:
    """It may be no repetition: somebody has attached the policy again since, or added the user to the group."""
    staff = group("staff")
    old = live(user("aiko", S3, inline={"old": READS_S3}, groups=("staff",)), staff)
    plan = Plan.between(desired(user("aiko", suspended=True), staff), old)
    assert len(plan.actions) > 2

    assert settled(plan, done(*plan.actions)).put_off == ()


def test_a_user_who_is_not_visible_yet_is_left_alone_as_a_whole() -> None:
    created = Plan.between(desired(user("aiko", S3)), live())
    more = Plan.between(desired(user("aiko", S3, EC2, tags={"iamsync:owner": "us", "team": "a"})), live())

    assert settled(more, done(*created.actions)).plan.actions == ()


def test_the_claim_of_a_run_that_failed_is_no_claim_of_the_next_one() -> None:
    wanted, found = desired(user("aiko", access_keys=AccessKeys(count=1))), live(user("aiko"), credentials=NO_KEYS)
    plan = Plan.between(wanted, found)
    assert [one.operation for one in plan.actions] == ["tag_user", "tag_user", "create_access_key", "untag_user"]

    assert settled(plan, done(*(one.in_run("first") for one in plan.actions[:2]))).plan.actions == plan.actions


def test_where_a_new_access_key_is_put_off_nothing_is_claimed_for_it() -> None:
    wanted, found = desired(user("aiko", S3, access_keys=AccessKeys(count=1))), live(user("aiko"), credentials=NO_KEYS)
    plan = Plan.between(wanted, found)
    keys = [one.in_run("first") for one in plan.actions if one.operation != "attach_user_policy"]

    assert [one.operation for one in settled(plan, done(*keys)).plan.actions] == ["attach_user_policy"]
