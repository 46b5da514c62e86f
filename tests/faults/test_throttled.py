"""An account that takes fewer calls than are made: the run slows down and ends well, or gives up with a clear word."""

from collections import Counter
from pathlib import Path

import pytest
from shell import Iamsync, write

from faults.company import PLAN, WRITES
from faults.conftest import Company
from faults.network import Fault, Network, Weather, client
from faults.sweeps import seeds
from iamsync.aws.tries import MOST


@pytest.mark.parametrize("seed", seeds(1, 5))
def test_when_three_calls_in_ten_are_throttled_it_succeeds_with_less_than_three_times_the_calls(
    company: Company, seed: int
) -> None:
    assert company.apply("--parallel", "8").code == 0
    undisturbed = len(company.network.sent)
    company.begin_again()
    company.network.weather = Weather(seed=seed, throttled=0.3)

    ended = company.apply("--parallel", "8")

    company.network.weather = None
    assert ended.code == 0, ended.out
    assert WRITES < undisturbed < len(company.network.sent) < 3 * undisturbed
    company.assert_finished()


@pytest.mark.parametrize("rate", [40, pytest.param(5, marks=pytest.mark.slow)])
def test_it_succeeds_where_all_calls_together_may_be_only_so_many_a_second(company: Company, rate: int) -> None:
    company.network.calls_a_second = rate

    ended = company.apply("--parallel", "8")

    company.network.calls_a_second = 0
    assert ended.code == 0, ended.out
    assert len(company.network.sent) < 3 * WRITES
    company.assert_finished()


@pytest.mark.parametrize("rate", [40, pytest.param(5, marks=pytest.mark.slow)])
def test_a_plan_of_many_reads_succeeds_at_that_rate_as_well(
    network: Network, iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int
) -> None:
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    names = [f"user.{number}" for number in range(150)]
    iam = client(network)
    for name in names:
        iam.create_user(UserName=name, Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    declared = "\n".join(f"  {name}: {{access_keys: 1}}" for name in names)
    write(tmp_path, all=f"version: 1\nsettings: {{owner: us}}\nusers:\n{declared}\n")
    network.sent.clear()
    network.calls_a_second = rate

    ended = iamsync("plan")

    assert ended.code == 0, ended.err
    assert "150 to create" in ended.out
    assert len(network.sent) < 3 * len(names)


@pytest.mark.parametrize(("times", "silence", "code"), [(60, 1e9, 0), (9999, 0.1, 1)])
def test_a_read_that_is_throttled_again_and_again_is_given_up_only_when_no_other_is_accepted_either(
    company: Company, monkeypatch: pytest.MonkeyPatch, times: int, silence: float, code: int
) -> None:
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.01)
    monkeypatch.setattr("iamsync.aws.rate.SILENCE", silence)
    company.network.script = [Fault(match="ListAccessKeys", code="Throttling", times=times)]

    ended = company.apply()

    assert (ended.code, bool(company.network.writes)) == (code, not code), ended.err
    assert ("ListAccessKeys failed, and nothing is planned" in ended.err) == bool(code)


@pytest.mark.usefixtures("no_hope")
def test_throttled_for_good_it_gives_up_after_a_few_tries_and_says_why(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamsync.aws.rate.SLOWEST", 20.0)
    company.network.script = [Fault(match="^(?!Get|List)", code="Throttling", message="Rate exceeded", times=9999)]

    ended = company.apply("--parallel", "8")

    assert ended.code == 1
    assert "Throttling: Rate exceeded" in ended.out
    assert "AWS has throttled every call for" in ended.out
    tried = Counter(one for one in company.network.sent if not one.startswith(("Get", "List")))
    assert tried.total() <= 8 * MOST, "what was in flight, each a few times"
    company.network.script = []
    assert company.apply(csv="third.csv").code == 0
    company.assert_finished()


@pytest.mark.usefixtures("no_hope")
def test_reads_that_are_throttled_for_good_end_in_one_sentence(company: Company) -> None:
    company.network.script = [Fault(match="GetAccountAuthorizationDetails", code="Throttling", times=9999)]

    ended = company.apply()

    assert (ended.code, company.network.writes) == (1, [])
    assert ended.err.count("\n") == 1
    assert "GetAccountAuthorizationDetails failed, and nothing is planned on part of a picture: Throttling" in ended.err


def test_the_calls_of_the_plan_are_those_that_were_made(company: Company) -> None:
    assert company.apply().code == 0
    assert len(company.network.writes) == len(PLAN.actions)
