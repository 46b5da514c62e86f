from states import ACCOUNT, READS_S3, S3, allow, arn_of, desired, group, live, policy, user

from iamsync.core.arn import Arn
from iamsync.core.guard import Caller, refusals, wrong_account
from iamsync.core.model import DesiredState, LiveState, Settings
from iamsync.core.plan import Plan

SOMEBODY = Caller(arn=Arn("arn:aws:iam::123456789012:user/ci"))


def refused(wanted: DesiredState, found: LiveState, caller: Caller = SOMEBODY) -> list[str]:
    return [str(one) for one in refusals(Plan.between(wanted, found), wanted, found, caller)]


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


def test_a_required_user_must_be_declared() -> None:
    (why,) = refused(desired(user("aiko"), required=["root"]), live())

    assert why == "required user: root is not declared, but settings.guards.required_users wants the user to be"
    assert refused(desired(user("root", suspended=True), required=["root"]), live()) == []


def test_a_caller_does_not_change_what_its_own_permissions_depend_on() -> None:
    found = live(user("ci", arn_of("Deploy"), groups=["deployers"]), policy("Deploy", READS_S3), group("deployers"))

    assert "self-lockout" in refused(desired(user("ci", S3, groups=["deployers"])), found)[0]
    assert "policy/Deploy" in refused(desired(policy("Deploy", allow("s3:*"))), found)[0]
    assert "group/deployers" in refused(desired(group("deployers", S3)), found)[0]
    assert refused(desired(user("aiko", S3)), found) == []


def test_a_role_does_not_change_the_policies_it_carries() -> None:
    role = Caller(arn=Arn("arn:aws:sts::123456789012:assumed-role/iamsync/ci"), policies=frozenset({arn_of("Deploy")}))
    wanted = desired(policy("Deploy", allow("s3:*")))

    assert "self-lockout" in refused(wanted, live(policy("Deploy")), role)[0]
