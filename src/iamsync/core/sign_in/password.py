"""The first-sign-in deadlock: a new password is required before anything else is possible, and refused.

IAM User Guide, "How an IAM user changes their own password" and "Permit IAM users to change their own passwords".
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from iamsync.core.model import Console
from iamsync.core.sign_in.cure import cure
from iamsync.core.sign_in.person import Person
from iamsync.core.sign_in.words import Finding, Obstacle, denial, obstacle

_CHANGE: Final = "iam:ChangePassword"
_ADVISED: Final = (_CHANGE, "iam:GetAccountPasswordPolicy")
"""What AWS advises to allow. Only the first is needed: the second "allows the user to view the account password
requirements" ("Allows IAM users to change their own console password on the Security credentials page")."""


def password_findings(person: Person, *, users_may: bool | None, expires: bool) -> Iterator[Finding]:
    """That the person must set a new password and cannot."""
    when = _when_a_password_is_set(person.console, expires=expires)
    if when is None:
        return
    found = _obstacle(person)
    if found is None:
        return
    if found.deny is not None:
        yield _denied(found, when)
    elif not found.is_unread and (users_may is not True or found.in_boundary):
        yield _missing(found, when, users_may=users_may)


def _when_a_password_is_set(console: Console, *, expires: bool) -> str | None:
    if console.password_reset_required:
        return "at the first sign-in"
    return "when the password expires" if expires else None


def _obstacle(person: Person) -> Obstacle | None:
    """Why a person without MFA may not change the password at the first sign-in; None if they may.

    In the console, the context key aws:MultiFactorAuthPresent exists and is false. AWS does not document whether it
    also exists when the sign-in page asks for the new password. So a Deny that applies only without the key counts as
    uncertain.
    """
    usual = obstacle(person, _CHANGE, person.arn)
    if usual is None or usual.deny is None:
        bare = person.asks(_CHANGE, person.arn, mfa=None)
        if bare.explicitly_denied:
            return denial(person, _CHANGE, person.arn, replace(bare, explicitly_denied=None))
    return usual


def _denied(found: Obstacle, when: str) -> Finding:
    return Finding(
        message=f"{found.about([_CHANGE])}: {when} the person must set a new password before anything else, MFA "
        "included, is refused, and is sent round in a loop that only an administrator can end. "
        f"{cure(found, _ADVISED)}",
        warning=not found.is_certain,
    )


def _missing(found: Obstacle, when: str, *, users_may: bool | None) -> Finding:
    """AWS does not say that the account's setting goes beyond a boundary: whom one limits, it may or may not help."""
    unless = (
        "" if users_may is False else " (unless the account lets users change their own: AllowUsersToChangePassword)"
    )
    how = "" if found.in_boundary else ", as aws:IAMUserChangePassword does"
    return Finding(
        message=f"{found.about([_CHANGE])}: {when} the person must set a new password and is refused, again and again"
        f"{unless}. {cure(found, _ADVISED)}{how}",
        warning=users_may is not False or not found.is_certain,
    )
