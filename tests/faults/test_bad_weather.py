"""Server errors and reset connections, before and after the effect, at random: every seed reaches the end."""

import pytest

from faults.conftest import Company
from faults.network import Weather
from faults.sweeps import seeds


@pytest.mark.parametrize("seed", seeds(5, 50))
def test_whatever_the_weather_it_reaches_the_end(company: Company, seed: int) -> None:
    company.network.weather = Weather(seed=seed, failed=0.05, reset_before=0.03, reset_after=0.03)

    ended = company.apply("--parallel", "8")

    company.network.weather = None
    assert ended.code == 0, ended.out + ended.err
    company.assert_finished()
