"""A text that changes in two versions: first the new statements are added, then the old ones are removed."""

from collections.abc import Iterable
from dataclasses import dataclass

from iamsync.core.document import Document, Statement
from iamsync.core.permissions import text_effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one text to the next. `number` is (1, 2) for the first of two. `old` is None where it cannot be read."""

    old: Document | None
    new: Document
    number: tuple[int, int] = (1, 1)


def steps(old: Document | None, new: Document, *, limit: int, in_two: bool) -> list[Step]:
    """One step; or two, if that is asked for, something comes and something goes, the old text can be read, and both
    texts together are within `limit` characters.
    """
    if not in_two or old is None or old.version != new.version or not text_effect(old, new).is_twofold:
        return [Step(old=old, new=new)]
    together = _together(old, new)
    if together.size > limit:
        return [Step(old=old, new=new)]
    return [Step(old=old, new=together, number=(1, 2)), Step(old=together, new=new, number=(2, 2))]


def _together(old: Document, new: Document) -> Document:
    """The statements of both in one document, where no Sid may be twice."""
    taken: set[str] = set()
    listed = []
    for statement in _distinct([*old.statements, *new.statements]):
        element = statement.as_json()
        if statement.sid in taken:
            del element["Sid"]
        elif statement.sid:
            taken.add(statement.sid)
        listed.append(element)
    return Document.parse({"Version": old.version, "Statement": listed})


def _distinct(statements: Iterable[Statement]) -> Iterable[Statement]:
    return dict.fromkeys(statements)
