"""`iamsync init`: what it writes can be planned and applied at once, and nothing that exists is changed."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from shell import Ended, Iamsync

from iamsync import desired
from iamsync.core.arn import Account
from iamsync.sandbox import Sandbox
from iamsync.starter import Ci, Start

PROJECT = Path(__file__).parent.parent
FILES = {"desired/account.yaml", "desired/users.yaml", ".gitignore", ".pre-commit-config.yaml", "iamsync.schema.json"}
WORKFLOWS = {
    "github": {
        ".github/workflows/iamsync-plan.yml": "github/pull-request.yml",
        ".github/workflows/iamsync-apply.yml": "github/merge.yml",
    },
    "gitlab": {
        ".gitlab-ci.yml": "gitlab/.gitlab-ci.yml",
        "ci/gitlab_api.py": "gitlab/ci/gitlab_api.py",
        "ci/note.py": "gitlab/ci/note.py",
        "ci/reviewed_plan.py": "gitlab/ci/reviewed_plan.py",
    },
}


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_from_nothing_to_a_user_with_a_password_in_four_commands(iamsync: Iamsync, tmp_path: Path) -> None:
    begun = iamsync("init", "--yes")

    assert begun.code == 0
    assert set(contents(tmp_path)) == FILES
    assert 'account_id: "123456789012"' in (tmp_path / "desired/account.yaml").read_text(), "that of the caller"
    commands = [line.split("#")[0].split() for line in begun.err.splitlines() if line.startswith("  iamsync ")]
    assert [command[1] for command in commands] == ["validate", "plan", "apply"]
    for _, *command in commands:
        assert iamsync(*command, *(["--csv", "new.csv"] if command[0] == "apply" else [])).code == 0
    assert "Nothing to do" in iamsync("plan").out
    assert "first.user" in (tmp_path / "new.csv").read_text()
    assert "*.csv" in (tmp_path / ".gitignore").read_text().splitlines()


OWNERS = ("no", "12345", "@home")
USERS = ("null", "1e3", "-x", "=1+1", "2026-11-25")
NAMES = [("us", user) for user in USERS] + [(owner, "aiko") for owner in OWNERS]


@pytest.mark.parametrize(("owner", "user"), NAMES)
def test_whatever_the_names_are_the_files_are_valid_and_in_canonical_form(
    owner: str, user: str, iamsync: Iamsync, tmp_path: Path
) -> None:
    ended = iamsync("init", "--yes", "--owner", owner, "--user", user, "there")

    assert ended.code == 0
    folder = tmp_path / "there" / "desired"
    state = desired.load(folder).state(Account(id="123456789012", partition="aws"), datetime(2027, 1, 15, tzinfo=UTC))
    assert [*state.users] == [user]
    assert state.users[user].tags["iamsync:owner"] == owner
    assert iamsync("fmt", "--check", "--desired", str(folder)).code == 0


WRONG: dict[tuple[str, ...], str] = {
    ("--owner", ""): "1 to 64 letters",
    ("--owner", "a b"): "1 to 64 letters",
    ("--owner", "a,b"): "1 to 64 letters",
    ("--owner", "x: y\n"): "1 to 64 letters",
    ("--user", "a b"): "1 to 64 letters",
    ("--user", "ä"): "1 to 64 letters",
    ("--user", "x" * 65): "1 to 64 letters",
    ("--account", "12345"): "12 digits",
    ("--ci", "jenkins"): "github",
}


@pytest.mark.parametrize("flags", WRONG, ids=" ".join)
def test_a_wrong_answer_writes_nothing(flags: tuple[str, ...], iamsync: Iamsync, tmp_path: Path) -> None:
    ended = iamsync("init", "--yes", *flags)

    assert ended.code == 1
    assert WRONG[flags] in ended.err
    assert contents(tmp_path) == {}


EXISTING = ("desired/account.yaml", "desired/other.yml", "desired/teams/a.yaml", "iamsync.schema.json")


@pytest.mark.parametrize("name", [*EXISTING, *WORKFLOWS["github"]])
def test_one_file_that_exists_and_nothing_is_written(name: str, iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine\n")

    ended = iamsync("init", "--yes", "--ci", "github")

    assert ended.code == 1
    assert f"{name} exists: nothing was created" in ended.err
    assert contents(tmp_path) == {name: "mine\n"}


def test_a_link_to_nothing_is_not_written_through(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "desired").mkdir()
    (tmp_path / "desired" / "users.yaml").symlink_to(tmp_path / "elsewhere")

    ended = iamsync("init", "--yes")

    assert ended.code == 1
    assert "users.yaml exists" in ended.err
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_repository_has_for_other_reasons_stays_and_the_lines_are_shown(
    iamsync: Iamsync, tmp_path: Path
) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / ".pre-commit-config.yaml").write_text("mine\n")

    ended = iamsync("init", "--yes")

    assert ended.code == 0
    assert contents(tmp_path)[".gitignore"] == contents(tmp_path)[".pre-commit-config.yaml"] == "mine\n"
    assert "left alone: .gitignore exists" in ended.err
    assert "  *.csv\n" in ended.err
    assert "iamsync-validate" in ended.err


def test_where_a_file_cannot_be_written_none_is_left_behind(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file where a folder is needed\n")

    ended = iamsync("init", "--yes", "--ci", "github")

    assert ended.code == 1
    assert "cannot be written" in ended.err
    assert set(contents(tmp_path)) == {".github"}


@pytest.mark.parametrize("ci", sorted(WORKFLOWS))
def test_the_workflows_are_those_of_the_examples(ci: str, iamsync: Iamsync, tmp_path: Path) -> None:
    assert iamsync("init", "--yes", "--ci", ci).code == 0

    written = contents(tmp_path)
    assert set(written) == FILES | set(WORKFLOWS[ci])
    for name, example in WORKFLOWS[ci].items():
        assert written[name] == (PROJECT / "examples" / example).read_text("utf-8")
    assert {one.value for one in Ci} == set(WORKFLOWS)


def test_the_hooks_are_those_of_this_project() -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    text = Start(owner="us", user="aiko").texts()[Path(".pre-commit-config.yaml")]

    (repo,) = yaml.safe_load(text)["repos"]
    assert {hook["id"] for hook in repo["hooks"]} == hooks
    assert repo["rev"].startswith("v")


def test_without_credentials_the_account_is_left_for_later(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    ended = iamsync("init", "--yes")

    assert ended.code == 0
    assert "The account is not known" in ended.err
    assert "Set settings.account_id" in ended.err
    assert '  # account_id: "' in (tmp_path / "desired/account.yaml").read_text()
    assert iamsync("validate", "--strict").code == 0
    assert iamsync("fmt", "--check").code == 0


def test_with_a_flag_no_account_is_asked_for(iamsync: Iamsync, sandbox: Sandbox) -> None:
    assert iamsync("init", "--yes", "--account", "210987654321").code == 0

    assert [*sandbox.calls] == []


def at_a_terminal(iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch, typed: bytes, *arguments: str) -> Ended:
    primary, secondary = os.openpty()
    os.write(primary, typed)
    with os.fdopen(secondary, "r") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        ended = iamsync(*arguments)
    os.close(primary)
    return ended


def test_at_a_terminal_it_asks_until_the_answer_is_right(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = at_a_terminal(iamsync, monkeypatch, b"the data team\ndata-team\n\n", "init")

    assert ended.code == 0
    assert "Whose users are these? A team [platform-team]: " in ended.err
    assert "expected 1 to 64 letters" in ended.err
    assert "owner: data-team" in (tmp_path / "desired/account.yaml").read_text()
    assert "first.user:" in (tmp_path / "desired/users.yaml").read_text()


def test_nobody_is_asked_for_what_cannot_be_written(
    iamsync: Iamsync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iamsync.schema.json").write_text("mine\n")

    ended = at_a_terminal(iamsync, monkeypatch, b"data-team\naiko\n", "init")

    assert ended.code == 1
    assert "Whose users" not in ended.err
