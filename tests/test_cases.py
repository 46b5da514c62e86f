"""The golden folders of `tests/cases`, to be read like a story book. A new one needs no Python: a folder whose name
says what it shows, with `live.yaml` (see `casebook.account`), `desired/`, maybe `run.yaml` (see `casebook.case`); then

    IAMSYNC_WRITE_CASES=1 pytest tests/test_cases.py

writes `calls.txt`, for you to read. Calls are in each folder, words in a few: a folder that has a `plan.txt`, empty at
first, shows what a person reads. Together those show every word that any case has.
"""

import os
from pathlib import Path

import pytest
from casebook.case import Case, case
from casebook.lines import Lines, words_of
from laws import judge
from laws.playing import planned, play

CASES = sorted(folder for folder in (Path(__file__).parent / "cases").iterdir() if (folder / "live.yaml").exists())


def _write(folder: Path, found: Case) -> None:
    (folder / "calls.txt").write_text(found.calls)
    if (folder / "plan.txt").exists():
        (folder / "plan.txt").write_text(found.words)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_story_goes_as_it_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    found = case(Path())

    if os.environ.get("IAMSYNC_WRITE_CASES"):
        _write(folder, found)

    assert found.calls == (folder / "calls.txt").read_text()
    if (folder / "plan.txt").exists():
        assert found.words == (folder / "plan.txt").read_text()
    _ends_well(found)


def test_every_word_is_in_a_plan_that_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    words: dict[Path, Lines] = {}
    for folder in CASES:
        monkeypatch.chdir(folder)
        words[folder] = words_of(lambda: case(Path()).words)

    written = frozenset[tuple[str, int]]().union(*(words[one] for one in CASES if (one / "plan.txt").exists()))
    unwritten = {folder.name: sorted(words[folder] - written) for folder in CASES}

    assert {name: lines for name, lines in unwritten.items() if lines} == {}, "add a plan.txt to one that has it"


def _ends_well(found: Case) -> None:
    """IAM refuses no call, nothing foreign is changed, and nothing is left to do."""
    if found.refusals:
        return
    foreign = judge.foreign(found.live, found.desired)
    after = found.live.copy()
    play(after, found.plan.actions)
    again, _ = planned(after, found.desired, allowed_removals=found.allowed_removals)
    assert again.actions == ()
    assert judge.after(foreign, after) == foreign
    assert list(judge.shortcomings(after, found.desired, found.plan)) == []
