"""A Git repository with a desired state, and what runs in it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from github import PULL_REQUEST, Api, Job
from surroundings import bare

from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

FILES = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\nusers:\n'
AIKO = "  aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}\n"
BO = "  bo: {policies: [aws:AmazonEC2ReadOnlyAccess]}\n"


class Repository:
    """A Git repository with a desired state, and the jobs that run in it."""

    def __init__(self, folder: Path, api: Api, sandbox: Sandbox) -> None:
        self.folder, self._api, self._environment = folder / "iam", api, sandbox.environment
        self._temp = (folder / f"job{number}" for number in count())
        (self.folder / "desired").mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(self.folder)]
        return subprocess.run([*git, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, users: str, files: str = FILES) -> str:
        (self.folder / "desired" / "all.yaml").write_text(files + users)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "users")
        return self.git("rev-parse", "HEAD")

    def job(self, event: Mapping[str, Any] = PULL_REQUEST, **inputs: str) -> Job:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return Job(
            folder=self.folder,
            temp=next(self._temp),
            api=self._api,
            environment=self._environment,
            sha=self.git("rev-parse", "HEAD"),
            inputs=given,
            event=event,
        )


@pytest.fixture
def api() -> Iterator[Api]:
    """GitHub's API."""
    api = Api()
    yield api
    api.close()


@pytest.fixture
def repository(tmp_path: Path, api: Api, sandbox: Sandbox) -> Repository:
    """An empty repository, on the branch main."""
    return Repository(tmp_path, api, sandbox)


def writes(sandbox: Sandbox) -> list[str]:
    """The operations that have written to the account."""
    return [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS]


def in_shell(script: str, folder: Path, sandbox: Sandbox, **more: str) -> "subprocess.CompletedProcess[str]":
    """What a script leaves that a shell runs in a folder, with the sandbox's credentials."""
    here = bare(**sandbox.environment, **more)
    here["PATH"] = f"{Path(sys.executable).parent}:{here['PATH']}"
    command = ["bash", "-ec", script]
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, encoding="utf-8", check=False)
