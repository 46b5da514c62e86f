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


@pytest.mark.parametrize("loss", [After.CUT, After.PAGE])
@pytest.mark.parametrize("number", every_write(default=20))
def test_what_is_no_answer_is_a_lost_one(company: Company, number: int, loss: After) -> None:
    """Half an answer, or a page of whoever stands in between, was a traceback with all that had come."""
    company.network.script = [Fault(match=A_WRITE, after=loss, skip=number - 1)]

    ended = company.apply("--parallel", "1")

    assert ended.code == 0, ended.out
    company.assert_finished()


def test_half_an_answer_shows_no_secret_and_leaves_no_key_behind(company: Company) -> None:
    company.network.script = [Fault(match="^CreateAccessKey", after=After.CUT, times=99)]

    ended = company.apply("--journal", "journal.jsonl", "--patience", "1s")

    told = ended.out + ended.err + (company.folder / "journal.jsonl").read_text()
    assert (ended.code, "SecretAccessKey" in told, "Traceback" in told) == (1, False, False)
    assert "UnreadableAnswer: what came is no answer of AWS (HTTP 200, text/xml, " in ended.out
    company.network.script = []
    assert company.apply(csv="third.csv").code == 0
    company.assert_finished()


@pytest.mark.parametrize("loss", [After.CUT, After.PAGE])
@pytest.mark.parametrize("operation", ["GetCallerIdentity", "GetAccountAuthorizationDetails", "GetLoginProfile"])
def test_a_read_without_a_readable_answer_is_repeated_and_then_given_up(
    company: Company, operation: str, loss: After
) -> None:
    company.network.script = [Fault(match=operation, after=loss, times=3)]
    assert company.apply().code == 0
    company.begin_again()
    company.network.script = [Fault(match=operation, after=loss, times=99)]

    ended = company.apply(csv="third.csv")

    assert (ended.code, company.network.writes, ended.err.count("\n")) == (1, [], 1)
    assert f"error: {operation} failed" in ended.err
    assert "UnreadableAnswer" in ended.err
