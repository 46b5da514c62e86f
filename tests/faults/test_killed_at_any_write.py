"""kill -9 after the k-th write, for every k of a plan that has every verb: the next run ends as if nothing had been."""

import signal
from typing import get_args

import pytest

from faults.company import PLAN, WRITES
from faults.conftest import Company
from faults.sweeps import every_write
from iamsync.core import change as to
from iamsync.core.action import Timing


@pytest.mark.parametrize("number", every_write(default=7))
def test_killed_after_that_write_the_next_run_finishes(company: Company, number: int) -> None:
    code, _ = company.signalled_after(number, signal.SIGKILL, "--parallel", "1")
    assert code == -signal.SIGKILL
    assert len(company.network.writes) == number

    again = company.apply()

    assert again.code == 0, again.out
    company.assert_finished()
    assert "Nothing to do" in company.plan().out


@pytest.mark.parametrize("number", [5, 33, 61])
def test_killed_with_eight_calls_in_flight_the_next_run_finishes(company: Company, number: int) -> None:
    code, _ = company.signalled_after(number, signal.SIGKILL, "--parallel", "8")
    assert code == -signal.SIGKILL

    again = company.apply()

    assert again.code == 0, again.out
    company.assert_finished()


def test_the_company_has_every_verb_and_enough_writes() -> None:
    only_on_request = {to.ReplacePassword}

    assert {type(one.change) for one in PLAN.actions} == set(get_args(to.Change)) - only_on_request
    assert {one.timing for one in PLAN.actions} == set(Timing) - {Timing.ROOM}
    assert WRITES >= 60
