"""A client that a test may break, and a place for what is delivered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from channels import to_file
from faults import Network, client
from mypy_boto3_iam import IAMClient

from iamsync.delivery import Delivery


@pytest.fixture
def hasty(network: Network) -> IAMClient:
    """A client that does not wait long for an answer that never comes."""
    return client(network, answer_within=1)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Where `delivery` writes to."""
    return tmp_path / "new.csv"


@pytest.fixture
def delivery(csv: Path) -> Iterator[Delivery]:
    """A way to deliver."""
    with to_file(csv) as delivery:
        yield delivery
