"""Where the files come from, and which commit they are from."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from iamsync.desired.sources import read
from iamsync.source import Checkout, Folder


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    command = ["git", *identity, *arguments]
    return subprocess.check_output(command, cwd=folder, text=True, stderr=subprocess.DEVNULL).strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the folder `desired`, all of it committed."""
    (tmp_path / "desired" / "policies").mkdir(parents=True)
    (tmp_path / "desired" / "all.yaml").write_text("version: 1\n")
    (tmp_path / "desired" / "policies" / "Deploy.json").write_text("{}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "desired")
    git(tmp_path, "commit", "-q", "-m", "x")
    return tmp_path


def commit_of(folder: Path) -> str | None:
    return Folder(folder).current().commit


def test_a_folder_outside_git_has_no_commit(tmp_path: Path) -> None:
    assert Folder(tmp_path).current() == Checkout(path=tmp_path)


def test_a_folder_that_is_missing_is_for_the_reader_of_its_files_to_name(tmp_path: Path) -> None:
    assert Folder(tmp_path / "missing").current() == Checkout(path=tmp_path / "missing")


def test_each_call_sees_the_commit_that_is_checked_out_then(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    source = Folder(tmp_path / "desired")
    (tmp_path / "desired").mkdir()
    before_the_first_commit = source.current().commit
    commits = []
    for number in range(2):
        (tmp_path / "desired" / "all.yaml").write_text(f"# {number}\n")
        git(tmp_path, "add", "desired")
        git(tmp_path, "commit", "-q", "-m", "x")
        commits.append(source.current().commit)

    assert before_the_first_commit is None
    assert commits == git(tmp_path, "rev-list", "--reverse", "HEAD").split()


def test_a_commit_is_read_from_packs_worktrees_and_the_root(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    git(repository, "gc", "-q")
    git(repository, "worktree", "add", "-q", "../beside", "HEAD")
    (repository.parent / "link").symlink_to(repository / "desired")

    folders = [repository, repository / "desired", repository.parent / "beside" / "desired", repository.parent / "link"]
    assert [commit_of(folder) for folder in folders] == [head] * 4
    shutil.rmtree(repository.parent / "beside")
    (repository.parent / "link").unlink()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "all.yaml").write_text("version: 1\nusers: {}\n"),
        lambda folder: (folder / "all.yaml").unlink(),
        lambda folder: (folder / "more.yml").write_text("users: {mallory: {}}\n"),
        lambda folder: (folder / "policies" / "Deploy.json").write_text('{"Version": "2012-10-17"}\n'),
        lambda folder: [(folder / ".gitignore").write_text("*.yaml\n"), (folder / "new.yaml").write_text("users: {}")],
        lambda folder: [(folder / "all.yaml").unlink(), (folder / "all.yaml").symlink_to("/etc/hosts")],
    ],
    ids=["changed", "deleted", "untracked", "document", "ignored", "link"],
)
def test_files_that_differ_from_the_commit_are_dirty(repository: Path, change: object) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert callable(change)

    change(repository / "desired")

    assert commit_of(repository / "desired") == f"{head}-dirty"
    git(repository, "add", "-f", "desired")
    assert commit_of(repository / "desired") == f"{head}-dirty", "also when it is staged"


def test_files_that_iamsync_does_not_read_make_nothing_dirty(repository: Path) -> None:
    (repository / "other.yaml").write_text("not below the folder\n")
    (repository / "desired" / "new-users.csv").write_text("x\n")
    (repository / "desired" / ".swap.yaml").write_text("x\n")
    (repository / "desired" / "all.yaml").write_bytes(b"version: 1\r\n")

    assert commit_of(repository / "desired") == git(repository, "rev-parse", "HEAD")


def test_files_of_which_the_commit_has_none_are_not_from_it(repository: Path) -> None:
    (repository / "elsewhere").mkdir()
    (repository / "elsewhere" / "all.yaml").write_text("version: 1\n")

    assert commit_of(repository / "elsewhere") is None


def test_no_git_program_is_needed_and_none_runs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = git(repository, "rev-parse", "HEAD")
    touched = repository / "touched"
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge"):
        git(repository, "config", key, f"touch {touched}")
    (repository / ".git" / "info" / "attributes").write_text("* filter=x\n")
    monkeypatch.setenv("PATH", "/nonexistent")

    assert (commit_of(repository / "desired"), touched.exists()) == (head, False)


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_CEILING_DIRECTORIES"])
def test_the_environment_leads_to_no_other_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    head = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv(variable, "/nonexistent")

    assert commit_of(repository / "desired") == head


def test_the_owner_of_the_checkout_does_not_matter(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git itself refuses such a checkout ("dubious ownership") when this variable says that it is somebody else's."""
    head = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "rev-parse", "HEAD")

    assert commit_of(repository / "desired") == head


def test_a_bare_repository_in_the_folder_is_not_believed(repository: Path, tmp_path: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    bare = tmp_path / "bare"
    git(repository, "commit", "-q", "--allow-empty", "-m", "planted")
    planted = git(repository, "rev-parse", "HEAD")
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    git(repository, "reset", "-q", "--hard", head)
    for one in ("HEAD", "config", "objects", "refs", "packed-refs"):
        shutil.move(str(bare / one), repository / "desired" / one)
    assert git(repository / "desired", "rev-parse", "HEAD") == planted, "Git believes it"

    assert commit_of(repository / "desired") == head


@pytest.mark.parametrize(
    "break_it",
    [
        lambda git_folder: (git_folder / "HEAD").write_bytes(b"\xff\0"),
        lambda git_folder: (git_folder / "HEAD").unlink(),
        lambda git_folder: shutil.rmtree(git_folder / "objects"),
        lambda git_folder: (git_folder / "config").write_text("[core\n"),
        lambda git_folder: (git_folder / "config").write_text("[core]\nrepositoryformatversion = 7\n"),
    ],
    ids=["bad-head", "no-head", "no-objects", "bad-config", "future-format"],
)
def test_a_broken_repository_gives_no_commit_and_stops_nothing(repository: Path, break_it: object) -> None:
    assert callable(break_it)
    break_it(repository / ".git")

    assert commit_of(repository / "desired") is None


def test_nothing_is_imported_for_it_before_it_is_needed() -> None:
    code = "import sys, iamsync.cli.account; sys.exit('dulwich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


VERSIONS = tuple({name: f"users: {{{name}.{number}: {{}}}}\n" for name in ("a", "b", "c")} for number in (1, 2))


def in_config_map(root: Path) -> tuple[Path, Callable[[], None]]:
    """A folder as Kubernetes mounts a ConfigMap, and what updates it: a new folder, and one link switched to it."""
    mounted = root / "desired"
    for number, version in enumerate(VERSIONS, 1):
        (mounted / f"..2027_03_0{number}").mkdir(parents=True)
        for name, text in version.items():
            (mounted / f"..2027_03_0{number}" / f"{name}.yaml").write_text(text)
    (mounted / "..data").symlink_to("..2027_03_01")
    for name in VERSIONS[0]:
        (mounted / f"{name}.yaml").symlink_to(f"..data/{name}.yaml")

    def update() -> None:
        (mounted / "..data_tmp").symlink_to("..2027_03_02")
        (mounted / "..data_tmp").rename(mounted / "..data")

    return mounted, update


def by_git_sync(root: Path) -> tuple[Path, Callable[[], None]]:
    """A work tree for each commit, and a link to one, as git-sync has them."""
    for number, version in enumerate(VERSIONS, 1):
        folder = root / ".worktrees" / (str(number) * 40) / "desired"
        folder.mkdir(parents=True)
        for name, text in version.items():
            (folder / f"{name}.yaml").write_text(text)
    (root / "current").symlink_to(Path(".worktrees", "1" * 40))

    def update() -> None:
        (root / "tmp-link").symlink_to(Path(".worktrees", "2" * 40))
        (root / "tmp-link").rename(root / "current")

    return root / "current" / "desired", update


def users_of(source: Folder) -> set[str]:
    files = read(source.current().path)
    assert not files.problems
    return {name for file in files.sources for name in file.value.users}


@pytest.mark.parametrize("layout", [in_config_map, by_git_sync])
def test_a_link_that_is_switched_between_two_reads_gives_no_mix_of_two_versions(
    layout: Callable[[Path], tuple[Path, Callable[[], None]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, update = layout(tmp_path)
    opened: list[str] = []
    open_file = os.open

    def switching(path: str, *how: int, **more: int) -> int:
        if str(path).endswith(".yaml"):
            opened.append(str(path))
            if len(opened) == 2:
                update()
        return open_file(path, *how, **more)

    monkeypatch.setattr(os, "open", switching)
    source = Folder(folder)

    before, after = users_of(source), users_of(source)

    assert len(opened) == 6
    assert before == {"a.1", "b.1", "c.1"}
    assert after == {"a.2", "b.2", "c.2"}


def test_a_version_that_is_removed_while_it_is_read_is_missing_and_no_mix(tmp_path: Path) -> None:
    folder, update = by_git_sync(tmp_path)
    checkout = Folder(folder).current()
    update()
    shutil.rmtree(tmp_path / ".worktrees" / ("1" * 40))

    (problem,) = read(checkout.path).problems

    assert "no such folder" in problem.message


def test_a_folder_with_files_beside_the_link_of_a_config_map_is_read_as_it_is(tmp_path: Path) -> None:
    folder, _ = in_config_map(tmp_path)
    (folder / "more.yaml").write_text("users: {d.1: {}}\n")

    assert Folder(folder).current().path == folder
    assert users_of(Folder(folder)) == {"a.1", "b.1", "c.1", "d.1"}
