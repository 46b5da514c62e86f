"""Where the files of the desired state come from."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from dulwich.repo import Repo

DIRTY: Final = "-dirty"
"""What follows the id of a commit that does not hold the files as they are."""

_ENDINGS: Final = (".yaml", ".yml", ".json")
"""How the names of the files end that may say something about the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The files of a desired state below `path`, and the id of the Git commit that they are from, if that is known; it
    ends with `-dirty` where the files differ from the commit.
    """

    path: Path
    commit: str | None = None


class Source(Protocol):
    """A place that the files of the desired state come from: each run, and each cycle of the loop, asks it once."""

    def current(self) -> Checkout:
        """The newest files. They stay as they are until the next call.

        Raises IamsyncError, with a sentence that says what to do, if there are none to work with.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that somebody else keeps up to date: a work tree in CI, a ConfigMap, git-sync."""

    path: Path

    def current(self) -> Checkout:
        """The folder as it is now. Whether it exists, and what is in it, is judged where its files are read."""
        path = _behind_links(self.path)
        return Checkout(path=path, commit=_commit_of(path))


_DATA: Final = "..data"
"""The link that a ConfigMap or a Secret of Kubernetes switches to a new folder when its files change."""


def _behind_links(folder: Path) -> Path:
    """The folder itself, where links lead to it that somebody may switch while its files are read: git-sync switches a
    link to a new work tree, Kubernetes the link `..data`. What is read is then of one version, or missing.
    """
    try:
        if _is_of_kubernetes(folder):
            return (folder / _DATA).resolve(strict=True)
        if any(one.is_symlink() for one in (folder, *folder.parents)):
            return folder.resolve(strict=True)
    except (OSError, RuntimeError):
        pass  # which is reported when its files are read
    return folder


def _is_of_kubernetes(folder: Path) -> bool:
    """Whether all that is visible in the folder comes through the link `..data`."""
    if not (folder / _DATA).is_symlink():
        return False
    visible = [one for one in folder.iterdir() if not one.name.startswith("..")]
    return all(one.is_symlink() and one.readlink().parts[:1] == (_DATA,) for one in visible)


def _commit_of(folder: Path) -> str | None:
    """The commit that is checked out where `folder` is. None if the folder is not in a Git work tree, or if nothing
    below it is in the commit, or if the repository cannot be read.

    The repository is only read, as data: neither a git program nor a filter or hook that its configuration names runs.
    So it does not matter who owns it. Only a `.git` is believed: a bare repository among the files is none of ours.
    """
    try:
        folder = folder.resolve(strict=True)
        root = work_tree_of(folder)
        return None if root is None else _commit_at(root, folder)
    except Exception:  # noqa: BLE001 - a repository may be broken in any way, and must not stop a revocation
        return None


def work_tree_of(folder: Path) -> Path | None:
    """The root of the Git work tree that a resolved folder is in; None if it is in none."""
    return next((one for one in (folder, *folder.parents) if os.path.lexists(one / ".git")), None)


def _commit_at(root: Path, folder: Path) -> str | None:
    from dulwich.repo import Repo  # noqa: PLC0415 - only what is written down needs a commit

    with closing(Repo(root, bare=False)) as repository:
        commit = repository.head()
        committed = dict(_committed(repository, commit, os.fsencode(folder.relative_to(root))))
    if not committed:
        return None
    return commit.decode("ascii") + ("" if _is_unchanged(folder, committed) else DIRTY)


_Blob = tuple[int, bytes]
"""The mode of a file, and the hash of its content, as Git has them."""


def _committed(repository: "Repo", commit: bytes, folder: bytes) -> Iterator[tuple[Path, _Blob]]:
    """The files of a commit below a folder, by their path from there."""
    from dulwich.object_store import iter_tree_contents, tree_lookup_path  # noqa: PLC0415 - as above
    from dulwich.objects import Commit, ObjectID  # noqa: PLC0415 - as above

    found = repository[ObjectID(commit)]
    if not isinstance(found, Commit):
        return
    tree = found.tree
    if folder != b".":
        try:
            _, tree = tree_lookup_path(repository.__getitem__, tree, folder)
        except KeyError:
            return
    for entry in iter_tree_contents(repository.object_store, tree):
        yield Path(os.fsdecode(entry.path)), (entry.mode, entry.sha)


def _is_unchanged(folder: Path, committed: Mapping[Path, _Blob]) -> bool:
    """Whether the files are as committed, and no other file is there that iamsync would read."""
    return not (_readable(folder) - committed.keys()) and all(
        _is_as_committed(folder / path, *blob) for path, blob in committed.items()
    )


def _readable(folder: Path) -> frozenset[Path]:
    """The files below a folder that iamsync may read, by their path from there."""
    found = set[Path]()
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        readable = (name for name in names if name.lower().endswith(_ENDINGS) and not name.startswith("."))
        found.update((Path(where) / name).relative_to(folder) for name in readable)
    return frozenset(found)


def _is_as_committed(file: Path, mode: int, blob: bytes) -> bool:
    """Whether a file has the content of a blob. Line breaks may be those of another system."""
    if stat.S_ISLNK(mode):
        return file.is_symlink() and _hash(os.fsencode(file.readlink()), blob) == blob
    if file.is_symlink() or not file.is_file():
        return False
    content = file.read_bytes()
    return blob in {_hash(content, blob), _hash(content.replace(b"\r\n", b"\n"), blob)}


def _hash(content: bytes, like: bytes) -> bytes:
    """The id that Git gives to a file, by the algorithm of another id (gitformat, "blob")."""
    header = b"blob %d\0" % len(content)
    is_short = len(like) == len(sha1(usedforsecurity=False).hexdigest())
    digest = sha1(header + content, usedforsecurity=False) if is_short else sha256(header + content)
    return digest.hexdigest().encode("ascii")
