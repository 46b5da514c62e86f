"""Show what an untrusted job has found in a pull request from a fork: its plan, or what is wrong, as a comment.

    fork.py      with TOKEN and AUTHOR, in a step of GitHub Actions for the event `workflow_run`

Whoever opens the pull request can change the job that made the text. So nothing in its artifact decides anything: the
pull request is the one whose head is the commit of the event, the size is limited, and the text is shown as code, below
a sentence that says where it is from.
"""

import io
import sys
import zipfile
import zlib
from typing import Any
from urllib.parse import urlencode

from api import called, event, fetched, repository
from comment import show

from iamsync.render.untrusted import fence, quiet, span

_MARKER = "<!-- iamsync on a fork -->"
_MOST_BYTES = 4 * 1024 * 1024
"""Of the artifact, and of the text in it."""
_MOST = 60_000
_HARD_LIMIT = 65_000
"""Characters of the text, and of the comment."""
_ORDINARY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def pull_of(run: Any) -> int | None:  # noqa: ANN401 - JSON
    """The number of the open pull request whose head is the commit of the run; None if there is none (any more)."""
    fork = run["head_repository"]
    if fork is None or run["event"] != "pull_request":
        return None
    head = f"{fork['owner']['login']}:{run['head_branch']}"
    query = urlencode({"state": "open", "head": head, "base": event()["repository"]["default_branch"]})
    for pull in called(f"{repository()}/pulls?{query}"):
        source = pull["head"]
        if source["sha"] == run["head_sha"] and source["repo"] and source["repo"]["id"] == fork["id"]:
            return int(pull["number"])
    return None


def text_of(run: Any) -> str | None:  # noqa: ANN401 - JSON
    """The text that the run has left; None if it has left none that can be shown."""
    name = f"iamsync-plan-{run['head_sha']}"
    found = called(f"{repository()}/actions/runs/{int(run['id'])}/artifacts?{urlencode({'name': name})}")["artifacts"]
    usable = [one for one in found if one["name"] == name and not one["expired"]]
    if not usable or usable[0]["size_in_bytes"] > _MOST_BYTES:
        return None
    return _text_in(fetched(usable[0]["archive_download_url"], _MOST_BYTES))


def _text_in(archive: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            entry = files.getinfo("plan.txt")
            if entry.compress_type not in _ORDINARY or entry.flag_bits & 1:
                return None
            with files.open(entry) as file:
                return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError):
        return None


def comment(text: str | None, commit: str) -> str:
    """What is shown: the text as code, and what it is worth."""
    if text is not None:
        shown, is_whole = _first_lines(text)
        worth = (
            "A job that this pull request can change has made the text: it is no proof. "
            "Before iamsync applies anything, it plans again."
        )
        rest = () if is_whole else ("", f"The text is limited to {_MOST:,} characters: see the log of the job.")
        body = "\n".join(
            [
                _MARKER,
                f"**iamsync** for commit {span(commit)} of a fork. {worth}",
                "",
                *(one.text for one in fence(shown)),
                *rest,
            ]
        )
        if len(body) <= _HARD_LIMIT:
            return body
    return f"{_MARKER}\n**iamsync** for commit {span(commit)} of a fork: there is nothing to show. See its checks."


def _first_lines(text: str) -> tuple[list[str], bool]:
    """The lines that fit, and whether that is all."""
    lines: list[str] = []
    room = _MOST
    for one in map(quiet, text.splitlines()):
        room -= len(one) + 1
        if room < 0:
            return lines, False
        lines.append(one)
    return lines, True


def main() -> None:
    """Create or update the comment; a commit that is no longer the head of a pull request is left alone."""
    run = event()["workflow_run"]
    number = pull_of(run)
    if number is None:
        print("No open pull request has this commit as its head: nothing is shown.")
        sys.exit()
    show(number, comment(text_of(run), run["head_sha"]))


if __name__ == "__main__":
    main()
