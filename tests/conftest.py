"""What every test may ask for: a fake AWS, empty at the start of the test, and a client of its IAM."""

import os
from collections.abc import Iterator

import boto3
import pytest
from mypy_boto3_iam import IAMClient

from iamsync.sandbox import Sandbox

pytest_plugins = ["faults", "shell", "small_account"]


@pytest.fixture(autouse=True)
def _nobodys_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is set up for a real account, or for iamsync, must not reach a test."""
    for name in os.environ:
        if name.startswith(("AWS_", "IAMSYNC_")) and name != "IAMSYNC_WRITE_CASES":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


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
