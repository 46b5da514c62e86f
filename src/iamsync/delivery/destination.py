"""Where the secrets of a user go, as one short text that a tag of IAM can hold."""

from collections.abc import Sequence

from iamsync.core.model import Recipient


def destination(password: str, access_key: str, recipients: Sequence[Recipient], default: str) -> str:
    """The channels for both kinds of secret and the fingerprints of the recipients; "" where both go the `default`
    way. At most 256 characters, of those that a tag may have.
    """
    if password == access_key == default:
        return ""
    channels = password if password == access_key else f"password:{password} access_key:{access_key}"
    return " ".join([channels, *sorted(one.fingerprint for one in recipients)])
