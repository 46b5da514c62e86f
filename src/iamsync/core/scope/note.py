"""What a reviewer must know beside the actions."""

from dataclasses import dataclass

from iamsync.core.keys import Wait
from iamsync.core.model import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that is no action: who it is about, what is so, and what to do about it. It is a `text`, or what access
    keys `wait` for, of which `iamsync.render` has the words.

    `needs` are the policies (ARNs) and groups that do not exist, or that iamsync does not manage: no action uses them.
    Where it `keeps` the subject, nothing is done either that cannot be undone.
    """

    subject: str
    text: str = ""
    wait: Wait | None = None
    origin: Origin | None = None
    needs: frozenset[str] = frozenset()
    keeps: bool = False
