"""Each write of the plan in turn: some in the default run, all others when there is time (`slow`)."""

import pytest

from faults.company import PLAN, WRITES

NEW_KEYS = {number for number, one in enumerate(PLAN.actions, 1) if one.operation == "create_access_key"}
"""The writes whose answer has a secret."""


def every_write(*, default: int) -> list[object]:
    """The numbers of all writes; one in `default`, new access keys and the last are in the default run."""
    always = {*range(1, WRITES + 1, default), *NEW_KEYS, WRITES}
    return [pytest.param(number, marks=() if number in always else pytest.mark.slow) for number in range(1, WRITES + 1)]


def seeds(default: int, slow: int) -> list[object]:
    """Seeds of chance: some in the default run, all when there is time."""
    return [pytest.param(seed, marks=() if seed < default else pytest.mark.slow) for seed in range(slow)]
