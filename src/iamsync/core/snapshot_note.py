"""What a reader of a plan must know of the snapshot that it was made from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotNote:
    """When the snapshot was `taken` (ISO 8601, UTC), `age` seconds ago, and what is `unknown` because the snapshot
    does not have it.
    """

    taken: str
    age: int
    unknown: tuple[str, ...] = ()
