"""All actions of AWS that policies name, by service.

The file is gzip of lines of JSON: the index, then for each of its services a line with the names of the actions.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_FILE: Final = files("iamsync.aws_data").joinpath("actions.jsonl.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What the file holds: the prefixes of services in lower case (`s3`), as of `date`, from `source`."""

    date: str
    source: str
    services: frozenset[str]


@cache
def index() -> Index:
    """The first line of the file."""
    found = json.loads(_lines()[0])
    return Index(date=found["date"], source=found["source"], services=frozenset(found["services"]))


@cache
def actions_of(service: str) -> tuple[str, ...]:
    """The names of a service's actions (`GetObject`), sorted; none for a service that the file does not have."""
    line = _by_service().get(service)
    return () if line is None else tuple(json.loads(line))


@cache
def _by_service() -> Mapping[str, bytes]:
    first, *others = _lines()
    return dict(zip(json.loads(first)["services"], others, strict=True))


@cache
def _lines() -> list[bytes]:
    return gzip.decompress(_FILE.read_bytes()).splitlines()
