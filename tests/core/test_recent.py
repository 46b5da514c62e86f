"""What this process has just written, and a plan from a read that lags behind it."""

from states import DENIES_IAM, EC2, READS_S3, S3, arn_of, desired, live, policy, user, version

from iamsync.core.action import Action
from iamsync.core.model import AccessKeys, Console, Credentials, LiveState
from iamsync.core.plan import Outcome, Plan, Report, Status
from iamsync.core.recent import SECONDS, Recent, settled, written

NO_KEYS = {"aiko": Credentials()}
WANTED = desired(user("aiko", arn_of("Guard"), S3, console=Console()), policy("Guard", DENIES_IAM))


def actions(found: LiveState) -> tuple[Action, ...]:
    return Plan.between(WANTED, found).actions


def done(*made: Action, at: float = 0.0) -> Recent:
    report = Report(outcomes=tuple(Outcome(action=one, status=Status.DONE) for one in made))
    return Recent(writes=written(report, at), now=at + 1)


def test_a_read_that_saw_nothing_of_a_run_makes_no_write() -> None:
    plan = actions(live())

    after = settled(plan, done(*plan))

    assert after.actions == ()
    assert after.put_off == plan
    assert len(after.unseen) == len(plan)


def test_a_read_that_saw_half_of_a_run_makes_no_write_and_forgets_that_half() -> None:
    first = actions(live())
    half = actions(live(user("aiko"), policy("Guard", DENIES_IAM)))
    assert 0 < len(half) < len(first)

    after = settled(half, done(*first))

    assert after.actions == ()
    assert len(after.unseen) == len(half)


def test_a_version_is_not_made_twice() -> None:
    stored = tuple(version(f"v{number}", READS_S3, default=number == 5) for number in range(1, 6))
    old = live(policy("Guard", READS_S3), versions={arn_of("Guard"): stored})
    plan = Plan.between(desired(policy("Guard", DENIES_IAM)), old).actions
    assert [one.operation for one in plan] == ["delete_policy_version", "create_policy_version"]

    assert settled(plan, done(*plan)).actions == ()


def test_what_was_seen_once_and_is_gone_again_is_drift() -> None:
    plan = actions(live())
    seen = settled((), done(*plan))

    assert seen.unseen == ()
    assert settled(plan, Recent(writes=seen.unseen, now=2)).actions == plan


def test_after_a_while_it_is_drift_even_if_it_never_was_seen() -> None:
    plan = actions(live())
    writes = done(*plan).writes

    assert settled(plan, Recent(writes=writes, now=SECONDS + 1)).actions == plan


def test_a_failed_write_is_tried_again() -> None:
    plan = actions(live())
    report = Report(outcomes=tuple(Outcome(action=one, status=Status.FAILED) for one in plan))

    assert settled(plan, Recent(writes=written(report, 0), now=1)).actions == plan


def test_the_opposite_of_a_write_is_not_put_off() -> None:
    """Who takes a grant back at once has seen it; so has the read behind that plan."""
    granted = Plan.between(desired(user("aiko", S3)), live(user("aiko"))).actions
    taken = Plan.between(desired(user("aiko")), live(user("aiko", S3))).actions

    assert settled(taken, done(*granted)).actions == taken


def test_what_is_new_in_the_files_is_not_put_off() -> None:
    granted = Plan.between(desired(user("aiko", S3)), live(user("aiko"))).actions
    more = Plan.between(desired(user("aiko", S3, EC2)), live(user("aiko"))).actions

    after = settled(more, done(*granted))

    assert [one.params["PolicyArn"] for one in after.actions] == [EC2]
    assert [one.params["PolicyArn"] for one in after.put_off] == [S3]


def test_a_user_who_is_not_visible_yet_is_left_alone_as_a_whole() -> None:
    created = Plan.between(desired(user("aiko", S3)), live()).actions
    more = Plan.between(desired(user("aiko", S3, EC2, tags={"iamsync:owner": "us", "team": "a"})), live()).actions

    assert settled(more, done(*created)).actions == ()


def test_the_claim_of_a_run_that_failed_is_no_claim_of_the_next_one() -> None:
    wanted, found = desired(user("aiko", access_keys=AccessKeys(count=1))), live(user("aiko"), credentials=NO_KEYS)
    plan = Plan.between(wanted, found).actions
    assert [one.operation for one in plan] == ["tag_user", "tag_user", "create_access_key", "untag_user"]

    assert settled(plan, done(*(one.in_run("first") for one in plan[:2]))).actions == plan


def test_where_a_new_access_key_is_put_off_nothing_is_claimed_for_it() -> None:
    wanted, found = desired(user("aiko", S3, access_keys=AccessKeys(count=1))), live(user("aiko"), credentials=NO_KEYS)
    plan = Plan.between(wanted, found).actions
    keys = [one.in_run("first") for one in plan if one.operation != "attach_user_policy"]

    assert [one.operation for one in settled(plan, done(*keys)).actions] == ["attach_user_policy"]
