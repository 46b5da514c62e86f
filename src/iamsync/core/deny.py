"""The Deny of a suspension, which denies a user everything, also to sessions that began before the keys were cut."""

from iamsync.core.document import Document
from iamsync.core.model import User

SUSPENDED_POLICY = "iamsync-suspended"
"""The name of the inline policy."""

DENY_ALL = Document.parse(
    {"Version": "2012-10-17", "Statement": {"Sid": "Suspended", "Effect": "Deny", "Action": "*", "Resource": "*"}}
)
"""Its text."""

MANAGED_DENY = ":aws:policy/AWSDenyAll"
"""How the ARN of AWS's own policy ends that denies everything, in any partition."""


def was_suspended(live: User) -> bool:
    """Whether a live user has the Deny of a suspension. Only then was it a suspension that deactivated the access keys:
    the tag that names them proves nothing, for whoever may tag the user can write it.
    """
    managed = any(one.policy.endswith(MANAGED_DENY) for one in live.attachments)
    return managed or live.inline.get(SUSPENDED_POLICY) == DENY_ALL
