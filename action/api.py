"""GitHub's API, as far as the action needs it. The environment has TOKEN and what GitHub gives to each step."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener


class _WithoutToken(HTTPRedirectHandler):
    """Artifacts are in a storage of somebody else, which must not see the token."""

    def redirect_request(self, *arguments: Any, **more: Any) -> Request | None:  # noqa: ANN401 - of urllib
        request = super().redirect_request(*arguments, **more)
        if request is not None:
            request.remove_header("Authorization")
        return request


def repository() -> str:
    """The address of this repository."""
    return f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"


def event() -> Any:  # noqa: ANN401 - JSON
    """The event that started the workflow."""
    return json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))


def called(url: str, method: str = "GET", body: object = None) -> Any:  # noqa: ANN401 - JSON
    """What an address answers, as JSON. Raises URLError."""
    return json.loads(fetched(url, None, method, body))


def fetched(url: str, most: int | None, method: str = "GET", body: object = None) -> bytes:
    """What is at an address: the first `most` bytes. Raises URLError."""
    headers = {
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, headers, method=method)
    with build_opener(_WithoutToken).open(request, timeout=60) as answer:
        return bytes(answer.read(most))
