"""GitHub as far as the action needs it: its API on loopback, and a runner that executes `run:` blocks of an action."""

import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from surroundings import bare

PROJECT = Path(__file__).parent.parent
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
TOKEN = "token-of-the-job"
BOT = "github-actions[bot]"


class Api:
    """Comments, merged pull requests and artifacts of one repository. `writes` are the methods of all that wrote."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.artifacts: list[dict[str, Any]] = []
        self.contents: dict[str, bytes] = {}
        self.writes: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                status, answer = api.answer(self.command, self.path, body, self.headers.get("Authorization"))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", str(answer))
                    answer = b""
                self.end_headers()
                self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - as http.server calls them

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, object]:  # noqa: ANN401 - JSON
        """What it says to one request."""
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
        number = str(len(self.artifacts))
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(plan, "plan.iamsync")
        self.contents[f"/storage/{number}"] = file.getvalue()
        run = {"head_sha": head, "repository_id": 1, "head_repository_id": 2 if fork else 1}
        url = f"{self.url}/repos/us/iam/artifacts/{number}"
        self.artifacts.append(
            {
                "name": f"iamsync-plan-{head}",
                "expired": False,
                "workflow_run": run,
                "created_at": at,
                "archive_download_url": url,
            }
        )


@dataclass(kw_only=True)
class Job:
    """A job that uses the action: its folder, its machine, and what it knows of the event."""

    folder: Path
    temp: Path
    api: Api
    environment: Mapping[str, str]
    sha: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""

    def run(self, *steps: str) -> int:
        """Run these steps in turn; the exit code of the last, or of the first that fails."""
        self.temp.mkdir(exist_ok=True)
        event = {"pull_request": {"number": 7}}
        (self.temp / "event").write_text(json.dumps(event))
        code = 0
        for step in ACTION["runs"]["steps"]:
            if step["name"] in steps and not code:
                code = self._step(step)
        return code

    def _step(self, step: Mapping[str, Any]) -> int:
        values = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()} | dict(self.inputs)
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
APPLY = ("Validate", "Find the reviewed plan", "Apply", "Result")
