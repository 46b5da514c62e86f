"""How git gets the credentials of a repository: a user and a token through a pipe that only it can read, or the names
of the files that ssh reads. None is ever an argument, in the environment, or on the disk.
"""

import os
import shlex
from base64 import b64encode
from dataclasses import dataclass, field
from netrc import NetrcParseError, netrc
from pathlib import Path

from iamsync.daemon.git.address import Address
from iamsync.errors import SourceError

_MOST = 8192
"""Bytes of a token: what fits into a pipe at once, and more than any forge gives."""

USUAL_USER = "x-access-token"
"""Whom a token is for, where the address names nobody. GitHub, GitLab and Gitea do not look at it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A user and a secret. Never printed."""

    user: str
    secret: str = field(repr=False)

    def piped(self) -> bytes:
        """As git reads it from a credential program (gitcredentials, "Custom helpers")."""
        return f"username={self.user}\npassword={self.secret}\n".encode()

    def hidden_in(self, text: str) -> str:
        """The text without the secret, in any form in which a server could send it back."""
        basic = b64encode(f"{self.user}:{self.secret}".encode()).decode("ascii")
        for one in (self.secret, basic, b64encode(self.secret.encode()).decode("ascii")):
            text = text.replace(one, "***")
        return text


def credential_of(address: Address) -> Credential | None:
    """What the files say just now, so that a new token is used from the next fetch on. None for ssh and for a
    repository that anybody may read. Raises SourceError, which never quotes such a file.
    """
    if address.access.token is not None:
        return Credential(address.user or USUAL_USER, _token(address.access.token))
    if address.access.netrc is not None:
        return _from_netrc(address.access.netrc, address)
    return None


def _token(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST + 1)
    except OSError as error:
        raise SourceError(f"the token file {file} cannot be read ({error.strerror})") from None
    token = content.decode("utf-8", "replace").strip()
    if not token or len(content) > _MOST or not token.isprintable() or " " in token:
        raise SourceError(f"the token file {file} must hold one token, and nothing else")
    return token


def _from_netrc(file: Path, address: Address) -> Credential:
    try:
        found = netrc(os.fspath(file)).authenticators(address.host)
    except OSError as error:
        raise SourceError(f"the file {file} cannot be read ({error.strerror})") from None
    except (NetrcParseError, UnicodeDecodeError) as error:
        line = f", line {error.lineno}" if isinstance(error, NetrcParseError) and error.lineno else ""
        raise SourceError(f"the file {file} is no netrc{line}") from None
    if found is None or not found[2]:
        raise SourceError(f"the file {file} has no password for the machine {address.host}")
    user, _, secret = found
    if not (user + secret).isprintable():
        raise SourceError(f"the file {file} has a control character in the entry of {address.host}")
    return Credential(address.user or user or USUAL_USER, secret)


def ssh_command(address: Address) -> str:
    """How git starts ssh. It reads no configuration, asks nothing, offers this key only, and refuses a host whose key
    is not among the known ones (ssh_config(5)).
    """
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": _ssh_file(address.access.known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "IdentityFile": _ssh_file(address.access.key),
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "ForwardAgent": "no",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "ConnectTimeout": "20",
        "ServerAliveInterval": "10",
        "ServerAliveCountMax": "3",
    }
    words = ["ssh", "-F", "/dev/null"]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return shlex.join(words)


def _ssh_file(file: Path | None) -> str:
    """A path as ssh takes it: absolute, without its `%` and `~` having a meaning. Raises SourceError if ssh cannot."""
    if file is None:
        return "/dev/null"
    name = os.fspath(file.absolute())
    if '"' in name or "\\" in name or not name.isprintable():
        raise SourceError(f"ssh cannot read a file of this name: {name}")
    return '"' + name.replace("%", "%%") + '"'
