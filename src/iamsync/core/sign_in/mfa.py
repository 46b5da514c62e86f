"""MFA that is demanded: that it can be set up without MFA, and not taken off without.

IAM User Guide, "Allows IAM users to self-manage an MFA device" and "Enable a virtual MFA device for an IAM user".
"""

from collections.abc import Iterator
from typing import Final

from iamsync.core.access import Citation, Decision
from iamsync.core.sign_in.person import Person, demands
from iamsync.core.sign_in.words import Finding, Obstacle, cited, joined, obstacle, quoted

_CREATE: Final = "iam:CreateVirtualMFADevice"
_ON_THE_USER: Final = ("iam:EnableMFADevice", "iam:ListMFADevices")
_ANY_NAME: Final = "any-name"
"""Names of devices are free since a user may have several ("AWS multi-factor authentication in IAM")."""


def mfa_findings(person: Person) -> Iterator[Finding]:
    """What is wrong with MFA, if any statement demands it."""
    demand = next(demands(person), None)
    if demand is not None:
        yield from _enrolment_findings(person, demand)
        yield from _removal_findings(person, demand)


def _enrolment_findings(person: Person, demand: Citation) -> Iterator[Finding]:
    obstacles: dict[Obstacle, list[str]] = {}
    device = person.device(_ANY_NAME)
    found = person.asks(_CREATE, device)
    if found.allowed is False and person.asks(_CREATE, person.device(person.user.name)).allowed is not False:
        yield _name_is_not_free(found, demand, person.account.partition)
    elif in_the_way := obstacle(person, _CREATE, device):
        obstacles[in_the_way] = [_CREATE]
    for action in _ON_THE_USER:
        if in_the_way := obstacle(person, action, person.arn):
            obstacles.setdefault(in_the_way, []).append(action)
    for in_the_way, actions in obstacles.items():
        yield _cannot_enrol(in_the_way, actions, demand, person.account.partition)


def _cannot_enrol(found: Obstacle, actions: list[str], demand: Citation, partition: str) -> Finding:
    able = "cannot" if found.is_certain else "perhaps cannot"
    cure = _allowance(actions, partition) if found.is_nowhere else f"{found.cure}: {quoted(actions)}"
    return Finding(
        message=f"{found.about(actions)}: {cited(demand)} demands MFA and the person {able} set it up, so nothing "
        f"else is allowed either. {cure}",
        warning=not found.is_certain,
    )


def _allowance(actions: list[str], partition: str) -> str:
    """What to allow, on which resources ("Actions, resources, and condition keys for IAM")."""
    iam = f"arn:{partition}:iam::*:"
    own = f'"{iam}user/${{aws:username}}" and "{iam}user/*/${{aws:username}}"'
    on_the_user = [action for action in actions if action != _CREATE]
    parts = [f'"{_CREATE}" on "{iam}mfa/*"'] if _CREATE in actions else []
    return f"Allow {joined([*parts, *([f'{quoted(on_the_user)} on {own}'] if on_the_user else [])])}"


def _name_is_not_free(found: Decision, demand: Citation, partition: str) -> Finding:
    denied = f" ({cited(found.by)} denies all others)" if found.by else ""
    return Finding(
        message=f"{_CREATE} is allowed without MFA only for a device with the name of the user{denied}, but people "
        f"give their devices any name: whoever does cannot set up the MFA that {cited(demand)} demands. Name the "
        f'resource "arn:{partition}:iam::*:mfa/*" instead',
        warning=True,
    )


def _removal_findings(person: Person, demand: Citation) -> Iterator[Finding]:
    """With a device of one's own taken off, the password alone is enough to put on another: "Allows IAM users to
    self-manage an MFA device" allows iam:DeactivateMFADevice with MFA only.
    """
    requests = {
        "iam:DeactivateMFADevice": person.arn,
        "iam:DeleteVirtualMFADevice": person.device(person.user.name),
    }
    keys = person.user.access_keys
    has_keys = keys is not None and keys.count > 0
    for mfa, how in ((False, "without MFA"), (None, "with an access key, without MFA"))[: 2 if has_keys else 1]:
        actions = [one for one, resource in requests.items() if person.asks(one, resource, mfa=mfa).allowed]
        if actions:
            yield _can_be_removed(actions, how, demand, is_absent=mfa is None)
            return


def _can_be_removed(actions: list[str], how: str, demand: Citation, *, is_absent: bool) -> Finding:
    operator = ', under "BoolIfExists" (with an access key there is no aws:MultiFactorAuthPresent)' if is_absent else ""
    return Finding(
        message=f"{joined(actions)} {'is' if len(actions) == 1 else 'are'} allowed {how}: whoever gets hold of the "
        f"password or a key can take the person's MFA device off and put on another, and {cited(demand)} protects "
        f"nothing. Let it deny {quoted(actions)}{operator}",
        warning=True,
    )
