"""The golden folders of `tests/cases`, to be read like a story book. A new one needs no Python: a folder whose name
says what it shows, with `live.yaml` (see `casebook.account`), `desired/`, maybe `run.yaml` (see `casebook.case`); then

    IAMSYNC_WRITE_CASES=1 pytest tests/test_cases.py

writes `plan.txt` and `calls.txt`, for you to read.
"""

import os
from pathlib import Path

import pytest
from casebook.case import Case, case
from laws import judge
from laws.playing import planned, play

CASES = sorted(folder for folder in (Path(__file__).parent / "cases").iterdir() if (folder / "live.yaml").exists())


def _write(folder: Path, told: Case) -> None:
    (folder / "plan.txt").write_text(told.words)
    (folder / "calls.txt").write_text(told.calls)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_story_goes_as_it_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    told = case(Path())

    if os.environ.get("IAMSYNC_WRITE_CASES"):
        _write(folder, told)

    assert told.words == (folder / "plan.txt").read_text()
    assert told.calls == (folder / "calls.txt").read_text()
    _ends_well(told)


def _ends_well(told: Case) -> None:
    """IAM refuses no call, nothing foreign is changed, and nothing is left to do."""
    if told.refusals:
        return
    foreign = judge.foreign(told.live, told.desired)
    after = told.live.copy()
    play(after, told.plan.actions)
    again, _ = planned(after, told.desired)
    assert again.actions == ()
    assert judge.after(foreign, after) == foreign
    assert list(judge.shortcomings(after, told.desired, told.plan)) == []
