"""What can go wrong on the way to credentials, in one sentence that quotes nothing a helper program has printed.

botocore looks in many places (environment, profiles, helper programs, token files, caches) and lets what it finds there
raise whatever it raises: JSONDecodeError, KeyError, FileNotFoundError, EOFError.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, CredentialRetrievalError, InvalidConfigError

from iamsync.errors import CredentialsError, IamsyncError

_WHERE = "check the profile, its credential_process, and the files that it names"


def use_own_prompt(core: botocore.session.Session) -> None:
    """Let a profile with mfa_serial ask for its code on a terminal only, and let botocore log no traceback of it."""
    for library in ("botocore.credentials",):
        # What it warns of is raised as well; Python would print it to stderr, with its traceback.
        logging.getLogger(library).setLevel(logging.CRITICAL)
    chain = core.get_component("credential_provider")
    for provider in chain.providers:
        if hasattr(provider, "_prompter"):
            provider._prompter = _on_a_terminal(provider._prompter)  # noqa: SLF001 - botocore has no other way in


def _on_a_terminal(ask: Callable[[str], str]) -> Callable[[str], str]:
    """The prompt, for where somebody can answer it."""

    def asked(prompt: str) -> str:
        if sys.stdin is None or not sys.stdin.isatty():
            raise CredentialsError(
                "the profile needs an MFA code, and there is no terminal to ask for it: sign in first and use the "
                "session's credentials, or a profile without mfa_serial"
            )
        return ask(prompt)

    return asked


@contextmanager
def of_credentials() -> Iterator[None]:
    """Turn what is raised while credentials are looked for into CredentialsError. What botocore and AWS say of a call
    passes, but for what may hold a helper's output.
    """
    try:
        yield
    except CredentialRetrievalError as error:
        provider = error.kwargs.get("provider", "the configured source")
        raise CredentialsError(f"no credentials came from {provider}, which failed: {_WHERE}") from None
    except InvalidConfigError as error:
        raise CredentialsError(f"{' '.join(str(error).split()).rstrip('.')}: {_WHERE}") from None
    except (IamsyncError, BotoCoreError, ClientError):
        raise
    except json.JSONDecodeError:
        raise CredentialsError(f"a credential_process or a cached file holds no JSON: {_WHERE}") from None
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        raise CredentialsError(f"no credentials: {named}{error.strerror or 'cannot be read'}: {_WHERE}") from None
    except Exception as error:  # noqa: BLE001 - botocore lets out whatever it meets
        raise CredentialsError(f"no credentials: their source is broken ({type(error).__name__}): {_WHERE}") from None
