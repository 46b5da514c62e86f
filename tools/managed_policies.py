"""Make src/iamsync/aws_data/managed_policies.jsonl.gz from the AWS-managed policies that moto lists.

    python tools/managed_policies.py [FILE]

The same moto gives the same bytes. Run it after a new moto, and say in CHANGELOG.md what date the policies are of.
"""
# ruff: noqa: INP001 - a script, not a package

import gzip
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).parent.parent / "src" / "iamsync" / "aws_data" / "managed_policies.jsonl.gz"
SLOWEST = 9


def packed() -> bytes:
    """The file: the index, then default version and document of each policy, sorted by path and name."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    policies = {f"{data['Path'][1:]}{name}": data for name, data in found.items()}
    index = {
        "date": max(data["UpdateDate"] for data in policies.values())[: len("2026-09-30")],
        "source": f"moto {version('moto')}",
        "policies": sorted(policies),
    }
    documents = ([policies[one]["DefaultVersionId"], policies[one]["Document"]] for one in sorted(policies))
    return zipped(index, *documents)


def zipped(*values: object) -> bytes:
    """Values as lines of JSON, compressed without a name and a date."""
    text = "".join(f"{json.dumps(value, separators=(',', ':'))}\n" for value in values)
    into = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=SLOWEST, fileobj=into, mtime=0) as file:
        file.write(text.encode())
    return into.getvalue()


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else TARGET).write_bytes(packed())
