"""A page of the bulk read that does not come, and a page without anything on it: the whole picture, or no plan."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Iamsync, write

from faults.company import of
from faults.network import Fault, Network
from iamsync.live import bulk
from iamsync.sandbox import Sandbox

USERS = 6
FILES = (
    'version: 1\nsettings: {owner: us, account_id: "123456789012", prune: true}\n'
    f"users: {{{', '.join(f'user{number}: {{}}' for number in range(USERS))}}}\n"
)


@pytest.fixture
def six_pages(network: Network, iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Iamsync]:
    """Six users that are as declared, one on each page."""
    monkeypatch.setattr(bulk, "PAGE_SIZE", 1)
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=FILES)
    assert iamsync("apply", "--yes").code == 0
    network.sent.clear()
    network.writes.clear()
    yield iamsync
    assert network.writes == []


PAGE = "GetAccountAuthorizationDetails"


@pytest.mark.usefixtures("no_hope")
@pytest.mark.parametrize("code", ["AccessDenied", "ServiceFailure", "Throttling", "ValidationError"])
def test_page_three_of_six_fails_and_there_is_no_plan(six_pages: Iamsync, network: Network, code: str) -> None:
    network.script = [Fault(match=PAGE, code=code, skip=2, times=99)]

    ended = six_pages("apply", "--yes")

    assert ended.code == 1
    assert ended.out == ""
    assert "nothing is planned on part of a picture" in ended.err


def test_page_three_of_six_comes_at_the_second_try(six_pages: Iamsync, network: Network) -> None:
    network.script = [Fault(match=PAGE, code="ServiceFailure", skip=2)]

    assert "Nothing to do" in six_pages("plan").out
    assert network.sent.count(PAGE) == USERS + 1


def test_an_empty_page_with_a_marker_is_not_the_end(six_pages: Iamsync, network: Network, sandbox: Sandbox) -> None:
    network.empty_pages = True

    assert "Nothing to do" in six_pages("plan").out
    assert network.sent.count(PAGE) == 2 * USERS
    assert len(of(sandbox).list_users()["Users"]) == USERS
