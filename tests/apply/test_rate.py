"""The rate, by a clock that the test turns."""

import pytest
from crowds import LATENCY, Bucket, Chance, Clock, Crowd

from iamsync.aws.rate import SLOWEST, Rate

SEEDS = range(1, 6)


def crowd(account: Bucket | Chance, *, threads: int = 8, seed: int = 1) -> Crowd:
    """Threads that heed a rate."""
    clock = Clock()
    return Crowd(rate=Rate(clock), account=account, clock=clock, threads=threads, seed=seed)


def slowed() -> tuple[Rate, Clock]:
    """A rate of nine calls a second, just learned: ten first tries were accepted in a second, and no other."""
    clock = Clock()
    rate = Rate(clock)
    for number in range(1, 21):
        clock.now = number / 20
        rate.answered(accepted=number % 2 == 1, again=number % 2 == 0)
    return rate, clock


def test_nothing_waits_as_long_as_aws_does_not_complain() -> None:
    rate = Rate(Clock())

    assert [rate.turn() for _ in range(1000)] == [0.0] * 1000


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("a_second", "threads", "throttled"), [(5, 8, 1.3), (15, 8, 0.7), (40, 8, 0.2), (100, 32, 0.25), (1000, 100, 0.1)]
)
def test_whatever_an_account_takes_is_found_and_used(a_second: int, threads: int, throttled: float, seed: int) -> None:
    many = crowd(Bucket(a_second), threads=threads, seed=seed)
    many.calls_for(5)

    tally = many.calls_for(60)

    assert tally.accepted > 0.9 * 60 * a_second
    assert tally.throttled < throttled * tally.accepted
    assert tally.lost == 0


def test_without_a_rate_some_would_starve_though_few_are_throttled() -> None:
    """Why the share of all calls is not what counts."""
    clock = Clock()
    tally = Crowd(rate=None, account=Bucket(100), clock=clock, threads=32).calls_for(60)

    assert tally.throttled < 0.1 * tally.accepted
    assert tally.lost > 10


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("threads", [1, 8, 32])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_throttling_by_chance_does_not_drive_the_rate_down(share: float, threads: int, seed: int) -> None:
    clock = Clock()
    unlimited = Crowd(rate=None, account=Chance(share, seed), clock=clock, threads=threads, seed=seed).calls_for(60)

    tally = crowd(Chance(share, seed), threads=threads, seed=seed).calls_for(60)

    assert tally.accepted > 0.6 * unlimited.accepted


@pytest.mark.parametrize("seed", SEEDS)
def test_what_others_take_for_a_while_is_left_to_them_and_taken_back_afterwards(seed: int) -> None:
    account = Bucket(50)
    many = crowd(account, seed=seed)
    many.calls_for(10)

    account.a_second = 3
    during = many.calls_for(20)
    account.a_second = 50
    many.calls_for(15)
    afterwards = many.calls_for(10)

    assert during.accepted >= 0.9 * 20 * 3
    assert during.throttled < 2.5 * during.accepted
    assert during.lost == 0
    assert afterwards.accepted > 0.7 * 10 * 50


def test_a_pause_teaches_nothing() -> None:
    rate, clock = slowed()
    for moment in (1.1, 1.2, 1.3):
        clock.now = moment
        rate.answered(accepted=False, again=True)

    clock.now = 300
    for _ in range(9):
        rate.answered(accepted=False, again=True)

    assert rate.per_second == pytest.approx(9)


def test_the_threads_go_on_after_a_pause_as_before() -> None:
    many = crowd(Bucket(1 / LATENCY))
    before = many.calls_for(10)

    many.pause(600)
    after = many.calls_for(10)

    assert after.accepted > 0.9 * before.accepted
    assert after.lost == 0


def test_nine_tenths_of_what_was_accepted_are_asked_but_never_less_than_the_slowest() -> None:
    rate, clock = slowed()
    assert rate.per_second == pytest.approx(9)

    for _ in range(99):
        clock.now += 0.5
        rate.answered(accepted=False, again=True)

    assert rate.per_second == SLOWEST


def test_it_recovers_when_calls_are_accepted() -> None:
    rate, clock = slowed()

    for _ in range(100):
        clock.now += 0.1
        rate.answered(accepted=True, again=False)

    assert 30 < rate.per_second < 60


def test_threads_take_turns() -> None:
    rate, _ = slowed()

    turns = [rate.turn() for _ in range(3)]

    assert turns == pytest.approx([0, 1 / 9, 2 / 9])
