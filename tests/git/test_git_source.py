"""Which commit of a repository is in force: the newest good one or, while that cannot be had, the last good one."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from forge import NOON, Clock, Forge, Sources, users

from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.source import FIRST_DELAY, LONGEST_DELAY, Conditions, GitSource
from iamsync.daemon.versions import FetchFailure
from iamsync.errors import SourceError
from iamsync.source import Checkout


def accepted(source: GitSource) -> Checkout:
    checkout = source.current()
    source.accept(checkout)
    return checkout


def failure_of(source: GitSource) -> FetchFailure:
    """Why the remote cannot be asked, which it cannot."""
    assert source.state.failure is not None
    return source.state.failure


def text_of(checkout: Checkout) -> str:
    return (checkout.path / "all.yaml").read_text()


def test_each_look_gives_the_files_of_the_newest_commit(
    forge: Forge, source_of: Sources, clock: Clock, tmp_path: Path
) -> None:
    source = source_of()
    first = forge.commit("aiko")
    one = accepted(source)
    clock.seconds = 60
    second = forge.commit("aiko", "bo")
    two, again = accepted(source), accepted(source)

    assert (one.commit, two.commit, again) == (first, second, two)
    assert (text_of(two), two.path.name) == (users("aiko", "bo"), "desired")
    assert not one.path.exists(), "only what is needed is kept"
    assert (source.state.commit, source.state.since, source.state.looked) == (second, clock.now(), clock.now())
    assert source.state.committed is not None
    assert (source.state.refused, source.state.failure) == (None, None)
    assert {entry.name for entry in (tmp_path / "state").glob("*/*")} == {"LOCK", "state.json", second}


def test_a_checkout_stays_as_it_is_until_the_next_one_is_accepted(forge: Forge, source_of: Sources) -> None:
    source = source_of()
    forge.commit("aiko")
    one = accepted(source)
    forge.commit("bo")
    two = source.current()

    assert (text_of(one), text_of(two)) == (users("aiko"), users("bo"))


def test_the_state_folder_is_for_its_owner_alone(forge: Forge, source_of: Sources, tmp_path: Path) -> None:
    forge.commit("aiko")
    accepted(source_of())

    (folder,) = (tmp_path / "state").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_while_the_remote_is_gone_the_last_good_commit_stays_and_looks_become_seldom(
    forge: Forge, source_of: Sources, clock: Clock
) -> None:
    source = source_of()
    commit = forge.commit("aiko")
    accepted(source)
    clock.seconds = 10
    forge.go()

    counts, tries = [], []
    for _ in range(10):
        assert accepted(source).commit == commit
        counts.append(failure_of(source).count)
        tries.append((failure_of(source).next_try - clock.now()).total_seconds())
        clock.seconds += 60

    failure = failure_of(source)
    assert counts == [1, 2, 3, 3, 4, 4, 4, 4, 5, 5]
    assert tries[:2] == [FIRST_DELAY, 2 * FIRST_DELAY]
    assert "does not appear to be a git repository" in failure.why
    assert (clock.now() - failure.since).total_seconds() == 600
    assert source.state.looked == clock.now() - timedelta(seconds=610)
    for _ in range(10):
        clock.seconds += 10_000
        accepted(source)
    assert (failure_of(source).next_try - clock.now()).total_seconds() == LONGEST_DELAY
    forge.come_back()
    newer = forge.commit("aiko", "bo")
    assert accepted(source).commit == commit, "not asked yet"
    source.hurry()
    assert (accepted(source).commit, source.state.failure) == (newer, None)


def test_a_start_without_the_remote_goes_on_from_the_last_good_commit(
    forge: Forge, source_of: Sources, clock: Clock
) -> None:
    commit = forge.commit("aiko")
    accepted(source_of())
    forge.go()
    clock.seconds = 100

    first = source_of()
    checkout = accepted(first)
    clock.seconds = 200
    second = source_of()
    accepted(second)

    assert (checkout.commit, text_of(checkout)) == (commit, users("aiko"))
    assert second.state.failure is not None
    assert (second.state.failure.count, (clock.now() - second.state.failure.since).total_seconds()) == (2, 100)


def test_without_any_commit_there_is_a_sentence(forge: Forge, source_of: Sources, clock: Clock) -> None:
    source = source_of()
    with pytest.raises(SourceError, match=r"has no branch or tag main; tried again at 12:00:30 UTC"):
        source.current()
    forge.go()
    clock.seconds += 30
    with pytest.raises(SourceError, match=r"cannot be read \(fatal: .*does not appear to be a git repository"):
        source.current()


def test_rewritten_history_is_refused_until_a_person_accepts_it(forge: Forge, source_of: Sources, clock: Clock) -> None:
    commit = forge.commit("aiko")
    source = source_of()
    accepted(source)
    other = forge.rewrite()
    clock.seconds = 60

    assert accepted(source).commit == commit
    refused = source.state.refused
    assert refused is not None
    assert (refused.commit, refused.since, len(refused.why)) == (other, clock.now(), 1)
    assert f"history was rewritten: commit {other} does not come after {commit}" in refused.why[0]
    assert f"--accept-rewrite {other}" in refused.why[0]

    clock.seconds = 120
    again = source_of()
    assert accepted(again).commit == commit
    assert again.state.refused == refused, "since then, whatever was started again"
    assert accepted(source_of(Conditions(accepted="0" * 40))).commit == commit
    newer = forge.commit("aiko", "bo")
    last = source_of(Conditions(accepted=other))
    assert (accepted(last).commit, last.state.refused) == (newer, None)
    assert accepted(source_of()).commit == newer


def test_history_that_is_as_it_was_again_is_no_longer_reported(forge: Forge, source_of: Sources) -> None:
    commit = forge.commit("aiko")
    source = source_of()
    accepted(source)
    forge.rewrite()
    accepted(source)
    assert source.state.refused is not None
    forge.git("reset", "--quiet", "--hard", commit)

    assert accepted(source).commit == commit
    assert source_of().state.refused is None


def test_a_branch_that_is_set_back_to_an_older_commit_was_rewritten(forge: Forge, source_of: Sources) -> None:
    older = forge.commit("aiko")
    commit = forge.commit("bo")
    source = source_of()
    accepted(source)
    forge.git("reset", "--quiet", "--hard", older)

    assert accepted(source).commit == commit
    assert source.state.refused is not None
    assert "rewritten" in source.state.refused.why[0]


@pytest.mark.parametrize("count", [pytest.param(49, marks=pytest.mark.slow), 120])
def test_a_commit_is_found_many_commits_later(forge: Forge, source_of: Sources, count: int) -> None:
    first = forge.commit("aiko")
    source = source_of()
    accepted(source)
    stream = "".join(
        f"commit refs/heads/main\ncommitter x <x@y> {1_800_000_000 + number} +0000\ndata 1\nx\n"
        + (f"from {first}\n" if number == 0 else "")
        for number in range(count)
    )
    forge.git("fast-import", "--quiet", stdin=stream.encode())

    newest = forge.git("rev-parse", "main")
    assert (accepted(source).commit, source.state.refused) == (newest, None)


def test_a_merge_of_a_branch_comes_after_both(forge: Forge, source_of: Sources) -> None:
    forge.commit("aiko")
    source = source_of()
    accepted(source)
    forge.git("switch", "--quiet", "-c", "topic")
    forge.commit(files={"desired/bo.yaml": "users: {bo: {}}\n"})
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "topic", "-m", "merge")

    merged = forge.newest()

    assert (accepted(source).commit, source.state.refused) == (merged, None)


def test_refs_are_branches_and_tags_and_never_a_guess(forge: Forge, source_of: Sources) -> None:
    first = forge.commit("aiko")
    forge.git("tag", "-a", "v1", "-m", "x")
    second = forge.commit("bo")
    assert source_of(ref="v1").current().commit == first
    assert source_of(ref="refs/heads/main").current().commit == second
    forge.git("tag", "main", "v1")

    with pytest.raises(SourceError, match="both a branch and a tag: use --ref refs/heads/main or --ref refs/tags/main"):
        source_of().current()


def test_a_commit_that_cannot_be_taken_is_refused_and_the_next_one_heals(
    forge: Forge, source_of: Sources, clock: Clock
) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    forge.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},desired/shared")
    bad = forge.commit_staged()

    clock.seconds = 60
    assert accepted(source).commit == good
    clock.seconds = 120
    assert accepted(source).commit == good
    refused = source.state.refused
    assert refused is not None
    assert (refused.commit, refused.since, refused.committed is not None) == (bad, NOON + timedelta(seconds=60), True)
    assert refused.why == (
        f"commit {bad}: shared is a submodule, which iamsync does not read; put its files into this repository",
    )
    forge.git("rm", "--quiet", "--cached", "desired/shared")
    healed = forge.commit_staged()
    assert (accepted(source).commit, source.state.refused) == (healed, None)


def test_names_that_are_no_unicode_do_no_harm(forge: Forge, source_of: Sources) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    pointer = forge.work / "desired" / os.fsdecode(b"\xff.json")
    pointer.write_text("version https://git-lfs.github.com/spec/v1\n")
    forge.commit("aiko", "bo")
    assert accepted(source).commit == good
    pointer.write_text("{}")
    newest = forge.commit("aiko", "bo")
    checkout = source.current()
    assert checkout.commit == newest
    source.refuse(checkout, [f"{pointer}: wrong"])

    again = source_of()
    assert again.state.refused is not None
    assert again.state.refused.why == (rf"{forge.work}/desired/\udcff.json: wrong",)


def test_a_refused_commit_that_comes_back_is_refused_again(forge: Forge, source_of: Sources, tmp_path: Path) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    forge.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},desired/shared")
    bad = forge.commit_staged()
    refused = []
    for newest in (bad, good, bad, bad):
        forge.git("update-ref", "refs/heads/main", newest)
        assert accepted(source).commit == good
        refused.append(source.state.refused and source.state.refused.commit)

    assert refused == [bad, None, bad, bad]
    assert [entry.name for entry in (tmp_path / "state").glob("*/*") if entry.is_dir()] == [good]


def test_of_many_refused_commits_only_the_newest_is_kept(forge: Forge, source_of: Sources, tmp_path: Path) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    for number in range(3):
        bad = forge.commit(files={"desired/all.yaml": f"# {number}\n"})
        checkout = source.current()
        assert checkout.commit == bad
        assert source.refuse(checkout, [f"{checkout.path}/all.yaml: wrong"] * 100) == source._checkout(good)  # noqa: SLF001
        source.accept(source._checkout(good))  # noqa: SLF001
        assert {entry.name for entry in (tmp_path / "state").glob("*/*") if entry.is_dir()} == {good, bad}
        assert source.state.refused is not None
        assert source.state.refused.why == ("desired/all.yaml: wrong",) * 20


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: (path / "all.yaml").unlink(),
        pytest.param(lambda path: (path / "all.yaml").write_text("version: 1\n"), marks=pytest.mark.slow),
        pytest.param(lambda path: (path / "more.yaml").write_text("users: {mallory: {}}\n"), marks=pytest.mark.slow),
        pytest.param(lambda path: shutil.rmtree(path.parent), marks=pytest.mark.slow),
    ],
    ids=["one is gone", "changed", "added", "all are gone"],
)
def test_files_that_another_program_has_removed_or_changed_are_written_again(
    forge: Forge, source_of: Sources, harm: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    """A program that removes old files from /tmp would otherwise remove users from the account."""
    forge.commit("aiko")
    source = source_of()
    before = accepted(source)
    harm(before.path)
    forge.go()

    after = accepted(source)

    assert (after, text_of(after), len([*after.path.iterdir()])) == (before, users("aiko"), 1)
    assert "were changed or removed by another program" in str([vars(one).get("fields") for one in caplog.records])


def test_a_path_in_a_folder_or_the_whole_repository(forge: Forge, source_of: Sources) -> None:
    forge.commit(files={"aws/prod/iam/all.yaml": "version: 1\n", "README": "x"})

    below, whole = accepted(source_of(path="aws/prod/iam/")), accepted(source_of(path="."))

    assert (below.path / "all.yaml").read_text() == "version: 1\n"
    assert (whole.path / "README").read_text() == "x"


def test_a_tree_with_names_that_no_file_can_have_never_gets_here(forge: Forge, source_of: Sources) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    blob = forge.git("rev-parse", "HEAD:desired/all.yaml")
    evil = b"100644 ../../evil.yaml\0" + bytes.fromhex(blob)
    desired = forge.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=evil)
    root = forge.git("mktree", stdin=f"040000 tree {desired}\tdesired\n".encode())
    forge.git("reset", "--quiet", "--soft", forge.git("commit-tree", "-p", good, "-m", "x", root))

    assert accepted(source).commit == good
    assert source.state.failure is not None
    assert "contains full pathnames" in source.state.failure.why


def test_a_fetch_that_is_too_large_is_broken_off(forge: Forge, source_of: Sources, tmp_path: Path) -> None:
    good = forge.commit("aiko")
    source = source_of(Conditions(bounds=Bounds(file_bytes=1 << 20)))
    accepted(source)
    (forge.work / "elsewhere").write_bytes(os.urandom(2 << 20))
    forge.commit("bo")

    assert accepted(source).commit == good
    assert source.state.failure is not None
    assert "(larger than 1 MB, see --max-size)" in source.state.failure.why
    assert list((tmp_path / "state").glob("*/incoming-*")) == []


def test_a_full_disk_leaves_the_commit_in_force_and_is_reported(
    forge: Forge,
    source_of: Sources,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = forge.commit("aiko")
    source = source_of()
    accepted(source)
    newer = forge.commit("bo")
    open_path, open_descriptor = Path.open, os.open

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(Path, "open", lambda file, *a, **k: full() if "state" in file.name else open_path(file, *a, **k))
        disk.setattr(
            os, "open", lambda file, *a, **k: full() if str(file).endswith(".yaml") else open_descriptor(file, *a, **k)
        )
        assert accepted(source).commit == good

    assert source.state.failure is not None
    assert "cannot be written" in source.state.failure.why
    assert "No space left on device" in source.state.failure.why
    assert "cannot be written (No space left on device)" in str(vars(caplog.records[-1])["fields"])
    assert list((tmp_path / "state").glob("*/incoming-*")) == []
    clock.seconds = FIRST_DELAY
    assert accepted(source).commit == newer


def test_what_a_killed_process_has_left_is_put_right_at_the_next_start(
    forge: Forge, source_of: Sources, tmp_path: Path
) -> None:
    commit = forge.commit("aiko")
    checkout = accepted(source_of())
    (folder,) = (tmp_path / "state").iterdir()
    (checkout.path / "all.yaml").write_text("half a fi")
    (checkout.path / "more.yaml").write_text("users: {mallory: {}}")
    (folder / "incoming-x" / "repository").mkdir(parents=True)
    (folder / ("1" * 40)).mkdir()
    forge.go()

    again = accepted(source_of())

    assert (again.commit, text_of(again), [*again.path.iterdir()]) == (
        commit,
        users("aiko"),
        [again.path / "all.yaml"],
    )
    assert {entry.name for entry in folder.iterdir()} == {"LOCK", "state.json", commit}


def test_a_commit_that_is_lost_on_the_disk_is_fetched_again(
    forge: Forge, source_of: Sources, tmp_path: Path, clock: Clock
) -> None:
    commit = forge.commit("aiko")
    accepted(source_of())
    for pack in (tmp_path / "state").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"x")
    forge.go()
    source = source_of()
    with pytest.raises(SourceError, match="no commit can be in force"):
        source.current()
    forge.come_back()
    clock.seconds = FIRST_DELAY

    assert accepted(source).commit == commit
    other = forge.rewrite()
    assert accepted(source).commit == commit, "what was in force before is still known"
    assert source.state.refused is not None
    assert source.state.refused.commit == other


def test_a_commit_that_is_lost_while_the_loop_runs_is_fetched_again(
    forge: Forge, source_of: Sources, tmp_path: Path
) -> None:
    commit = forge.commit("aiko")
    source = source_of()
    accepted(source)
    (folder,) = (tmp_path / "state").glob(f"*/{commit}")
    shutil.rmtree(folder)

    with pytest.raises(SourceError, match=f"commit {commit} cannot be read"):
        source.current()
    assert accepted(source).commit == commit


@pytest.mark.parametrize("text", ["", "{", "[]", '{"commit": "../../x"}', '{"commit": 1}'])
def test_a_state_that_cannot_be_read_says_nothing(forge: Forge, source_of: Sources, tmp_path: Path, text: str) -> None:
    commit = forge.commit("aiko")
    accepted(source_of())
    (file,) = (tmp_path / "state").glob("*/state.json")
    file.write_text(text)

    source = source_of()

    assert source.state.commit is None
    assert accepted(source).commit == commit


def test_two_processes_never_share_a_folder(forge: Forge, source_of: Sources, tmp_path: Path) -> None:
    forge.commit("aiko")
    source = source_of()

    with pytest.raises(SourceError, match="another process uses the folder"):
        GitSource(source._address, tmp_path / "state")  # noqa: SLF001 - the same address

    source_of(path=".")


def test_a_folder_that_cannot_be_used_is_named(source_of: Sources, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(SourceError, match=r"/state/\w+ cannot be used \(Not a directory\), see --state"):
        source_of()


def test_nothing_of_the_machine_reaches_git(
    forge: Forge, source_of: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not its configuration, hooks or variables, and none of AWS's credentials."""
    commit = forge.commit("aiko")
    seen = tmp_path / "seen"
    (tmp_path / "bin").mkdir()
    real = subprocess.check_output(["/bin/sh", "-c", "command -v git"], text=True).strip()
    wrapper = tmp_path / "bin" / "git"
    wrapper.write_text(f'#!/bin/sh\nenv >> {seen}\nexec {real} "$@"\n')
    wrapper.chmod(0o700)
    (tmp_path / ".gitconfig").write_text('[url "file:///nowhere"]\n\tinsteadOf = file://\n')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "shibboleth")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")

    assert accepted(source_of()).commit == commit
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert "shibboleth" not in seen.read_text()
    assert not names & {"AWS_SECRET_ACCESS_KEY", "GIT_DIR", "GIT_SSL_NO_VERIFY"}
