"""A user on the way out: access is revoked first, then the nine dependents, then the user. The boundary stays to the
end.
"""

from collections.abc import Iterator
from dataclasses import replace

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
    SetTags,
)
from iamsync.core.diff.owners import entity_of
from iamsync.core.diff.users import user_actions
from iamsync.core.iam_limits import TAG_VALUE
from iamsync.core.model import Credentials, User, user_subject
from iamsync.core.plan_input import PlanInput
from iamsync.core.scope.denies import with_denies
from iamsync.core.tags import MFA_DEVICES_TAG


def leaving_user_actions(live: User, plan: PlanInput) -> Iterator[Action]:
    """The difference to bare, then DeleteUser, which does not cascade (API_DeleteUser). Where nothing may be deleted,
    the user is suspended and left bare first, but for the Denies of others.
    """
    subject = user_subject(live.name)
    if plan.may_delete_user(live):
        for change in _revocation(live, plan):
            yield Action(change=change, subject=subject, timing=Timing.FIRST)
    else:
        yield from user_actions(with_denies(_suspended_and_bare(live), live, plan.denies), live, plan)
    for change in (*_record_of_devices(live, plan), *_credentials_removal(live, plan)):
        yield Action(change=change, subject=subject)
    for change in _permissions_removal(live) if plan.may_delete_user(live) else ():
        yield Action(change=change, subject=subject)
    yield Action(change=Delete(entity_of(live)), subject=subject)


def _suspended_and_bare(live: User) -> User:
    """The user with nothing but what identifies it. Not declared, so without a place in the files."""
    return replace(
        live,
        attachments=frozenset(),
        inline={},
        groups=frozenset(),
        added_groups=frozenset(),
        ended_groups=frozenset(),
        access_keys=None,
        suspended=True,
        previous_names=(),
        origin=None,
    )


def _revocation(live: User, plan: PlanInput) -> Iterator[Change]:
    credentials = plan.known.credentials.get(live.name, Credentials())
    yield from (SetKeyStatus(live.name, key.id, active=False) for key in credentials.access_keys if key.active)
    if live.console is not None and live.console.enabled:
        yield DeletePassword(live.name)


def _permissions_removal(live: User) -> Iterator[Change]:
    name, owner = live.name, entity_of(live)
    yield from (Leave(name, group) for group in sorted(live.groups or ()))
    yield from (DeleteInline(owner, inline, document) for inline, document in sorted(live.inline.items()))
    yield from (Detach(owner, policy) for policy in sorted(one.policy for one in live.attachments))


def _record_of_devices(live: User, plan: PlanInput) -> Iterator[Change]:
    """The names of the devices that can be found only by the user: a deactivated device belongs to no user, and a run
    that is killed then must leave none behind. A device that is named like the user is found by its name.
    """
    serials = plan.known.credentials.get(live.name, Credentials()).mfa_devices
    names = sorted({_name(serial) for serial in serials if _is_virtual(serial)} - {live.name})
    recorded = " ".join(names)[:TAG_VALUE]
    if names and plan.may_delete_user(live) and live.tags.get(MFA_DEVICES_TAG) != recorded:
        yield SetTags(entity_of(live), {MFA_DEVICES_TAG: recorded})


def _credentials_removal(live: User, plan: PlanInput) -> Iterator[Change]:
    name, credentials = live.name, plan.known.credentials.get(live.name, Credentials())
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
    deactivated_by_a_killed_run = {name, *live.tags.get(MFA_DEVICES_TAG, "").split()}
    for serial in plan.known.spare_mfa_devices:
        if _name(serial) in deactivated_by_a_killed_run:
            yield DeleteDevice(serial)


def _name(serial: str) -> str:
    return serial.rsplit("/", 1)[-1]


def _is_virtual(serial: str) -> bool:
    """A virtual device's serial number is an ARN of type `mfa`; hardware has a number, FIDO an ARN of type `u2f`."""
    return ":mfa/" in serial
