"""iamsync as a person calls it: arguments in, exit code and words out; the endpoint is the sandbox's."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from iamsync.cli import main
from iamsync.sandbox import Sandbox

STORY = Path(__file__).parent.parent / "desired"


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


Iamsync = Callable[..., Ended]
Logged = Callable[[], list[dict[str, object]]]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    """The cycles that were logged since it was last asked: the fields of each, and its level."""
    caplog.set_level("INFO", "iamsync")

    def cycles() -> list[dict[str, object]]:
        lines = [record for record in caplog.records if record.name == "iamsync.cycle"]
        caplog.clear()
        return [{"level": line.levelname, **vars(line)["fields"]} for line in lines]

    return cycles


@pytest.fixture
def iamsync(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iamsync:
    """Runs one command in an empty folder, against the sandbox."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return called


def write(folder: Path, **files: str) -> None:
    """Write `desired/NAME.yaml` below `folder` for each of `files`."""
    (folder / "desired").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "desired" / f"{name}.yaml").write_text(text, "utf-8")
