"""What iamsync ships of what AWS publishes: the files are what the scripts in tools/ make, and are read when needed."""

import gzip
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from iamsync.aws_data import actions, managed_policies
from iamsync.core.action_names import unknown_actions
from iamsync.core.document import Document

TOOLS = Path(__file__).parent.parent / "tools"


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(packed: bytes) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(packed).splitlines()]


def test_the_script_makes_the_same_bytes_again() -> None:
    made = tool("managed_policies").packed()
    assert made == tool("managed_policies").packed()
    assert made[4:8] == bytes(4)  # no time in the header of gzip


def test_what_the_script_makes_of_the_installed_moto_has_the_form_of_what_is_shipped() -> None:
    made, shipped = lines(tool("managed_policies").packed()), lines(managed_policies._FILE.read_bytes())  # noqa: SLF001 - the bytes
    for index, *policies in (made, shipped):
        assert index.keys() == {"date", "source", "policies"}
        assert index["policies"] == sorted(index["policies"])
        assert len(index["policies"]) == len(policies) > 1000
        assert all(version.startswith("v") and Document.parse(document) for version, document in policies)
    if made[0]["source"] == shipped[0]["source"]:
        assert made == shipped


def test_the_actions_are_what_the_script_makes() -> None:
    made = tool("actions").packed()
    assert made == tool("actions").packed()
    now, shipped = lines(made), lines(actions._FILE.read_bytes())  # noqa: SLF001 - the bytes
    for index, *services in (now, shipped):
        assert index.keys() == {"date", "source", "services"}
        assert index["services"] == sorted(index["services"])
        assert len(index["services"]) == len(services) > 400
        assert all(names == sorted(names) for names in services)
    if now[0]["source"] == shipped[0]["source"]:
        assert now == shipped


def test_every_action_in_a_policy_of_aws_exists() -> None:
    known = (managed_policies.managed_policy(path) for path in managed_policies.index().paths.values())
    unknown = {fault.message for one in known if one is not None for fault in unknown_actions(one.document)}
    assert len(unknown) < 50  # patterns that have outlived what they were for


def test_a_policy_has_its_path_its_version_and_its_document() -> None:
    index = managed_policies.index()
    assert index.paths["Billing"] == "job-function/Billing"
    assert len(index.date) == len("2026-09-30")
    found = managed_policies.managed_policy("job-function/Billing")
    assert found is not None
    assert found.version.removeprefix("v").isdecimal()
    assert found.document["Version"] == "2012-10-17"
    assert managed_policies.managed_policy("Billing") is None


@pytest.mark.parametrize(("files", "is_read"), [("users: {bo: {}}", False), ("users: {bo: {policies: [aws:X]}}", True)])
def test_nothing_is_read_unless_it_is_needed(files: str, is_read: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """`index.cache_info` counts the reads."""
    (tmp_path / "a.yaml").write_text(f"version: 1\nsettings: {{owner: us}}\n{files}\n")
    code = (
        "import sys\nfrom iamsync.cli import main\nfrom iamsync.aws_data import managed_policies as known\n"
        "main(['validate', '--desired', sys.argv[1]])\n"
        "print(known.index.cache_info().misses, known._lines.cache_info().misses)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=600, check=True
    )
    assert ended.stdout.splitlines()[-1] == f"{int(is_read)} 0"
