"""The law of order holds after a failure: whatever fails, or may have been done, no moment is worse than both ends."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from iamsync.core.action import Action
from iamsync.core.model import DesiredState
from iamsync.core.order import Ended, Progress
from iamsync.core.plan import Plan
from laws.model import Iam
from laws.model.calls import Refused
from laws.moments import moments_worse_than_both_ends
from laws.pairs import Pair
from laws.playing import planned, sent
from laws.sharing import DISTINGUISHED, met_on_the_way, sharing

FIVE_IN_FLIGHT = 5


def applied(before: Iam, plan: Plan, failing: frozenset[int], unknown: frozenset[int], chance: Random) -> list[Action]:
    """The actions of a run that had their effect, in the order in which they had it. Of those that are `unknown` some
    have. Up to five are in flight, and end in any order. What IAM refuses has failed, too.
    """
    progress = Progress(plan.actions, plan.graph, plan.before)
    iam = before.copy()
    in_flight: list[int] = []
    done: list[Action] = []
    while in_flight or not progress.is_waiting:
        if not progress.is_waiting and len(in_flight) < FIVE_IN_FLIGHT and (not in_flight or chance.random() < 0.5):
            number = progress.start()
            if progress.hindrance(number):
                progress.end(number, Ended.NOT_DONE)
            else:
                in_flight.append(number)
            continue
        number = in_flight.pop(chance.randrange(len(in_flight)))
        action = plan.actions[number]
        may_be_done = number not in failing and (number not in unknown or chance.random() < 0.5)
        is_done = may_be_done and _is_accepted(iam, action)
        done += [action] if is_done else []
        progress.end(number, Ended.UNKNOWN if number in unknown else Ended.DONE if is_done else Ended.NOT_DONE)
    return done


def _is_accepted(iam: Iam, action: Action) -> bool:
    try:
        iam.call(action.operation, sent(action))
    except Refused:
        return False
    return True


def worse(before: Iam, plan: Plan, done: list[Action]) -> list[str]:
    """What is worse than both ends, at any moment of a run, and not announced by a window of the plan."""
    found = moments_worse_than_both_ends(before, done, whole=plan.actions)
    return [one.what for one in found if not one.announced]


def obeys(pair: Pair, chance: Random, *, every: int) -> None:
    """One refused call, and one of unknown outcome, at every position; and several of both."""
    before, desired = pair
    plan, refused = planned(before, desired)
    if refused or any(action.window for action in plan.actions):
        return
    _obeys(before, desired, plan, chance, every)


def _obeys(before: Iam, desired: DesiredState, plan: Plan, chance: Random, every: int) -> None:
    numbers = range(len(plan.actions))
    for number in numbers[chance.randrange(every) :: every]:
        only, some = frozenset({number}), frozenset(other for other in numbers if chance.random() < 0.2)
        for failing, unknown in ((only, frozenset()), (frozenset(), only), (some, only), (only, some)):
            done = applied(before, plan, failing, unknown, chance)
            assert worse(before, plan, done) == [], (desired, failing, unknown, done)


lawful = settings(
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@settings(lawful, max_examples=40)
@given(sharing(), st.integers(0, 2**16))
def test_a_failure_makes_no_moment_worse_than_both_ends(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=4)  # noqa: S311 - chance, no secret


@settings(lawful, max_examples=30)
@given(sharing(DISTINGUISHED), st.integers(0, 2**16))
def test_nor_does_it_where_users_become_other_principals(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=4)  # noqa: S311 - as above


@settings(lawful, max_examples=30)
@given(met_on_the_way(), st.integers(0, 2**16))
def test_nor_does_it_for_what_a_user_holds_only_on_the_way(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=2)  # noqa: S311 - as above


@pytest.mark.slow
@settings(lawful, max_examples=600)
@given(st.one_of(sharing(), sharing(DISTINGUISHED), met_on_the_way()), st.integers(0, 2**16))
def test_a_failure_at_every_call_of_many_plans(pair: Pair, chance: int) -> None:
    obeys(pair, Random(chance), every=1)  # noqa: S311 - as above
