"""The steps of the Dockerfile, in a bare Debian: what is locked installs, and the command runs as nobody on a read-only
root.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.dockerfile import Stage, build, instructions
from iamsync import __version__

PROJECT = Path(__file__).parents[2]
DOCKERFILE = PROJECT / "Dockerfile"


def test_the_image_pins_all_that_it_installs_and_runs_as_a_user_without_privileges() -> None:
    steps = instructions(DOCKERFILE.read_text("utf-8"))
    installs = [words for step, words in steps if step == "RUN" and "pip install" in words]

    assert installs
    assert all("--require-hashes" in words or "--no-index" in words for words in installs)
    assert [words for step, words in steps if step == "USER"] == ["10001"]
    assert all(words.startswith("${BASE}") for step, words in steps if step == "FROM")


def surroundings() -> dict[str, str]:
    """How pip reaches its index from this machine."""
    names = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    return {name: value for name, value in os.environ.items() if name.startswith(names)}


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    debootstrap = shutil.which("debootstrap")
    if os.geteuid() != 0 or debootstrap is None:
        pytest.skip("needs root and debootstrap")
    root = tmp_path_factory.mktemp("debian") / "root"
    wanted = "--include=python3-venv,ca-certificates"
    made = subprocess.run(
        [debootstrap, "--variant=minbase", wanted, "bookworm", str(root)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"debootstrap: {made.stdout[-300:]}")
    (root / "usr/bin/python").symlink_to("python3")
    for name in ("resolv.conf", "hosts", "pip.conf", "xdg", "ssl/certs/ca-certificates.crt"):
        subprocess.run(
            ["/bin/cp", "-rL", f"/etc/{name}", str((root / "etc" / name).parent)], capture_output=True, check=False
        )
    return root


@pytest.mark.slow
def test_the_steps_of_the_dockerfile_in_a_bare_debian(debian: Path, tmp_path: Path) -> None:
    image = build(DOCKERFILE, debian, tmp_path, surroundings())

    assert image.user == "10001"
    assert said(image, "iamsync", "--version").startswith(f"iamsync {__version__}\n")
    assert said(image, "/opt/iamsync/bin/python", "-m", "pip", "check") == "No broken requirements found."
    shutil.copytree(PROJECT / "desired", image.root / "desired")
    assert said(image, "iamsync", "validate").startswith("/desired is valid: ")
    help_of_command = said(image, *image.entrypoint, *image.command, "--help")
    assert "--metrics-address" in help_of_command


def said(image: Stage, *command: str) -> str:
    ended = image.run(list(command), {}, read_only=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
