"""IAM is eventually consistent: what was made is not seen for a while, and reads lag behind."""

from collections.abc import Callable
from datetime import UTC, datetime

import boto3
import pytest
from shell import Logged

from faults.company import PLAN, WRITES
from faults.conftest import Company
from iamsync.daemon.cycle import NEW, cycle

Cycle = Callable[[], dict[str, object]]


@pytest.fixture
def one_cycle(company: Company, logged: Logged) -> Cycle:
    """One cycle of a loop; what it logs."""
    session = boto3.Session()
    memory = NEW
    files = company.folder / "desired"
    text = (files / "all.yaml").read_text()
    (files / "all.yaml").write_text(text.replace("prune: true", "prune: true, guards: {max_removals: 4}"))

    def one() -> dict[str, object]:
        nonlocal memory
        folder = company.folder / f"csv-{datetime.now(tz=UTC):%f}"
        folder.mkdir()
        memory = cycle(files, session, csv=folder, memory=memory)
        for file in folder.glob("*.csv"):
            file.rename(company.folder / f"{folder.name}.csv")
        (line,) = logged()
        return line

    return one


def assert_calm(lines: list[dict[str, object]]) -> None:
    assert [(line["result"], line["done"], line["failed"]) for line in lines] == [("in sync", 0, 0)] * len(lines)


@pytest.mark.parametrize("seconds", [1.0, pytest.param(5.0, marks=pytest.mark.slow)])
def test_what_was_just_made_is_invisible_and_the_loop_is_calm(
    company: Company, one_cycle: Cycle, seconds: float
) -> None:
    company.network.invisible_for = seconds

    first = one_cycle()
    next_three = [one_cycle() for _ in range(3)]

    assert (first["result"], first["done"]) == ("applied", WRITES), first
    assert_calm(next_three)
    assert len(company.network.writes) == len(PLAN.actions), "no write is doubled"
    company.network.invisible_for = 0
    company.assert_finished()


@pytest.mark.parametrize("seconds", [1.5, pytest.param(5.0, marks=pytest.mark.slow)])
def test_reads_lag_behind_and_the_loop_is_calm(company: Company, one_cycle: Cycle, seconds: float) -> None:
    company.network.stale_for = seconds

    first = one_cycle()
    next_three = [one_cycle() for _ in range(3)]

    assert (first["result"], first["done"]) == ("applied", WRITES), first
    assert_calm(next_three)
    assert next_three[0]["put_off"], "it says that it does not see its own writes yet"
    assert len(company.network.writes) == len(PLAN.actions), "no write is doubled"
    company.network.stale_for = 0
    assert_calm([one_cycle()])
    company.assert_finished()


def test_both_at_once(company: Company, one_cycle: Cycle) -> None:
    company.network.invisible_for = company.network.stale_for = 1.0

    first = one_cycle()
    next_three = [one_cycle() for _ in range(3)]

    assert first["result"] == "applied", first
    assert_calm(next_three)
    assert len(company.network.writes) == len(PLAN.actions)
