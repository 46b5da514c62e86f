"""The laws again, over HTTP: iamsync's own reading and applying against the strict sandbox."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from botocore import xform_name
from hypothesis import HealthCheck, Phase, assume, given, settings
from mypy_boto3_iam import IAMClient

from iamsync import live
from iamsync.apply import apply
from iamsync.core.model import OWNER_TAG, Credentials, DesiredState, LiveState, Settings
from iamsync.core.plan import Plan
from iamsync.sandbox import Sandbox
from laws.model import GroupRecord, Iam, UserRecord, live_state
from laws.pairs import Pair, pairs
from laws.playing import planned
from laws.seeding import PASSWORD, seed
from laws.universe import AWS_POLICIES, DOCUMENTS, US

lawful_over_http = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink over HTTP takes minutes; the model finds the same, and small
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
of_customers = pairs(ignored_tags=("AKIA0000",))
"""Tags of AWS's own cannot be made by calls."""


class SameForAll:
    """Delivers the same password to everybody, nowhere."""

    def new_password(self, user_name: str) -> str:
        """One that meets AWS's rules."""
        return f"{PASSWORD} {user_name}"

    def new_access_key(self, user_name: str, key_id: str, secret: str) -> None:
        """Handed over to nobody."""

    def take_back(self, user_name: str) -> None:
        """Nothing was handed over."""


def read(iam: IAMClient, desired: DesiredState) -> LiveState:
    return live.read(iam, desired, at_once=2, now=datetime.now(tz=UTC))


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

    report = apply(plan, iam, SameForAll())

    assert report.complete, [outcome.why for outcome in report.outcomes if outcome.why]
    made = [xform_name(call.operation) for call in sandbox.calls if not call.operation.startswith(("List", "Get"))]
    assert Counter(made) == Counter(action.operation for action in plan.actions)
    assert Plan.between(desired, read(iam, desired)).actions == ()


def test_fifty_leavers_with_all_nine_dependents_go_without_a_refused_call(sandbox: Sandbox, iam: IAMClient) -> None:
    account = Iam()
    account.groups = {"readers": GroupRecord(name="readers")}
    account.users = {f"leaver-{number:02}": _who_has_everything(f"leaver-{number:02}") for number in range(50)}
    seed(account, iam)
    desired = DesiredState(account=account.account, settings=Settings(owner=US, prune=True))
    plan = Plan.between(desired, read(iam, desired))
    sandbox.forget_calls()

    report = apply(plan, iam, None)

    assert report.complete
    assert len(sandbox.calls) == len(plan.actions) == 50 * len(EVERYTHING)
    assert Counter(action.operation for action in plan.actions) == dict.fromkeys(EVERYTHING, 50) | TWICE
    left = read(iam, desired)
    assert (left.users, left.spare_mfa_devices) == ({}, ())


EVERYTHING = (
    "update_access_key",
    "delete_login_profile",
    "deactivate_mfa_device",
    "deactivate_mfa_device",
    "delete_virtual_mfa_device",
    "delete_access_key",
    "delete_access_key",
    "delete_signing_certificate",
    "delete_ssh_public_key",
    "delete_service_specific_credential",
    "remove_user_from_group",
    "delete_user_policy",
    "detach_user_policy",
    "delete_user",
)
TWICE = {name: 100 for name in EVERYTHING if EVERYTHING.count(name) == 2}


def _who_has_everything(name: str) -> UserRecord:
    return UserRecord(
        name=name,
        id=name,
        tags={OWNER_TAG: US},
        boundary=AWS_POLICIES[0],
        attached={AWS_POLICIES[1]},
        inline={"queue": DOCUMENTS[1].render()},
        groups={"readers"},
        password=True,
        access_keys={"a": "Active", "b": "Inactive"},
        mfa={f"arn:aws:iam::123456789012:mfa/{name}", f"arn:aws:iam::123456789012:u2f/user/{name}/default"},
        ssh_keys={"a"},
        certificates={"a"},
        service_credentials={"a": "Active"},
    )
