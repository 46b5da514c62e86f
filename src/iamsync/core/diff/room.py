"""Making room at a limit of IAM."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iamsync.core.action import Action, When


def with_room(removals: Sequence[Action], needed: int, limit: str) -> Iterator[Action]:
    """The removals, the first `needed` of them before anything is added: those that deny nothing rather than others.

    Those open a window that the plan names: until what is new has come, the user lacks what they allowed, or is free of
    what they denied.
    """
    harmless_first = sorted(removals, key=lambda action: action.shift is not None and action.shift.denies_removed)
    early = harmless_first[: max(0, needed)]
    for action in removals:
        yield replace(action, when=When.ROOM, window=_window(action, limit)) if action in early else action


def _window(action: Action, limit: str) -> str:
    until = f"at the limit of {limit} this goes before what is new comes: until then"
    if action.shift is not None and action.shift.denies_removed:
        return f"{until}, what it denies is not denied"
    return f"{until}, what it allows is missing"
