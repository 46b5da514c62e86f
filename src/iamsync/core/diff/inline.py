"""Inline policies, of users and of groups alike."""

from collections.abc import Iterator, Mapping

from iamsync.core.action import TextChange
from iamsync.core.diff.sides import text_comes
from iamsync.core.diff.steps import steps
from iamsync.core.document import Document
from iamsync.core.explain import NOT_READABLE_TEXT, contents, differences

Inline = Mapping[str, Document | None]


def changed_texts(
    desired: Inline, live: Inline, *, limit: int, apart: frozenset[str]
) -> Iterator[tuple[str, TextChange]]:
    """The inline policies that are new, or say something else, by name; those in `apart` in steps, if there is room."""
    room = limit - sum(document.size for side in (desired, live) for document in side.values() if document is not None)
    for name, new in sorted(desired.items()):
        old = live.get(name)
        if new is None or (name in live and old == new):
            continue
        if name not in live:
            yield name, TextChange(is_new=True, old=None, new=new, words=contents(new), shift=text_comes(new))
            continue
        for step in steps(old, new, limit=limit, apart=name in apart and room >= 0):
            words = (*([step.words] if step.words else ()), *_words(step.old, step.new))
            yield name, TextChange(is_new=False, old=step.old, new=step.new, words=words, shift=step.shift)


def _words(old: Document | None, new: Document) -> tuple[str, ...]:
    return differences(old, new) if old is not None else (NOT_READABLE_TEXT, *contents(new))


def to_go_early(desired: Inline, live: Inline, limit: int) -> int:
    """How many of those that go must go before anything is added, because old and new together exceed `limit`."""
    together = {**live, **desired}
    size = sum(document.size for document in together.values() if document is not None)
    return len(live.keys() - desired.keys()) if size > limit else 0
