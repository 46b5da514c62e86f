"""Each write of the plan in turn: some in the default run, all others when there is time (`slow`)."""

import pytest

from faults.company import WRITES


def every_write(*, default: int) -> list[object]:
    """The numbers of all writes; one in `default`, and the last, are in the default run."""
    return [
        pytest.param(number, marks=() if number % default == 1 or number == WRITES else pytest.mark.slow)
        for number in range(1, WRITES + 1)
    ]


def seeds(default: int, slow: int) -> list[object]:
    """Seeds of chance: some in the default run, all when there is time."""
    return [pytest.param(seed, marks=() if seed < default else pytest.mark.slow) for seed in range(slow)]
