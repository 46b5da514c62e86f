"""What a plain installation has: the program runs without what only the sandbox, the formatter or the tests need."""

import subprocess
import sys
import tarfile
from importlib.metadata import metadata
from pathlib import Path

import pytest
from surroundings import bare

PROJECT = Path(__file__).parent.parent
NOT_THERE = (
    "mypy_boto3_accessanalyzer",
    "mypy_boto3_iam",
    "mypy_boto3_resourcegroupstaggingapi",
    "mypy_boto3_sts",
    "moto",
    "flask",
    "werkzeug",
    "ruamel",
    "jsonschema",
    "hypothesis",
    "pytest",
)


NOT_FOR_OTHERS = {".ci/run"}
"""What only the project's own repository needs."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\n"
        f"for name in {NOT_THERE!r}: sys.modules[name] = None\n"
        "from iamsync.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=600, check=False, cwd=PROJECT
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
        timeout=600,
        check=False,
        cwd=PROJECT,
        env=bare(PYTHONPATH=str(tmp_path)),
    )

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, built by the backend that pip uses, and unpacked where no Git is around it."""
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=600)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        sdist.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def test_the_source_distribution_is_the_whole_repository(unpacked: Path) -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("not a checkout: nothing says which files there should be")
    command = ["git", "ls-files", "-z", "--cached"]
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, timeout=600).stdout
    there = {name for name in listed.split("\0") if name and (PROJECT / name).exists()}

    assert {name for name in there - NOT_FOR_OTHERS if not (unpacked / name).exists()} == set()


def test_the_source_distribution_runs_its_own_tests(unpacked: Path) -> None:
    """Those that read most of what is around the code: pages, examples, Git repositories of their own, pyproject."""
    asked = ["tests/test_docs.py", "tests/test_source.py", "tests/test_architecture.py", "tests/core/test_arn.py"]

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *asked],
        cwd=unpacked,
        env=bare(PYTHONPATH=str(unpacked / "src")),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_package_says_where_it_comes_from() -> None:
    urls = dict(url.split(", ") for url in metadata("iamsync").get_all("Project-URL") or ())

    assert {"Source", "Issues", "Changelog"} <= urls.keys()
