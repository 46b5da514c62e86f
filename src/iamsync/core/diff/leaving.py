"""A user on the way out: ways in first, then the nine dependents, then the user. The boundary stays to the end."""

from collections.abc import Iterator

from iamsync.core.action import NOT_DECLARED, Action
from iamsync.core.action import credentials as way_in
from iamsync.core.action import users as call
from iamsync.core.diff.sides import Sides, goes, text_goes
from iamsync.core.model import Credentials, User


def leaving_user_actions(live: User, sides: Sides) -> Iterator[Action]:
    """The difference to bare, then DeleteUser, which does not cascade (API_DeleteUser)."""
    credentials = sides.known.credentials.get(live.name, Credentials())
    for key in credentials.access_keys:
        if key.active:
            yield way_in.deactivate_access_key(live, key.id, NOT_DECLARED)
    if live.console is not None and live.console.enabled:
        yield way_in.delete_login_profile(live, NOT_DECLARED)
    yield from _dismantling(live, credentials)
    for serial in sides.known.spare_mfa_devices:
        if serial.rsplit("/", 1)[-1] == live.name:  # a run that was broken off had deactivated it
            yield way_in.delete_virtual_mfa_device(live, serial)
    for name in sorted(live.groups or ()):
        yield call.remove_user_from_group(live, name, shift=goes(sides.rights_of_group(name)))
    for name, document in sorted(live.inline.items()):
        yield call.delete_user_policy(live, name, old=document, shift=text_goes(document))
    for policy in sorted(attachment.policy for attachment in live.attachments):
        yield call.detach_user_policy(live, policy, shift=goes(sides.rights(policy)))
    yield call.delete_user(live)


def _dismantling(live: User, credentials: Credentials) -> Iterator[Action]:
    for serial in credentials.mfa_devices:
        yield way_in.deactivate_mfa_device(live, serial)
        if _is_virtual(serial):
            yield way_in.delete_virtual_mfa_device(live, serial)
    for key in credentials.access_keys:
        yield way_in.delete_access_key(live, key.id)
    for certificate in credentials.signing_certificates:
        yield way_in.delete_signing_certificate(live, certificate)
    for ssh_key in credentials.ssh_public_keys:
        yield way_in.delete_ssh_public_key(live, ssh_key)
    for credential in credentials.service_credentials:
        yield way_in.delete_service_specific_credential(live, credential)


def _is_virtual(serial: str) -> bool:
    """A virtual device's serial number is an ARN of type `mfa`; hardware has a number, FIDO an ARN of type `u2f`."""
    return ":mfa/" in serial
