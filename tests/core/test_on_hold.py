"""The tag `iamsync:hold` on a live user: nothing is given or deleted; what can be undone is still taken away."""

from dataclasses import replace

from states import DENIES_IAM as DENY
from states import EC2, OURS, READS_S3, S3, arn_of, desired, group, live, policy, user

from iamsync.core.model import AccessKey, AccessKeys, Console, Credentials, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.tags import HOLD_TAG
from iamsync.render.actions import summary

ON_HOLD = OURS | {HOLD_TAG: "case 4711"}
KEYS = {"eve": Credentials(access_keys=(AccessKey(id="AKIAeve", active=True),))}
PASSWORD = Console(password_reset_required=False)


def done(wanted: DesiredState, found: LiveState) -> list[str]:
    return [f"{one.subject}: {summary(one)}" for one in Plan.between(wanted, found).actions]


def waiting(wanted: DesiredState, found: LiveState) -> list[str]:
    return [summary(one) for held in Plan.between(wanted, found).held_back for one in held.actions]


def warnings(wanted: DesiredState, found: LiveState) -> list[str]:
    return [f"{note.subject} {note.text}" for note in Plan.between(wanted, found).warnings]


def test_a_hold_is_no_drift_and_every_plan_shows_it_with_the_reason() -> None:
    plan = Plan.between(desired(user("eve", S3)), live(user("eve", S3, tags=ON_HOLD)))

    assert (plan.actions, plan.held_back) == ((), ())
    (note,) = plan.warnings
    assert note.text.startswith("is on hold (case 4711): gets nothing, and nothing is deleted")


def test_who_is_on_hold_loses_what_the_files_take_and_gets_nothing() -> None:
    wanted = desired(user("eve", S3, groups=("staff",), access_keys=AccessKeys(count=2)), group("staff"), group("old"))
    found = live(user("eve", EC2, tags=ON_HOLD, groups=("old",)), group("staff"), group("old"), credentials=KEYS)

    assert done(wanted, found) == ["user/eve: remove from group old", "user/eve: detach aws:AmazonEC2ReadOnlyAccess"]
    assert {"attach aws:AmazonS3ReadOnlyAccess", "add to group staff", "create access key"} <= {*waiting(wanted, found)}


def test_a_boundary_is_not_lifted_and_no_deny_is_removed() -> None:
    wanted, found = desired(user("eve")), live(user("eve", tags=ON_HOLD, boundary=S3, inline={"stop": DENY}))
    named = replace(wanted, settings=replace(wanted.settings, remove_denies=frozenset({"user/eve:stop"})))

    assert done(named, found) == []
    assert waiting(named, found) == ["remove boundary aws:AmazonS3ReadOnlyAccess", "delete inline policy stop"]
    assert waiting(wanted, found) == ["remove boundary aws:AmazonS3ReadOnlyAccess"]


def test_a_leaver_on_hold_is_suspended_and_not_deleted() -> None:
    wanted = desired(user("bo"), prune=True)
    found = live(user("bo"), user("eve", S3, tags=ON_HOLD, console=PASSWORD), credentials=KEYS)

    assert done(wanted, found) == [
        "user/eve: inline policy iamsync-suspended",
        "user/eve: record which access keys were active",
        "user/eve: deactivate access key AKIAeve",
        "user/eve: detach aws:AmazonS3ReadOnlyAccess",
    ]
    assert waiting(wanted, found) == ["delete console password", "delete access key AKIAeve", "delete user"]


def test_what_changes_for_others_goes_on_and_names_who_is_on_hold() -> None:
    wanted = desired(user("eve", arn_of("P")), user("bo", arn_of("P")), policy("P", READS_S3))
    found = live(user("eve", arn_of("P"), tags=ON_HOLD), user("bo", arn_of("P")), policy("P", DENY))

    assert done(wanted, found) == ["policy/P: new default version"]
    assert "user/eve is on hold, and is reached by what changes for others: policy/P" in warnings(wanted, found)
