"""Changes of a user's credentials."""

from dataclasses import dataclass
from enum import StrEnum

from iamsync.core.model import Recipient


@dataclass(frozen=True, slots=True)
class CreatePassword:
    """A console password, minted when the call is made, and delivered by this channel, sealed if it has recipients."""

    user: str
    reset_required: bool
    channel: str = ""
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplacePassword:
    """The same for a user who has one, which does not work from then on."""

    user: str
    reset_required: bool
    channel: str = ""
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletePassword:
    """The end of a console password."""

    user: str


@dataclass(frozen=True, slots=True)
class CreateAccessKey:
    """An access key, whose secret AWS makes and returns once; it is delivered as a password is."""

    user: str
    channel: str = ""
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class SetKeyStatus:
    """An access key is activated or deactivated."""

    user: str
    key: str
    active: bool


@dataclass(frozen=True, slots=True)
class DeleteAccessKey:
    """The end of an access key."""

    user: str
    key: str


@dataclass(frozen=True, slots=True)
class DeactivateDevice:
    """A virtual, hardware or FIDO device is no longer a user's MFA device."""

    user: str
    serial: str


@dataclass(frozen=True, slots=True)
class DeleteDevice:
    """The end of a virtual MFA device; left over, it would block its name for the next user
    (API_CreateVirtualMFADevice).
    """

    serial: str


class CredentialKind(StrEnum):
    """The credentials that iamsync only ever deletes."""

    SSH_KEY = "SSH public key"
    CERTIFICATE = "signing certificate"
    SERVICE = "service-specific credential"


@dataclass(frozen=True, slots=True)
class DeleteCredential:
    """The end of one of those."""

    user: str
    kind: CredentialKind
    id: str
