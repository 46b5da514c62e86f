"""The rate, by a clock that the test turns."""

import pytest

from iamsync.apply.rate import SLOWEST, Rate


class Clock:
    """Seconds, as the test wants them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Account:
    """An account that takes so many calls a second, and throttles the others."""

    def __init__(self, a_second: float) -> None:
        self._a_second = a_second
        self._tokens, self._filled = a_second, 0.0

    def takes(self, now: float) -> bool:
        self._tokens = min(self._a_second, self._tokens + (now - self._filled) * self._a_second)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def accepted_and_throttled(rate: Rate, clock: Clock, account: Account, seconds: float) -> tuple[int, int]:
    """What becomes of calls that are sent as fast as the rate allows, and 2,000 a second at most."""
    accepted = throttled = 0
    until = clock.now + seconds
    while clock.now < until:
        clock.now += max(rate.turn(), 0.0005)
        if account.takes(clock.now):
            accepted += 1
            rate.accepted()
        else:
            throttled += 1
            rate.throttled()
    return accepted, throttled


def test_nothing_waits_as_long_as_aws_does_not_complain() -> None:
    rate = Rate(Clock())

    assert [rate.turn() for _ in range(1000)] == [0.0] * 1000


@pytest.mark.parametrize("a_second", [5, 10, 100, 1000])
def test_whatever_an_account_takes_is_found_and_used(a_second: int) -> None:
    clock = Clock()
    rate, account = Rate(clock), Account(a_second)
    accepted_and_throttled(rate, clock, account, seconds=5)

    accepted, throttled = accepted_and_throttled(rate, clock, account, seconds=30)

    assert accepted > 0.8 * 30 * a_second
    assert throttled < 0.25 * accepted


def test_a_throttling_among_many_in_flight_is_believed_once() -> None:
    clock = Clock()
    rate = Rate(clock)
    for _ in range(10):
        rate.accepted()
    for _ in range(8):
        rate.throttled()

    assert rate.per_second == pytest.approx(9)


def test_it_recovers_when_the_account_is_calm_again() -> None:
    clock = Clock()
    rate = Rate(clock)
    rate.throttled()
    assert rate.per_second == SLOWEST

    clock.now = 30
    rate.turn()

    assert rate.per_second > 20


def test_threads_take_turns() -> None:
    clock = Clock()
    rate = Rate(clock)
    for _ in range(10):
        rate.accepted()
    rate.throttled()

    turns = [rate.turn() for _ in range(3)]

    assert turns == pytest.approx([1 / 9, 2 / 9, 3 / 9])
