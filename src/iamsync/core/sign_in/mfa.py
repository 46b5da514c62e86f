"""MFA that is demanded: that it can be set up without MFA, and not taken off without.

IAM User Guide, "Allows IAM users to self-manage an MFA device" and "Enable a virtual MFA device for an IAM user".
"""

from collections.abc import Iterator
from typing import Final

from iamsync.core.access import Decision
from iamsync.core.access.pattern import Wild, filled
from iamsync.core.sign_in.cure import cure
from iamsync.core.sign_in.demand import Demand
from iamsync.core.sign_in.person import Person
from iamsync.core.sign_in.words import Finding, Obstacle, cited, joined, obstacle, quoted

_CREATE: Final = "iam:CreateVirtualMFADevice"
_ENABLE: Final = "iam:EnableMFADevice"
_DEACTIVATE: Final = "iam:DeactivateMFADevice"
_LIST: Final = "iam:ListMFADevices"
_ANY_NAME: Final = "any-name"
"""Names of devices are free since a user may have several ("AWS multi-factor authentication in IAM")."""


def mfa_findings(person: Person) -> Iterator[Finding]:
    """What is wrong with MFA, if any statement demands it."""
    found = person.demand
    if found is not None:
        yield from _enrolment_findings(person, found)
        yield from _removal_findings(person, found)


def _enrolment_findings(person: Person, demanded: Demand) -> Iterator[Finding]:
    obstacles: dict[Obstacle, list[str]] = {}
    device = person.device(_ANY_NAME)
    for action, resource in ((_CREATE, device), (_ENABLE, person.arn), (_LIST, person.arn)):
        in_the_way = obstacle(person, action, resource)
        if in_the_way is None or not _matters(in_the_way, person, demanded):
            continue
        is_known = in_the_way.is_certain or (in_the_way.deny is None and not in_the_way.is_unread)
        if action == _CREATE and is_known and _may_have_some_name(person):
            yield _name_is_not_free(person.asks(_CREATE, device), demanded, person.account.partition)
        else:
            obstacles.setdefault(in_the_way, []).append(action)
    for in_the_way, actions in obstacles.items():
        allowance = _allowance(actions, person.account.partition)
        yield Finding(
            message=f"{in_the_way.about(actions)}: {cited(demanded.citation)} demands MFA"
            f"{_what_happens(in_the_way, actions, demanded)}. {cure(in_the_way, actions, allowance)}",
            warning=not (_ENABLE in actions and _must_fail(in_the_way, demanded)),
        )


def _matters(found: Obstacle, person: Person, demanded: Demand) -> bool:
    """Where MFA is for some actions only, whoever has none does the rest without, and an administrator may be meant to
    set it up: unless a statement denies that, or a policy lets people do it themselves, or there is no rest.
    """
    is_own_affair = found.deny is not None or person.is_meant_to_enrol
    return demanded.is_for_all or is_own_affair or person.has_access_with_mfa_only


def _must_fail(found: Obstacle, demanded: Demand) -> bool:
    """Whether somebody who needs MFA for anything at all, or is expressly kept from it, cannot have it. Where only some
    actions are for people with MFA and nothing allows to set it up, an administrator may be meant to.
    """
    return found.is_certain and (demanded.is_for_all or found.deny is not None)


def _what_happens(found: Obstacle, actions: list[str], demanded: Demand) -> str:
    """Each kind of device needs iam:EnableMFADevice, and only a virtual one iam:CreateVirtualMFADevice ("Enable a
    passkey or security key for the IAM user"). What the console does without iam:ListMFADevices is not documented.
    """
    perhaps = "" if found.is_certain else "perhaps "
    if _ENABLE in actions:
        return f" and the person {perhaps}cannot set it up, so {demanded.loss}"
    if _CREATE in actions:
        return f", and the person can {perhaps}have no authenticator app for it, at most a passkey or a security key"
    return ", and the console, which lists the devices where one is added, may not add one"


def _allowance(actions: list[str], partition: str) -> str:
    """What to allow, on which resources ("Actions, resources, and condition keys for IAM")."""
    iam = f"arn:{partition}:iam::*:"
    own = f'"{iam}user/${{aws:username}}" and "{iam}user/*/${{aws:username}}"'
    on_the_user = [action for action in actions if action != _CREATE]
    parts = [f'"{_CREATE}" on "{iam}mfa/*"'] if _CREATE in actions else []
    return joined([*parts, *([f"{quoted(on_the_user)} on {own}"] if on_the_user else [])])


def _may_have_some_name(person: Person) -> bool:
    names = dict.fromkeys(_names(person))
    return any(person.asks(_CREATE, person.device(name)).allowed is not False for name in names)


def _names(person: Person) -> Iterator[str]:
    """Names that devices may have to have: that of the user, and one for each pattern in the policies."""
    yield person.user.name
    for policy in person.policies:
        for name in policy.device_names:
            pattern = filled(name, person.contexts[False, False], variables=policy.has_variables, wildcards=True)
            if pattern is not None:
                yield "".join("x" if isinstance(token, Wild) else token for token in pattern.tokens)


def _name_is_not_free(found: Decision, demanded: Demand, partition: str) -> Finding:
    denied = f" ({cited(found.by)} denies all others)" if found.by else ""
    return Finding(
        message=f"{_CREATE} is allowed without MFA only for devices with certain names{denied}, but people give their "
        f"devices any name: whoever does cannot set up an authenticator app for the MFA that "
        f'{cited(demanded.citation)} demands. Name the resource "arn:{partition}:iam::*:mfa/*" instead',
        warning=True,
    )


def _removal_findings(person: Person, demanded: Demand) -> Iterator[Finding]:
    """With a device of one's own taken off, the password alone is enough to put on another: "Allows IAM users to
    self-manage an MFA device" allows iam:DeactivateMFADevice with MFA only. iam:DeleteVirtualMFADevice takes nothing
    off: "You must deactivate a user's virtual MFA device before you can delete it" (DeleteVirtualMFADevice).
    """
    keys = person.user.access_keys
    has_keys = keys is not None and keys.count > 0
    for mfa, how in ((False, "without MFA"), (None, "with an access key, without MFA"))[: 2 if has_keys else 1]:
        if person.asks(_DEACTIVATE, person.arn, mfa=mfa).allowed:
            yield _can_be_removed(how, demanded, is_absent=mfa is None)
            return


def _can_be_removed(how: str, demanded: Demand, *, is_absent: bool) -> Finding:
    operator = ', under "BoolIfExists" (with an access key there is no aws:MultiFactorAuthPresent)' if is_absent else ""
    cure = f'Let it deny "{_DEACTIVATE}"{operator}' if demanded.is_deny else f'Allow "{_DEACTIVATE}" with MFA only'
    return Finding(
        message=f"{_DEACTIVATE} is allowed {how}: whoever gets hold of the password or a key can take the person's MFA "
        f"device off and put on another, and {cited(demanded.citation)} protects nothing. {cure}",
        warning=True,
    )
