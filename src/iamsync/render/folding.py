"""Large plans stay short: what is equal for many subjects is shown once, with their names."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from iamsync.core.action import Action
from iamsync.render.actions import details, summary

FOLD_FROM = 5
"""So many subjects with an equal change, or an equal note, are shown in one line."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Row:
    """An action with its words."""

    action: Action
    summary: str
    details: tuple[str, ...]


def rows(actions: Iterable[Action]) -> list[Row]:
    """Actions with their words."""
    return [Row(action, summary(action), tuple(details(action))) for action in actions]


def fold_rows(all_rows: Sequence[Row]) -> tuple[list[list[Row]], list[Row]]:
    """The rows that FOLD_FROM subjects or more have in common, in groups; and all others. An action that opens a
    temporary window is never folded.
    """
    seen = Counter[Hashable]()

    def likeness(row: Row) -> Hashable:
        action = row.action
        if action.window:
            return id(action)
        what = (type(action.change), action.subject.partition("/")[0], row.summary, row.details)
        seen[action.subject, what] += 1
        return what, seen[action.subject, what]  # what one subject gets twice is shown twice

    return fold(all_rows, likeness)


def fold(items: Sequence[Item], likeness: Callable[[Item], Hashable]) -> tuple[list[list[Item]], list[Item]]:
    """The items of which FOLD_FROM or more are alike, in groups; and all others, in their order."""
    groups = defaultdict[Hashable, list[Item]](list)
    kinds = [likeness(item) for item in items]
    for item, kind in zip(items, kinds, strict=True):
        groups[kind].append(item)
    large = [group for group in groups.values() if len(group) >= FOLD_FROM]
    return large, [item for item, kind in zip(items, kinds, strict=True) if len(groups[kind]) < FOLD_FROM]
