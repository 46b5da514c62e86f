"""GitLab's API, as far as the two scripts beside this one need it.

IAMSYNC_GITLAB_TOKEN is a project access token of the scope `api`: the token of a job may neither write notes nor read
merge requests. The other variables are GitLab's own.
"""

import json
import os
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener


class _WithoutToken(HTTPRedirectHandler):
    """Artifacts may be in a storage of somebody else, which must not see the token."""

    def redirect_request(self, *arguments: Any, **more: Any) -> Request | None:  # noqa: ANN401 - of urllib
        request = super().redirect_request(*arguments, **more)
        if request is not None:
            request.remove_header("Private-token")
        return request


def project() -> str:
    """The path of this project."""
    return f"projects/{int(os.environ['CI_PROJECT_ID'])}"


def called(path: str, method: str = "GET", body: object = None) -> Any:  # noqa: ANN401 - JSON
    """What a path of the API answers, as JSON. Raises URLError."""
    return json.loads(fetched(path, method, body))


def fetched(path: str, method: str = "GET", body: object = None) -> bytes:
    """What a path of the API answers. Raises URLError."""
    headers = {"Private-Token": os.environ["IAMSYNC_GITLAB_TOKEN"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{os.environ['CI_API_V4_URL']}/{path}", data, headers, method=method)
    with build_opener(_WithoutToken).open(request, timeout=60) as answer:
        return bytes(answer.read())
