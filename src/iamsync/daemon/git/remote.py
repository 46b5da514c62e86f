"""The repository elsewhere: which commit is the newest, and the commit itself, in a new repository on this disk."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from iamsync.daemon.git.address import Address
from iamsync.daemon.git.credentials import credential_of, ssh_command
from iamsync.daemon.git.program import Bounds, Connection, ProgramFailed, git
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.errors import SourceError

ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""An id of a commit, whole."""

_HERE: Final = "refs/iamsync/newest"
_DEPTHS: Final = (50, 1000)
"""How many commits back the commit in force is looked for, one after the other. The first is nearly always enough."""

_LENIENT: Final = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "missingEmail", "badEmail")
"""What old commits have in them and harms nobody; the rest of Git's checks of objects refuses a fetch."""


class Newest(NamedTuple):
    """The full name of a ref, and the id of the commit that it named when the remote was asked."""

    ref: str
    commit: str


class Known(NamedTuple):
    """The commit in force, and one that a person has accepted although it does not come after that."""

    in_force: str | None = None
    accepted: str | None = None


def newest(address: Address, bounds: Bounds, here: Path) -> Newest:
    """The commit that the ref of a repository names now. `here` is any folder. Raises SourceError."""
    wanted = [name for ref in address.refs for name in (ref, f"{ref}^{{}}")]
    found: dict[str, str] = {}
    for line in _asked(address, bounds, here, "ls-remote", "--", address.url, *wanted).decode("utf-8").splitlines():
        commit, _, name = line.partition("\t")
        if name in wanted and ID.fullmatch(commit):
            found[name] = commit
    named = [ref for ref in address.refs if ref in found]
    if not named:
        raise SourceError(f"the repository {address.url} has no branch or tag {address.ref}")
    if len(named) > 1:
        words = f"is both a branch and a tag: use --ref {named[0]} or --ref {named[1]}"
        raise SourceError(f"the repository {address.url}: {address.ref} {words}")
    return Newest(named[0], found.get(f"{named[0]}^{{}}", found[named[0]]))


def fetch(address: Address, looked: Newest, known: Known, bounds: Bounds, repository: Path) -> str:
    """Bring the newest commit into a new `repository`; its id, which is another one if there was a push meanwhile. Of
    the commits before it, only as many as it takes to see that it comes after the one in force.

    Raises SourceError, and CommitRefused if it does not: then history was rewritten.
    """
    kind = "sha256" if len(looked.commit) > len("0" * 40) else "sha1"
    try:
        git(repository, "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", bounds=bounds)
    except ProgramFailed as error:
        raise SourceError(f"a repository cannot be made in {repository.parent} ({error})") from None
    fetched = looked.commit
    for depth in _DEPTHS if known.in_force else (1,):
        fetched = _fetched(address, looked.ref, depth, bounds, repository)
        if known.in_force is None or not _history(repository, bounds).isdisjoint(known):
            return fetched
        if not (repository / "shallow").exists():
            break
    raise CommitRefused(
        fetched,
        f"history was rewritten: commit {fetched} does not come after {known.in_force}, which is in force; "
        f"if that is intended, start again with --accept-rewrite {fetched}",
    )


def _fetched(address: Address, ref: str, depth: int, bounds: Bounds, repository: Path) -> str:
    options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--force", "--update-shallow", f"--depth={depth}"]
    _asked(address, bounds, repository, "fetch", *options, "--", address.url, f"{ref}:{_HERE}")
    try:
        commit = git(repository, "rev-parse", "--verify", f"{_HERE}^{{commit}}", bounds=bounds)
    except ProgramFailed:
        raise SourceError(f"the repository {address.url}: {address.ref} is no commit") from None
    return commit.decode("ascii").strip()


def _history(repository: Path, bounds: Bounds) -> set[str]:
    try:
        return set(git(repository, "rev-list", _HERE, bounds=bounds).decode("ascii").split())
    except ProgramFailed as error:
        raise SourceError(f"the fetched repository cannot be read ({error})") from None


def _asked(address: Address, bounds: Bounds, repository: Path, *arguments: str) -> bytes:
    credential = credential_of(address)
    environment = {"GIT_ALLOW_PROTOCOL": address.scheme}
    if address.scheme == "ssh":
        environment["GIT_SSH_COMMAND"] = ssh_command(address)
    settings = {
        "fetch.unpackLimit": "1",
        "fetch.fsckObjects": "true",
        **{f"fetch.fsck.{name}": "ignore" for name in _LENIENT},
        "http.sslVerify": "true",
        "http.lowSpeedLimit": "100",
        "http.lowSpeedTime": "30",
        "credential.helper": "",
    }
    try:
        with _piped(credential.piped() if credential else b"") as pipe:
            if credential is not None:
                # Read once, by whoever git asks for credentials of this origin; another host never gets them.
                reader = f'!f() {{ test "$1" = get && cat /dev/fd/{pipe}; }}; f'
                settings[f"credential.{address.origin}.helper"] = reader
            connection = Connection(settings=settings, environment=environment, pipes=(pipe,), credential=credential)
            return git(repository, *arguments, bounds=bounds, connection=connection)
    except ProgramFailed as error:
        raise SourceError(f"the repository {address.url} cannot be read ({error})") from None


@contextmanager
def _piped(content: bytes) -> Iterator[int]:
    """The end of a pipe from which `content` can be read once."""
    reader, writer = os.pipe()
    try:
        os.write(writer, content)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)
