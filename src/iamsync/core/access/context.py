"""What is known about a request besides action and resource: the values of its condition keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from iamsync.core.grammar import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Condition keys (folded: their case is no matter, "IAM JSON policy elements: Condition") and their values.

    A key without values is known to be absent: Null takes a key whose value is null for one that does not exist
    ("Condition operators", Null). A key that is not in `known` is absent if its name begins with one of `closed`, and
    unknown otherwise.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closed: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Mapping[str, str | Iterable[str] | None], *, closed: Iterable[str] = ()) -> Self:
        """A value, several, or None for "known to be absent". `closed=[""]` says that all else is absent."""
        return cls(
            known={folded(key): _values(value) for key, value in known.items()},
            closed=tuple(folded(prefix) for prefix in closed),
        )

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a folded key, none if it is absent; None if that is not known."""
        if key in self.known:
            return self.known[key]
        return () if key.startswith(self.closed) else None


def _values(value: str | Iterable[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
