"""A Dockerfile carried out step by step in folders that hold a system, where no container engine is at hand.

Knows the instructions that ours has. What it proves: each RUN succeeds on a bare system, the files end where the image
wants them, and the command starts as the image's user. What it does not: the base image itself, layers, the builder.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Stage:
    """The root of a system, and what its instructions have set so far."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def run(
        self, command: list[str], surroundings: Mapping[str, str], *, read_only: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the root as the stage's user; in a mount namespace whose root is read-only, if wanted."""
        chroot = [shutil.which("chroot") or "chroot", f"--userspec={self.user}:{self.user}", str(self.root)]
        inside = ["sh", "-c", f"cd {shlex.quote(self.folder)} && exec {shlex.join(command)}"]
        whole = [*chroot, *inside]
        if read_only:
            root = shlex.quote(str(self.root))
            mounts = f"mount --bind {root} {root} && mount -o remount,ro,bind {root} && exec {shlex.join(whole)}"
            whole = ["unshare", "--mount", "sh", "-c", mounts]
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **surroundings, **self._expanded}
        return subprocess.run(whole, env=env, capture_output=True, text=True, check=False)

    @property
    def _expanded(self) -> dict[str, str]:
        path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return {name: value.replace("$PATH", path) for name, value in self.env.items()}


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction with its words; continued lines are joined, comments are left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def build(dockerfile: Path, base: Path, into: Path, surroundings: Mapping[str, str]) -> Stage:
    """The last stage of a Dockerfile, made of copies of the system in `base`, with the files beside the Dockerfile."""
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for word, rest in instructions(dockerfile.read_text("utf-8")):
        match word:
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                stage = stages[name] = Stage(into / name)
                into.mkdir(exist_ok=True)
                subprocess.run(["/bin/cp", "--archive", str(base), str(stage.root)], check=True)  # devices stay devices
            case "WORKDIR":
                stage.folder = rest
                _in(stage, rest).mkdir(parents=True, exist_ok=True)
            case "ENV":
                stage.env |= dict(one.split("=", 1) for one in shlex.split(rest))
            case "COPY":
                _copy(rest.split(), stages, stage, dockerfile.parent)
            case "RUN":
                ended = stage.run(["sh", "-c", rest], surroundings)
                assert ended.returncode == 0, (rest, ended.stdout[-2000:], ended.stderr[-2000:])
            case "USER":
                stage.user = rest
            case "ENTRYPOINT" | "CMD":
                words = [one.strip(' "') for one in rest.strip("[]").split(",")]
                stage.entrypoint, stage.command = (words, []) if word == "ENTRYPOINT" else (stage.entrypoint, words)
            case "ARG" | "VOLUME" | "HEALTHCHECK":
                pass
            case _:
                raise AssertionError(f"an instruction that is not known here: {word}")
    return stage


def _copy(words: list[str], stages: Mapping[str, Stage], stage: Stage, context: Path) -> None:
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    for source in sources:
        place = _in(stage, target)
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(
                found, place, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(found, place / found.name if target.endswith("/") else place)


def _in(stage: Stage, path: str) -> Path:
    return stage.root / os.path.join(stage.folder, path).lstrip("/")  # noqa: PTH118 - an absolute path wins, as in Docker
