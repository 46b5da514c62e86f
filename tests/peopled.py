"""A sandbox with the example company, which is made once for all tests."""

from functools import cache
from typing import Any

import pytest
from faults.company import copied

from iamsync.sandbox import Sandbox


@pytest.fixture
def company(sandbox: Sandbox) -> Sandbox:
    """The sandbox, with the company in it."""
    accounts = sandbox._accounts  # noqa: SLF001 - to make the account by calls each time takes longer than most tests
    accounts._iam, accounts._sts, accounts._accounts = copied(_made())  # noqa: SLF001 - as above
    return sandbox


@cache
def _made() -> Any:  # noqa: ANN401 - what a sandbox remembers
    with Sandbox() as sandbox:
        sandbox.add_company()
        accounts = sandbox._accounts  # noqa: SLF001 - as above
        return accounts._iam, accounts._sts, accounts._accounts  # noqa: SLF001 - as above
