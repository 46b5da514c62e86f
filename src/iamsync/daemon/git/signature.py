"""Whether a commit was signed by somebody whom a file of allowed signers names (ssh-keygen(1), "ALLOWED SIGNERS")."""

import tempfile
from pathlib import Path
from typing import Final

from iamsync.daemon.git.commit import Commit
from iamsync.daemon.git.program import Bounds, ProgramFailed, output_of
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.errors import SourceError

_NAMESPACE: Final = "git"
_SSH: Final = b"-----BEGIN SSH SIGNATURE-----"
_BOUNDS: Final = Bounds(seconds=20, file_bytes=1 << 20)


def refuse_unsigned(commit: Commit, allowed: Path) -> None:
    """Raise CommitRefused unless an allowed signer has signed the commit. As in Git, a key must have been valid at the
    date that the commit itself gives.

    Raises SourceError if there is no file of allowed signers.
    """
    if not allowed.is_file():
        raise SourceError(f"the file of allowed signers {allowed} cannot be read, so no commit can be verified")
    if not commit.signature:
        raise CommitRefused(commit.id, f"commit {commit.id} is not signed; sign it with a key of {allowed}")
    if not commit.signature.startswith(_SSH):
        words = "is not signed with an SSH key, and no other signature is accepted (git config gpg.format ssh)"
        raise CommitRefused(commit.id, f"commit {commit.id} {words}")
    with tempfile.TemporaryDirectory(prefix="iamsync-") as folder:
        signature = Path(folder) / "signature"
        signature.write_bytes(commit.signature)
        if not any(_is_by(name, commit, signature, allowed) for name in _principals(commit, signature, allowed)):
            words = f"is signed with a key that {allowed} does not allow, or the signature is not of this commit"
            raise CommitRefused(commit.id, f"commit {commit.id} {words}")


def _when(commit: Commit) -> list[str]:
    return [f"-Overify-time={commit.committed:%Y%m%d%H%M%S}"] if commit.committed else []


def _principals(commit: Commit, signature: Path, allowed: Path) -> list[str]:
    """Whose the key may be. Any of them, for what is asked is whether one is allowed."""
    words = ["ssh-keygen", "-Y", "find-principals", "-s", str(signature), "-f", str(allowed), *_when(commit)]
    try:
        return output_of(words, bounds=_BOUNDS).decode("utf-8", "replace").splitlines()
    except ProgramFailed as error:
        if "cannot be started" in str(error):
            raise SourceError(f"signatures cannot be verified: {error} (Debian: openssh-client)") from None
        return []


def _is_by(principal: str, commit: Commit, signature: Path, allowed: Path) -> bool:
    words = ["ssh-keygen", "-Y", "verify", "-n", _NAMESPACE, "-I", principal, "-s", str(signature), "-f", str(allowed)]
    try:
        output_of([*words, *_when(commit)], bounds=_BOUNDS, stdin=commit.payload)
    except ProgramFailed:
        return False
    return True
