"""The release workflow: each step that is ours is executed, and what comes from others is known by its full hash."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from surroundings import bare

from iamsync import __version__

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / ".github" / "workflows" / "release.yml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(FILE.read_text("utf-8"))
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
BIN = Path(sys.executable).parent


def script(name: str) -> str:
    (found,) = (step["run"] for step in STEPS if step.get("name") == name)
    return str(found)


def run(words: str, folder: Path = PROJECT, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/bash", "-e", "-o", "pipefail", "-c", words]
    return subprocess.run(command, cwd=folder, env=bare(**variables), capture_output=True, text=True, check=False)


def test_github_knows_each_key() -> None:
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_what_comes_from_others_is_known_by_its_full_hash_and_no_script_takes_text_from_github() -> None:
    assert [one for one in (step.get("uses") for step in STEPS) if one and not re.search(r"@[0-9a-f]{40}$", one)] == []
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_each_job_has_only_the_permissions_it_names() -> None:
    assert WORKFLOW["permissions"] == {}
    assert all("permissions" in job and "timeout-minutes" in job for job in WORKFLOW["jobs"].values())


@pytest.mark.parametrize(("tag", "code"), [(f"v{__version__}", 0), ("v999.0.0", 1), (__version__, 1)])
def test_a_tag_that_is_not_the_version_is_no_release(tag: str, code: int) -> None:
    assert run(script("The tag is the version"), GITHUB_REF_NAME=tag).returncode == code


def test_the_list_of_contents_names_what_is_locked(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    words = script("What is in it").replace(".venv/bin", str(BIN))
    for name in ("pyproject.toml", "deploy"):
        words = words.replace(f" {name}", f" {PROJECT / name}")

    ended = run(words, tmp_path)

    assert ended.returncode == 0, ended.stderr
    contents = json.loads((tmp_path / "dist" / "iamsync.cdx.json").read_text("utf-8"))
    locked = re.findall(
        r"^([\w.-]+)==([^ \\;\n]+)", (PROJECT / "deploy/locks/runtime.txt").read_text("utf-8"), re.MULTILINE
    )
    assert contents["metadata"]["component"]["name"] == "iamsync"
    assert {(one["name"], one["version"]) for one in contents["components"]} == set(locked)


@pytest.mark.slow
def test_the_wheel_is_built_by_what_is_locked(tmp_path: Path) -> None:
    words = script("Wheel and source").replace("-d dist", f"-d {tmp_path / 'dist'}")

    ended = run(words, RUNNER_TEMP=str(tmp_path))

    assert ended.returncode == 0, ended.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert "iamsync/__main__.py" in zipfile.ZipFile(wheel).namelist()
