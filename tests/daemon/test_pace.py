"""How soon the next cycle comes: never later than usual."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from iamsync.daemon.pace import Pace, failures_after, pause_after
from iamsync.daemon.result import CycleResult, Result

NOW = datetime(2033, 5, 2, tzinfo=UTC)
DOWN = CycleResult(result=Result.ERROR, started=NOW, error_kind="AccountError")
WRONG_FILES = CycleResult(result=Result.ERROR, started=NOW, error_kind="DesiredStateError")
GOOD = CycleResult(result=Result.IN_SYNC, started=NOW)


def test_while_aws_is_down_pauses_grow_to_the_interval() -> None:
    assert [pause_after(failures, 300) for failures in range(8)] == [300, 10, 20, 40, 80, 160, 300, 300]


def test_only_what_may_be_over_soon_is_tried_soon() -> None:
    assert [failures_after(2, one) for one in (DOWN, WRONG_FILES, GOOD)] == [3, 0, 0]


@given(st.lists(st.sampled_from([DOWN, WRONG_FILES, GOOD]), min_size=1), st.floats(0, 86400))
def test_no_pause_is_longer_than_planned(results: list[CycleResult], planned: float) -> None:
    following = iter(results)
    pace = Pace(lambda: next(following))
    for result in results:
        pace.tick()
        assert 0 <= pace(planned) <= planned
        assert result is DOWN or pace(planned) == planned
