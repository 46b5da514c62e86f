"""Which commit wrote a line of the files, and who made it: Git's blame, without a git program.

The repository is only read, as data, as in `iamsync.source`. A line goes back to the oldest commit from which it came
unchanged, along every parent. Renames of files are not followed: a line is as old as its file.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from heapq import heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamsync.source import work_tree_of

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

MOST_COMMITS: Final = 10_000
"""That are looked at for one file. Whoever wrote a line before that is not known."""

Line = tuple[str, int]
"""A file as it is named, and a line of it, counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """Who wrote a line: the commit with its day in UTC, its author and the first line of its message. The commit is
    empty for a line that is not committed yet.
    """

    commit: str
    author: str = ""
    date: str = ""
    summary: str = ""


NOT_COMMITTED: Final = Authored(commit="")


def authored(lines: Iterable[Line]) -> Mapping[Line, Authored]:
    """Who wrote each of these lines, as far as a Git repository around their files says it."""
    by_file: dict[str, set[int]] = {}
    for file, number in lines:
        by_file.setdefault(file, set()).add(number)
    found: dict[Line, Authored] = {}
    for file, numbers in by_file.items():
        with suppress(Exception):  # a repository may be broken in any way, and the explanation is good without it
            found |= {(file, number): author for number, author in _of_file(Path(file), numbers).items()}
    return found


def _of_file(file: Path, numbers: set[int]) -> Mapping[int, Authored]:
    from dulwich.repo import Repo  # noqa: PLC0415 - most commands need no history

    resolved = file.resolve(strict=True)
    root = work_tree_of(resolved.parent)
    if root is None:
        return {}
    content = _lines(resolved.read_bytes())
    with closing(Repo(root, bare=False)) as repository:
        head = repository.head()
        path = str(resolved.relative_to(root)).encode()
        committed = _text(repository, head, path)
        if committed is None:
            return dict.fromkeys(numbers, NOT_COMMITTED)
        wanted = {here - 1 for here in numbers}
        moved = {theirs: ours for ours, theirs in _same(content, committed) if ours in wanted}
        commits = _Blame(repository, path).commits(head, frozenset(moved))
    known = {moved[number] + 1: author for number, author in commits.items()}
    return {**dict.fromkeys(numbers - {one + 1 for one in moved.values()}, NOT_COMMITTED), **known}


class _Blame:
    """The history of one file. What is pending are the lines of a commit's text for which nobody is named yet, each
    with its number in the text that was asked about.
    """

    def __init__(self, repository: "Repo", path: bytes) -> None:
        self._repository = repository
        self._path = path
        self._shallow = repository.get_shallow()
        self._pending: dict[bytes, dict[int, set[int]]] = {}
        self._newest: list[tuple[int, bytes]] = []

    def commits(self, head: bytes, lines_of_head: frozenset[int]) -> dict[int, Authored]:
        """The author of each line of the text at `head`; lines of unknown age are left out."""
        found: dict[int, Authored] = {}
        self._ask(head, {number: {number} for number in lines_of_head})
        for _ in range(MOST_COMMITS):
            if not self._newest:
                break
            _, commit = heappop(self._newest)
            lines = self._pending.pop(commit, None)
            if lines and commit not in self._shallow and (own := self._without_inherited(commit, lines)):
                author = _author(self._commit(commit))
                found |= {asked: author for numbers in own.values() for asked in numbers}
        return found

    def _ask(self, commit: bytes, lines: Mapping[int, set[int]]) -> None:
        waiting = self._pending.setdefault(commit, {})
        for number, asked in lines.items():
            waiting.setdefault(number, set()).update(asked)
        heappush(self._newest, (-self._commit(commit).commit_time, commit))

    def _without_inherited(self, commit: bytes, lines: Mapping[int, set[int]]) -> Mapping[int, set[int]]:
        """The lines that no parent has. Each of the others is asked of the first parent that has it."""
        own = dict(lines)
        text = _text(self._repository, commit, self._path)
        for parent in self._commit(commit).parents:
            earlier = _text(self._repository, parent, self._path) if own else None
            if earlier is None or text is None:
                continue
            inherited = {theirs: own.pop(ours) for ours, theirs in _same(text, earlier) if ours in own}
            if inherited:
                self._ask(parent, inherited)
        return own

    def _commit(self, commit: bytes) -> "Commit":
        from dulwich.objects import Commit, ObjectID  # noqa: PLC0415 - as above

        found = self._repository[ObjectID(commit)]
        assert isinstance(found, Commit)  # noqa: S101 - the parent of a commit is one
        return found


def _text(repository: "Repo", commit: bytes, path: bytes) -> list[bytes] | None:
    """The lines of a file in a commit; None if the commit has no such file."""
    from dulwich.object_store import tree_lookup_path  # noqa: PLC0415 - as above
    from dulwich.objects import Blob, Commit, ObjectID  # noqa: PLC0415 - as above

    found = repository[ObjectID(commit)]
    assert isinstance(found, Commit)  # noqa: S101 - as above
    try:
        _, blob = tree_lookup_path(repository.__getitem__, found.tree, path)
    except KeyError:
        return None
    content = repository[blob]
    return _lines(content.data) if isinstance(content, Blob) else None


def _lines(text: bytes) -> list[bytes]:
    """The lines without their ends, which may be those of another system."""
    return text.replace(b"\r\n", b"\n").split(b"\n")


def _same(ours: list[bytes], theirs: list[bytes]) -> Iterator[tuple[int, int]]:
    """The numbers of lines that are the same in both texts, counted from 0."""
    if ours == theirs:
        yield from ((number, number) for number in range(len(ours)))
        return
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        yield from ((block.a + offset, block.b + offset) for offset in range(block.size))


def _author(commit: "Commit") -> Authored:
    return Authored(
        commit=commit.id.decode("ascii"),
        author=commit.author.decode("utf-8", "replace"),
        date=datetime.fromtimestamp(commit.author_time, tz=UTC).strftime("%Y-%m-%d"),
        summary=commit.message.decode("utf-8", "replace").strip().partition("\n")[0],
    )
