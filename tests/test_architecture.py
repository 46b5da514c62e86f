"""What the tree promises its readers. The direction of imports is checked by import-linter, in `make test`."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from iamsync.core import iam_limits
from iamsync.core.arn import QUARANTINE
from iamsync.delivery import CHANNELS
from iamsync.sandbox.quotas import QUOTAS

PROJECT = Path(__file__).parent.parent
SOURCE = PROJECT / "src" / "iamsync"
MODULES = sorted(SOURCE.rglob("*.py"))
CEILING = 300


def name(module: Path) -> str:
    return str(module.relative_to(SOURCE))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_short_and_says_what_it_is(module: Path) -> None:
    text = module.read_text("utf-8")

    assert len(text.splitlines()) <= CEILING
    assert ast.get_docstring(ast.parse(text)), "it begins with a sentence about itself"


def test_a_dry_run_is_a_client_and_not_a_flag() -> None:
    assert [name(module) for module in MODULES if "dry_run" in module.read_text("utf-8")] == []


def test_no_drawer_for_leftovers() -> None:
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}

    assert [name(module) for module in MODULES if module.stem in drawers] == []


def test_limits_of_iam_are_spelled_in_one_module() -> None:
    """Those that stand out; the emulator has a table of its own, for a fault in ours must not hide in it as well."""
    telling = {iam_limits.POLICIES, iam_limits.POLICY_SIZE, iam_limits.USER_INLINE_SIZE, iam_limits.GROUP_INLINE_SIZE}
    places = {
        name(module)
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and (node.value in telling or (isinstance(node.value, str) and QUARANTINE in node.value))
    }

    assert {place for place in places if not place.startswith("sandbox/")} == {"core/arn.py", "core/iam_limits.py"}


def test_the_emulator_has_the_same_limits() -> None:
    ours = {
        "UsersQuota": iam_limits.USERS,
        "GroupsQuota": iam_limits.GROUPS,
        "PoliciesQuota": iam_limits.POLICIES,
        "AttachedPoliciesPerUserQuota": iam_limits.POLICIES_PER_USER,
        "AttachedPoliciesPerGroupQuota": iam_limits.POLICIES_PER_GROUP,
        "GroupsPerUserQuota": iam_limits.GROUPS_PER_USER,
        "AccessKeysPerUserQuota": iam_limits.ACCESS_KEYS,
        "VersionsPerPolicyQuota": iam_limits.VERSIONS,
        "TagsPerEntity": iam_limits.TAGS,
        "PolicySizeQuota": iam_limits.POLICY_SIZE,
        "UserPolicySizeQuota": iam_limits.USER_INLINE_SIZE,
        "GroupPolicySizeQuota": iam_limits.GROUP_INLINE_SIZE,
    }

    assert {quota: QUOTAS[quota] for quota in ours} == ours


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_core_and_apply_know_no_delivery_channel(channel: str) -> None:
    deciding = [module for module in MODULES if name(module).startswith(("core/", "apply/"))]

    assert deciding
    spelled = re.compile(rf"[\"']{re.escape(channel)}[\"']", re.IGNORECASE)
    assert [name(module) for module in deciding if spelled.search(module.read_text("utf-8"))] == []


@pytest.mark.parametrize("library", ["boto3", "yaml", "schedule", "deepdiff", "dulwich", "moto"])
def test_each_library_has_one_place(library: str) -> None:
    places = {
        "boto3": {"aws", "reconcile.py", "undoing.py", "resetting.py", "daemon", "cli", "demo", "sandbox"},
        "yaml": {"desired", "fmt", "sandbox"},
        "schedule": {"daemon"},
        "deepdiff": {"core"},
        "dulwich": {"source.py", "blame.py", "demo"},
        "moto": {"sandbox"},
    }
    users = {
        module.relative_to(SOURCE).parts[0]
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        if imported.split(".")[0] == library
    }

    assert users <= places[library]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md", "docs/order.md", "bench/README.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    roots = (PROJECT, SOURCE, SOURCE / "core" / "order", PROJECT / "bench")
    text = (PROJECT / page).read_text("utf-8")
    named = set(re.findall(r"`([\w./-]+(?:\.(?:py|md|toml)|/))[`:]", text)) | set(re.findall(r"\]\(([\w./-]+)\)", text))

    assert named
    assert [
        one for one in sorted(named) if not any((root / one).exists() for root in (*roots, (PROJECT / page).parent))
    ] == []


def test_the_page_about_the_architecture_lists_every_layer_from_top_to_bottom() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["name"] == "Imports point down only")
    shown = (PROJECT / "docs" / "architecture.md").read_text("utf-8").split("```")[1].splitlines()
    names = [set(re.findall(r"[a-z_]+", line.split("  ")[0].replace(".py", ""))) for line in shown]
    rows = [
        [row for row, found in enumerate(names) if module.strip().removeprefix("iamsync.") in found]
        for layer in layers
        for module in layer.split("|")
    ]

    assert all(len(found) == 1 for found in rows)
    assert rows == sorted(rows)
