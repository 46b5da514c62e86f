"""Proof that a secret was delivered."""

from dataclasses import dataclass

from iamsync.core.api import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A new password or access key was delivered to `user` through a channel. `place` is what its person needs to find
    it (a file, an ARN, a URL), and never the secret. An access key has its `key_id`.
    """

    channel: str
    user: str
    kind: Secret
    place: str
    key_id: str = ""
