"""Access keys, whose quota moto has fixed; and service-specific credentials, which moto does not know."""

import secrets
from datetime import timedelta

from moto.core.utils import utcnow

from iamsync.sandbox.accounts import Account, ServiceCredential
from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("CreateAccessKey")
def create_access_key(request: Request) -> Shape:
    """The only answer with the secret."""
    key = request.user.create_access_key(prefix="AKIA")
    request.account.backend.access_keys[key.access_key_id] = key
    return {
        "AccessKey": {
            "UserName": request.user.name,
            "AccessKeyId": key.access_key_id,
            "Status": key.status,
            "SecretAccessKey": key.secret_access_key,
            "CreateDate": key.create_date,
        },
    }


@answer("ListAccessKeys")
def list_access_keys(request: Request) -> Shape:
    """Of the caller, where no user is named."""
    user = request.user
    return request.page(
        "AccessKeyMetadata",
        user.access_keys,
        lambda key: {
            "UserName": user.name,
            "AccessKeyId": key.access_key_id,
            "Status": key.status,
            "CreateDate": key.create_date,
        },
    )


@answer("CreateServiceSpecificCredential")
def create_service_specific_credential(request: Request) -> Shape:
    """The password is in this answer and in that to a reset, and in no other."""
    user, now, days = request.user, utcnow(), request.optional("CredentialAgeDays")
    number = secrets.randbelow(1000)
    credential = ServiceCredential(
        id=f"ACCA{secrets.token_hex(8).upper()}",
        user_id=user.id,
        service=request.text("ServiceName"),
        user_name=f"{user.name}+{number}-at-{request.account.id}",
        created=now,
        expires=now + timedelta(days=int(days)) if days else None,
    )
    request.account.service_credentials[credential.id] = credential
    return _with_secret(request.account, credential)


@answer("ListServiceSpecificCredentials")
def list_service_specific_credentials(request: Request) -> Shape:
    """Of one user, or with AllUsers of everybody."""
    service = request.optional("ServiceName")
    owner = None if request.flag("AllUsers") else request.user.id
    credentials = [
        credential
        for credential in request.account.service_credentials.values()
        if owner in {None, credential.user_id} and service in {None, credential.service}
    ]
    return request.page("ServiceSpecificCredentials", credentials, lambda each: _shape(request.account, each))


@answer("UpdateServiceSpecificCredential")
def update_service_specific_credential(request: Request) -> Shape:
    """Active or Inactive."""
    _credential(request).status = request.text("Status")
    return {}


@answer("ResetServiceSpecificCredential")
def reset_service_specific_credential(request: Request) -> Shape:
    """A new password under the same user name."""
    return _with_secret(request.account, _credential(request))


@answer("DeleteServiceSpecificCredential")
def delete_service_specific_credential(request: Request) -> Shape:
    """Gone for good."""
    del request.account.service_credentials[_credential(request).id]
    return {}


def _credential(request: Request) -> ServiceCredential:
    wanted = request.text("ServiceSpecificCredentialId")
    credential = request.account.service_credentials.get(wanted)
    if credential is None or credential.user_id != request.user.id:
        raise Refused("NoSuchEntity", f"Service specific credential {wanted} cannot be found.")
    return credential


def _shape(account: Account, credential: ServiceCredential) -> Shape:
    owners = (user.name for user in account.backend.users.values() if user.id == credential.user_id)
    return {
        "UserName": next(owners),
        "Status": credential.status,
        "ServiceUserName": credential.user_name,
        "CreateDate": credential.created,
        "ExpirationDate": credential.expires,
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service,
    }


def _with_secret(account: Account, credential: ServiceCredential) -> Shape:
    return {
        "ServiceSpecificCredential": {**_shape(account, credential), "ServicePassword": secrets.token_urlsafe(32)},
    }
