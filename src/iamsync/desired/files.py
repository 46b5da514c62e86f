"""A folder as texts: which files count, and what may not be read.

Every `*.yaml` and `*.yml` below the root counts. Names that begin with a dot or `#`, or end with `~`, do not: editors
leave such files behind. Nothing outside the folder is read, and nothing but regular files.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from iamsync.core.model import Origin, Problem
from iamsync.desired.nodes import MAX_BYTES

ENDINGS: Final = (".yaml", ".yml")
MAX_FILES: Final = 10_000
EXAMPLE: Final = "{version: 1, settings: {owner: my-team}, users: {aiko.sato: {path: /people/}}}"
"""A desired state in one line, for who has none."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BOM: Final = b"\xef\xbb\xbf"


def problem_at(file: Path, message: str, line: int = 1, column: int = 1) -> Problem:
    """A problem at a place in a file; the first line where it has no other."""
    return Problem(origin=Origin(file=str(file), line=line, column=column), path="", message=message)


def problem_with(whole: Path, message: str) -> Problem:
    """A problem with a file or folder as such, at no line of it."""
    return problem_at(whole, message, line=0)


def found(root: Path) -> Iterator[Path | Problem]:
    """The YAML files below `root`, in the order of their names, or why there is nothing to read."""
    if not root.exists():
        yield problem_with(
            root,
            f"no such folder; to begin, write {root}/iamsync.yaml, for example {EXAMPLE} "
            "or name another folder with --desired",
        )
        return
    if not root.is_dir():
        yield problem_with(root, "not a folder; name the folder with the YAML files (--desired)")
        return
    files = sorted(_below(root), key=str)
    if not any(isinstance(file, Path) for file in files):
        yield problem_with(root, "no *.yaml or *.yml file in here; is it the right folder?")
    if len(files) > MAX_FILES:
        yield problem_with(root, f"more than {MAX_FILES:,} YAML files; is it the right folder?")
        return
    yield from files


def _below(root: Path) -> Iterator[Path | Problem]:
    unreadable: list[Problem] = []
    for folder, folders, names in os.walk(root, onerror=lambda error: unreadable.append(_unopened(error))):
        folders[:] = sorted(name for name in folders if not _is_ignored(name))
        for name in folders:
            if (Path(folder) / name).is_symlink():
                yield problem_with(
                    Path(folder) / name, "a link to a folder, which is not followed; put the folder here"
                )
        for name in [*names, *folders]:
            if name.lower().endswith(ENDINGS) and not _is_ignored(name):
                yield Path(folder) / name
    yield from unreadable


def _unopened(error: OSError) -> Problem:
    return problem_with(Path(os.fsdecode(error.filename)), f"cannot be read: {error.strerror}")


def _is_ignored(name: str) -> bool:
    return name.startswith((".", "#")) or name.endswith("~")


def text_of(file: Path, root: Path, most: int = MAX_BYTES) -> str | Problem:
    """What a file says, or why it cannot be read. A byte order mark is taken off."""
    hidden = next((one for one in str(file).removeprefix(str(root)) if not one.isprintable()), None)
    if hidden is not None:
        return problem_with(file, f"the name has the invisible character U+{ord(hidden):04X}; rename the file")
    try:
        if not file.resolve().is_relative_to(root.resolve()):
            return problem_with(file, "leads out of the folder; only files inside of it are read")
        content = _content(file, most)
    except (OSError, RuntimeError, ValueError) as error:
        return problem_with(file, _why_unread(error, file))
    return content if isinstance(content, Problem) else _decoded(content, file)


def _content(file: Path, most: int) -> bytes | Problem:
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not keep us waiting
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            return problem_with(file, "not a file but a device or a pipe; remove it")
        content = opened.read(most + 1)
    too_large = problem_at(file, f"larger than {most:,} bytes; make it smaller, or split it")
    return content if len(content) <= most else too_large


def _why_unread(error: Exception, file: Path) -> str:
    match error:
        case IsADirectoryError():
            return "a folder with the name of a file; rename it"
        case FileNotFoundError():
            return "a link to nothing" if file.is_symlink() else "no such file"
        case OSError():
            return f"cannot be read: {error.strerror}"
        case _:
            return f"cannot be read: {error}"  # a circle of links, or a NUL in the name


def _decoded(content: bytes, file: Path) -> str | Problem:
    if content.startswith(_UTF16):
        return problem_at(file, "UTF-16, expected UTF-8; save it in that encoding")
    content = content.removeprefix(_BOM)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        start = content.rfind(b"\n", 0, error.start) + 1
        column = len(content[start : error.start].decode("utf-8", "replace")) + 1
        message = f"the byte 0x{content[error.start]:02X} is not UTF-8; save the file in that encoding"
        return problem_at(file, message, line, column)


def fingerprint(root: Path) -> str:
    """A hash (64 hexadecimal digits) of the names and contents of the YAML, JSON and key files below `root`. For
    information only: what cannot be read has no part in it.
    """
    hashed = sha256()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_ignored(name))
        for name in sorted(names):
            file = Path(folder) / name
            if name.lower().endswith((*ENDINGS, ".json", ".pub", ".txt")) and not _is_ignored(name) and file.is_file():
                with suppress(OSError):
                    content = sha256(file.read_bytes()).hexdigest()
                    hashed.update(f"{content} {os.fsencode(file.relative_to(root)).hex()}\n".encode())
    return hashed.hexdigest()
