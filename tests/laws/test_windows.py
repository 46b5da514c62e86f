"""A temporary window is announced only where no order of the calls is safe: all orders of small plans are tried."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from states import arn_of, desired, policy, user

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.document import Document
from iamsync.core.tags import OWNER_TAG
from laws.model import GroupRecord, Iam, UserRecord
from laws.model.calls import Refused
from laws.moments import moments_worse_than_both_ends
from laws.pairs import Pair
from laws.playing import planned, sent
from laws.sharing import DISTINGUISHED, account, met_on_the_way, sharing

UNKNOWN_TO_IAMSYNC = "AmazonS3ReadOnlyAccess"
MOST_CALLS = 6


def safe_order(before: Iam, actions: Sequence[Action]) -> list[str] | None:
    """The first order of the same calls in which no moment is worse than both ends, if there is one. IAM must take each
    call, nothing is changed before it carries the mark, and the steps of one text keep their order.
    """
    for order in _orders(before, list(actions)):
        if next(moments_worse_than_both_ends(before, order, whole=actions), None) is None:
            return [f"{action.operation} {action.subject}" for action in order]
    return None


def _orders(iam: Iam, left: list[Action]) -> Iterator[list[Action]]:
    if not left:
        yield []
    for number, action in enumerate(left):
        rest = left[:number] + left[number + 1 :]
        if any(_marks(other, action) or _is_earlier_step(other, action) for other in rest):
            continue
        then = iam.copy()
        try:
            then.call(action.operation, sent(action))
        except Refused:
            continue
        yield from ([action, *order] for order in _orders(then, rest))


def _marks(action: Action, other: Action) -> bool:
    is_mark = isinstance(action.change, to.SetTags) and OWNER_TAG in action.change.tags
    return is_mark and action.subject == other.subject


def _is_earlier_step(action: Action, other: Action) -> bool:
    return action.subject == other.subject and action.step == (1, 2) and other.step == (2, 2)


def windows_are_forced(pair: Pair) -> bool:
    """Whether a plan that announces a window was looked at; a safe order of its calls is a fault."""
    before, desired = pair
    plan, refused = planned(before, desired)
    announced = [one for one in plan.actions if one.window]
    if refused or not announced or len(plan.actions) > MOST_CALLS or _has_unknown_text(plan.actions, before):
        return False
    assert safe_order(before, plan.actions) is None, [(one.subject, one.operation) for one in plan.actions]
    return True


def _has_unknown_text(actions: Sequence[Action], before: Iam) -> bool:
    """Iamsync takes what it does not know for anything: it may see a window where the judge, who knows, sees none."""
    owners: list[UserRecord | GroupRecord] = [*before.users.values(), *before.groups.values()]
    attached = {arn for owner in owners for arn in owner.attached}
    attached |= {one.change.policy for one in actions if isinstance(one.change, to.Attach)}
    return any(UNKNOWN_TO_IAMSYNC in arn for arn in attached)


lawful = settings(
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
EVERY_KIND = st.one_of(sharing(), sharing(DISTINGUISHED), met_on_the_way())


def _looked_at(examples: int) -> int:
    seen: list[bool] = []

    @settings(lawful, max_examples=examples)
    @given(EVERY_KIND)
    def law(pair: Pair) -> None:
        seen.append(windows_are_forced(pair))

    law()
    return sum(seen)


def test_the_window_of_policies_that_guard_each_other_is_forced() -> None:
    guarding = (policy("A", guard("sqs:*", "sns:*")), policy("B", guard("sns:*", "sqs:*")))
    old, new = desired(user("aiko"), *guarding), desired(user("aiko", arn_of("A"), arn_of("B")), *guarding)

    assert windows_are_forced((account(old), new))


def guard(allows: str, denies: str) -> Document:
    """A document that allows one thing and denies another."""
    effects = {"Allow": allows, "Deny": denies}
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in effects.items()]
    return Document.parse({"Version": "2012-10-17", "Statement": statements})


def test_windows_of_small_plans_are_forced() -> None:
    _looked_at(200)


@pytest.mark.slow
def test_every_window_of_many_small_plans_is_forced() -> None:
    assert _looked_at(5000) >= 10
