"""Secrets of clients: read from a file for each request, so that they can be rotated, and compared in constant time."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from iamsync.errors import IamsyncError

SHORTEST: Final = 16
"""Characters."""

_MOST: Final = 4096


class SecretFileError(IamsyncError):
    """A file with a secret cannot be read, or holds none."""


def secret_in(file: Path) -> bytes:
    """The secret in a file, without white space at its ends. Raises SecretFileError."""
    try:
        with file.open("rb") as content:
            secret = content.read(_MOST + 1).strip()
    except OSError as error:
        raise SecretFileError(f"the secret in {file} cannot be read ({error.strerror})") from None
    if not SHORTEST <= len(secret) <= _MOST:
        raise SecretFileError(f"{file} must hold a secret of {SHORTEST} to {_MOST} characters")
    return secret


def is_same(given: bytes, secret: bytes) -> bool:
    """Whether both are equal; how long this takes depends on neither."""
    return hmac.compare_digest(sha256(given).digest(), sha256(secret).digest())


def bearer_token(headers: Mapping[str, str]) -> bytes | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else None


def basic_password(headers: Mapping[str, str]) -> bytes | None:
    """The password of an `Authorization: Basic` header, which is what a browser can send."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return None


def has_token(token: bytes | None, file: Path) -> bool:
    """Whether a client has sent the token in a file. If that cannot be read, nobody has."""
    try:
        return token is not None and is_same(token, secret_in(file))
    except SecretFileError:
        return False
