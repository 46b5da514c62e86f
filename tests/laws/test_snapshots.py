"""The law of snapshots: a plan from one is the plan that the account leads to, or none."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import chdir
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from casebook.case import case
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from mypy_boto3_iam import IAMClient
from states import desired, user

from iamsync import aws, live, planning, snapshot
from iamsync.aws import offline
from iamsync.aws.offline import answered_by
from iamsync.core import validate
from iamsync.core.access.known import known_version
from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.model import DesiredState
from iamsync.core.operations import READS, Operation
from iamsync.core.part import Only
from iamsync.core.plan import Plan
from iamsync.core.tags import MFA_DEVICES_TAG, OWNER_TAG
from iamsync.core.unnamed import is_unnamed
from iamsync.errors import DENIED, PlanRefused
from iamsync.snapshot import Snapshot
from iamsync.snapshot.file import parsed, text_of
from laws.model import Iam, Refused, UserRecord
from laws.model.client import Client, Shape
from laws.pairs import Pair, pairs
from laws.playing import A_ROLE
from laws.strategies import desired_states

lawful = settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
CASES = sorted(
    folder for folder in (Path(__file__).parent.parent / "cases").iterdir() if (folder / "live.yaml").exists()
)


class WholeClient(Client):
    """Answers what planning asks of the account beside its users, too."""

    def get_account_password_policy(self) -> Shape:
        """Passwords expire, and users may change theirs."""
        return {"PasswordPolicy": {"MinimumPasswordLength": 30, "ExpirePasswords": True}}

    def list_account_aliases(self) -> Shape:
        """None."""
        return {"AccountAliases": []}

    def get_policy(self, PolicyArn: str) -> Shape:  # noqa: N803
        """With the version that iamsync ships."""
        policy = super().get_policy(PolicyArn)["Policy"]
        return {"Policy": {**policy, "DefaultVersionId": known_version(Arn(PolicyArn)) or "v1"}}

    def list_attached_role_policies(self, RoleName: str) -> Shape:  # noqa: N803
        """The caller is a role of another account."""
        raise Refused("NoSuchEntity", f"The role with name {RoleName} cannot be found.")


def taken(iam: Iam, wanted: DesiredState, *, complete: bool = False) -> Snapshot:
    """A snapshot of an account of the model, as it is read from its file."""
    client = cast("IAMClient", WholeClient(iam))
    caller = aws.Caller(arn=A_ROLE.arn, account=iam.account)
    found = snapshot.take(client, wanted, caller, now=iam.now, complete=complete)
    return parsed(text_of(found).encode(), Path("live.json"))


def plan_from(client: IAMClient, wanted: DesiredState, iam: Iam, removals: int | None = None) -> Plan:
    look = planning.Look(iam=client, wanted=wanted, now=iam.now, removals=removals, only=Only(), destinations=None)
    return planning.looked(look, {}).plan


def live_plan(iam: Iam, wanted: DesiredState, removals: int | None = None) -> Plan:
    return plan_from(cast("IAMClient", WholeClient(iam)), wanted, iam, removals)


def snapshot_plan(found: Snapshot, wanted: DesiredState, iam: Iam, removals: int | None = None) -> Plan:
    """Raises PlanRefused if the snapshot does not have what the plan needs."""
    if missing := snapshot.lacking(found, wanted):
        raise PlanRefused(missing)
    _Answering.now = snapshot.Answers(found)
    return plan_from(_client(), wanted, iam, removals)


class _Answering:
    """The snapshot that the one client answers from: a client of botocore takes longer to make than a plan."""

    now: snapshot.Answers


@cache
def _client() -> IAMClient:
    return aws.reader(answered_by(_answer, "aws"))


def _answer(operation: Operation, params: Mapping[str, Any]) -> Shape:
    return _Answering.now(operation, params)


def assert_same(plan: Plan, by_aws: Plan, found: Snapshot) -> None:
    """All is the same but the names of what the snapshot only counts, and texts that name an old ARN."""
    assert plan.digest == by_aws.digest
    assert plan.actions == by_aws.actions or not found.complete
    assert [replace(one, notes=()) for one in plan.actions] == [replace(one, notes=()) for one in by_aws.actions]
    assert plan.held_back == by_aws.held_back
    assert [one for one in plan.warnings if one in by_aws.warnings] == list(plan.warnings)
    assert (plan.orphans, plan.managed, plan.left_out) == (by_aws.orphans, by_aws.managed, by_aws.left_out)
    for kind in ("users", "groups", "policies"):
        names, all_names = getattr(plan.unmanaged, kind), getattr(by_aws.unmanaged, kind)
        assert len(names) == len(all_names)
        assert {one for one in names if not is_unnamed(one)} <= {*all_names}
    if found.complete:
        assert plan == by_aws


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_in_every_case_the_plan_from_a_snapshot_is_the_plan(folder: Path) -> None:
    with chdir(folder):
        found = case(Path())
    by_aws = _outcome(live_plan, found.live, found.desired, found.allowed_removals)
    for complete in (False, True):
        picture = taken(found.live, found.desired, complete=complete)

        outcome = _outcome(snapshot_plan, picture, found.desired, found.live, found.allowed_removals)

        if isinstance(by_aws, Plan):
            assert isinstance(outcome, Plan)
            assert_same(outcome, by_aws, picture)
        else:
            assert outcome == by_aws


def _outcome(plan: Callable[..., Plan], *of: object) -> Plan | tuple[str, ...]:
    """The plan, or why there is none."""
    try:
        return plan(*of)
    except PlanRefused as refused:
        return refused.reasons


@st.composite
def changed_files(draw: st.DrawFn) -> tuple[Iam, DesiredState, DesiredState]:
    """An account, and two desired states for it: at the time of the snapshot, and later."""
    iam, before = draw(pairs())
    after = draw(desired_states(iam))
    nothing = frozenset[str]()  # a name to adopt that fits nothing is seldom of interest here
    after = replace(after, settings=replace(after.settings, adopt_names=nothing, remove_denies=nothing))
    assume(not [problem for problem in validate.problems(after) if not problem.warning])
    return iam, before, after


@lawful
@given(changed_files(), st.booleans())
def test_other_files_lead_to_the_plan_as_well_or_are_refused(
    drawn: tuple[Iam, DesiredState, DesiredState],
    complete: bool,  # noqa: FBT001
) -> None:
    iam, before, after = drawn
    picture = taken(iam, before, complete=complete)
    by_aws = _outcome(live_plan, iam, after)

    outcome = _outcome(snapshot_plan, picture, after, iam)

    if isinstance(outcome, Plan):
        assert isinstance(by_aws, Plan)
        assert_same(outcome, by_aws, picture)
    elif outcome != by_aws:
        assert not complete
        assert all(one.startswith("not in the snapshot") for one in outcome)


@settings(lawful, max_examples=20)
@given(pairs(), st.booleans())
def test_the_file_says_what_was_taken(pair: Pair, complete: bool) -> None:  # noqa: FBT001
    iam, wanted = pair
    text = text_of(taken(iam, wanted, complete=complete))
    picture = parsed(text.encode(), Path("live.json"))

    assert text_of(picture) == text
    bulk = live.read_in_bulk(cast("IAMClient", WholeClient(iam)), iam.account)
    _Answering.now = snapshot.Answers(picture)
    found = live.read_in_bulk(_client(), iam.account)

    assert {name for name in found.users if not is_unnamed(name)} == picture.users.keys()
    assert all(found.users[name] == bulk.users[name] for name in picture.users)
    assert all(found.groups[name] == bulk.groups[name] for name in picture.groups)
    assert all(found.policies[Arn(arn)] == bulk.policies[Arn(arn)] for arn in picture.policies)
    assert all(found.versions[Arn(arn)] == bulk.versions[Arn(arn)] for arn in picture.policies)
    sizes = [(len(one.users), len(one.groups), len(one.policies)) for one in (found, bulk)]
    assert sizes[0] == sizes[1]
    assert complete is False or found == bulk


def account_of(*users: UserRecord, free_mfa_devices: Iterable[str] = ()) -> Iam:
    devices = {f"arn:aws:iam::123456789012:mfa/{name}" for name in free_mfa_devices}
    return Iam(users={one.name: one for one in users}, free_mfa_devices=devices)


ADMINISTRATOR = aws_policy_arn("aws", "AdministratorAccess")


@pytest.mark.parametrize("others", [0, 1, 3])
def test_whether_the_last_administrator_goes_is_known_though_the_others_have_no_names(others: int) -> None:
    aiko = UserRecord(name="aiko", id="A", tags={OWNER_TAG: "us"}, attached={ADMINISTRATOR})
    eves = [UserRecord(name=f"eve{number}", id=f"E{number}", attached={ADMINISTRATOR}) for number in range(others)]
    iam, wanted = account_of(aiko, *eves, UserRecord(name="bo", id="B")), desired(user("aiko"))

    plan = snapshot_plan(taken(iam, wanted), wanted, iam)

    assert plan.warnings == live_plan(iam, wanted).warnings
    assert len(plan.warnings) == (0 if others else 1)
    assert len(plan.unmanaged.users) == others + 1
    assert plan.unmanaged_administrators == frozenset()


def test_devices_that_a_killed_run_has_noted_are_in_the_snapshot() -> None:
    aiko = UserRecord(name="aiko", id="A", tags={OWNER_TAG: "us", MFA_DEVICES_TAG: "phone"})
    iam, wanted = account_of(aiko, free_mfa_devices=["phone", "aiko", "eve"]), desired(user("bo"), prune=True)
    picture = taken(iam, wanted)

    plan = snapshot_plan(picture, wanted, iam)

    assert plan.digest == live_plan(iam, wanted).digest
    assert [one.operation for one in plan.actions].count("delete_virtual_mfa_device") == 2
    assert [serial.rpartition("/")[2] for serial in picture.unassigned_mfa_devices] == ["aiko", "phone"]


def test_a_device_of_the_name_of_a_new_user_is_recognized() -> None:
    iam = account_of(UserRecord(name="aiko", id="A", tags={OWNER_TAG: "us"}), free_mfa_devices=["eve", "bo"])
    picture = taken(iam, desired(user("aiko"), user("bo")))

    assert snapshot.lacking(picture, desired(user("aiko"), user("chen"))) == ()
    assert snapshot.lacking(picture, desired(user("aiko"), user("eve"))) == (
        "not in the snapshot, but in the account: mfa/eve: take a new snapshot from these files, or one with --all",
    )


def test_every_read_has_an_answer_but_those_that_only_an_apply_makes() -> None:
    picture = taken(account_of(), desired(user("aiko")))
    unanswered = {name for service, name in READS if not _is_answered(picture, (service, name))}

    assert unanswered == {"GetGroup", "ListPolicyVersions"}


def _is_answered(picture: Snapshot, operation: Operation) -> bool:
    try:
        snapshot.Answers(picture)(operation, defaultdict(str))
    except PlanRefused as refused:
        return "the answer to" not in str(refused)
    except (offline.Refused, KeyError):
        return True
    return True


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"])
def test_a_snapshot_of_any_partition_answers(partition: str) -> None:
    arn = Arn(f"arn:{partition}:sts::123456789012:assumed-role/ci/session")
    picture = taken(account_of(), desired(user("aiko"))).model_copy(update={"partition": partition, "caller": arn})

    caller = aws.caller(answered_by(snapshot.Answers(picture), partition))

    assert (caller.arn, caller.account) == (arn, picture.of)


def test_what_was_denied_is_denied_again() -> None:
    picture = taken(account_of(), desired(user("aiko"))).model_copy(update={"denied": ["GetAccountPasswordPolicy"]})
    _Answering.now = snapshot.Answers(picture)

    with pytest.raises(ClientError) as caught:
        _client().get_account_password_policy()

    assert caught.value.response["Error"]["Code"] in DENIED
