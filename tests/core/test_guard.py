import pytest
from states import ACCOUNT, READS_S3, S3, allow, arn_of, desired, group, live, policy, user

from iamsync.core.arn import Arn
from iamsync.core.guard import Caller, refusals, wrong_account
from iamsync.core.model import DesiredState, LiveState, Settings
from iamsync.core.plan import Plan

SOMEBODY = Caller(arn=Arn("arn:aws:iam::123456789012:user/ci"))


def refused(
    wanted: DesiredState, found: LiveState, caller: Caller = SOMEBODY, allowed_removals: int | None = None
) -> list[str]:
    plan = Plan.between(wanted, found)
    return [str(one) for one in refusals(plan, wanted, found, caller, allowed_removals=allowed_removals)]


def test_an_ordinary_plan_is_not_refused() -> None:
    assert refused(desired(user("aiko", S3)), live()) == []


def test_another_account_is_refused_by_both_its_ids() -> None:
    refusal = wrong_account(Settings(owner="us", account_id="111111111111"), ACCOUNT)

    assert refusal is not None
    assert "111111111111" in refusal.why
    assert ACCOUNT.id in refusal.why


def test_the_account_of_the_files_or_any_if_they_name_none_is_right() -> None:
    assert wrong_account(Settings(owner="us", account_id=ACCOUNT.id), ACCOUNT) is None
    assert wrong_account(Settings(owner="us"), ACCOUNT) is None


def test_an_empty_desired_state_is_refused() -> None:
    (why,) = refused(desired(), live(user("aiko")))

    assert "empty desired state" in why


def test_a_plan_that_changes_a_protected_user_is_refused_whatever_the_case() -> None:
    (why,) = refused(desired(user("Break-Glass-1", S3), protected=["break-glass-*"]), live())

    assert "protected user" in why
    assert "Break-Glass-1" in why


def test_a_protected_user_who_is_as_declared_stops_nobody() -> None:
    wanted = desired(user("break-glass-1", S3), user("aiko"), protected=["break-glass-*"])

    assert refused(wanted, live(user("break-glass-1", S3))) == []


def test_a_policy_that_a_protected_user_carries_is_not_changed_either() -> None:
    wanted = desired(policy("P", allow("s3:*")), protected=["break-glass-*"])
    found = live(user("break-glass-1", arn_of("P"), tags={}), policy("P", READS_S3))

    (why,) = refused(wanted, found)

    assert "policy/P" in why
    assert "break-glass-1" in why


def test_a_group_that_a_protected_user_is_in_is_not_changed_either() -> None:
    wanted = desired(group("admins", S3), protected=["break-glass-*"])
    found = live(user("break-glass-1", tags={}, groups=["admins"]), group("admins"))

    assert "group/admins" in refused(wanted, found)[0]


def test_a_protected_user_is_not_renamed() -> None:
    wanted = desired(user("aiko", previous_names=("bo",)), protected=["bo"])

    assert refused(wanted, live(user("bo")))


@pytest.mark.parametrize(
    "state", [desired(required=["root"]), desired(user("root", suspended=True), required=["root"])]
)
def test_a_required_user_must_be_declared_and_not_suspended(state: DesiredState) -> None:
    assert any("required user: root" in why for why in refused(state, live()))


def test_nobody_saws_at_their_own_branch() -> None:
    found = live(user("ci", arn_of("Deploy"), groups=["deployers"]), policy("Deploy", READS_S3), group("deployers"))

    assert "own rights" in refused(desired(user("ci", S3, groups=["deployers"])), found)[0]
    assert "policy/Deploy" in refused(desired(policy("Deploy", allow("s3:*"))), found)[0]
    assert "group/deployers" in refused(desired(group("deployers", S3)), found)[0]
    assert refused(desired(user("aiko", S3)), found) == []


def test_a_role_does_not_change_the_policies_it_carries() -> None:
    role = Caller(arn=Arn("arn:aws:sts::123456789012:assumed-role/iamsync/ci"), policies=frozenset({arn_of("Deploy")}))
    wanted = desired(policy("Deploy", allow("s3:*")))

    assert "own rights" in refused(wanted, live(policy("Deploy")), role)[0]


def test_removals_beyond_a_share_of_what_is_managed_are_refused_unless_this_run_allows_them() -> None:
    people = [user(name) for name in "abcd"]
    wanted = desired(people[0], people[1], prune=True, max_removals=25)

    (why,) = refused(wanted, live(*people))

    assert "removes 2 (user/c, user/d), more than settings.guards.max_removals 25% of 4 managed" in why
    assert "--allow-removals 2" in why
    assert refused(wanted, live(*people), allowed_removals=2) == []
    assert refused(wanted, live(*people), allowed_removals=1)
    assert refused(desired(*people[:3], prune=True, max_removals=1), live(*people)) == [], "one may always go"


def test_removals_beyond_a_number_are_refused() -> None:
    people = [user(name) for name in "abcd"]

    assert refused(desired(people[0], prune=True, max_removals=2, percent=False), live(*people))
    assert refused(desired(*people[:2], prune=True, max_removals=2, percent=False), live(*people)) == []
