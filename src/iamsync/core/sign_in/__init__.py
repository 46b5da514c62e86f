"""Whether people can sign in at all: passwords that must be changed and cannot be, MFA that is demanded and cannot be
set up, MFA that whoever holds the password can take off.

AWS leaves iam:ChangePassword out of its self-service policy on purpose, and says what to add if a new password is
required at sign-in (IAM User Guide, "Allows MFA-authenticated IAM users to manage their own credentials on the My
security credentials page").
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final

from iamsync.core.model import DesiredState, Origin, Problem, State
from iamsync.core.sign_in.mfa import mfa_findings
from iamsync.core.sign_in.password import password_findings
from iamsync.core.sign_in.person import Person, people
from iamsync.core.sign_in.words import Finding
from iamsync.core.validate import step

__all__ = ["problems"]

_NAMES_SHOWN: Final = 5


def problems(
    desired: DesiredState,
    *,
    live: State | None = None,
    users_may_change_password: bool | None = None,
    passwords_expire: bool = False,
    have_passwords: Collection[str] = (),
) -> Iterator[Problem]:
    """Everybody with a password who will not get in; once for all whom it happens to for the same reason.

    `live` helps with policies, groups and memberships that no file declares. `users_may_change_password` and
    `passwords_expire` are AllowUsersToChangePassword and ExpirePasswords of the account's password policy; None if
    nobody looked. Those who `have_passwords` have long signed in, and can set a new one before theirs expires: they
    are warned.
    """
    of_passwords = partial(password_findings, users_may=users_may_change_password, expires=passwords_expire)
    harmed: dict[Finding, list[Person]] = {}
    for person in people(desired, live):
        if person.user.name in have_passwords:
            findings: Iterable[Finding] = _as_warnings(of_passwords(_signed_in(person)))
        else:
            findings = chain(of_passwords(person), mfa_findings(person))
        for finding in findings:
            harmed.setdefault(finding, []).append(person)
    for finding, alike in harmed.items():
        yield _problem(finding, alike)


def _signed_in(person: Person) -> Person:
    return replace(person, console=replace(person.console, password_reset_required=False))


def _as_warnings(findings: Iterator[Finding]) -> Iterator[Finding]:
    yield from (replace(finding, warning=True) for finding in findings)


def _problem(finding: Finding, alike: list[Person]) -> Problem:
    first, *others = alike
    names = [person.user.name for person in others]
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    too = f". The same holds for {', '.join(names[:_NAMES_SHOWN])}{more}" if names else ""
    return Problem(
        origin=first.console.origin or first.user.origin or Origin(file="", line=1),
        path=f"users.{step(first.user.name)}.console",
        message=f"{finding.message}{too}",
        warning=finding.warning,
        users=tuple(person.user.name for person in alike),
    )
