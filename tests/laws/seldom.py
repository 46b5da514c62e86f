"""Pairs of an account and a desired state that chance seldom brings: a law always takes them as examples."""

from states import allow, arn_of, desired, policy, user

from laws.pairs import Pair
from laws.sharing import account

A, B = arn_of("A"), arn_of("B")


def two_policies_swap_what_they_allow() -> Pair:
    """Each changes in two steps."""
    users = (user("aiko", A, B), user("bo", B))
    old = desired(*users, policy("A", allow("sqs:*")), policy("B", allow("sns:*")))
    return account(old), desired(*users, policy("A", allow("sns:*")), policy("B", allow("sqs:*")))


def a_boundary_is_swapped_with_a_policy() -> Pair:
    """A window that no order avoids."""
    texts = (policy("A", allow("sns:*", "s3:*")), policy("B", allow("sqs:*", "s3:*")))
    return account(desired(user("aiko", A, boundary=B), *texts)), desired(user("aiko", B, boundary=A), *texts)


def a_renamed_user_gets_another_policy_at_the_limit() -> Pair:
    """Ten policies are the limit."""
    texts = [policy(f"P{number}", allow(f"s3:Get{number}*")) for number in range(11)]
    arns = [one.arn for one in texts]
    old, new = user("aiko", *arns[:10]), user("dara", *arns[1:], previous_names=("aiko",))
    return account(desired(old, *texts)), desired(new, *texts)


SELDOM = (
    two_policies_swap_what_they_allow(),
    a_boundary_is_swapped_with_a_policy(),
    a_renamed_user_gets_another_policy_at_the_limit(),
)
