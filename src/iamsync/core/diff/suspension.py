"""What a suspension makes of a user."""

from dataclasses import replace

from iamsync.core.document import Document
from iamsync.core.model import SUSPENDED_POLICY, Console, User

DENY_ALL = Document.parse(
    {"Version": "2012-10-17", "Statement": {"Sid": "Suspended", "Effect": "Deny", "Action": "*", "Resource": "*"}}
)


def as_suspended(user: User) -> User:
    """The user as declared; if suspended, without a way in: no password, and a Deny that also stops sessions made
    before.
    """
    if not user.suspended:
        return user
    return replace(user, console=Console(enabled=False), inline={**user.inline, SUSPENDED_POLICY: DENY_ALL})
