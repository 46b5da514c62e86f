"""The answer to the k-th write is lost, for every k: the run that lost it ends as if nothing had been."""

import pytest

from faults.company import WRITES
from faults.conftest import Company
from faults.network import After, Fault
from faults.sweeps import every_write

A_WRITE = r"^(?!Get|List)"


@pytest.mark.parametrize("number", every_write(default=7))
def test_a_connection_that_is_reset_after_the_effect_is_made_good_in_the_same_run(
    company: Company, number: int
) -> None:
    company.network.script = [Fault(match=A_WRITE, after=After.RESET, skip=number - 1)]

    ended = company.apply("--parallel", "1")

    assert ended.code == 0, ended.out
    company.assert_finished()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_a_server_error_after_the_effect_is_made_good_in_the_same_run(company: Company, number: int) -> None:
    company.network.script = [Fault(match=A_WRITE, after=After.SERVER_ERROR, skip=number - 1)]

    ended = company.apply("--parallel", "1")

    assert ended.code == 0, ended.out
    company.assert_finished()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("number", every_write(default=14))
def test_silence_is_a_lost_answer(company: Company, number: int) -> None:
    company.network.script = [Fault(match=A_WRITE, after=After.SILENCE, skip=number - 1)]

    ended = company.apply("--parallel", "1")

    assert ended.code == 0, ended.out
    company.assert_finished()
