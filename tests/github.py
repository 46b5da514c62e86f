"""GitHub as far as the action needs it: its API on loopback, and a runner that executes `run:` blocks of an action."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from fake_api import Answer, FakeApi
from surroundings import bare

PROJECT = Path(__file__).parent.parent
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
TOKEN = "token-of-the-job"
BOT = "github-actions[bot]"
FORK = 2
"""The id of a fork; that of the repository is 1."""
RUN = 99
PULL_REQUEST = {"pull_request": {"number": 7}}


class Api(FakeApi):
    """Comments, pull requests and artifacts of one repository."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: list[dict[str, Any]] = []
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.open_pulls: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self.contents: dict[str, bytes] = {}

    def answer(self, method: str, path: str, body: Any, headers: Message) -> Answer:  # noqa: ANN401, C901 - JSON; an entry for each path
        """What it says to one request."""
        token = headers.get("Authorization")
        address, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if address.startswith("/storage/"):
            return (400, {"message": "a stranger sent a token"}) if token else (200, self.contents[address])
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if method != "GET":
            self.writes.append(method)
        match address.removeprefix("/repos/us/iam").split("/")[1:]:
            case ["issues", "7", "comments"] if method == "GET":
                page, size = int(query["page"][0]), int(query["per_page"][0])
                return 200, self.comments[(page - 1) * size : page * size]
            case ["issues", "7", "comments"]:
                self.add_comment(BOT, body["body"])
                return 201, self.comments[-1]
            case ["issues", "comments", number]:
                self.comments[int(number)]["body"] = body["body"]
                return 200, self.comments[int(number)]
            case ["commits", commit, "pulls"]:
                return 200, self.pulls.get(commit, [])
            case ["pulls"]:
                owner, branch = query["head"][0].split(":", 1)
                return 200, [
                    one
                    for one in self.open_pulls
                    if (one["head"]["repo"]["owner"]["login"], one["head"]["ref"]) == (owner, branch)
                    and [one["base"]["ref"]] == query["base"]
                    and [one["state"]] == query["state"]
                ]
            case ["actions", "runs", run, "artifacts"]:
                kept = [one for one in self.artifacts if one["workflow_run"]["id"] == int(run)]
                return 200, {"artifacts": [one for one in kept if one["name"] == query["name"][0]]}
            case ["actions", "artifacts"]:
                return 200, {"artifacts": [one for one in self.artifacts if one["name"] == query["name"][0]]}
            case ["artifacts", number]:
                return 302, f"{self.url}/storage/{number}"
            case _:
                return 404, {"message": "Not Found"}

    def add_comment(self, author: str, body: str) -> None:
        """Somebody comments."""
        number = len(self.comments)
        url = f"{self.url}/repos/us/iam/issues/comments/{number}"
        self.comments.append({"url": url, "user": {"login": author}, "body": body})

    def keep(self, head: str, plan: Path, *, fork: bool = False, at: str = "2026-11-25T10:00:00Z") -> None:
        """The job of a pull request keeps its plan."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plan, plan.name)
        self.keep_archive(head, file.getvalue(), fork=fork, at=at)

    def keep_archive(self, head: str, content: bytes, *, fork: bool, at: str = "2026-11-25T10:00:00Z") -> None:
        """The job of a pull request keeps these bytes."""
        number = str(len(self.artifacts))
        self.contents[f"/storage/{number}"] = content
        run = {"id": RUN, "head_sha": head, "repository_id": 1, "head_repository_id": FORK if fork else 1}
        url = f"{self.url}/repos/us/iam/artifacts/{number}"
        self.artifacts.append(
            {
                "name": f"iamsync-plan-{head}",
                "expired": False,
                "size_in_bytes": len(content),
                "workflow_run": run,
                "created_at": at,
                "archive_download_url": url,
            }
        )

    def open_pull(self, head: str) -> dict[str, Any]:
        """Somebody opens pull request 7, from the branch `aiko` of a fork."""
        repository = {"id": FORK, "owner": {"login": "stranger"}}
        source = {"sha": head, "ref": "aiko", "repo": repository}
        self.open_pulls.append({"number": 7, "state": "open", "head": source, "base": {"ref": "main"}})
        return self.open_pulls[-1]


def after_run(head: str) -> dict[str, Any]:
    """The event that a workflow for a pull request from a fork has ended."""
    run = {
        "id": RUN,
        "event": "pull_request",
        "head_sha": head,
        "head_branch": "aiko",
        "head_repository": {"id": FORK, "owner": {"login": "stranger"}},
    }
    return {"workflow_run": run, "repository": {"default_branch": "main"}}


@dataclass(kw_only=True)
class Job:
    """A job that uses the action: its folder, its machine, and what it knows of the event."""

    folder: Path
    temp: Path
    api: Api
    environment: Mapping[str, str]
    sha: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=PULL_REQUEST.copy)
    log: str = ""

    def run(self, *steps: str) -> int:
        """Run those of these steps whose condition is true; the exit code of the last, or of the first that fails."""
        self.temp.mkdir(exist_ok=True)
        (self.temp / "event").write_text(json.dumps(self.event))
        code = 0
        for step in ACTION["runs"]["steps"]:
            if step["name"] in steps and not code and self._is_meant(step.get("if", "")):
                code = self._step(step)
        return code

    @property
    def _values(self) -> dict[str, str]:
        return {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()} | dict(self.inputs)

    def _is_meant(self, condition: str) -> bool:
        """Whether a condition of the action is true; the only conditions there are compare with a text."""
        known = {f"inputs.{name}": value for name, value in self._values.items()}
        known["github.event_name"] = "pull_request" if "pull_request" in self.event else "workflow_run"
        for one in condition.split(" && ") if condition else ():
            name, operator, text = one.split(" ", 2)
            if (known[name] == text.strip("'")) is not (operator == "=="):
                return False
        return True

    def _step(self, step: Mapping[str, Any]) -> int:
        values = self._values
        environment = {name: self._value(str(text), values) for name, text in step.get("env", {}).items()}
        here = bare(**self.environment, **environment) | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api.url,
            "GITHUB_REPOSITORY": "us/iam",
            "GITHUB_SHA": self.sha,
            "GITHUB_EVENT_PATH": str(self.temp / "event"),
            "GITHUB_ACTION_PATH": str(PROJECT),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "GITHUB_OUTPUT": str(self.temp / "outputs"),
            "RUNNER_TEMP": str(self.temp),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        ended = subprocess.run(command, cwd=self.folder, env=here, capture_output=True, encoding="utf-8", check=False)
        self.log += ended.stdout + ended.stderr
        return ended.returncode

    def _value(self, text: str, inputs: Mapping[str, str]) -> str:
        known = {f"inputs.{name}": value for name, value in inputs.items()} | {"inputs.token": TOKEN}
        outputs = self.outputs
        known["steps.plan.outputs.exit-code || steps.apply.outputs.exit-code"] = outputs.get("exit-code", "")
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], text)

    @property
    def outputs(self) -> dict[str, str]:
        """What the steps have set."""
        file = self.temp / "outputs"
        return dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}


PLAN = ("Validate", "Plan", "Comment", "Result")
FORK_COMMENT = "Comment on the pull request of a fork"
APPLY = ("Validate", "Find the reviewed plan", "Apply", "Result")
