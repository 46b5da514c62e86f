"""What is said of the snapshot that a plan was made from."""

from collections.abc import Iterator

from iamsync.core.snapshot_note import SnapshotNote
from iamsync.render.actions import count

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def snapshot_words(note: SnapshotNote) -> Iterator[str]:
    """Sentences: how old it is, and what is not known."""
    yield f"Not read from the account, but from a snapshot of it, taken {note.taken}, {age_words(note.age)} ago."
    if note.unknown:
        yield f"The snapshot does not have: {'; '.join(note.unknown)}."


def age_words(seconds: int) -> str:
    """`3 days 4 hours`: the two largest units."""
    parts: list[str] = []
    for word, size in _UNITS:
        number, seconds = divmod(seconds, size)
        if number or (word == "second" and not parts):
            parts.append(count(number, word))
        elif parts:
            break
    return " ".join(parts[:2])
