"""What a reviewer must know beside the actions."""

from dataclasses import dataclass

from iamsync.core.keys import Wait
from iamsync.core.model import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that is no action: who it is about, what is so, and what to do about it. It is a `text`, or what access
    keys `wait` for, of which `iamsync.render` has the words.
    """

    subject: str
    text: str = ""
    wait: Wait | None = None
    origin: Origin | None = None
