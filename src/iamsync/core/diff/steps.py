"""A text that changes in several versions, one kind of statement at a time: it gains before it loses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iamsync.core.action import Shift
from iamsync.core.diff.sides import text_changes
from iamsync.core.document import Document, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one text to the next. `words` says which step of how many it is; it is empty if there is but one."""

    old: Document | None
    new: Document
    shift: Shift
    words: str = ""


def steps(old: Document | None, new: Document, *, limit: int, apart: bool) -> list[Step]:
    """The new Denies, then the new Allows; then the old Allows go, then the old Denies.

    One step if nothing asks for more, if the old text cannot be read, or if both do not fit into one text.
    """
    texts = [new] if old is None or not apart else [*_between(old, new), new]
    if any(text.size > limit for text in texts[:-1]):
        texts = [new]
    pairs = list(zip([old, *texts], texts, strict=False))
    return [
        Step(
            old=before,
            new=after,
            shift=text_changes(before, after),
            words=f"step {number} of {len(pairs)}: it gains before it loses" if len(pairs) > 1 else "",
        )
        for number, (before, after) in enumerate(pairs, start=1)
    ]


def _between(old: Document, new: Document) -> Iterator[Document]:
    if old.version != new.version:
        return
    denies, allows = _of("Deny", new), _of("Allow", new)
    last = old
    for statements in (
        [*old.statements, *denies],
        [*old.statements, *denies, *allows],
        [*denies, *allows, *_of("Deny", old)],
    ):
        text = _together(statements, old.version)
        if text_changes(last, text) != Shift() and text_changes(text, new) != Shift():
            yield text
            last = text


def _of(effect: str, document: Document) -> list[Statement]:
    return [statement for statement in document.statements if statement.effect == effect]


def _together(statements: Iterable[Statement], version: str) -> Document:
    """The statements in one document, where no Sid may be twice."""
    taken: set[str] = set()
    listed = []
    for statement in dict.fromkeys(statements):
        element = statement.as_json()
        if statement.sid in taken:
            del element["Sid"]
        elif statement.sid:
            taken.add(statement.sid)
        listed.append(element)
    return Document.parse({"Version": version, "Statement": listed})
