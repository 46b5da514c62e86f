"""IAM is eventually consistent: what was made is not seen for a while, and reads lag behind."""

from collections import Counter
from collections.abc import Callable
from itertools import count

import boto3
import pytest
from shell import Logged

from faults.company import PLAN, WRITES
from faults.conftest import Company
from iamsync.daemon.cycle import Cycles
from iamsync.source import Folder

ALWAYS = 10**9
DOUBLING = ("CreateUser", "CreateGroup", "CreatePolicy", "CreatePolicyVersion", "CreateLoginProfile", "CreateAccessKey")
Cycle = Callable[[], dict[str, object]]


@pytest.fixture
def one_cycle(company: Company, logged: Logged) -> Cycle:
    """One cycle of a loop; what it logs."""
    number, folder, files = count(), company.folder / "csv", company.folder / "desired"
    folder.mkdir()
    text = (files / "all.yaml").read_text()
    (files / "all.yaml").write_text(text.replace("prune: true", "prune: true, guards: {max_removals: 5}"))

    cycles = Cycles(Folder(files), boto3.Session(), csv=folder)

    def one() -> dict[str, object]:
        cycles.next()
        for file in folder.iterdir():
            file.rename(company.folder / f"csv-{next(number)}.csv")
        (line,) = logged()
        return line

    return one


def assert_calm(lines: list[dict[str, object]]) -> None:
    assert [(line["result"], line["done"], line["failed"]) for line in lines] == [("in sync", 0, 0)] * len(lines)


@pytest.mark.parametrize("calls", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_what_was_just_made_is_invisible_and_the_loop_is_calm(company: Company, one_cycle: Cycle, calls: int) -> None:
    company.network.invisible_calls = calls

    first = one_cycle()
    next_three = [one_cycle() for _ in range(3)]

    assert (first["result"], first["done"]) == ("applied", WRITES), first
    assert_calm(next_three)
    assert len(company.network.writes) == len(PLAN.actions), "no write is doubled"
    company.network.invisible_calls = 0
    company.assert_finished()


@pytest.mark.parametrize("reads", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_reads_lag_behind_and_nothing_is_doubled(company: Company, one_cycle: Cycle, reads: int) -> None:
    company.network.stale_reads = reads

    first = one_cycle()
    company.network.stale_reads = ALWAYS
    next_three = [one_cycle() for _ in range(3)]

    assert (first["result"], first["done"]) == ("applied", WRITES), first
    assert [line["failed"] for line in next_three] == [0, 0, 0], "what is repeated, IAM takes twice as once"
    assert next_three[0]["put_off"], "it says that it does not see its own writes yet"
    made = Counter(one.operation for one in company.network.writes)
    planned = Counter(action.operation.title().replace("_", "") for action in PLAN.actions)
    assert {one: made[one] for one in DOUBLING} == {one: planned[one] for one in DOUBLING}
    company.network.stale_reads = 0
    assert_calm([one_cycle()])
    company.assert_finished()


def test_both_at_once(company: Company, one_cycle: Cycle) -> None:
    company.network.invisible_calls = company.network.stale_reads = 1

    first = one_cycle()
    next_three = [one_cycle() for _ in range(3)]

    assert first["result"] == "applied", first
    assert_calm(next_three)
    assert len(company.network.writes) == len(PLAN.actions)
