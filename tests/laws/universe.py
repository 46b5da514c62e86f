"""The small world that the laws are tried in: so few names that they collide, in the same and in another case."""

from iamsync.core.arn import Account, Arn, aws_policy_arn, policy_arn
from iamsync.core.document import Document

ACCOUNT = Account(id="123456789012", partition="aws")
US, THEM = "us", "them"

USERS = ("aiko", "Aiko", "bo", "chen")
USER_PATHS = ("/", "/people/")
POLICIES = ("Deploy", "deploy", "Guard", "Audit")
POLICY_PATHS = ("/", "/ci/")
GROUPS = ("readers", "Readers", "ops")
GROUP_PATHS = (f"/iamsync/{US}/", f"/iamsync/{US}/x/", "/", f"/iamsync/{THEM}/", "/teams/")
INLINE = ("queue", "bucket")
TAG_KEYS = ("Team", "team", "Cost")
IGNORED_TAG_KEYS = ("AKIA0000", "aws:cloudformation:stack-name")
TAG_VALUES = ("", "a", "b")


FEW = 3
"""Managed policies per user in accounts that often meet the quota."""


def _document(effect: str, *actions: str) -> Document:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    return Document.parse({"Version": "2012-10-17", "Statement": [statement]})


DOCUMENTS = (
    _document("Allow", "s3:Get*"),
    _document("Allow", "sqs:*"),
    _document("Deny", "iam:*"),
    _document("Deny", "s3:*"),
    _document("Allow", "ec2:*"),
    _document("Allow", "logs:*"),
)
AWS_POLICIES = tuple(
    aws_policy_arn(ACCOUNT.partition, name)
    for name in ("AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess", "job-function/ViewOnlyAccess", "AWSDenyAll")
)


REMOVED_DENIES = frozenset({"user/aiko:queue", "user/bo:aws:AWSDenyAll", "user/chen:Guard", "group/ops:bucket"})
"""Denies that somebody has named in order to remove them."""


def arn_of(path: str, name: str) -> Arn:
    """The ARN of a customer-managed policy of this world."""
    return policy_arn(ACCOUNT, path, name)
