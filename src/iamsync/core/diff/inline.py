"""Inline policies, of users and of groups alike."""

from collections.abc import Iterator, Mapping

from iamsync.core.action import TextChange
from iamsync.core.diff.sides import text_changes, text_comes
from iamsync.core.document import Document
from iamsync.core.explain import NOT_READABLE_TEXT, contents, differences

Inline = Mapping[str, Document | None]


def changed_texts(desired: Inline, live: Inline) -> Iterator[tuple[str, TextChange]]:
    """The inline policies that are new, or say something else, by name."""
    for name, new in sorted(desired.items()):
        old = live.get(name)
        if new is None or (name in live and old == new):
            continue
        yield (
            name,
            TextChange(
                is_new=name not in live,
                old=old,
                new=new,
                words=_words(old, new, is_new=name not in live),
                shift=text_changes(old, new) if name in live else text_comes(new),
            ),
        )


def _words(old: Document | None, new: Document, *, is_new: bool) -> tuple[str, ...]:
    if is_new:
        return contents(new)
    return differences(old, new) if old is not None else (NOT_READABLE_TEXT, *contents(new))


def to_go_early(desired: Inline, live: Inline, limit: int) -> int:
    """How many of those that go must go before anything is added, because old and new together exceed `limit`."""
    together = {**live, **desired}
    size = sum(document.size for document in together.values() if document is not None)
    return len(live.keys() - desired.keys()) if size > limit else 0
