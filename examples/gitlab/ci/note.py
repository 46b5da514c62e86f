"""Show a plan as the one note that iamsync has on a merge request: created once, then updated.

    note.py PLAN.md      in a job of a merge request

The note is found by the marker in the first line of the plan, among those of the user of the token: anybody may write a
note that begins like ours, and could change it after us.
"""

import os
import sys
from pathlib import Path

from gitlab_api import called, project

_PAGE = 100
_MOST_PAGES = 50


def ours(notes: str, marker: str) -> int | None:
    """The id of our note, if there is one."""
    me = called("user")["id"]
    for page in range(1, _MOST_PAGES + 1):
        found = called(f"{notes}?order_by=created_at&sort=asc&per_page={_PAGE}&page={page}")
        for note in found:
            if note["author"]["id"] == me and note["body"].startswith(marker):
                return int(note["id"])
        if len(found) < _PAGE:
            break
    return None


def main(file: Path) -> None:
    """Create or update the note; without a plan, nothing is said."""
    if not file.exists():
        print("There is no plan to show: see the log of the job that plans.")
        return
    text = file.read_text("utf-8")
    notes = f"{project()}/merge_requests/{int(os.environ['CI_MERGE_REQUEST_IID'])}/notes"
    note = ours(notes, text.splitlines()[0])
    if note is None:
        called(notes, "POST", {"body": text})
    else:
        called(f"{notes}/{note}", "PUT", {"body": text})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
