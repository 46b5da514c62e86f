"""What the image installs: the versions that the tests ran with, each known by its hash."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = PROJECT / "deploy" / "locks"
PINNED = re.compile(
    r"^[\w.-]+==[^ \\]+(?: ; [^\\]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    re.MULTILINE,
)


def versions(text: str) -> dict[str, str]:
    return {normal(name): version for name, version in re.findall(r"^([\w.-]+)==([^ \\;\n]+)", text, re.MULTILINE)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", ["runtime.txt", "build.txt"])
def test_each_package_has_hashes_and_nothing_else_is_installed(lock: str) -> None:
    text = (LOCKS / lock).read_text("utf-8")

    assert PINNED.sub("", text) == ""
    assert versions(text)


@pytest.mark.parametrize("lock", ["runtime.txt", "build.txt"])
def test_versions_are_those_of_the_tests(lock: str) -> None:
    tested = versions((PROJECT / "constraints.txt").read_text("utf-8"))
    locked = versions((LOCKS / lock).read_text("utf-8"))

    assert {name: version for name, version in locked.items() if tested.get(name, version) != version} == {}


def test_the_locks_have_what_the_project_needs() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    needed = {
        normal(re.split(r"[\[<>=~! ;]", one)[0])
        for one in (*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["daemon"])
    }
    builds = {normal(re.split(r"[\[<>=~! ;]", one)[0]) for one in project["build-system"]["requires"]}

    assert needed <= versions((LOCKS / "runtime.txt").read_text("utf-8")).keys()
    assert builds <= versions((LOCKS / "build.txt").read_text("utf-8")).keys()
