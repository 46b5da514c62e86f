"""The laws: from any account, to any desired state. Each is a function whose name is its claim; a pair of states must
obey them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamsync.core.guard import Refusal
from iamsync.core.model import AccessKey, DesiredState, LiveState
from iamsync.core.plan import Plan
from iamsync.core.tags import RETIRED_KEY_TAG
from iamsync.render.text import plan_lines
from laws import judge
from laws.disorder import shuffled, shuffled_account
from laws.model import Iam, live_state
from laws.pairs import Pair, pairs
from laws.playing import in_another_order, planned, play, sent
from laws.seldom import SELDOM, SELDOM_KEYS

Planned = tuple[Plan, tuple[Refusal, ...]]

lawful = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@settings(lawful, max_examples=400)
@given(pairs(), st.integers(0, 2**16))
def test_any_account_is_brought_to_any_desired_state_lawfully(pair: Pair, chance: int) -> None:
    every_law_is_obeyed(pair, chance)


@pytest.mark.slow
@settings(lawful, max_examples=4000)
@given(pairs(), st.integers(0, 2**16))
def test_so_are_many_more(pair: Pair, chance: int) -> None:
    every_law_is_obeyed(pair, chance)


@pytest.mark.parametrize("pair", [*SELDOM, *(pytest.param(pair, id=name) for name, pair in SELDOM_KEYS.items())])
def test_so_is_what_chance_seldom_brings(pair: Pair) -> None:
    plan, _ = planned(*pair)
    for chance in range(len(plan.actions) + 1):  # an apply breaks off after each call
        every_law_is_obeyed(pair, chance)


def every_law_is_obeyed(pair: Pair, chance: int) -> None:
    before, desired = pair
    found = plan, refused = planned(before, desired)
    the_plan_can_be_read(plan)
    the_order_of_files_and_of_answers_is_no_matter(before, desired, found, Random(chance))  # noqa: S311 - no secret
    if refused:
        return
    iam = before.copy()
    play(iam, plan.actions)  # IAM refuses no call, or this raises
    the_calls_made_are_the_plan(iam, plan)
    nothing_is_left_to_do(iam, desired)
    the_account_is_as_declared_but_for_what_is_held_back(iam, desired, plan)
    nothing_that_is_not_ours_is_changed(before, iam, desired)
    what_is_not_declared_of_a_user_stays(before, iam, desired)
    only_what_is_ours_and_not_declared_is_gone(before, iam, desired)
    a_user_who_is_gone_leaves_nothing_behind(before, iam)
    a_deny_of_somebody_else_stays_to_the_end(before, desired, plan, Random(chance))  # noqa: S311 - as above
    end = _end(iam, desired)
    subjects_go_side_by_side(before, end, desired, plan, Random(chance))  # noqa: S311 - as above
    breaking_off_after = chance % (len(plan.actions) + 1)
    an_apply_that_broke_off_is_brought_to_the_same_end(before, end, desired, plan, breaking_off_after)


def the_plan_can_be_read(plan: Plan) -> None:
    assert len(list(plan_lines(plan, verbose=True))) > len(plan.actions)


def the_order_of_files_and_of_answers_is_no_matter(
    iam: Iam, desired: DesiredState, found: Planned, chance: Random
) -> None:
    assert planned(shuffled_account(iam, chance), shuffled(desired, chance)) == found


def the_calls_made_are_the_plan(iam: Iam, plan: Plan) -> None:
    assert iam.log == [(action.operation, sent(action)) for action in plan.actions]


def nothing_is_left_to_do(iam: Iam, desired: DesiredState) -> None:
    again, refused = planned(iam, desired)
    assert again.actions == ()
    assert refused == ()


def the_account_is_as_declared_but_for_what_is_held_back(iam: Iam, desired: DesiredState, plan: Plan) -> None:
    assert list(judge.shortcomings(iam, desired, plan)) == []


def nothing_that_is_not_ours_is_changed(before: Iam, iam: Iam, desired: DesiredState) -> None:
    foreign = judge.foreign(before, desired)
    assert judge.after(foreign, iam) == foreign


def what_is_not_declared_of_a_user_stays(before: Iam, iam: Iam, desired: DesiredState) -> None:
    stayed = {user.id for user in before.users.values()} & {user.id for user in iam.users.values()}
    strays = judge.strays(before)
    assert judge.undeclared(iam, desired, stayed, strays) == judge.undeclared(before, desired, stayed, strays)


def only_what_is_ours_and_not_declared_is_gone(before: Iam, iam: Iam, desired: DesiredState) -> None:
    assert judge.wrongly_gone(before, iam, desired) == []


def a_user_who_is_gone_leaves_nothing_behind(before: Iam, iam: Iam) -> None:
    stayed = {user.id for user in iam.users.values()}
    gone = [user for user in before.users.values() if user.id not in stayed]
    assert [left for user in gone if (left := judge.leftovers(iam, user))] == []


def a_deny_of_somebody_else_stays_to_the_end(before: Iam, desired: DesiredState, plan: Plan, chance: Random) -> None:
    """At no moment a user or group is without one that was there, but for who is deleted and has nothing else left."""
    denies = judge.denies_of_others(before, desired)
    going = {user.id for user in before.users.values() if judge.is_deleted(plan, "user", user.name)}
    going |= {name for name in before.groups if judge.is_deleted(plan, "group", name)}
    iam = before.copy()
    for action in in_another_order(plan, chance):
        play(iam, (action,))
        assert list(judge.lost_denies(denies, iam, going)) == []


def subjects_go_side_by_side(before: Iam, end: LiveState, desired: DesiredState, plan: Plan, chance: Random) -> None:
    other = before.copy()
    play(other, in_another_order(plan, chance))
    assert _end(other, desired) == end


def an_apply_that_broke_off_is_brought_to_the_same_end(
    before: Iam, end: LiveState, desired: DesiredState, plan: Plan, calls: int
) -> None:
    cut = before.copy()
    play(cut, plan.actions[:calls])
    perhaps_nobodys = judge.strays(cut) - judge.strays(before)
    rest, refused = planned(cut, desired)
    assert refused == ()
    play(cut, rest.actions)
    nothing_is_left_to_do(cut, desired)
    assert judge.active_keys(cut).isdisjoint(perhaps_nobodys)
    assert _end(cut, desired, but=perhaps_nobodys) == end


def _end(iam: Iam, desired: DesiredState, but: frozenset[str] = frozenset()) -> LiveState:
    """The account without what may differ: how many texts are stored depends on how often it was begun, the ids of new
    access keys are IAM's own, and a key that was made and perhaps not delivered (`but`) stays, deactivated, perhaps
    with a note of the day.
    """
    found = live_state(iam, desired)
    users = {name: replace(user, tags=_without_note_of(but, user.tags)) for name, user in found.users.items()}
    keys = {
        name: _without_ids([key for key in one.access_keys if key.id not in but])
        for name, one in found.credentials.items()
    }
    credentials = {name: replace(one, access_keys=keys[name]) for name, one in found.credentials.items()}
    return replace(found, users=users, versions={}, credentials=credentials)


def _without_note_of(keys: frozenset[str], tags: Mapping[str, str]) -> Mapping[str, str]:
    noted, _, _ = tags.get(RETIRED_KEY_TAG, "").partition(" ")
    return {key: value for key, value in tags.items() if not (key == RETIRED_KEY_TAG and noted in keys)}


def _without_ids(keys: Sequence[AccessKey]) -> tuple[AccessKey, ...]:
    return tuple(sorted((replace(key, id="") for key in keys), key=str))
