"""A client that a test may break, and a place for what is delivered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import Network, client
from mypy_boto3_iam import IAMClient

from iamsync.delivery.credentials_csv import CredentialsFile, credentials_file
from iamsync.delivery.password import AWS_DEFAULT


@pytest.fixture
def hasty(network: Network) -> IAMClient:
    """A client that does not wait long for an answer that never comes."""
    return client(network, answer_within=1)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Where `delivery` writes to."""
    return tmp_path / "new.csv"


@pytest.fixture
def delivery(csv: Path) -> Iterator[CredentialsFile]:
    """A way to deliver."""
    with credentials_file(csv, link="https://x", rules=AWS_DEFAULT) as file:
        yield file
