"""Options of `run` about the Git repository that the files come from."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def commit_id(text: str) -> str:
    """A whole id of a commit. Raises BadParameter if it is none."""
    if _COMMIT.fullmatch(text.lower()):
        return text.lower()
    raise typer.BadParameter(f'"{text}" is no id of a commit: give all of its 40 hexadecimal digits')


Repository = Annotated[
    str | None,
    typer.Option(
        "--git",
        metavar="URL",
        envvar="IAMSYNC_GIT",
        help="Take the files from this repository: https://..., ssh://..., git@HOST:PATH or file:///PATH.",
    ),
]
Ref = Annotated[str, typer.Option("--ref", metavar="NAME", envvar="IAMSYNC_REF", help="Branch or tag of --git.")]
PathThere = Annotated[
    str, typer.Option("--path", metavar="DIR", envvar="IAMSYNC_PATH", help="Folder of the YAML files in --git.")
]
Token = Annotated[
    Path | None,
    typer.Option(
        "--git-token",
        metavar="FILE",
        envvar="IAMSYNC_GIT_TOKEN",
        help="File with the token for an https repository. It is read again before each fetch.",
    ),
]
Netrc = Annotated[
    Path | None,
    typer.Option(
        "--git-netrc", metavar="FILE", envvar="IAMSYNC_GIT_NETRC", help="A netrc file with user and password instead."
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--git-key", metavar="FILE", envvar="IAMSYNC_GIT_KEY", help="The private key for an ssh repository."),
]
KnownHosts = Annotated[
    Path | None,
    typer.Option(
        "--git-known-hosts",
        metavar="FILE",
        envvar="IAMSYNC_GIT_KNOWN_HOSTS",
        help="The host keys of an ssh repository. No other host is trusted.",
    ),
]
Signers = Annotated[
    Path | None,
    typer.Option(
        "--verify-signatures",
        metavar="FILE",
        envvar="IAMSYNC_VERIFY_SIGNATURES",
        help="Use only commits that are signed with an SSH key that this file of allowed signers names.",
    ),
]
AcceptRewrite = Annotated[
    str | None,
    typer.Option(
        "--accept-rewrite",
        metavar="COMMIT",
        parser=commit_id,
        envvar="IAMSYNC_ACCEPT_REWRITE",
        help="Use this commit, and what comes after it, although history was rewritten.",
    ),
]
MaxSize = Annotated[
    int,
    typer.Option(
        "--max-size", metavar="MB", min=1, envvar="IAMSYNC_MAX_SIZE", help="How large a fetch from --git may be."
    ),
]
StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        envvar="IAMSYNC_STATE",
        help="Folder in which the last good commit of --git is kept. [default: $STATE_DIRECTORY, or "
        "~/.local/state/iamsync]",
    ),
]


def default_state_folder() -> Path:
    """Where systemd says (systemd.exec(5), StateDirectory=), or where state of a user is (XDG Base Directory)."""
    if by_systemd := os.environ.get("STATE_DIRECTORY"):
        return Path(by_systemd.partition(":")[0])
    by_user = os.environ.get("XDG_STATE_HOME")
    return (Path(by_user) if by_user else Path.home() / ".local" / "state") / "iamsync"
