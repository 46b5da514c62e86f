"""What a reviewer must know beside the actions."""

from dataclasses import dataclass

from iamsync.core.keys import Wait
from iamsync.core.model import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that is no action: who it is about, what is so, and what to do about it. It is a `text`, or what access
    keys `wait` for, of which `iamsync.render` has the words.

    `needs` are the policies (ARNs), groups and inline policies that do not exist, that iamsync does not manage, or for
    which there is no room: no action uses them.
    Where it `keeps` the subject, nothing is done either that cannot be undone; where it is about `credentials_only`,
    only new passwords and access keys wait.
    """

    subject: str
    text: str = ""
    wait: Wait | None = None
    origin: Origin | None = None
    needs: frozenset[str] = frozenset()
    keeps: bool = False
    credentials_only: bool = False
