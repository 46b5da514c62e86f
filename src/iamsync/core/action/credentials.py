"""Calls on what lets a user in."""

from dataclasses import replace

from iamsync.core.action import NOT_DECLARED, Action, Premise, Secret, Verb, When, reason
from iamsync.core.model import Console, User, user_subject


def create_login_profile(user: User, console: Console, *, needs: frozenset[str]) -> Action:
    """CreateLoginProfile with a password that is minted, and handed over, when the call is made."""
    reset = console.password_reset_required
    first_sign_in = "a new one must be set at first sign-in" if reset else "it stays valid after first sign-in"
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="create_login_profile",
        params={"UserName": user.name, "Password": Secret.PASSWORD, "PasswordResetRequired": reset},
        summary="create console password",
        details=(f"minted at apply and delivered as CSV; {first_sign_in}",),
        reason=reason(console.origin, user.origin),
        needs=needs,
    )


def delete_login_profile(user: User, why: str) -> Action:
    """DeleteLoginProfile: the way into the console is cut before anything else happens."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="delete_login_profile",
        params={"UserName": user.name},
        summary="delete console password",
        reason=why,
        when=When.FIRST,
    )


def create_access_key(
    user: User, why: str, *, known: frozenset[str], needs: frozenset[str], details: tuple[str, ...] = ()
) -> Action:
    """CreateAccessKey, beside those that are `known`. AWS mints the secret and tells it once, in the answer; it is
    handed over at once.
    """
    return Action(
        verb=Verb.CREATE,
        subject=user_subject(user.name),
        operation="create_access_key",
        params={"UserName": user.name},
        summary="create access key",
        details=(*details, "minted by AWS at apply and delivered as CSV"),
        reason=why,
        needs=needs,
        premise=Premise(keys=known),
    )


def deactivate_access_key(user: User, key_id: str, why: str, *, details: tuple[str, ...] = ()) -> Action:
    """UpdateAccessKey to Inactive."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="update_access_key",
        params={"UserName": user.name, "AccessKeyId": key_id, "Status": "Inactive"},
        summary=f"switch off access key {key_id}",
        details=details,
        reason=why,
        when=When.FIRST,
    )


def activate_access_key(user: User, key_id: str, *, needs: frozenset[str]) -> Action:
    """UpdateAccessKey to Active, for a key that a suspension had switched off."""
    return Action(
        verb=Verb.CHANGE,
        subject=user_subject(user.name),
        operation="update_access_key",
        params={"UserName": user.name, "AccessKeyId": key_id, "Status": "Active"},
        summary=f"switch access key {key_id} on again",
        reason=reason(user.origin),
        needs=needs,
        when=When.LAST,
    )


def delete_access_key(
    user: User, key_id: str, *, why: str = NOT_DECLARED, details: tuple[str, ...] = (), when: When = When.IN_TURN
) -> Action:
    """DeleteAccessKey."""
    gone = _gone(user, "delete_access_key", "AccessKeyId", key_id, "access key")
    return replace(gone, reason=why, details=details, when=when)


def deactivate_mfa_device(user: User, serial: str) -> Action:
    """DeactivateMFADevice, for virtual, hardware and FIDO devices alike."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="deactivate_mfa_device",
        params={"UserName": user.name, "SerialNumber": serial},
        summary=f"deactivate MFA device {serial}",
        reason=NOT_DECLARED,
    )


def delete_virtual_mfa_device(user: User, serial: str) -> Action:
    """DeleteVirtualMFADevice: an orphan would block its name for the next user (API_CreateVirtualMFADevice)."""
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation="delete_virtual_mfa_device",
        params={"SerialNumber": serial},
        summary=f"delete virtual MFA device {serial}",
        reason=NOT_DECLARED,
    )


def delete_ssh_public_key(user: User, key_id: str) -> Action:
    """DeleteSSHPublicKey."""
    return _gone(user, "delete_ssh_public_key", "SSHPublicKeyId", key_id, "SSH public key")


def delete_signing_certificate(user: User, certificate_id: str) -> Action:
    """DeleteSigningCertificate."""
    return _gone(user, "delete_signing_certificate", "CertificateId", certificate_id, "signing certificate")


def delete_service_specific_credential(user: User, credential_id: str) -> Action:
    """DeleteServiceSpecificCredential."""
    return _gone(
        user,
        "delete_service_specific_credential",
        "ServiceSpecificCredentialId",
        credential_id,
        "service-specific credential",
    )


def _gone(user: User, operation: str, parameter: str, value: str, thing: str) -> Action:
    return Action(
        verb=Verb.REMOVE,
        subject=user_subject(user.name),
        operation=operation,
        params={"UserName": user.name, parameter: value},
        summary=f"delete {thing} {value}",
        reason=NOT_DECLARED,
    )
