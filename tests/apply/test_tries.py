"""How often a call is sent."""

import pytest
from crowds import Clock

from iamsync.aws.rate import SILENCE, Rate
from iamsync.aws.tries import LONGEST, MOST, THROTTLED, Ended

OK = Ended(answered=True, throttled=False, lost=False, request_id="1")
TOO_FAST = Ended(answered=True, throttled=True, lost=False, request_id="1")
BROKEN = Ended(answered=True, throttled=False, lost=True, request_id="1")
SILENT = Ended(answered=False, throttled=False, lost=True, request_id="")
UNSENT = Ended(answered=False, throttled=False, lost=False, never_sent=True, request_id="")


def rate(*, last_accepted: float) -> Rate:
    """A rate whose account accepted a call so many seconds ago."""
    clock = Clock()
    known = Rate(clock)
    known.answered(accepted=True, again=False)
    clock.now += last_accepted
    return known


@pytest.mark.parametrize("attempts", [1, MOST, 10 * MOST])
def test_what_was_answered_is_not_sent_again(attempts: int) -> None:
    assert OK.pause(attempts, rate(last_accepted=0)) is None


@pytest.mark.parametrize("ended", [TOO_FAST, BROKEN, SILENT, UNSENT])
def test_the_pauses_grow_to_the_longest(ended: Ended) -> None:
    for attempts in range(1, MOST):
        pause = ended.pause(attempts, Rate(Clock()))
        assert pause is not None
        assert 0 <= pause <= min(THROTTLED * 2 ** (attempts - 1), LONGEST)


@pytest.mark.parametrize("ended", [BROKEN, SILENT, UNSENT])
def test_a_lost_answer_is_asked_for_a_few_times_only(ended: Ended) -> None:
    assert ended.pause(MOST, rate(last_accepted=0)) is None


def test_a_throttled_call_waits_as_long_as_others_are_accepted() -> None:
    """The last of many that wait was given up after eight tries, and with it the plan."""
    for attempts in (MOST, 10 * MOST, 10_000):
        pause = TOO_FAST.pause(attempts, rate(last_accepted=SILENCE))
        assert pause is not None
        assert 0 <= pause <= LONGEST


def test_where_none_is_accepted_a_throttled_call_is_given_up() -> None:
    assert TOO_FAST.pause(MOST, rate(last_accepted=SILENCE + 1)) is None
    assert TOO_FAST.pause(MOST, Rate(Clock())) is None
