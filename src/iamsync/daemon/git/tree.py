"""The files of a commit, written to a folder as they are in it: no filter, no conversion, nothing that Git would run.

What could not be read from there as it was meant is refused: submodules, pointers of Git LFS, links that lead out.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from iamsync.daemon.git.program import Bounds, ProgramFailed, git
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.errors import SourceError

_LINK, _SUBMODULE, _TREE = "120000", "160000", "040000"
_LFS: Final = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
_LEAST: Final = 4096
"""Bytes that a file takes at least: so many small files are bounded, too."""


class Entry(NamedTuple):
    """A file of a commit, by its path below the folder."""

    mode: str
    blob: str
    size: int
    path: str


def write_tree(repository: Path, commit: str, folder: str, bounds: Bounds, target: Path) -> None:
    """Write the files of `folder` (empty: of all) of a commit below `target`, which is made.

    Raises CommitRefused if they are not what iamsync takes, SourceError if they cannot be read or written.
    """
    try:
        entries = list(_entries(repository, commit, _tree_of(repository, commit, folder, bounds), bounds))
        _refuse_large(commit, entries, bounds)
        contents = _contents(repository, entries, bounds)
        _write(commit, folder, entries, contents, target)
    except ProgramFailed as error:
        raise SourceError(f"commit {commit} cannot be read from {repository} ({error})") from None
    except OSError as error:
        raise SourceError(f"the files of commit {commit} cannot be written to {target} ({error.strerror})") from None


def _tree_of(repository: Path, commit: str, folder: str, bounds: Bounds) -> str:
    """What ls-tree takes for the folder."""
    if not folder:
        return commit
    said = git(repository, "ls-tree", "-z", "--full-tree", commit, "--", folder, bounds=bounds)
    mode = said[: len(_TREE)].decode("ascii", "replace")
    if mode == _SUBMODULE:
        raise CommitRefused(commit, f"commit {commit}: {folder} is a submodule, which iamsync does not read")
    if mode != _TREE:
        raise CommitRefused(commit, f"commit {commit} has no folder {folder} (--path)")
    return f"{commit}:{folder}"


def _entries(repository: Path, commit: str, tree: str, bounds: Bounds) -> Iterator[Entry]:
    said = git(repository, "ls-tree", "-r", "-z", "-l", "--full-tree", tree, bounds=bounds)
    for line in said.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, blob, size = about.decode("ascii").split()
        path = os.fsdecode(name)
        if mode == _SUBMODULE:
            words = f"{path} is a submodule, which iamsync does not read; put its files into this repository"
            raise CommitRefused(commit, f"commit {commit}: {words}")
        if not _is_below(path):
            raise CommitRefused(commit, f"commit {commit}: {path} is no path of a file in the folder")
        yield Entry(mode, blob, int(size), path)


def _is_below(path: str) -> bool:
    parts = path.split("/")
    return not any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)


def _refuse_large(commit: str, entries: list[Entry], bounds: Bounds) -> None:
    if sum(max(entry.size, _LEAST) for entry in entries) > bounds.file_bytes:
        words = f"{len(entries):,} files are together larger than {bounds.file_bytes >> 20} MB, see --max-size"
        raise CommitRefused(commit, f"commit {commit}: {words}")


def _contents(repository: Path, entries: list[Entry], bounds: Bounds) -> dict[str, bytes]:
    """Each blob once, by its id (git-cat-file(1), "BATCH OUTPUT")."""
    wanted = list(dict.fromkeys(entry.blob for entry in entries))
    said = git(repository, "cat-file", "--batch", bounds=bounds, stdin="".join(f"{one}\n" for one in wanted).encode())
    contents: dict[str, bytes] = {}
    start = 0
    for blob in wanted:
        end = said.find(b"\n", start)
        head = said[start:end].split()
        if end < 0 or len(head) != len(("id", "type", "size")) or head[0].decode() != blob:
            raise ProgramFailed(f"the content {blob} is missing")
        start = end + 1 + int(head[2])
        contents[blob] = said[end + 1 : start]
        start += 1
    return contents


def _write(commit: str, folder: str, entries: list[Entry], contents: dict[str, bytes], target: Path) -> None:
    """Files first and links last: so nothing is ever written through a link."""
    target.mkdir(parents=True)
    links = [entry for entry in entries if entry.mode == _LINK]
    for entry in entries:
        if entry.mode == _LINK:
            continue
        content = contents[entry.blob]
        if content.startswith(_LFS):
            words = f"{PurePosixPath(folder) / entry.path} is a pointer of Git LFS, and not the file itself"
            raise CommitRefused(commit, f"commit {commit}: {words}; take it out of LFS (git lfs untrack)")
        file = target / entry.path
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    for entry in links:
        link = target / entry.path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.fsdecode(contents[entry.blob]))
    for entry in links:
        _refuse_leading_out(commit, PurePosixPath(folder) / entry.path, target / entry.path, target)


def _refuse_leading_out(commit: str, name: PurePosixPath, link: Path, target: Path) -> None:
    try:
        inside = not link.readlink().is_absolute() and link.resolve().is_relative_to(target.resolve())
    except (OSError, RuntimeError):  # a circle of links
        inside = False
    if not inside:
        words = "is a link that leads out of the folder; put the file itself there"
        raise CommitRefused(commit, f"commit {commit}: {name} {words}")
