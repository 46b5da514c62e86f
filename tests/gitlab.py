"""GitLab as far as the example for it needs it: its API on loopback."""

from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fake_api import Answer, FakeApi

TOKEN = "token-of-the-project"
PROJECT_ID = 5
US = 77
"""The id of the user that the token belongs to."""


class Api(FakeApi):
    """Notes of merge request 7, merged merge requests, pipelines and artifacts of one project."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[dict[str, Any]] = []
        self.merged: dict[str, list[dict[str, Any]]] = {}
        self.pipelines: list[dict[str, Any]] = []
        self.kept: dict[int, bytes] = {}

    def answer(self, method: str, path: str, body: Any, headers: Message) -> Answer:  # noqa: ANN401, C901, PLR0912 - JSON; an entry for each path
        """What it says to one request."""
        address, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if address.startswith("/storage/"):
            if headers.get("Private-Token"):
                return 400, {"message": "a stranger sent a token"}
            return 200, self.kept[int(address.removeprefix("/storage/"))]
        if headers.get("Private-Token") != TOKEN:
            return 401, {"message": "401 Unauthorized"}
        if method != "GET":
            self.writes.append(method)
        if address == "/user":
            return 200, {"id": US}
        match address.removeprefix(f"/projects/{PROJECT_ID}").split("/")[1:]:
            case ["merge_requests", "7", "notes"] if method == "GET":
                page, size = int(query["page"][0]), int(query["per_page"][0])
                return 200, self.notes[(page - 1) * size : page * size]
            case ["merge_requests", "7", "notes"]:
                return 201, self.add_note(US, body["body"])
            case ["merge_requests", "7", "notes", number] if method == "PUT":
                self.notes[int(number)]["body"] = body["body"]
                return 200, self.notes[int(number)]
            case ["repository", "commits", commit, "merge_requests"]:
                return 200, self.merged.get(commit, [])
            case ["merge_requests", "7", "pipelines"]:
                return 200, self.pipelines
            case ["pipelines", pipeline, "jobs"]:
                return 200, [
                    {"id": int(pipeline) * 10 + 1, "name": "validate"},
                    {"id": int(pipeline) * 10, "name": "plan"},
                ]
            case ["jobs", job, "artifacts", "plan.iamsync"] if int(job) in self.kept:
                return 302, f"{self.url}/storage/{job}"
            case _:
                return 404, {"message": "404 Not Found"}

    def add_note(self, author: int, body: str) -> dict[str, Any]:
        """Somebody writes a note."""
        self.notes.append({"id": len(self.notes), "author": {"id": author}, "body": body})
        return self.notes[-1]

    def keep(self, plan: Path, *, fork: bool = False) -> None:
        """A pipeline of the merge request keeps its plan."""
        number = 100 + len(self.pipelines)
        self.pipelines.insert(0, {"id": number, "project_id": PROJECT_ID + fork})
        if plan.exists():
            self.kept[number * 10] = plan.read_bytes()

    def merge(self, commit: str, head: str, **more: object) -> None:
        """The merge request is merged by a commit."""
        self.merged[commit] = [
            {
                "iid": 7,
                "state": "merged",
                "sha": head,
                "merge_commit_sha": None if commit == head else commit,
                "squash_commit_sha": None,
                "target_branch": "main",
                "source_project_id": PROJECT_ID,
                "target_project_id": PROJECT_ID,
                **more,
            }
        ]
