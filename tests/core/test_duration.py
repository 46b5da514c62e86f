"""One grammar of durations, in the files and on the command line."""

import pytest

from iamsync.core.duration import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("90d", 7_776_000), ("2w", 1_209_600)]
)
def test_a_number_and_a_unit_are_a_duration(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "0s", "05m", "1.5h", "-1h", "5 m", "5M", "5m\n", "1h30m", "1y", "٣m"])
def test_nothing_else_is(text: str) -> None:
    assert seconds_of(text) is None
