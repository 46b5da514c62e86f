"""Show a plan as the one comment that iamsync has on a pull request: created once, then updated.

    comment.py PLAN.md      with TOKEN and AUTHOR, in a step of GitHub Actions for a pull request

The comment is found by the marker in the first line of the plan, among those of AUTHOR: anybody may write a comment
that begins like ours, and could change it after us.
"""

import os
import sys
from pathlib import Path

from api import called, event, repository

_PAGE = 100
_MOST_PAGES = 50


def show(number: int, text: str) -> None:
    """Create or update the comment of a pull request whose first line is that of the text. Raises URLError."""
    comments = f"{repository()}/issues/{number}/comments"
    address = _ours(comments, text.splitlines()[0])
    if address:
        called(address, "PATCH", {"body": text})
    else:
        called(comments, "POST", {"body": text})


def _ours(comments: str, marker: str) -> str | None:
    """The address of our comment, if there is one."""
    for page in range(1, _MOST_PAGES + 1):
        found = called(f"{comments}?per_page={_PAGE}&page={page}")
        for comment in found:
            if comment["user"]["login"] == os.environ["AUTHOR"] and comment["body"].startswith(marker):
                return str(comment["url"])
        if len(found) < _PAGE:
            break
    return None


def main(file: Path) -> None:
    """Create or update the comment; without a plan, nothing is said."""
    if not file.exists():
        print("There is no plan to comment: see the log above.")
        return
    show(int(event()["pull_request"]["number"]), file.read_text("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
