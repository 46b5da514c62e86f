"""Passwords that the account's own password policy accepts, from the operating system's randomness."""

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from iamsync.errors import DENIED

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


LOWER = "abcdefghijkmnopqrstuvwxyz"
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
SYMBOLS = "!@#$%^&*()_+-=[]{}"
"""Letters and digits without look-alikes (l I 1, O 0), and of the symbols that IAM counts as such
(API_UpdateAccountPasswordPolicy) those that survive a spreadsheet and a hand: no quote, no bar."""

LONG_ENOUGH = 24
"""More than 140 bits, whatever less the account asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """What of the account's password policy matters here: the length, and what becomes of a password afterwards.

    Every password has all four classes of characters, so RequireSymbols and its kin always hold, and so does AWS's
    default (8 to 128 characters, three of four classes). Not `is_known`, AWS's default is assumed.
    """

    minimum_length: int
    users_may_change: bool = False
    expire: bool = False
    is_known: bool = True


AWS_DEFAULT = PasswordRules(minimum_length=8)
"""What holds in an account without a password policy of its own (IAM User Guide, "Default password policy")."""


def rules_of(iam: "IAMClient") -> PasswordRules:
    """The account's rules, by GetAccountPasswordPolicy; NoSuchEntity means that AWS's default rules hold. Who may not
    read them gets those, too.
    """
    try:
        policy = iam.get_account_password_policy()["PasswordPolicy"]
    except iam.exceptions.NoSuchEntityException:
        return AWS_DEFAULT
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        return replace(AWS_DEFAULT, is_known=False)
    return PasswordRules(
        minimum_length=policy.get("MinimumPasswordLength", AWS_DEFAULT.minimum_length),
        users_may_change=policy.get("AllowUsersToChangePassword", False),
        expire=policy.get("ExpirePasswords", False),
    )


def mint(rules: PasswordRules) -> str:
    """A new password: a letter first, so that no spreadsheet takes it for a formula; all four classes."""
    length = max(rules.minimum_length, LONG_ENOUGH)
    classes = [LOWER, UPPER, DIGITS, SYMBOLS]
    anything = "".join(classes)
    rest = [secrets.choice(one) for one in classes] + [
        secrets.choice(anything) for _ in range(length - 1 - len(classes))
    ]
    secrets.SystemRandom().shuffle(rest)
    return secrets.choice(LOWER + UPPER) + "".join(rest)
