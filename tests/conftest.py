"""What every test may ask for: a fake AWS, empty at the start of the test, and a client of its IAM."""

from collections.abc import Iterator

import boto3
import pytest
from mypy_boto3_iam import IAMClient

from iamsync.sandbox import Sandbox

pytest_plugins = ["faults", "shell", "small_account"]


@pytest.fixture(scope="session")
def _one_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_one_sandbox: Sandbox) -> Sandbox:
    """A fake AWS with an empty account."""
    _one_sandbox.reset()
    return _one_sandbox


@pytest.fixture
def iam(sandbox: Sandbox) -> IAMClient:
    """A client of the sandbox's IAM."""
    return boto3.client(
        "iam",
        endpoint_url=sandbox.url,
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )
