"""Which repository, which ref and folder of it, and with which credentials it is read. No secret is in here: only the
files that hold one.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from iamsync.errors import SourceError

_SCP = re.compile(r"(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*:[^:/].*|(?:[\w.-]+@)[A-Za-z0-9][\w.-]*:/?[^/].*")
_SCHEMES = ("https", "ssh", "file", "http")
_REF = re.compile(r"(?!-)[^\x00-\x20\x7f~^:?*\[\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The files that open a repository: for HTTPS a `token` or a `netrc`, for SSH a private `key` and `known_hosts`."""

    token: Path | None = None
    netrc: Path | None = None
    key: Path | None = None
    known_hosts: Path | None = None


OPEN = Access()
"""What a repository needs that anybody may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A folder of a repository, at a branch or tag: `ref` is its name, or a full one like refs/heads/main.

    Raises SourceError, which never repeats a password, for an address that must not or cannot be used.
    """

    url: str
    ref: str = "main"
    path: str = "desired"
    access: Access = OPEN

    def __post_init__(self) -> None:
        refuse_url(self.url)
        _refuse_access(self.scheme, self.access)
        parts = PurePosixPath(self.path).parts
        if PurePosixPath(self.path).is_absolute() or ".." in parts or not self.path.isprintable():
            raise SourceError(f'--path "{self.path}" must be a folder of the repository, such as desired')
        if not _REF.fullmatch(self.ref) or ".." in self.ref or self.ref.endswith(("/", ".lock")):
            raise SourceError(f'--ref "{self.ref}" is no name of a branch or tag, such as main')

    @property
    def scheme(self) -> str:
        """How it is reached: https, ssh, file, or http on this machine."""
        return _scheme(self.url)

    @property
    def host(self) -> str:
        """The host, as a netrc names it; empty for a repository on this disk."""
        return urlsplit(self.url).hostname or "" if "://" in self.url else ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what credentials are for."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def user(self) -> str:
        """The user that the address itself names, or none."""
        return urlsplit(self.url).username or "" if "://" in self.url else ""

    @property
    def folder(self) -> str:
        """The folder in Git's spelling; empty for the whole repository."""
        return "/".join(PurePosixPath(self.path).parts)

    @property
    def refs(self) -> tuple[str, ...]:
        """The full names that the ref may stand for."""
        return (self.ref,) if self.ref.startswith("refs/") else (f"refs/heads/{self.ref}", f"refs/tags/{self.ref}")


def _scheme(url: str) -> str:
    return urlsplit(url).scheme if "://" in url else "ssh"


def refuse_url(url: str) -> None:
    """Raise SourceError for an address with a secret in it, or that leads to what is not encrypted, or to a program."""
    if "://" not in url:
        if not _SCP.fullmatch(url) or "::" in url:
            raise SourceError(
                "--git must be https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or, on this disk, file:///PATH"
            )
        return
    try:
        parts = urlsplit(url)
        host, password, _ = parts.hostname, parts.password, parts.port
    except ValueError:
        raise SourceError("--git has no valid host or port") from None
    if password is not None or (parts.username and parts.scheme not in {"ssh", "https", "http"}):
        words = "put it into a file and name that: --git-token FILE or --git-netrc FILE"
        raise SourceError(f"--git has a password in it, which others can see: {words}")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise SourceError("--git must be an address without ?, # and spaces")
    if parts.scheme not in _SCHEMES:
        raise SourceError(f"--git {parts.scheme}:// is not supported: use https, ssh or file")
    if parts.scheme == "file" and host:
        raise SourceError("--git file://HOST/... names a host: write file:///PATH, with three slashes")
    if parts.scheme != "file" and (not host or host.startswith("-")):
        raise SourceError("--git has no valid host")
    if parts.scheme == "http" and not _is_here(host or ""):
        raise SourceError("--git http:// is not encrypted, so anybody on the way could change the files: use https")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_access(scheme: str, access: Access) -> None:
    if scheme == "ssh":
        if access.token or access.netrc:
            raise SourceError("--git-token and --git-netrc are for HTTPS: an ssh repository needs --git-key FILE")
        if access.key is None or access.known_hosts is None:
            words = "the private key, and the host keys that are expected (ssh-keyscan prints them; compare them)"
            raise SourceError(f"an ssh repository needs --git-key FILE and --git-known-hosts FILE: {words}")
        return
    if access.key or access.known_hosts:
        raise SourceError(f"--git-key and --git-known-hosts are for ssh, and --git is {scheme}://")
    if access.token and access.netrc:
        raise SourceError("--git-token and --git-netrc are two answers to one question: give one of them")
    if scheme == "file" and (access.token or access.netrc):
        raise SourceError("--git-token and --git-netrc are for HTTPS, and --git is file://")
