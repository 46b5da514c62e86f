"""Key pairs, and who opens what was sealed for them: the library of age, from the file alone."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
"""What a private key looks like; it is none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A public key as people write it, and its private key."""

    public: str
    private: str

    def opens(self, content: bytes) -> str:
        """What is sealed in an armored age file. Raises DecryptError if it is for somebody else."""
        is_age = self.private.startswith("AGE-")
        kind = pyrage.x25519.Identity.from_str if is_age else pyrage.ssh.Identity.from_buffer
        opened: bytes = pyrage.decrypt(content, [kind(self.private if is_age else self.private.encode())])
        return opened.decode()

    def rows(self, file: Path) -> list[dict[str, str]]:
        """The rows of the CSV in an age file."""
        return list(csv.DictReader(self.opens(file.read_bytes()).splitlines()))


def age_pair() -> Pair:
    """A new pair of age."""
    identity = pyrage.x25519.Identity.generate()
    return Pair(str(identity.to_public()), str(identity))


@cache
def ssh_pair(kind: str = "ed25519", bits: int = 2048) -> Pair:
    """A pair of SSH, of that kind."""
    key = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return Pair(f"{public.decode()} aiko@example.com", private.decode())
