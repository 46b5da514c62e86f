"""The Deny of a suspension, which denies a user everything, also to sessions that began before the keys were cut."""

from typing import Final

from iamsync.core.arn import QUARANTINE
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

AWS_POLICIES_THAT_DENY: Final = ("AWSDenyAll", QUARANTINE)
"""AWS-managed policies whose purpose is a Deny; the text of the others is not read, and taken to allow."""


def was_suspended(live: User) -> bool:
    """Whether a live user has the Deny of a suspension. Only then was it a suspension that deactivated the access keys:
    the tag that names them proves nothing, for whoever may tag the user can write it. Nor does AWSDenyAll that is
    attached, which may be a responder's.
    """
    as_boundary = live.boundary is not None and live.boundary.endswith(MANAGED_DENY)
    return as_boundary or live.inline.get(SUSPENDED_POLICY) == DENY_ALL
