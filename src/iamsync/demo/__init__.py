"""The story in one go: a colleague gets to see S3 in the console, with MFA, and nothing else.

Every step is the real command in a process of its own, against the sandbox. Each must end as the story says, or the
demo fails.
"""

import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import boto3

from iamsync.errors import IamsyncError
from iamsync.render.line import Line, line
from iamsync.sandbox import Sandbox

STORY = Path(__file__).parent / "desired"
"""The same files as the project's own `desired/`."""

_USER, _POLICY = "aiko.sato", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_PATIENCE = 60
"""Seconds that one step may take."""

Say = Callable[[Iterable[Line]], None]


class StoryError(IamsyncError):
    """A step did not end as the story says."""


def tell(say: Say) -> None:
    """Tell the story through `say`. Raises StoryError when a step does not end as it should."""
    with tempfile.TemporaryDirectory(prefix="iamsync-demo-") as folder, Sandbox() as sandbox:
        story = _Story(say, Path(folder), sandbox)
        shutil.copytree(STORY, story.folder / "desired")
        story.begins(f"Sandbox up: an empty fake AWS at {sandbox.url}. desired/ declares what {_USER} needs.")
        story.command("Plan: what would be done?", "plan", "--detailed-exitcode", code=2)
        story.command("Apply: do it.", "apply", "--yes", "--csv", "new.csv")
        story.shows_csv("The password waits in a CSV with the console's own columns, mode 0600.", "new.csv")
        story.command("Plan again: everything is as declared.", "plan", "--detailed-exitcode", code=0)
        story.detaches_by_hand("Somebody detaches a policy by hand ...")
        story.command("... which is drift:", "plan", "--detailed-exitcode", code=2)
        story.runs_one_cycle("One cycle of the loop repairs it, and SIGTERM ends the loop.")
        story.command("Plan once more:", "plan", "--detailed-exitcode", code=0)
        story.begins("That was the whole way: ten lines of YAML, a plan, an apply, and a loop that keeps it so.")


class _Story:
    """One telling: where it happens and how far it is."""

    def __init__(self, say: Say, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self._say = say
        self._step = 0
        settings_of_a_real_account = ("AWS_", "IAMSYNC_")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(settings_of_a_real_account)
        }
        self._environment = {**inherited, **sandbox.environment}
        self._sandbox = sandbox

    def begins(self, words: str) -> None:
        self._step += 1
        self._say([line(), line(f"[{self._step}] {words}", style="bold cyan")])

    def command(self, words: str, *arguments: str, code: int = 0) -> None:
        self.begins(words)
        self._say([line(f"$ iamsync {' '.join(arguments)}", style="dim")])
        ended = subprocess.run(  # noqa: S603 - our own program with our own words
            [sys.executable, "-m", "iamsync", *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        self._say(map(line, ended.stdout.rstrip().split("\n")))
        if ended.returncode != code:
            raise StoryError(f"iamsync {arguments[0]} ended with {ended.returncode}; the story expects {code}")

    def shows_csv(self, words: str, name: str) -> None:
        self.begins(words)
        file = self.folder / name
        mode = f"{file.stat().st_mode & 0o777:04o}"
        self._say([line(f"$ ls -l {name}: mode {mode}; here with the password masked:", style="dim")])
        with file.open(newline="") as lines:
            for number, row in enumerate(csv.reader(lines)):
                masked = row if number == 0 else [row[0], "*" * len(row[1]), *row[2:]]
                self._say([line(",".join(masked))])

    def detaches_by_hand(self, words: str) -> None:
        self.begins(words)
        command = f"$ aws iam detach-user-policy --user-name {_USER} --policy-arn {_POLICY}"
        self._say([line(command, style="dim")])
        here = self._sandbox.environment
        iam = boto3.client(
            "iam",
            endpoint_url=self._sandbox.url,
            region_name=here["AWS_DEFAULT_REGION"],
            aws_access_key_id=here["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=here["AWS_SECRET_ACCESS_KEY"],
        )
        iam.detach_user_policy(UserName=_USER, PolicyArn=_POLICY)

    def runs_one_cycle(self, words: str) -> None:
        self.begins(words)
        self._say([line("$ iamsync run --every 5m", style="dim")])
        loop = subprocess.Popen(
            [sys.executable, "-m", "iamsync", "run", "--every", "5m"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with loop:
            lines = [loop.stderr.readline() for _ in range(2)] if loop.stderr else []  # the action, and the cycle
            loop.send_signal(signal.SIGTERM)
            code = loop.wait(_PATIENCE)
        self._say(line(one.rstrip()) for one in lines)
        if code != 0 or '"result": "applied"' not in lines[-1]:
            raise StoryError(f"the loop ended with {code} and did not repair the drift")
