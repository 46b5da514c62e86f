"""What a plain installation has: the program runs without what only the sandbox, the formatter or the tests need."""

import subprocess
import sys
from pathlib import Path

import pytest
from surroundings import bare

PROJECT = Path(__file__).parent.parent
NOT_THERE = (
    "mypy_boto3_iam",
    "mypy_boto3_sts",
    "moto",
    "flask",
    "werkzeug",
    "ruamel",
    "jsonschema",
    "hypothesis",
    "pytest",
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\n"
        f"for name in {NOT_THERE!r}: sys.modules[name] = None\n"
        "from iamsync.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=PROJECT
    )


def test_the_program_needs_no_extra_to_validate() -> None:
    ended = run("validate")

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_what_needs_an_extra_says_which(command: str) -> None:
    ended = run(command)

    assert ended.returncode == 1
    assert "pip install '.[sandbox]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_else_is_installed_is_not_let_in(tmp_path: Path) -> None:
    """Pydantic runs the plugins that any installed package names; here they would run beside the keys of an account."""
    about = tmp_path / "curious-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: curious\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pydantic]\ncurious = curious:plugin\n")
    (tmp_path / "curious.py").write_text("raise SystemExit('let in')\n")

    ended = subprocess.run(
        [sys.executable, "-m", "iamsync", "validate"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=PROJECT,
        env=bare(PYTHONPATH=str(tmp_path)),
    )

    assert (ended.returncode, ended.stderr) == (0, "")
