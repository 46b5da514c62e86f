"""Public keys for which secrets are sealed, as people write them, and private keys that must not be where these are."""

import base64
import hashlib
import re
from typing import Final

MOST: Final = 4
"""Recipients of one user: the fingerprints of all are noted in one tag."""

_PRIVATE: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{16}|AGE-PLUGIN-[0-9A-Z]+-1[0-9A-Z]{16}|"
    r"PuTTY-User-Key-File-\d",
    re.IGNORECASE,
)
ALARM: Final = (
    "A PRIVATE KEY IS HERE, which is not shown: whoever has read this file can open what is sealed for it. Make a new "
    "key pair, remove this key from the files and from Git, and write only the public key (age1..., ssh-ed25519 ...)"
)
"""What is said of a private key."""


def private_key_in(text: str) -> int | None:
    """Where a private key begins in a text (age, OpenSSH, PEM, OpenPGP, PuTTY); None if there is none."""
    match = _PRIVATE.search(text)
    return match.start() if match else None


def fingerprint_of(content: bytes) -> str:
    """SHA-256 as `ssh-keygen -l` prints it."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip('=')}"
