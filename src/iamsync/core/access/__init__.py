"""What the policies of a user allow: the judge of safe order, and of whether a person can sign in at all.

`decision(policies, request)` answers by the IAM User Guide's "Policy evaluation logic", with identity policies and a
permissions boundary only: resource policies, SCPs and session policies are not iamsync's. What is not known is
never guessed: the answer is then unknown (None).
"""

from iamsync.core.access.context import Context
from iamsync.core.access.evaluate import (
    Citation,
    Decision,
    Policies,
    Request,
    Source,
    Verdict,
    applies,
    decision,
    names_action,
)
from iamsync.core.access.truth import Truth
from iamsync.core.access.user import (
    context_of,
    is_about_the_user,
    managed_policies_of,
    on_the_user,
    policies_of,
    user_arn,
    with_mfa,
)

__all__ = [
    "Citation",
    "Context",
    "Decision",
    "Policies",
    "Request",
    "Source",
    "Truth",
    "Verdict",
    "applies",
    "context_of",
    "decision",
    "is_about_the_user",
    "managed_policies_of",
    "names_action",
    "on_the_user",
    "policies_of",
    "user_arn",
    "with_mfa",
]
