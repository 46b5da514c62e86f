"""The table: what each class of answers means, and on which condition."""

import pytest
from states import ACCOUNT, DENIES_IAM, S3, desired, live, policy, user

from iamsync.apply.answers import Kind, No, SoFar, kind_of
from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.diff.owners import entity_of
from iamsync.core.plan import Plan

WHO = entity_of(user("aiko"))


def action(change: to.Change) -> Action:
    return Action(change=change, subject="user/aiko")


AIKO = action(to.CreateUser(user("aiko")))
ATTACH = action(to.Attach(WHO, S3))
DETACH = action(to.Detach(WHO, S3))
DELETE = action(to.Delete(WHO))
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
        action(to.Leave("aiko", "g")),
        action(to.DeactivateDevice("aiko", "x")),
        action(to.DeletePassword("aiko")),
        action(to.SetKeyStatus("aiko", "AKIA", active=False)),
    ],
    ids=lambda one: one.operation,
)
def test_what_was_to_go_and_is_gone_is_done(gone: Action) -> None:
    assert meaning("NoSuchEntity", gone) is Kind.ALREADY_DONE


def test_what_was_to_be_activated_and_is_gone_is_not_done() -> None:
    assert meaning("NoSuchEntity", action(to.SetKeyStatus("a", "AKIA", active=True))) is Kind.SUBJECT


def test_what_is_missing_is_waited_for_only_if_this_run_made_it() -> None:
    assert meaning("NoSuchEntity", ATTACH, message=NO_USER) is Kind.SUBJECT
    assert meaning("NoSuchEntity", ATTACH, [AIKO], NO_USER) is Kind.PATIENCE
    assert meaning("NoSuchEntity", DETACH, [AIKO], NO_USER) is Kind.PATIENCE, "not: it is gone"


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        (action(to.DeletePassword("aiko")), "Login Profile for User aiko cannot be found."),
        (
            action(to.DeleteAccessKey("aiko", "AKIA")),
            "The Access Key with id AKIA cannot be found.",
        ),
        (action(to.DeleteInline(WHO, "p", None)), "The user policy with name p cannot be found."),
    ],
    ids=lambda one: one.operation if isinstance(one, Action) else "",
)
def test_what_a_user_of_this_run_does_not_have_any_more_is_not_waited_for(gone: Action, message: str) -> None:
    assert meaning("NoSuchEntity", gone, [AIKO], message) is Kind.ALREADY_DONE


def test_a_policy_that_never_was_is_not_waited_for_because_its_user_is_new() -> None:
    assert meaning("NoSuchEntity", ATTACH, [AIKO], f"Policy {S3} does not exist or is not attachable.") is Kind.SUBJECT


def test_a_policy_of_this_run_is_waited_for_by_its_arn() -> None:
    guard = policy("Guard", path="/p/")
    made, arn = action(to.CreatePolicy(guard, DENIES_IAM)), guard.arn
    message = f"Policy {arn} does not exist or is not attachable."
    attach = action(to.Attach(WHO, arn))
    bound = action(to.CreateUser(user("bo", boundary=arn)))

    assert meaning("NoSuchEntity", attach, [made], message) is Kind.PATIENCE
    assert meaning("PolicyNotAttachable", attach, [made]) is Kind.PATIENCE
    assert meaning("NoSuchEntity", bound, [made], f"Scope ARN: {arn} does not exist or is not attachable.") is (
        Kind.PATIENCE
    )


def test_a_renamed_user_is_waited_for_under_the_new_name() -> None:
    renamed = action(to.Rename("old", "aiko"))

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
    assert meaning("EntityAlreadyExists", action(to.CreatePassword("aiko", reset_required=True))) is Kind.SUBJECT


def test_every_operation_of_a_plan_is_understood() -> None:
    for one in Plan.between(desired(user("aiko", S3)), live()).actions:
        assert meaning("LimitExceeded", one) is Kind.SUBJECT
