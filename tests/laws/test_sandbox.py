"""The laws again, over HTTP: iamsync's own reading and applying against the strict sandbox."""

from collections import Counter
from dataclasses import replace

from botocore import xform_name
from channels import InMemory, by
from hypothesis import HealthCheck, Phase, assume, given, settings
from mypy_boto3_iam import IAMClient

from iamsync import live
from iamsync.apply import apply
from iamsync.core.model import Credentials, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.sandbox import Sandbox
from laws.model import Iam, live_state
from laws.pairs import Pair, pairs
from laws.playing import planned
from laws.seeding import seed

lawful_over_http = settings(
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],  # to shrink over HTTP takes minutes; the model finds the same, and small
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
of_customers = pairs(ignored_tags=("AKIA0000",))
"""Tags of AWS's own cannot be made by calls."""


def read(iam: IAMClient, desired: DesiredState) -> LiveState:
    """The sandbox's account on the model's day, whatever day it is here."""
    return live.read(iam, desired, at_once=2, now=Iam().now)


def without_ids(state: LiveState) -> LiveState:
    """What model and sandbox must agree on: all but the ids that each gives to credentials."""
    return replace(state, credentials={name: Credentials() for name in state.credentials})


@lawful_over_http
@given(of_customers)
def test_model_and_sandbox_tell_the_same_of_an_account(sandbox: Sandbox, iam: IAMClient, pair: Pair) -> None:
    sandbox.reset()
    seed(pair[0], iam)

    assert without_ids(read(iam, pair[1])) == without_ids(live_state(*pair))


@lawful_over_http
@given(of_customers)
def test_the_sandbox_refuses_no_call_and_after_them_nothing_is_left_to_do(
    sandbox: Sandbox, iam: IAMClient, pair: Pair
) -> None:
    model, desired = pair
    assume(not planned(model, desired)[1])
    sandbox.reset()
    seed(model, iam)
    plan = Plan.between(desired, read(iam, desired))
    sandbox.forget_calls()

    report = apply(plan, iam, by(InMemory()))

    assert report.complete, [outcome.why for outcome in report.outcomes if outcome.why]
    made = [xform_name(call.operation) for call in sandbox.calls if not call.operation.startswith(("List", "Get"))]
    assert Counter(made) == Counter(action.operation for action in plan.actions)
    assert Plan.between(desired, read(iam, desired)).actions == ()
