"""More entries in a file that is in canonical form, which keeps each of its lines."""

from collections.abc import Iterator

from iamsync.desired.nodes import Entries, Node, compose
from iamsync.fmt.files import CannotFormat, canonical, said
from iamsync.fmt.layout import with_entries


def with_added(old: str, added: str, file: str) -> str | None:
    """The text of a file with the entries and comments of another text, both canonical; None if `old` is not, or has an
    entry of that name, or is written in brackets. Each line of `old` is in it, in the same order.
    """
    try:
        if canonical(old, file) != old:
            return None
        new = canonical(_together(old, added, file), file)
    except CannotFormat:
        return None
    is_kept = _is_part(old.splitlines(), iter(new.splitlines()))
    return new if is_kept and _says_both(new, old, added, file) else None


def _together(old: str, added: str, file: str) -> str:
    has_entries = [compose(text, file)[0] is not None for text in (old, added)]
    if not has_entries[0]:
        return f"{old.rstrip()}\n\n{added}" if old.strip() else added
    if not has_entries[1]:
        return with_entries(old, "", added.splitlines()) or old
    return with_entries(old, added, []) or old


def _is_part(lines: list[str], within: Iterator[str]) -> bool:
    return all(any(line == other for other in within) for line in lines)


def _says_both(new: str, *parts_and_file: str) -> bool:
    """Whether a text says what two texts say, and nothing else."""
    *parts, file = parts_and_file
    found = _entries(compose(new, file)[0])
    wanted = [_entries(compose(part, file)[0]) for part in parts]
    return found == wanted[0] | wanted[1] and not wanted[0].keys() & wanted[1].keys()


def _entries(root: Node | None) -> dict[tuple[str, ...], object]:
    """The entries of each section; what is no section, as a whole."""
    if not isinstance(root, Entries):
        return {}
    found: dict[tuple[str, ...], object] = {}
    for section, entry in root.entries.items():
        if isinstance(entry.value, Entries) and section != "settings":
            found |= {(section, name): said(one.value) for name, one in entry.value.entries.items()}
        else:
            found[section,] = said(entry.value)
    return found
