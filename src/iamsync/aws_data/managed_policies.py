"""All AWS-managed policies: name, path, default version and document.

The file is gzip of lines of JSON. The first line is the index; below it each policy has a line, in the order of the
index. So the names cost one line, and one document costs one line more than the text of the file.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FILE: Final = files("iamsync.aws_data").joinpath("managed_policies.jsonl.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPolicy:
    """A policy that AWS manages. `version` is the id of its default version (`v5`), `document` what that says."""

    version: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What the file holds. `date` (`2026-09-30`) is that of the last change to a policy in it, `source` where they are
    from. `paths` has each policy by name, with its path before it as in a reference (`job-function/Billing`).
    """

    date: str
    source: str
    paths: Mapping[str, str]


@cache
def index() -> Index:
    """The first line of the file."""
    with _FILE.open("rb") as packed, gzip.open(packed) as lines:
        first = json.loads(lines.readline())
    paths = {path.rpartition("/")[2]: path for path in first["policies"]}
    return Index(date=first["date"], source=first["source"], paths=paths)


def managed_policy(path_and_name: str) -> ManagedPolicy | None:
    """The policy with that path and name (`job-function/Billing`), or None if the file has none."""
    line = _lines().get(path_and_name)
    if line is None:
        return None
    version, document = json.loads(line)
    return ManagedPolicy(version=version, document=document)


@cache
def _lines() -> Mapping[str, bytes]:
    lines = gzip.decompress(_FILE.read_bytes()).splitlines()
    return dict(zip(index().paths.values(), lines[1:], strict=True))
