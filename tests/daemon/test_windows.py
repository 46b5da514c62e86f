"""Maintenance windows: when they are open, and when the next one begins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamsync.daemon.windows import next_opening, window

MONDAY = datetime(2033, 5, 2, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return MONDAY + timedelta(days=day, hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("Mon-Fri 08:00-18:00", [(0, "08:00"), (4, "17:59")], [(0, "07:59"), (0, "18:00"), (5, "12:00")]),
        ("Fri-Mon 08:00-18:00", [(4, "09:00"), (6, "09:00"), (0, "09:00")], [(1, "09:00"), (3, "09:00")]),
        ("sat,sun 00:00-24:00", [(5, "00:00"), (6, "23:59")], [(4, "23:59"), (0, "00:00")]),
        ("Mon 22:00-02:00", [(0, "22:00"), (1, "01:59")], [(0, "01:00"), (1, "02:00"), (1, "22:30")]),
        ("daily 08:00-08:00", [(0, "07:59"), (3, "08:00")], []),
        ("Mon 09:00-10:00 Asia/Tokyo", [(0, "00:30")], [(0, "09:30")]),
    ],
)
def test_a_window_is_open_at_its_time(text: str, inside: list[tuple[int, str]], outside: list[tuple[int, str]]) -> None:
    found = window(text)

    assert [one for one in inside if not found.is_open(at(*one))] == []
    assert [one for one in outside if found.is_open(at(*one))] == []


def test_summer_time_moves_a_window() -> None:
    berlin = window("daily 08:00-09:00 Europe/Berlin")

    assert berlin.is_open(datetime(2033, 1, 3, 7, 30, tzinfo=UTC))
    assert berlin.is_open(datetime(2033, 7, 4, 6, 30, tzinfo=UTC))
    assert not berlin.is_open(datetime(2033, 7, 4, 7, 30, tzinfo=UTC))


def test_the_next_opening_is_the_first_of_any_window() -> None:
    windows = (window("Wed 10:00-11:00"), window("Tue 10:00-11:00"))

    assert next_opening(windows, at(0, "12:00")) == at(1, "10:00")
    assert next_opening(windows, at(1, "10:00")) == at(2, "10:00")
    assert next_opening((windows[0],), at(2, "10:00")) == at(9, "10:00")
    assert next_opening((), MONDAY) is None


@given(st.integers(0, 7 * 24 * 60), st.sampled_from(["Mon-Fri 08:00-18:00", "Sat 23:30-01:15", "daily 00:00-00:30"]))
def test_a_window_is_open_when_it_begins_and_was_not_before(minutes: int, text: str) -> None:
    now, found = MONDAY + timedelta(minutes=minutes), window(text)

    begins = next_opening([found], now)

    assert begins is not None
    assert found.is_open(begins)
    assert not found.is_open(begins - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("8-18", "invalid maintenance window"),
        ("Mo 08:00-18:00", "is no list of days"),
        ("Mon- 08:00-18:00", "is no list of days"),
        ("Mon 08:00-25:00", '"25:00"'),
        ("Mon 24:00-02:00", '"24:00"'),
        ("Mon 08:00-18:00 Mars/Base", "does not know the time zone"),
        ("Mon 08:00-18:00 ../../etc/passwd", "does not know the time zone"),
    ],
)
def test_what_is_no_window_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        window(text)
