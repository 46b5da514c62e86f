"""What IAM allows at most: lengths, sizes and counts.

Source: IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas). Sizes are in characters, without white space
between tokens. AWS raises some counts for an account, and never lowers one.
"""

from typing import Final

USERS: Final = 5000
GROUPS: Final = 300
POLICIES: Final = 1500
"""Customer-managed policies. These three are of an account."""

MOST_GROUPS: Final = 500
MOST_POLICIES: Final = 10_000
"""How far AWS raises the number of groups and of policies; users not at all."""

POLICIES_PER_USER: Final = 10
MOST_POLICIES_PER_USER: Final = 20
"""How far AWS raises the number of managed policies attached to a user."""
POLICIES_PER_GROUP: Final = 10
POLICIES_PER_ROLE: Final = 10
GROUPS_PER_USER: Final = 10
ACCESS_KEYS: Final = 2
VERSIONS: Final = 5
"""Stored versions of a customer-managed policy."""
TAGS: Final = 50

POLICY_SIZE: Final = 6144
USER_INLINE_SIZE: Final = 2048
"""All inline policies of a user together."""
GROUP_INLINE_SIZE: Final = 5120

NAME: Final = 128
"""Of a group, and of a policy."""
USER_NAME: Final = 64
PATH: Final = 512
DESCRIPTION: Final = 1000
TAG_KEY: Final = 128
TAG_VALUE: Final = 256
