"""What other programs make of the committed schema: check-jsonschema and, where Node.js is, ajv or its expressions.

They must find what the product finds, in every file that they can read and of which a schema can say anything.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iamsync.desired.nodes import compose

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "iamsync.schema.json"
BAD = ROOT / "tests" / "bad_desired"
BEYOND = set((BAD / "beyond-the-schema.txt").read_text("utf-8").splitlines())
READ_OTHERWISE = {
    "a-user-has-a-newline-after-the-name",  # here $ is the end of the text, for Python also the place before a newline
}
"""Caught by these programs although Python's jsonschema does not."""


def readable(files: Iterator[Path]) -> list[Path]:
    return sorted(file for file in files if compose(file.read_text("utf-8"), "")[1] == ())


def refused(files: list[Path]) -> tuple[set[str], set[str]]:
    """Which files do not fit the schema, and which cannot be read, for check-jsonschema."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA), "-o", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    return ({Path(one["filename"]).stem for one in told[kind]} for kind in ("errors", "parse_errors"))  # type: ignore[return-value]


def test_check_jsonschema_finds_what_the_product_finds() -> None:
    files = [file for file in readable(BAD.glob("*.yaml")) if file.stem != "base"]
    wrong, unread = refused(files)
    passed = {file.stem for file in files} - wrong - unread
    assert passed == BEYOND - READ_OTHERWISE - unread


def test_check_jsonschema_takes_what_the_product_takes() -> None:
    right = BAD / "right"
    wrong, _ = refused(readable(right.rglob("*.yaml")))
    assert wrong == set()


def patterns(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        yield from (one for inner in value.values() for one in patterns(inner))
    elif isinstance(value, list):
        yield from (one for inner in value for one in patterns(inner))


node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@node
def test_javascript_compiles_each_pattern_as_ajv_does() -> None:
    listed = json.dumps(sorted(set(patterns(json.loads(SCHEMA.read_text("utf-8"))))))
    script = "for (const one of JSON.parse(process.argv[1])) new RegExp(one, 'u')"
    done = subprocess.run(["node", "-e", script, listed], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.stderr == ""


@node
def test_ajv_compiles_the_schema() -> None:
    script = (
        "let Ajv; try { Ajv = require('ajv') } catch { process.exit(42) };"
        "new (Ajv.default || Ajv)({strict: false}).compile(JSON.parse(require('fs').readFileSync(process.argv[1])))"
    )
    done = subprocess.run(["node", "-e", script, str(SCHEMA)], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode == 42:
        pytest.skip("ajv is not installed")
    assert re.sub(r"\s", "", done.stderr) == ""
