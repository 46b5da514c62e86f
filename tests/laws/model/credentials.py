"""The credentials of a user."""

from laws.model import rules
from laws.model.calls import Call, Refused, operation


@operation
def create_login_profile(call: Call) -> None:
    """API_CreateLoginProfile: one per user."""
    user = call.user
    call.text("Password")
    if user.password:
        raise Refused("EntityAlreadyExists", f"Login Profile for user {user.name} already exists.")
    user.password, user.password_reset_required = True, call.params.get("PasswordResetRequired", False)


@operation
def update_login_profile(call: Call) -> None:
    """API_UpdateLoginProfile."""
    user = call.user
    rules.present(user.password, f"Login Profile for User {user.name}")
    user.password_reset_required = call.params.get("PasswordResetRequired", user.password_reset_required)


@operation
def delete_login_profile(call: Call) -> None:
    """API_DeleteLoginProfile."""
    user = call.user
    rules.present(user.password, f"Login Profile for User {user.name}")
    user.password = user.password_reset_required = False


@operation
def create_access_key(call: Call) -> None:
    """API_CreateAccessKey: two per user, inactive ones too."""
    keys = call.user.access_keys
    rules.room(len(keys), call.iam.quotas["access_keys_per_user"], "AccessKeysPerUser")
    keys[call.iam.new_id("AKIA")] = "Active"


@operation
def update_access_key(call: Call) -> None:
    """API_UpdateAccessKey: Active or Inactive."""
    user, key, status = call.user, call.text("AccessKeyId"), call.text("Status")
    rules.present(key in user.access_keys, f"The Access Key with id {key}")
    if status not in {"Active", "Inactive"}:
        raise Refused("ValidationError", f"{status!r} is not a status")
    user.access_keys[key] = status


@operation
def delete_access_key(call: Call) -> None:
    """API_DeleteAccessKey."""
    user, key = call.user, call.text("AccessKeyId")
    rules.present(key in user.access_keys, f"The Access Key with id {key}")
    del user.access_keys[key]


@operation
def deactivate_mfa_device(call: Call) -> None:
    """API_DeactivateMFADevice: a virtual one then belongs to no user, any other is gone."""
    user, serial = call.user, call.text("SerialNumber")
    rules.present(serial in user.mfa, f"MFADevice {serial}")
    user.mfa.remove(serial)
    if is_virtual(serial):
        call.iam.free_mfa_devices.add(serial)


@operation
def delete_virtual_mfa_device(call: Call) -> None:
    """API_DeleteVirtualMFADevice: "You must deactivate a user's virtual MFA device before you can delete it"."""
    serial = call.text("SerialNumber")
    rules.absent(any(serial in user.mfa for user in call.iam.users.values()), "deactivate the MFA VirtualDevice")
    rules.present(serial in call.iam.free_mfa_devices, f"VirtualMFADevice {serial}")
    call.iam.free_mfa_devices.remove(serial)


@operation
def delete_ssh_public_key(call: Call) -> None:
    """API_DeleteSSHPublicKey."""
    user, key = call.user, call.text("SSHPublicKeyId")
    rules.present(key in user.ssh_keys, f"The Public Key with id {key}")
    user.ssh_keys.remove(key)


@operation
def delete_signing_certificate(call: Call) -> None:
    """API_DeleteSigningCertificate."""
    user, certificate = call.user, call.text("CertificateId")
    rules.present(certificate in user.certificates, f"The Certificate with id {certificate}")
    user.certificates.remove(certificate)


@operation
def delete_service_specific_credential(call: Call) -> None:
    """API_DeleteServiceSpecificCredential."""
    user, credential = call.user, call.text("ServiceSpecificCredentialId")
    rules.present(credential in user.service_credentials, f"No such credential {credential}")
    del user.service_credentials[credential]


@operation
def update_service_specific_credential(call: Call) -> None:
    """API_UpdateServiceSpecificCredential: Active or Inactive."""
    user, credential, status = call.user, call.text("ServiceSpecificCredentialId"), call.text("Status")
    rules.present(credential in user.service_credentials, f"No such credential {credential}")
    user.service_credentials[credential] = status


@operation
def update_ssh_public_key(call: Call) -> None:
    """API_UpdateSSHPublicKey: Active or Inactive."""
    rules.present(call.text("SSHPublicKeyId") in call.user.ssh_keys, "The Public Key")


@operation
def update_signing_certificate(call: Call) -> None:
    """API_UpdateSigningCertificate: Active or Inactive."""
    rules.present(call.text("CertificateId") in call.user.certificates, "The Certificate")


def is_virtual(serial: str) -> bool:
    """Whether an MFA device is one that IAM made (`arn:aws:iam::…:mfa/…`), and not hardware or a passkey."""
    return ":mfa/" in serial
