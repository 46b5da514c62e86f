"""Deliver by age file (age-encryption.org): sealed for the public keys of its user, so that not even the machine that
runs iamsync can open it afterwards. Recipients are age keys and SSH keys of the types ed25519 and RSA.
"""

import base64
import binascii
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from iamsync.core.model import Recipient
from iamsync.delivery import sealed
from iamsync.delivery.recipients import fingerprint_of
from iamsync.errors import DeliveryError

EXPECTED: Final = "an age recipient (age1...) or an SSH public key (ssh-ed25519 ..., ssh-rsa ...)"
_SSH: Final = ("ssh-ed25519", "ssh-rsa")
_OTHER_SSH: Final = ("ecdsa-", "sk-", "ssh-")


@lru_cache(maxsize=16_384)
def recipient(text: str) -> Recipient:
    """The recipient that a text stands for, for which a probe could be sealed; the comment of an SSH key is left out.

    Raises DeliveryError if it is none. The message does not repeat the text.
    """
    kind, _, rest = text.strip().partition(" ")
    if "BEGIN PGP PUBLIC KEY" in text:
        raise DeliveryError(f"found an OpenPGP key, expected {EXPECTED}: docs/credentials.md says what to do instead")
    if kind in _SSH:
        blob = rest.strip().partition(" ")[0]
        return _proven(Recipient(key=f"{kind} {blob}", fingerprint=fingerprint_of(_decoded(blob))))
    if kind.startswith(_OTHER_SSH):
        raise DeliveryError(f"found an SSH key of type {kind[:60]}, which age cannot seal for: expected {EXPECTED}")
    if not text.strip().lower().startswith("age1"):
        raise DeliveryError(f"expected {EXPECTED}, or the name of a .pub or .txt file")
    key = text.strip().lower()
    return _proven(Recipient(key=key, fingerprint=fingerprint_of(key.encode())))


def seal(content: bytes, recipients: Sequence[Recipient]) -> bytes:
    """The armored age file that each of the recipients can open. Raises DeliveryError."""
    import pyrage  # noqa: PLC0415 - only who seals has any use for it

    try:
        sealed_content: bytes = pyrage.encrypt(content, [_of_age(one.key) for one in recipients], armored=True)
    except pyrage.EncryptError as error:
        raise DeliveryError(f"nothing can be sealed ({error})") from None
    return sealed_content


def _of_age(key: str) -> Any:  # noqa: ANN401 - pyrage has no types
    import pyrage  # noqa: PLC0415 - as above

    kind = pyrage.ssh if key.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        why = "an RSA key of fewer than 2,048 bits" if "RsaModulusTooSmall" in str(error) else "a damaged public key"
        raise DeliveryError(f"found {why}, expected {EXPECTED}") from None


def _proven(one: Recipient) -> Recipient:
    seal(b"", [one])
    return one


def _decoded(blob: str) -> bytes:
    try:
        return base64.b64decode(blob, validate=True)
    except binascii.Error:
        raise DeliveryError(f"found a damaged SSH key, expected {EXPECTED}") from None


prepare = sealed.channel("age", seal)
