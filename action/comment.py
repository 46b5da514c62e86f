"""Show a plan as the one comment that iamsync has on a pull request: created once, then updated.

    comment.py PLAN.md      with TOKEN and AUTHOR, in a step of GitHub Actions for a pull request

The comment is found by the marker in the first line of the plan, among those of AUTHOR: anybody may write a comment
that begins like ours, and could change it after us.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

_PAGE = 100
_MOST_PAGES = 50


def called(method: str, url: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """What GitHub's API answers. Raises URLError."""
    headers = {
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def ours(comments: str, marker: str) -> str | None:
    """The address of our comment, if there is one."""
    for page in range(1, _MOST_PAGES + 1):
        found = called("GET", f"{comments}?per_page={_PAGE}&page={page}")
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
    text = file.read_text("utf-8")
    marker = text.splitlines()[0]
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    repository = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
    comments = f"{repository}/issues/{int(event['pull_request']['number'])}/comments"
    address = ours(comments, marker)
    if address:
        called("PATCH", address, {"body": text})
    else:
        called("POST", comments, {"body": text})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
