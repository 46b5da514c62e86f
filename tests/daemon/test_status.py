"""The state of a loop as a value."""

from dataclasses import replace
from datetime import timedelta

from cycle_results import (
    ALL,
    APPLIED,
    ATTACH,
    BEGUN,
    CLOCK,
    DOWN,
    DRIFTED,
    FAILED,
    IN_SYNC,
    LOOKED,
    NOW,
    REFUSED,
    after,
)
from hypothesis import given
from hypothesis import strategies as st

from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import BUCKETS, GRACE, LATELY, STUCK, left_to_do


def test_a_loop_is_ready_for_three_intervals_after_a_good_cycle() -> None:
    assert not BEGUN.is_ready(CLOCK)
    good = BEGUN.after(IN_SYNC, CLOCK)
    assert good.is_ready(CLOCK + 3 * 300 + GRACE)
    assert not good.is_ready(CLOCK + 3 * 300 + GRACE + 1)
    for bad in (DOWN, REFUSED, FAILED):
        assert not good.after(bad, CLOCK + 1000).is_ready(CLOCK + 1000)


def test_a_loop_is_alive_while_cycles_come_and_end() -> None:
    assert BEGUN.is_alive(CLOCK + GRACE)
    assert not BEGUN.is_alive(CLOCK + GRACE + 1), "the first cycle never began"
    working = BEGUN.beginning(CLOCK)
    assert working.is_alive(CLOCK + STUCK)
    assert not working.is_alive(CLOCK + STUCK + 1)
    waiting = working.pausing(300, NOW, CLOCK + 10)
    assert waiting.is_alive(CLOCK + 310 + GRACE)
    assert not waiting.is_alive(CLOCK + 311 + GRACE)


def test_errors_leave_the_last_plan_and_the_last_commit() -> None:
    status = after([APPLIED, replace(DOWN, commit=None)])

    assert status.planned is not None
    assert status.last is not None
    assert (status.planned.result, status.last.result) == (Result.APPLIED, Result.ERROR)
    assert (status.commit, status.commit_at, status.good_at) == ("c0ffee", NOW, NOW + timedelta(seconds=2))
    assert after([APPLIED, replace(IN_SYNC, commit="decaf")]).commit_at == NOW + timedelta(seconds=300)


def test_what_was_done_lately_is_known_newest_first_with_what_was_drift() -> None:
    status = after([FAILED, DRIFTED])

    assert [(one.outcome.status.value, one.is_drift) for one in status.lately] == [
        ("done", False),
        ("done", True),
        ("done", False),
        ("failed", False),
    ]
    assert status.actions == {
        ("user", "create", "failed"): 1,
        ("user", "remove", "done"): 2,
        ("user", "create", "done"): 1,
    }
    assert status.drift == {("user", "create"): 1}
    assert len(after([APPLIED] * LATELY).lately) == LATELY


def test_what_is_left_to_do_is_what_was_planned_and_not_done() -> None:
    assert left_to_do(APPLIED) == {}
    assert left_to_do(FAILED) == {("user", "create"): 1}
    assert left_to_do(LOOKED) == {("user", "create"): 1}
    assert ATTACH in LOOKED.planned


@given(st.lists(st.tuples(st.sampled_from(ALL), st.floats(0, 10_000)), max_size=20))
def test_every_cycle_is_counted_once(cycles: list[tuple[CycleResult, float]]) -> None:
    status = BEGUN
    for result, seconds in cycles:
        status = status.after(replace(result, seconds=seconds), CLOCK)

    assert sum(status.cycles.values()) == sum(status.durations) == len(cycles)
    for number, bound in enumerate(BUCKETS):
        assert sum(status.durations[: number + 1]) == sum(seconds <= bound for _, seconds in cycles)
