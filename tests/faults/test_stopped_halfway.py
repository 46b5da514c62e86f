"""What ends a run in the middle: a clear word, the right exit code, and the rerun does the rest."""

import signal
from pathlib import Path

import pytest

from faults.company import PLAN, WRITES
from faults.conftest import Company
from faults.network import Fault
from iamsync.core.change import CreateAccessKey, CreatePassword


def test_one_users_every_write_is_refused_and_the_rerun_tries_that_user_only(company: Company) -> None:
    company.network.script = [
        Fault(match=r"^(?!Get|List).*UserName=fumi( |$)", code="AccessDenied", message="not fumi", times=9999)
    ]
    of_fumi = [action for action in PLAN.actions if action.subject == "user/fumi"]

    first = company.apply("--parallel", "8")
    done = len(company.network.writes)
    company.network.sent.clear()
    second = company.apply(csv="third.csv")

    assert (first.code, second.code) == (1, 1)
    assert "AccessDenied: not fumi" in first.out
    assert done == WRITES - len(of_fumi)
    assert [name for name in company.network.sent if not name.startswith(("Get", "List"))] == ["CreateUser"]
    company.network.script = []
    assert company.apply(csv="fourth.csv").code == 0
    company.assert_finished()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_end_in_the_middle(company: Company, code: str) -> None:
    company.network.script = [Fault(match="^(?!Get|List)", code=code, skip=40, times=9999)]

    first = company.apply("--parallel", "8")

    assert first.code == 1
    assert f"no further call can succeed after {code}" in first.out
    assert len(company.network.writes) == 40
    company.network.script = []
    assert company.apply(csv="third.csv").code == 0
    company.assert_finished()


def test_the_disk_is_full_for_the_second_password(company: Company) -> None:
    code, said = company.fork(file_size=200).ended()

    assert code == 1
    assert "first.csv cannot be written (File too large)" in said
    text = (company.folder / "first.csv").read_text()
    assert text.count("\n") == 2, "the header and one whole row"
    again = company.apply()
    assert again.code == 0, again.out
    company.assert_finished()


def test_the_disk_is_full_for_the_first_line_of_the_csv(company: Company) -> None:
    code, said = company.fork(file_size=20).ended()

    assert code == 3
    assert "first.csv cannot be written (File too large)" in said
    assert {"CreateLoginProfile", "CreateAccessKey"}.isdisjoint(one.operation for one in company.network.writes)
    assert company.apply(csv="first.csv").code == 0, "no empty file stands in the way"
    company.assert_finished()


@pytest.mark.parametrize("parallel", ["1", "8"])
def test_the_disk_is_full_for_the_journal(company: Company, parallel: str) -> None:
    company.network.sandbox.forget_calls()

    code, said = company.fork("--journal", "j.jsonl", "--parallel", parallel, file_size=20_000).ended()

    assert code == 1
    assert "the journal j.jsonl cannot be written (only a part of a line fitted)" in said
    lines = (company.folder / "j.jsonl").read_text().splitlines()
    announced = sum('"event": "sent"' in line for line in lines if line.endswith("}"))
    assert 0 <= announced - len(company.network.writes) <= int(parallel), "nothing is sent that is not announced"
    again = company.apply("--journal", "j.jsonl")
    assert again.code == 0, again.out
    company.assert_finished()
    whole = (company.folder / "j.jsonl").read_text().splitlines()
    assert sum(line.endswith("}") for line in whole) >= WRITES - int(parallel)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("write", [1, 30, WRITES - 4])
def test_a_signal_in_the_middle(company: Company, number: signal.Signals, write: int) -> None:
    code, said = company.signalled_after(write, number)

    assert code == 130
    assert f"stopped by {number.name}" in said
    assert said.count("\ndone ") == len(company.network.writes), "what flew has landed and is reported"
    again = company.apply()
    assert again.code == 0, again.out
    company.assert_finished()


def test_a_signal_while_the_last_call_flies_interrupts_nothing(company: Company) -> None:
    code, said = company.signalled_after(WRITES, signal.SIGTERM)

    assert code == 0, said
    assert f"Applied: {WRITES} done, 0 failed, 0 skipped. The signal came too late to interrupt anything." in said
    assert company.plan().code == 0
    company.assert_finished()


def test_passwords_come_last(company: Company, tmp_path: Path) -> None:
    """So that most of what ends a run in the middle ends it before a secret was made."""
    first = next(n for n, one in enumerate(PLAN.actions) if isinstance(one.change, CreatePassword | CreateAccessKey))
    assert first > WRITES / 2

    company.signalled_after(first - 1, signal.SIGKILL, "--parallel", "1")

    assert (tmp_path / "first.csv").read_text().count("\n") == 1
