"""The loop to look at: a fake AWS, a repository, and `iamsync run` with its status page, until Ctrl-C."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dulwich import porcelain

from iamsync.demo import STORY, StoryError
from iamsync.render.line import Line, line
from iamsync.sandbox import Sandbox

EVERY = "15s"
_END = 60
"""Seconds that the loop gets to end."""

Say = Callable[[Iterable[Line]], None]


def play(say: Say) -> None:
    """Run it until KeyboardInterrupt, and say where to look. Raises StoryError when the loop ends by itself."""
    with tempfile.TemporaryDirectory(prefix="iamsync-demo-") as folder, Sandbox() as sandbox:
        repository = Path(folder) / "repository"
        _commit(repository)
        with _loop(Path(folder), repository, sandbox) as loop:
            say(_hints(repository, Path(folder), sandbox))
            try:
                for text in loop.stderr or ():
                    say(_shorter(text))
            except KeyboardInterrupt:
                say([line(), line("Stopping ...", style="dim")])
                return
        raise StoryError(f"the loop has ended with {loop.returncode}")


def _commit(repository: Path) -> None:
    """A repository with the story's own files as its first commit."""
    shutil.copytree(STORY, repository / "desired")
    porcelain.init(str(repository)).close()
    names = [str(file) for file in (repository / "desired").rglob("*") if file.is_file()]
    porcelain.add(str(repository), names)
    somebody = b"iamsync demo <demo@example.com>"
    porcelain.commit(str(repository), message=b"What aiko.sato needs", author=somebody, committer=somebody)


@contextmanager
def _loop(folder: Path, repository: Path, sandbox: Sandbox) -> Iterator["subprocess.Popen[str]"]:
    """The loop as a process that a terminal's Ctrl-C does not reach: it gets SIGTERM, and is waited for."""
    (folder / "passwords").mkdir(mode=0o700)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "IAMSYNC_"))}
    options = {
        "--git": f"file://{repository}",
        "--ref": porcelain.active_branch(str(repository)).decode(),
        "--state": folder / "state",
        "--every": EVERY,
        "--csv": folder / "passwords",
        "--pause-file": folder / "paused",
        "--status-address": "0",
        "--metrics-address": "0",
    }
    process = subprocess.Popen(  # noqa: S603 - our own program with our own words
        [sys.executable, "-m", "iamsync", "run", *(str(word) for option in options.items() for word in option)],
        env={**inherited, **sandbox.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=_END)


def _hints(repository: Path, folder: Path, sandbox: Sandbox) -> Iterator[Line]:
    """What somebody can do to see the loop at work."""
    environment = " ".join(f"{name}={value}" for name, value in sandbox.environment.items())
    detach = (
        "aws iam detach-user-policy --user-name aiko.sato --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    yield line(f"A fake AWS, a repository, and a loop with a cycle every {EVERY}. Ctrl-C ends all three.", style="bold")
    yield line()
    yield line("Change something in another shell, and watch the status page:")
    yield line(f"  edit {repository}/desired/users/aiko.yaml, then git -C {repository} commit -am change")
    yield line(f"  {environment} {detach}")
    yield line(f"  touch {folder}/paused, and rm {folder}/paused to go on")
    yield line()


def _shorter(text: str) -> Iterator[Line]:
    """A line of the loop's log, shorter."""
    fields = json.loads(text) if text.startswith("{") else {}
    match fields.get("event"):
        case "listening":
            yield line((f"{fields['what']}: ".capitalize(), "bold"), (str(fields["url"]), "bold cyan"))
        case "action":
            yield line(f"  {fields['result']}  {fields['subject']}: {fields['action']}")
        case "cycle":
            why = f": {fields['why']}" if "why" in fields else f", {fields['done']} done"
            yield line(f"cycle of commit {str(fields['commit'])[:12]}: {fields['result']}{why}")
        case _:
            yield line(text.rstrip())
