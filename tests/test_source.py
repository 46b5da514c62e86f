"""Where the files come from."""

import subprocess
from pathlib import Path

from iamsync.source import Checkout, Folder


def test_a_folder_outside_git_has_no_commit(tmp_path: Path) -> None:
    assert Folder(tmp_path).current() == Checkout(path=tmp_path)


def test_a_folder_that_is_missing_is_for_the_reader_of_its_files_to_name(tmp_path: Path) -> None:
    assert Folder(tmp_path / "missing").current() == Checkout(path=tmp_path / "missing")


def test_each_call_sees_the_commit_that_is_checked_out_then(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        command = ["git", *identity, *arguments]
        return subprocess.check_output(command, cwd=tmp_path, text=True).strip()

    git("init", "-q")
    source = Folder(tmp_path / "desired")
    (tmp_path / "desired").mkdir()
    before_the_first_commit = source.current().commit
    commits = []
    for number in range(2):
        (tmp_path / "desired" / "all.yaml").write_text(f"# {number}\n")
        git("add", "desired")
        git("commit", "-q", "-m", "x")
        commits.append(source.current().commit)

    assert before_the_first_commit is None
    assert commits == git("rev-list", "--reverse", "HEAD").split()
