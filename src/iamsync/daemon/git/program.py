"""One run of git or ssh-keygen: without the machine's configuration, without a terminal, with a bound on time, memory
and the size of its files. What it starts ends with it.
"""

import errno
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from iamsync.daemon.git.credentials import Credential

_FROM_THE_MACHINE: Final = (
    *("PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
    *("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
)
_ISOLATED: Final = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_SSH_VARIANT": "ssh",
}
_MEMORY: Final = 2 << 30
"""Bytes of addresses. Git reads what is larger than core.bigFileThreshold in pieces, so it needs far less."""

_SLICE: Final = 0.5
"""Seconds after which a signal is heard that came in the moment before a wait began."""

_WORDS: Final = 400
"""Characters of what a program says that are reported."""

_ADVICE: Final = ("Please make sure you have the correct access rights", "and the repository exists.", "hint:")
"""What git says after the reason, whatever that is."""


class ProgramFailed(Exception):
    """A program has ended badly, or was ended. `str()` is what it said, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one run may take: seconds, and the bytes of each file that it writes."""

    seconds: float = 120.0
    file_bytes: int = 100 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a run of git needs that talks to a remote: settings, environment, the end of a pipe that it inherits, and
    the credential that it must not repeat.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    pipes: tuple[int, ...] = ()
    credential: Credential | None = None


NONE: Final = Connection()
"""For what talks to nobody."""


def output_of(arguments: Sequence[str], *, bounds: Bounds, stdin: bytes = b"", connection: Connection = NONE) -> bytes:
    """What a program writes to stdout. Nothing of this process's environment reaches it but where programs, proxies and
    certificates are. Raises ProgramFailed, with no secret in it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the words are ours, and no shell reads them
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**_surroundings(), **connection.environment},
            pass_fds=connection.pipes,
            start_new_session=True,
            restore_signals=False,  # a write beyond the bound is then an error with a name, and not a silent end
        )
    except OSError as error:
        raise ProgramFailed(f"{arguments[0]} cannot be started ({error.strerror}): install it") from None
    with _ended_with_us(process):
        _limit(process.pid, bounds)
        out, err = _heard(process, stdin, bounds.seconds)
    if process.returncode == 0:
        return out
    raise ProgramFailed(_in_one_line(err.decode("utf-8", "replace"), process.returncode, bounds, connection.credential))


def _surroundings() -> dict[str, str]:
    return {name: os.environ[name] for name in _FROM_THE_MACHINE if name in os.environ} | _ISOLATED


@contextmanager
def _ended_with_us(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise


def _limit(pid: int, bounds: Bounds) -> None:
    """Bound what the program, and what it starts from now on, may use. It has not yet asked the remote for anything."""
    limits = {
        resource.RLIMIT_FSIZE: bounds.file_bytes,
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        with suppress(ProcessLookupError, AttributeError, PermissionError, ValueError):  # ended; not Linux; lower yet
            resource.prlimit(pid, kind, (most, most))


def _heard(process: "subprocess.Popen[bytes]", stdin: bytes, seconds: float) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return process.communicate(stdin, timeout=max(0.0, min(_SLICE, deadline - time.monotonic())))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                raise ProgramFailed(f"it had not ended after {seconds:g} seconds") from None


def _in_one_line(said: str, code: int, bounds: Bounds, credential: Credential | None) -> str:
    """The last words of a program, without a secret."""
    if os.strerror(errno.EFBIG) in said:
        return f"larger than {bounds.file_bytes >> 20} MB, see --max-size"
    if credential is not None:
        said = credential.hidden_in(said)
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip() and not line.startswith(_ADVICE)]
    words = "; ".join(dict.fromkeys(lines[-3:])) or f"exit code {code}"
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"


def git(repository: Path, *arguments: str, bounds: Bounds, stdin: bytes = b"", connection: Connection = NONE) -> bytes:
    """What a git command says about a bare repository, with our settings and no others. Raises ProgramFailed."""
    settings = {**_SETTINGS, **connection.settings}
    named = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    words = ["git", f"--git-dir={repository}", *named, *arguments]
    return output_of(words, bounds=bounds, stdin=stdin, connection=connection)


_SETTINGS: Final = {
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.hooksPath": "/dev/null",
    "core.bigFileThreshold": "1m",
    "pack.threads": "1",
    "protocol.version": "2",
}
