"""A user on the way out: access is revoked first, then the nine dependents, then the user. The boundary stays to the
end.
"""

from collections.abc import Iterator

from iamsync.core.action import Action, Timing
from iamsync.core.change import (
    Change,
    CredentialKind,
    DeactivateDevice,
    Delete,
    DeleteAccessKey,
    DeleteCredential,
    DeleteDevice,
    DeleteInline,
    DeletePassword,
    Detach,
    Leave,
    SetKeyStatus,
)
from iamsync.core.diff.owners import entity_of
from iamsync.core.model import Credentials, User, user_subject
from iamsync.core.plan_input import PlanInput


def leaving_user_actions(live: User, plan: PlanInput) -> Iterator[Action]:
    """The difference to bare, then DeleteUser, which does not cascade (API_DeleteUser)."""
    subject = user_subject(live.name)
    for change in _revocation(live, plan):
        yield Action(change=change, subject=subject, timing=Timing.FIRST)
    for change in _removal(live, plan):
        yield Action(change=change, subject=subject)


def _revocation(live: User, plan: PlanInput) -> Iterator[Change]:
    credentials = plan.known.credentials.get(live.name, Credentials())
    yield from (SetKeyStatus(live.name, key.id, active=False) for key in credentials.access_keys if key.active)
    if live.console is not None and live.console.enabled:
        yield DeletePassword(live.name)


def _removal(live: User, plan: PlanInput) -> Iterator[Change]:
    name, owner = live.name, entity_of(live)
    yield from _credentials_removal(live, plan.known.credentials.get(name, Credentials()))
    for serial in plan.known.spare_mfa_devices:
        if serial.rsplit("/", 1)[-1] == name:  # an interrupted run had deactivated it
            yield DeleteDevice(serial)
    yield from (Leave(name, group) for group in sorted(live.groups or ()))
    yield from (DeleteInline(owner, inline, document) for inline, document in sorted(live.inline.items()))
    yield from (Detach(owner, policy) for policy in sorted(one.policy for one in live.attachments))
    yield Delete(owner)


def _credentials_removal(live: User, credentials: Credentials) -> Iterator[Change]:
    name = live.name
    for serial in credentials.mfa_devices:
        yield DeactivateDevice(name, serial)
        if _is_virtual(serial):
            yield DeleteDevice(serial)
    yield from (DeleteAccessKey(name, key.id) for key in credentials.access_keys)
    for kind, ids in (
        (CredentialKind.CERTIFICATE, credentials.signing_certificates),
        (CredentialKind.SSH_KEY, credentials.ssh_public_keys),
        (CredentialKind.SERVICE, credentials.service_credentials),
    ):
        yield from (DeleteCredential(name, kind, one) for one in ids)


def _is_virtual(serial: str) -> bool:
    """A virtual device's serial number is an ARN of type `mfa`; hardware has a number, FIDO an ARN of type `u2f`."""
    return ":mfa/" in serial
