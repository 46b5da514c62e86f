"""The table: what each class of answers means, and on which condition."""

import pytest
from states import ACCOUNT, S3, desired, live, user

from iamsync.apply.answers import Kind, No, SoFar, kind_of
from iamsync.core.action import Action, Verb
from iamsync.core.plan import Plan


def action(operation: str, **params: str) -> Action:
    return Action(
        verb=Verb.CHANGE, subject="user/aiko", operation=operation, params=params, summary=operation, reason="test"
    )


AIKO = action("create_user", UserName="aiko")
ATTACH = action("attach_user_policy", UserName="aiko", PolicyArn=S3)
DETACH = action("detach_user_policy", UserName="aiko", PolicyArn=S3)
DELETE = action("delete_user", UserName="aiko")
NO_USER = "The user with name aiko cannot be found."


def meaning(code: str, of: Action, after: list[Action] | None = None, message: str = "") -> Kind:
    so_far = SoFar(ACCOUNT)
    for one in after or []:
        so_far.note(one)
    return kind_of(No(code=code, message=message, action=of), so_far)


@pytest.mark.parametrize(
    "gone",
    [
        DETACH,
        DELETE,
        action("remove_user_from_group", UserName="aiko", GroupName="g"),
        action("deactivate_mfa_device", UserName="aiko", SerialNumber="x"),
        action("delete_login_profile", UserName="aiko"),
        action("update_access_key", UserName="aiko", AccessKeyId="AKIA", Status="Inactive"),
    ],
    ids=lambda one: one.operation,
)
def test_what_was_to_go_and_is_gone_is_done(gone: Action) -> None:
    assert meaning("NoSuchEntity", gone) is Kind.ALREADY_DONE


def test_what_was_to_be_switched_on_and_is_gone_is_not_done() -> None:
    assert meaning("NoSuchEntity", action("update_access_key", UserName="a", Status="Active")) is Kind.SUBJECT


def test_what_is_missing_is_waited_for_only_if_this_run_made_it() -> None:
    assert meaning("NoSuchEntity", ATTACH, message=NO_USER) is Kind.SUBJECT
    assert meaning("NoSuchEntity", ATTACH, [AIKO], NO_USER) is Kind.PATIENCE
    assert meaning("NoSuchEntity", DETACH, [AIKO], NO_USER) is Kind.PATIENCE, "not: it is gone"


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        (action("delete_login_profile", UserName="aiko"), "Login Profile for User aiko cannot be found."),
        (
            action("delete_access_key", UserName="aiko", AccessKeyId="AKIA"),
            "The Access Key with id AKIA cannot be found.",
        ),
        (action("delete_user_policy", UserName="aiko", PolicyName="p"), "The user policy with name p cannot be found."),
    ],
    ids=lambda one: one.operation if isinstance(one, Action) else "",
)
def test_what_a_user_of_this_run_does_not_have_any_more_is_not_waited_for(gone: Action, message: str) -> None:
    assert meaning("NoSuchEntity", gone, [AIKO], message) is Kind.ALREADY_DONE


def test_a_policy_that_never_was_is_not_waited_for_because_its_user_is_new() -> None:
    assert meaning("NoSuchEntity", ATTACH, [AIKO], f"Policy {S3} does not exist or is not attachable.") is Kind.SUBJECT


def test_a_policy_of_this_run_is_waited_for_by_its_arn() -> None:
    made = action("create_policy", PolicyName="Guard", Path="/p/")
    arn = "arn:aws:iam::123456789012:policy/p/Guard"
    message = f"Policy {arn} does not exist or is not attachable."
    attach = action("attach_user_policy", UserName="aiko", PolicyArn=arn)
    bound = action("create_user", UserName="bo", PermissionsBoundary=arn)

    assert meaning("NoSuchEntity", attach, [made], message) is Kind.PATIENCE
    assert meaning("PolicyNotAttachable", attach, [made]) is Kind.PATIENCE
    assert meaning("NoSuchEntity", bound, [made], f"Scope ARN: {arn} does not exist or is not attachable.") is (
        Kind.PATIENCE
    )


def test_a_renamed_user_is_waited_for_under_the_new_name() -> None:
    renamed = action("update_user", UserName="old", NewUserName="aiko")

    assert meaning("NoSuchEntity", ATTACH, [renamed], NO_USER) is Kind.PATIENCE


def test_a_delete_conflict_passes_only_after_emptying() -> None:
    assert meaning("DeleteConflict", DELETE) is Kind.SUBJECT
    assert meaning("DeleteConflict", DELETE, [DETACH]) is Kind.PATIENCE


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ConcurrentModification", Kind.PATIENCE),
        ("EntityTemporarilyUnmodifiable", Kind.PATIENCE),
        ("LimitExceeded", Kind.SUBJECT),
        ("MalformedPolicyDocument", Kind.SUBJECT),
        ("AccessDenied", Kind.SUBJECT),
        ("Throttling", Kind.SUBJECT),
        ("ServiceFailure", Kind.SUBJECT),
        ("NobodyEverSawThis", Kind.SUBJECT),
        ("ExpiredToken", Kind.RUN),
        ("InvalidClientTokenId", Kind.RUN),
        ("SignatureDoesNotMatch", Kind.RUN),
    ],
)
def test_codes_that_mean_one_thing_whatever_the_call(code: str, kind: Kind) -> None:
    assert meaning(code, ATTACH) is kind


def test_only_what_carries_a_mark_is_recognised() -> None:
    assert meaning("EntityAlreadyExists", AIKO) is Kind.EXISTS
    assert meaning("EntityAlreadyExists", action("create_login_profile", UserName="aiko")) is Kind.SUBJECT


def test_every_operation_of_a_plan_is_understood() -> None:
    for one in Plan.between(desired(user("aiko", S3)), live()).actions:
        assert meaning("LimitExceeded", one) is Kind.SUBJECT
