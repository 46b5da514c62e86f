"""The AWS-managed policies whose text iamsync knows by heart, as far as it decides what they are asked about here.

Source: AWS Managed Policy Reference Guide. Only those that do not change with every new service.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.document import Document

_ALL: Final = {"Action": "*", "Resource": "*"}


def known_document(policy: Arn) -> Document | None:
    """The document of an AWS-managed policy, or None if it is not one of the few."""
    parts = parse_policy_arn(policy)
    if parts is None or parts.account != "aws" or parts.path != "/":
        return None
    return _documents(parts.partition).get(parts.name)


@cache
def _documents(partition: str) -> Mapping[str, Document]:
    return {
        name: Document.parse({"Version": "2012-10-17", "Statement": statements})
        for name, statements in _statements(partition).items()
    }


def _statements(partition: str) -> dict[str, list[dict[str, Any]]]:
    own_user = [f"arn:{partition}:iam::*:user/${{aws:username}}", f"arn:{partition}:iam::*:user/*/${{aws:username}}"]
    return {
        "AdministratorAccess": [{"Effect": "Allow", **_ALL}],
        "AWSDenyAll": [{"Sid": "DenyAll", "Effect": "Deny", **_ALL}],
        # without the few actions of organizations that it allows beside
        "IAMFullAccess": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}],
        "IAMUserChangePassword": [
            {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": own_user},
            {"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"},
        ],
        # without the few actions of iam, organizations and account that it allows beside: none is a user's own affair
        "PowerUserAccess": [
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}
        ],
    }
