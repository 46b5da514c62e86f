"""What is known of the requests that a person makes, with MFA and without."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from iamsync.core.access import Context, context_of, on_the_user, with_mfa
from iamsync.core.arn import Account
from iamsync.core.grammar import folded
from iamsync.core.model import User

REGION: Final = folded("aws:RequestedRegion")
Contexts = Mapping[tuple[bool | None, bool], Context]
"""What is known of a request, by aws:MultiFactorAuthPresent (None: absent) and whether its resource is the user."""


def contexts_of(user: User, account: Account) -> Contexts:
    """The contexts of all requests of one user."""
    any_resource = _in_the_region_of_iam(context_of(user, account), account)
    both = {False: any_resource, True: on_the_user(any_resource, user)}
    return {
        (mfa, is_user): with_mfa(both[is_user], mfa=mfa) for mfa in (True, False, None) for is_user in (False, True)
    }


def _in_the_region_of_iam(context: Context, account: Account) -> Context:
    """The context with `aws:RequestedRegion` set to us-east-1, which is the region of every request to IAM.

    Many policies deny requests outside of some regions. Example: a Deny if `aws:RequestedRegion` is not eu-west-1
    applies to iam:ChangePassword, too, because IAM has "a single endpoint that is physically located in the us-east-1
    Region" (IAM User Guide, "AWS: Denies access to AWS based on the requested Region"). For other partitions AWS does
    not document the region, so the key stays unknown there.
    """
    if account.partition != "aws":
        return context
    return replace(context, known={**context.known, REGION: ("us-east-1",)})
