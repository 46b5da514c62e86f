"""Passwords must meet the account's password policy, or AWS's default where there is none.

Source: IAM User Guide, "Set an account password policy for IAM users" (id_credentials_passwords_account-policy).
"""

import re
import string

from moto.iam.models import AccountPasswordPolicy

from iamsync.sandbox.request import Request, rule
from iamsync.sandbox.wire import Refused

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"

DEFAULT_MIN_LENGTH = 8
DEFAULT_KINDS = 3
MAX_LENGTH = 128

_CHARACTERS = re.compile(r"[\t\n\r\x20-\xff]+")


@rule("CreateLoginProfile", "UpdateLoginProfile")
def password_conforms(request: Request) -> None:
    """id_credentials_passwords_account-policy. The password is never repeated in the answer."""
    password = request.optional("Password")
    if password is None:
        return
    if len(password) > MAX_LENGTH or not _CHARACTERS.fullmatch(password):
        raise Refused("ValidationError", "The specified value for password is invalid.")
    policy = request.account.backend.account_password_policy
    missing = _missing_by_default(password) if policy is None else _missing(password, policy)
    if missing:
        raise Refused("PasswordPolicyViolation", f"Password should have {missing}")


def _missing(password: str, policy: AccountPasswordPolicy) -> str:
    """What the policy asks for and the password has not."""
    least = policy.minimum_password_length
    wanted = [
        (len(password) >= least, f"a minimum length of {least}"),
        (not policy.require_uppercase_characters or _has(password, string.ascii_uppercase), "an uppercase letter"),
        (not policy.require_lowercase_characters or _has(password, string.ascii_lowercase), "a lowercase letter"),
        (not policy.require_numbers or _has(password, string.digits), "a number"),
        (not policy.require_symbols or _has(password, SYMBOLS), "a symbol"),
    ]
    return next((what for satisfied, what in wanted if not satisfied), "")


def _missing_by_default(password: str) -> str:
    """Without a policy: 8 characters, and three kinds of four."""
    kinds = [string.ascii_uppercase, string.ascii_lowercase, string.digits, SYMBOLS]
    if len(password) < DEFAULT_MIN_LENGTH:
        return f"a minimum length of {DEFAULT_MIN_LENGTH}"
    if sum(_has(password, kind) for kind in kinds) < DEFAULT_KINDS:
        return "three of: uppercase letters, lowercase letters, numbers, symbols"
    return ""


def _has(password: str, kind: str) -> bool:
    return any(character in kind for character in password)
