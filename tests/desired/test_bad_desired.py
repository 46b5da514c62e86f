"""Every wrong file and folder of tests/bad_desired says what is wrong at the right place, and nothing else.

A file is one case, read together with base.yaml unless it says `# alone`; its first lines say what is expected, as
`# expect: line:column phrase`. A folder is one case, read alone; its expect.txt has `file:line:column phrase`. What is
in `right` looks wrong and must pass; `# warning: line:column phrase` is what it is warned of.
"""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iamsync.cli import main
from iamsync.core.model import Problem
from iamsync.desired import load
from iamsync.errors import DesiredStateError

CASES = Path(__file__).parents[1] / "bad_desired"
NOW = datetime(2027, 1, 15, tzinfo=UTC)
_EXPECTATION = re.compile(r"^# (expect|warning): (?:(\S+?):)?(\d+):(\d+) (.*)$", re.MULTILINE)
_LINE = re.compile(r"^(\S+):(\d+):(\d+) (.*)$", re.MULTILINE)

Expected = tuple[str, int, int, str]
"""File below the root (`.` for the root itself), line, column and a phrase."""


def cases(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.glob("*.yaml") if path.name != "base.yaml")
    return [*files, *sorted(path.parent for path in folder.glob("*/expect.txt"))]


def expected(case: Path, kind: str) -> list[Expected]:
    if case.is_dir():
        text = (case / "expect.txt").read_text("utf-8")
        return [(file, int(line), int(column), phrase) for file, line, column, phrase in _LINE.findall(text)]
    found = _EXPECTATION.findall(case.read_text("utf-8"))
    return [(file or "case.yaml", int(line), int(at), phrase) for word, file, line, at, phrase in found if word == kind]


def folder_of(case: Path, folder: Path) -> Path:
    if case.is_dir():
        return case
    if not re.search(r"^# alone$", case.read_text("utf-8"), re.MULTILINE):
        shutil.copy(CASES / "base.yaml", folder / "base.yaml")
    shutil.copy(case, folder / "case.yaml")
    return folder


def problems(root: Path) -> tuple[Problem, ...]:
    try:
        declaration = load(root)
        declaration.state(declaration.offline_account, NOW)
        return declaration.guarded_users(declaration.offline_account, NOW)
    except DesiredStateError as error:
        return error.problems


def shown(problem: Problem, root: Path) -> str:
    return f"{problem.path}: {problem.message}".removeprefix(": ").replace(f"{root}/", "")


def missed(found: tuple[Problem, ...], wanted: list[Expected], root: Path) -> list[str]:
    """What was found, if it is not what was wanted: same places, in order, with the phrase in each message."""
    places = [(str(root / file), line, column) for file, line, column, _ in wanted]
    is_same = [(one.origin.file, one.origin.line, one.origin.column) for one in found] == places
    is_said = all(phrase in shown(one, root) for one, (*_, phrase) in zip(found, wanted, strict=False))
    return [] if is_same and is_said else [str(one) for one in found] or ["nothing"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iamsync.cli.files.now", lambda: NOW)


@pytest.mark.parametrize("case", cases(CASES), ids=lambda path: path.stem)
def test_what_is_wrong_is_reported_at_its_place(case: Path, tmp_path: Path) -> None:
    root = folder_of(case, tmp_path)
    assert missed(problems(root), expected(case, "expect"), root) == []
    assert main(["validate", "--desired", str(root)]) == 1


@pytest.mark.parametrize("case", cases(CASES / "right"), ids=lambda path: path.stem)
def test_what_only_looks_wrong_passes(case: Path, tmp_path: Path) -> None:
    root = folder_of(case, tmp_path)
    assert [str(problem) for problem in problems(root)] == []
    declaration = load(root)
    warnings = {*declaration.warnings, *declaration.in_account(declaration.offline_account, NOW).warnings}
    not_yet = bool(declaration.unsupported)  # right, but `plan` does not take it
    assert missed(tuple(sorted(warnings)), expected(case, "warning"), root) == []
    assert main(["validate", "--desired", str(root)]) == not_yet
    assert main(["validate", "--strict", "--desired", str(root)]) == (1 if expected(case, "warning") else not_yet)


@pytest.mark.parametrize("case", cases(CASES), ids=lambda path: path.stem)
def test_no_place_is_named_that_does_not_exist(case: Path, tmp_path: Path) -> None:
    assert [str(problem) for problem in problems(folder_of(case, tmp_path)) if not exists(problem)] == []


def exists(problem: Problem) -> bool:
    """Whether an editor can put its cursor there; behind the last character of a line counts."""
    file = Path(problem.origin.file)
    if not problem.origin.line:
        return True
    lines = file.read_text("utf-8", errors="replace").split("\n") if file.is_file() else []
    lines = lines[:-1] if lines[1:] and not lines[-1] else lines
    line, column = problem.origin.line, problem.origin.column
    return line <= len(lines) and column <= len(lines[line - 1]) + 1


BROKEN_OFF = """\
version: 1
settings: {owner: team}
users:
  bob: {path: "/a/", tags: {Team: 'data'}}
  ann:
    policies: [aws:ReadOnlyAccess]
policies:
  P: {document: P.json}
"""


@pytest.mark.parametrize("length", range(1, len(BROKEN_OFF), 3))
def test_a_file_that_breaks_off_anywhere_is_blamed_where_it_has_text(length: int, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BROKEN_OFF[:length], "utf-8")
    (tmp_path / "P.json").write_text('{"Statement": [\n'[: length % 18], "utf-8")
    assert [str(problem) for problem in problems(tmp_path) if not exists(problem)] == []


def test_of_too_many_problems_the_first_200_and_a_count_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "z.yaml").write_text("version: 1\nsettings: {owner: us}\n", "utf-8")
    for name in "abc":
        users = "".join(f"  {name}{i}: {{colour: blue}}\n" for i in range(150))
        (tmp_path / f"{name}.yaml").write_text(f"users:\n{users}", "utf-8")
    assert main(["validate", "--desired", str(tmp_path)]) == 1
    said = capsys.readouterr().err.replace(f"{tmp_path}/", "").splitlines()
    assert said[0].startswith("a.yaml:2:8: users.a0.colour: unknown key")
    assert said[199].startswith("b.yaml:51:9: users.b49.colour: unknown key")
    assert said[199].endswith("(and at least 250 more problems; fix these first)")
    assert said[200:] == ["200 problems"]


def test_there_are_enough_of_both() -> None:
    assert len(cases(CASES)) >= 150
    assert len(cases(CASES / "right")) >= 30


def test_every_wrong_case_expects_something() -> None:
    assert [case.name for case in cases(CASES) if not expected(case, "expect")] == []
