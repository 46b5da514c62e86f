"""Files on the disk: new ones are created, and those that exist keep each of their lines."""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from iamsync.core.model import Problem
from iamsync.desired.files import found, text_of
from iamsync.errors import OutputError
from iamsync.fmt import Rewrite, canonical, with_added
from iamsync.fmt import write as replace_file
from iamsync.importing.entries import FileEntries, Import
from iamsync.importing.yaml_text import Entry, file_text

NOT_IMPORTED: Final = "Not imported:"
_LARGEST: Final = 400_000
"""Characters of the entries of one file. `desired` reads files of up to 1 MB."""


class Written(NamedTuple):
    """A file with its new text; `old` is None where there was none."""

    file: Path
    new: str
    old: str | None = None


def writes(root: Path, what: Import) -> list[Written]:
    """All files to write below `root`, which is only read. No file that exists loses or changes a line."""
    texts = {file: text_of(file, root) for file in found(root) if isinstance(file, Path)} if root.is_dir() else {}
    known = "\n".join(text for text in texts.values() if isinstance(text, str))
    renamed: dict[str, str] = {}
    planned: list[Written] = []
    for name, text in sorted(what.documents.items()):
        file = _free(root, name, text)
        renamed[name] = str(file.relative_to(root))
        if not file.exists():
            planned.append(Written(file, text))
    for name, entries in what.files.items():
        fresh = {subject: why for subject, why in entries.notes.items() if f"# - {subject}: " not in known}
        for part in _parts(_with_documents(entries, renamed), fresh):
            planned += _placed(root, name, part, texts, {one.file for one in planned})
    return planned


def write(root: Path, planned: Sequence[Written]) -> None:
    """Write the files. Raises OutputError, or CannotFormat if one has been changed meanwhile."""
    for one in planned:
        if one.old is not None:
            replace_file(Rewrite(one.file, one.old, one.new), root)
            continue
        try:
            one.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(one.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(one.new)
        except OSError as error:
            raise OutputError(f"{one.file} cannot be written: {error.strerror}") from error


def new_file(root: Path, name: str) -> Path:
    """A file of that name below `root`, or of that name with a number, that does not exist."""
    stem, dot, ending = name.rpartition(".")
    names = (name if number == 1 else f"{stem}-{number}{dot}{ending}" for number in count(1))
    return next(root / one for one in names if not os.path.lexists(root / one))


def _placed(
    root: Path, name: str, part: FileEntries, texts: Mapping[Path, str | Problem], taken: set[Path]
) -> Iterator[Written]:
    """A part in the file of its name; in a new file beside it, where that one is full or not in canonical form."""
    for number in count(1):
        file = root / (f"{name}.yaml" if number == 1 else f"{name}-{number}.yaml")
        old = texts.get(file)
        if file in taken or (old is None and os.path.lexists(file)):
            continue
        has_notes = isinstance(old, str) and f"# {NOT_IMPORTED}" in old
        added = file_text(part.sections, part.head, _notes(part.notes)[has_notes:])
        if old is None:
            yield Written(file, canonical(added, str(file)))
            return
        if isinstance(old, str) and len(old) < _LARGEST and (new := with_added(old, added, str(file))) is not None:
            yield Written(file, new, old)
            return


def _notes(notes: Mapping[str, str]) -> list[str]:
    return [NOT_IMPORTED, *(f"- {subject}: {why}" for subject, why in notes.items())] if notes else []


def _parts(entries: FileEntries, notes: Mapping[str, str]) -> Iterator[FileEntries]:
    """The entries in parts that are not too large for a file; the notes are in the first."""
    flat = [(section, name, entry) for section, named in entries.sections.items() for name, entry in named.items()]
    head = entries.head
    while flat or head or notes:
        sections: dict[str, dict[str, Entry]] = {}
        size = 0
        while flat and size < _LARGEST:
            section, name, entry = flat.pop(0)
            sections.setdefault(section, {})[name] = entry
            size += len(file_text({section: {name: entry}}, {}, ()))
        yield FileEntries(sections=sections, head=head, notes=notes)
        head, notes = {}, {}


def _with_documents(entries: FileEntries, renamed: Mapping[str, str]) -> FileEntries:
    """The entries with the names under which their documents are written."""
    policies = entries.sections.get("policies", {})
    changed = {
        name: Entry({**one.value, "document": renamed.get(str(one.value["document"]), one.value["document"])})
        for name, one in policies.items()
    }
    return FileEntries(
        sections={**entries.sections, **({"policies": changed} if changed else {})},
        head=entries.head,
        notes=entries.notes,
    )


def _free(root: Path, name: str, text: str) -> Path:
    """A file of that name that does not exist, or has this very text."""
    stem, ending = name.removesuffix(".json"), ".json"
    for number in count(1):
        file = root / (name if number == 1 else f"{stem}-{number}{ending}")
        if not os.path.lexists(file) or (file.is_file() and file.read_bytes() == text.encode()):
            return file
    raise AssertionError  # the count does not end
