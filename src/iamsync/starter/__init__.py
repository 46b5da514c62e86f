"""What `iamsync init` writes: a small desired state that can be planned at once, and what belongs around it."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from iamsync import __version__
from iamsync.desired.files import ENDINGS
from iamsync.desired.reference import schema_text
from iamsync.errors import OutputError

DESIRED: Final = Path("desired")
"""The folder of the YAML files, which all commands read if no other is named."""

SHARED: Final = (Path(".gitignore"), Path(".pre-commit-config.yaml"))
"""Files that a repository may have for other reasons: one that exists stays, and its owner is shown the lines."""

_FILES: Final = files("iamsync.starter").joinpath("files")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
"""What needs no quotes in YAML, for any reader; `no` and its like are quoted, too."""


class Ci(StrEnum):
    """Where pull requests are planned."""

    GITHUB = "github"
    GITLAB = "gitlab"


_CI_FILES: Final = {
    Ci.GITHUB: {
        Path(".github/workflows/iamsync-plan.yml"): "github/pull-request.yml",
        Path(".github/workflows/iamsync-apply.yml"): "github/merge.yml",
    },
    Ci.GITLAB: {
        Path(".gitlab-ci.yml"): "gitlab/gitlab-ci.yml",
        Path("ci/gitlab_api.py"): "gitlab/gitlab_api.py.txt",
        Path("ci/note.py"): "gitlab/note.py.txt",
        Path("ci/reviewed_plan.py"): "gitlab/reviewed_plan.py.txt",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a desired state begins with. `account` is the 12 digits, or None if nobody knows them yet."""

    owner: str
    user: str
    account: str | None = None
    ci: Ci | None = None

    def texts(self) -> Mapping[Path, str]:
        """The text of each file, by its path below the folder."""
        values = {
            "owner": _quoted(self.owner),
            "user": _quoted(self.user),
            "account": f'  account_id: "{self.account}"' if self.account else '  # account_id: "123456789012"',
            "version": __version__,
        }
        own = {
            DESIRED / "account.yaml": "account.yaml",
            DESIRED / "users.yaml": "users.yaml",
            Path(".gitignore"): "gitignore",
            Path(".pre-commit-config.yaml"): "pre-commit-config.yaml",
        }
        return {
            **{path: Template(_text(name)).substitute(values) for path, name in own.items()},
            Path("iamsync.schema.json"): schema_text(),
            **{path: _text(name) for path, name in (_CI_FILES[self.ci].items() if self.ci else ())},
        }


def in_the_way(folder: Path, texts: Mapping[Path, str]) -> list[Path]:
    """What is there already, whatever it is: of the files to write, and YAML files of another desired state."""
    named = [folder / path for path in texts if path not in SHARED]
    others = sorted(one for ending in ENDINGS for one in (folder / DESIRED).rglob(f"*{ending}"))
    return list(dict.fromkeys([*(one for one in named if os.path.lexists(one)), *others]))


def write(folder: Path, texts: Mapping[Path, str]) -> tuple[list[Path], list[Path]]:
    """Write the files that are not there yet; which were written, and which were there.

    Raises OutputError, and leaves no file of its own, where one cannot be written.
    """
    written: list[Path] = []
    left: list[Path] = []
    file = folder
    try:
        for path, text in texts.items():
            file = folder / path
            if path in SHARED and os.path.lexists(file):
                left.append(file)
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                written.append(file)
                opened.write(text)
    except (OSError, ValueError) as error:
        for one in written:
            with suppress(OSError):
                one.unlink()
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"{file} cannot be written ({why}): nothing was created") from error
    return written, left


def _text(name: str) -> str:
    return _FILES.joinpath(name).read_text("utf-8")


def _quoted(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in {
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "true",
        "false",
        "null",
    }
    return text if is_plain else json.dumps(text)
