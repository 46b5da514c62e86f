"""What a reviewer must know beside the actions."""

from dataclasses import dataclass

from iamsync.core.model import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that is no action: who it is about, what is so, and what to do about it."""

    subject: str
    text: str
    origin: Origin | None = None
