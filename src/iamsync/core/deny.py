"""The Deny of a suspension, which denies a user everything. It takes effect for existing sessions, too."""

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
"""The end of the ARN of AWS's own policy that denies everything, in any partition."""

AWS_POLICIES_THAT_DENY: Final = ("AWSDenyAll", QUARANTINE)
"""The names of AWS-managed policies that only deny, for those whose text iamsync does not ship."""


def was_suspended(live: User) -> bool:
    """Whether a live user has the Deny of a suspension.

    Only this Deny proves that a suspension deactivated the access keys. The tag that names the keys does not: anybody
    who may tag the user can write it. Nor does AWSDenyAll if it is attached: a responder may have done that.
    """
    as_boundary = live.boundary is not None and live.boundary.endswith(MANAGED_DENY)
    return as_boundary or live.inline.get(SUSPENDED_POLICY) == DENY_ALL
