"""One call that AWS always refuses, whichever it is, keeps no access alive but what that very call takes away."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.deny import SUSPENDED_POLICY
from iamsync.core.model import DesiredState
from iamsync.core.order import Ended, Progress
from iamsync.core.plan import Plan
from laws import judge
from laws.model import Iam, UserRecord
from laws.model.calls import Refused
from laws.pairs import Pair, pairs
from laws.playing import planned, sent
from laws.rights import managed, parsed

Call = tuple[str, Mapping[str, Any]]
RUNS = 3


def applied(iam: Iam, plan: Plan, refused: Call) -> None:
    """Apply a plan to an account that refuses one call."""
    progress = Progress(plan.actions, plan.graph, plan.before)
    while not progress.is_waiting:
        number = progress.start()
        done = not progress.hindrance(number) and _is_done(iam, plan.actions[number], refused)
        progress.end(number, Ended.DONE if done else Ended.NOT_DONE)


def _is_done(iam: Iam, action: Action, refused: Call) -> bool:
    if (action.operation, sent(action)) == refused:
        return False
    try:
        iam.call(action.operation, sent(action))
    except Refused:
        return False
    return True


def access_left(before: Iam, iam: Iam, desired: DesiredState, plan: Plan, refused: Call) -> Iterator[str]:
    """What suspended and pruned users can still use, though nothing but one call was refused."""
    for user in iam.users.values():
        if user.id not in {one.id for one in before.users.values()} or _is_left_alone(user, plan):
            continue
        wanted = desired.users.get(user.name)
        if wanted is not None and wanted.suspended:
            yield from (f"{user.name} has {one}" for one in _credentials(user) if not _is_about(refused, one))
            if SUSPENDED_POLICY not in user.inline and not _is_about(refused, SUSPENDED_POLICY):
                yield f"{user.name} is not denied everything"
        elif wanted is None and any(_is_removed_by(one, user.name) for one in plan.actions):
            left = [*_credentials(user), *_granting(iam, user)]
            yield from (f"{user.name} has {one}" for one in left if not _is_about(refused, one))


def _is_removed_by(action: Action, name: str) -> bool:
    """Whether an action is about a user who goes, and not only about a group that the user must leave."""
    is_stranger = isinstance(action.change, to.Leave) and action.change.is_stranger
    return action.subject == f"user/{name}" and not is_stranger


def _granting(iam: Iam, user: UserRecord) -> Iterator[str]:
    """Policies and groups of a user that deny nothing: what denies stays as long as something else does."""
    texts = {
        **{arn: managed(iam, arn) for arn in user.attached},
        **{name: parsed(one) for name, one in user.inline.items()},
    }
    yield from (name for name, text in texts.items() if not text.denies)
    for name in user.groups:
        group = iam.groups[name]
        inside = [*(managed(iam, arn) for arn in group.attached), *map(parsed, group.inline.values())]
        if not any(text.denies for text in inside):
            yield name


def _credentials(user: UserRecord) -> Iterator[str]:
    yield from (key for key, status in user.access_keys.items() if status == "Active")
    if user.password:
        yield "login_profile"


def _is_about(refused: Call, what: str) -> bool:
    operation, params = refused
    return what in operation or what in params.values()


def _is_left_alone(user: UserRecord, plan: Plan) -> bool:
    """Not ours, protected, or over the limit of removals."""
    return any(held.subject == f"user/{user.name}" for held in plan.held_back)


def obeys(pair: Pair, chance: Random, *, every: int) -> None:
    """Each call of a plan is always refused, in all runs."""
    before, desired = pair
    plan, stopped = planned(before, desired)
    denies = judge.denies_of_others(before, desired)
    going = {user.id for user in before.users.values() if judge.is_deleted(plan, "user", user.name)}
    going |= {name for name in before.groups if judge.is_deleted(plan, "group", name)}
    if stopped:
        return
    for number in range(chance.randrange(every), len(plan.actions), every):
        action = plan.actions[number]
        refused: Call = (action.operation, sent(action))
        iam, last = before.copy(), plan
        for _ in range(RUNS):
            applied(iam, last, refused)
            last, _ = planned(iam, desired)
        assert list(judge.lost_denies(denies, iam, going)) == [], (action, desired)
        if action.operation not in {"tag_user", "update_user", "create_user"} or "iamsync:owner" not in str(refused):
            assert list(access_left(before, iam, desired, plan, refused)) == [], (action, desired)


lawful = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@settings(lawful, max_examples=120)
@given(pairs(), st.integers(0, 2**16))
def test_one_refused_call_keeps_no_access_alive(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=3)  # noqa: S311 - chance, no secret


@pytest.mark.slow
@settings(lawful, max_examples=1500)
@given(pairs(), st.integers(0, 2**16))
def test_nor_does_any_call_of_many_plans(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=1)  # noqa: S311 - as above
