"""The policies that `iamsync permissions` prints are enough for every case, and nothing in them is in vain.

The fast run takes a sample of the casebook and iamsync's own evaluator; the slow one all of it and iam-simulate.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from faults.network import Network
from mypy_boto3_iam import IAMClient
from mypy_boto3_iam.type_defs import TagTypeDef
from shell import STORY, Iamsync

from iamsync.core.operations import READS, WRITES
from iamsync.sandbox import Sandbox
from judged.grants import Grant, grants, needed
from judged.judges import ORACLE, Evaluator, IamSimulate, Judge, by_core_access
from judged.more import BAD_WEATHER, COMPANY
from judged.trial import ROLE, TRUST, Court, State, Trial, of

CASEBOOK = Path(__file__).parents[1] / "cases"
SAMPLE = (
    "a-group-of-others-below-a-path-is-joined",
    "a-membership-in-a-group-of-ours-that-nobody-declares-ends",
    "a-new-user-has-a-boundary-from-the-first-moment",
    "a-new-user-has-everything-there-is",
    "a-policy-is-attached-before-the-boundary-changes",
    "a-user-gets-a-new-name-and-a-new-path",
    "a-user-joins-one-group-and-leaves-another",
    "a-user-on-a-path-that-no-file-has-gets-a-new-name",
    "a-user-who-moves-is-named-by-the-old-arn-in-a-policy",
    "defaults-are-for-whoever-says-nothing-else",
    "one-user-is-adopted-by-name-and-no-other",
    "the-group-of-a-policy-set-is-adopted",
)
"""With BAD_WEATHER they need every grant that is printed for any case."""

OTHER_SPELLING = "a-group-that-is-not-ours-is-used-by-naming-it"
"""The files spell a group of others in another case than the account, which `permissions` cannot know. It says so."""

SAME_WITHOUT = {"tag:GetResources": "each policy is asked"}
"""The permissions without which a plan and an apply come to the same end, with more calls."""

SAMPLE_STATES = [*(State(CASEBOOK / name) for name in SAMPLE), BAD_WEATHER]
ALL = [*map(State, sorted(file.parent for file in CASEBOOK.glob("*/live.yaml"))), State(COMPANY), BAD_WEATHER]
ACTIONS = sorted({action for needs in (*READS.values(), *WRITES.values()) for action in needs.permissions})

_sample: list[Trial] = []
_of_sample: set[Grant] = set()
"""The trials of the sample and what is printed for it, once in each process of the slow run."""


@pytest.fixture
def court(iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Court:
    """Where states are tried."""
    return Court(iamsync, tmp_path, monkeypatch)


@pytest.fixture
def iam_simulate() -> Iterator[Evaluator]:
    """The evaluator that is not ours. It needs Node.js, and its packages from npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs Node.js and npm")
    if not (ORACLE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--prefix", str(ORACLE)], check=True, capture_output=True)  # noqa: S607
    with IamSimulate() as evaluator:
        yield evaluator


def nothing_was_denied(trial: Trial) -> None:
    assert trial.denied == ()
    assert "AccessDenied" not in trial.plan.err + trial.apply.out + trial.apply.err
    assert (trial.apply.code, trial.again.code) in {(0, 0), (3, 3)}, trial.apply.out + trial.apply.err


def given(trial: Trial) -> set[Grant]:
    return {grant for grant, _ in grants(trial.documents)}


def in_vain(trials: Iterable[Trial], evaluator: Evaluator) -> set[Grant]:
    """What is printed, and needed in none of these trials."""
    printed = set[Grant]().union(*map(given, trials))
    return printed.difference(*(needed(trial.documents, trial.requests, evaluator) for trial in trials))


def test_a_sample_of_states_gets_what_it_needs_and_needs_all_that_it_gets(court: Court) -> None:
    trials = [court.tries(state, by_core_access) for state in SAMPLE_STATES]

    for trial in trials:
        nothing_was_denied(trial)
    assert sorted(map(str, in_vain(trials, by_core_access))) == []


@pytest.mark.slow
def test_the_sample_needs_all_that_it_gets_by_iam_simulate_too(court: Court, iam_simulate: Evaluator) -> None:
    assert sorted(map(str, in_vain(sample(court), iam_simulate))) == []


@pytest.mark.slow
@pytest.mark.parametrize("state", ALL, ids=lambda state: state.name)
def test_every_state_gets_what_it_needs_and_nothing_that_the_sample_does_not_get(
    state: State, court: Court, iam_simulate: Evaluator
) -> None:
    if not _of_sample:
        _of_sample.update(grant for one in SAMPLE_STATES for grant, _ in grants(court.printed(one)))

    trial = court.tries(state, iam_simulate)

    assert given(trial) <= _of_sample
    if state.name == OTHER_SPELLING:
        assert {one.action for one in trial.denied} == {"iam:AddUserToGroup"}
    else:
        nothing_was_denied(trial)


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_without_any_one_action_some_state_fails(action: str, court: Court) -> None:
    trials = zip(SAMPLE_STATES, sample(court), strict=True)
    asking = [(state, whole) for state, whole in trials if action in {one.action for one in whole.allowed}]
    state, whole = min(asking, key=lambda one: len(one[1].allowed))

    less = court.tries(state, by_core_access, without=action)

    assert {one.action for one in less.denied} == {action}
    name = action.partition(":")[2]
    assert name not in said(whole)
    assert (name in said(less)) is (action not in SAME_WITHOUT)
    assert codes(less) == codes(whole) or action not in SAME_WITHOUT


def sample(court: Court) -> list[Trial]:
    if not _sample:
        _sample.extend(court.tries(state, by_core_access) for state in SAMPLE_STATES)
    return _sample


def said(trial: Trial) -> str:
    """What a person is shown by a plan, an apply and another plan."""
    return "".join(one.out + one.err for one in (trial.plan, trial.apply, trial.again))


def codes(trial: Trial) -> tuple[int, ...]:
    return trial.plan.code, trial.apply.code, trial.again.code


def test_the_spelling_of_groups_of_others_is_said(iamsync: Iamsync) -> None:
    ended = iamsync("permissions", "apply", "--desired", str(STORY))

    assert "spell their names in the files as they are in the account" in ended.err


Forbidden = Callable[[IAMClient], object]
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_OTHERS: TagTypeDef = {"Key": "iamsync:owner", "Value": "them"}


def _on_the_own_role(iam: IAMClient) -> None:
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=json.dumps(ADMINISTRATOR))


def _on_a_user_of_others(iam: IAMClient) -> None:
    iam.attach_user_policy(UserName="theirs", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def _with_the_tag_of_others(iam: IAMClient) -> None:
    iam.tag_user(UserName="free", Tags=[_OTHERS])


@pytest.mark.parametrize(
    ("sid", "forbidden"),
    [
        ("NeverOwnRole", _on_the_own_role),
        ("NeverOfAnotherOwner", _on_a_user_of_others),
        ("NeverForAnotherOwner", _with_the_tag_of_others),
    ],
)
def test_each_deny_holds_though_another_policy_of_the_role_allows_everything(
    sid: str, forbidden: Forbidden, iamsync: Iamsync, sandbox: Sandbox, network: Network
) -> None:
    printed = iamsync("permissions", "apply", "--desired", str(STORY), "--role", ROLE).out
    documents = [*json.loads(printed)["policies"].values(), ADMINISTRATOR]
    less = [{**one, "Statement": [each for each in one["Statement"] if each.get("Sid") != sid]} for one in documents]
    iam = of(sandbox)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_user(UserName="theirs", Tags=[_OTHERS])
    iam.create_user(UserName="free")

    network.judge = Judge(sandbox, documents, by_core_access)
    with pytest.raises(ClientError, match="AccessDenied"):
        forbidden(of(network))
    network.judge = Judge(sandbox, less, by_core_access)
    forbidden(of(network))
