from states import ACCOUNT, READS_S3, S3, allow, arn_of, desired, live, policy, user

from iamsync.core.guard import refusals, wrong_account
from iamsync.core.model import DesiredState, LiveState, Settings
from iamsync.core.plan import Plan


def refused(wanted: DesiredState, found: LiveState) -> list[str]:
    return [str(refusal) for refusal in refusals(Plan.between(wanted, found), wanted, found)]


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
