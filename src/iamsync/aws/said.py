"""What AWS, or the way to it, said no with: in one sentence for who must act."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as EndpointConnectionError,
)

from iamsync.errors import DENIED, AccountError, CredentialsError, LiveStateError

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_REJECTED = {
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "AuthFailure",
    "IncompleteSignature",
}
FATAL_FOR_THE_RUN = frozenset(_EXPIRED | _REJECTED)
"""Answers after which no further call can succeed."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what botocore raises while we look into one sentence: AccountError or LiveStateError."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise CredentialsError(
            f"{_sentence(error)}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its companions"
        ) from error
    except ClientError as error:
        raise _of_answer(error) from error
    except (EndpointConnectionError, HTTPClientError) as error:
        raise AccountError(
            f"AWS cannot be reached: {_sentence(error)}: check the network and AWS_ENDPOINT_URL"
        ) from error
    except BotoCoreError as error:
        raise AccountError(_sentence(error)) from error


def _of_answer(error: ClientError) -> AccountError | LiveStateError:
    code = error.response["Error"]["Code"]
    if code in _EXPIRED:
        return CredentialsError("the credentials have expired: sign in again, or renew them where they come from")
    if code in _REJECTED:
        return CredentialsError(
            f"AWS does not accept the credentials ({code}): check them, and AWS_DEFAULT_REGION outside partition aws"
        )
    if code in DENIED:
        return LiveStateError(
            f"the credentials may not call {error.operation_name}: allow it, for nothing is planned on part of a "
            f"picture ({answer(error)})"
        )
    if code == "NoSuchEntity":
        return LiveStateError(
            f"somebody else changes the account at this moment: run the command again ({answer(error)})"
        )
    return LiveStateError(
        f"{error.operation_name} failed, and nothing is planned on part of a picture: {answer(error)}"
    )


def answer(error: ClientError | BotoCoreError) -> str:
    """What AWS, or the way to it, said of one call: code and message on one line."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return f"{details.get('Code', 'unknown')}: {' '.join(details.get('Message', '').split())}"
    return _sentence(error)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
