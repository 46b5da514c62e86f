"""What every test may ask for: a fake AWS, empty at the start of the test, and a client of its IAM."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import boto3
import models
import pytest
from hypothesis import HealthCheck, settings
from mypy_boto3_iam import IAMClient

from iamsync.sandbox import Sandbox

pytest_plugins = ["hearing", "faults", "repository", "peopled", "shell", "small_account", "forge", "cluster"]

models.read_once()

if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    # As under nohup. A process that the tests start would inherit it and never hear a SIGHUP. With a handler, the tests
    # still go on without a terminal, and their children begin as in a shell.
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)

settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("chance", settings.get_profile("same"), derandomize=False, database=None)
settings.load_profile("same")
"""Examples of a property are the same in each run and take the time they take: a commit is red for what is in it, never
for luck or a busy machine. With `--hypothesis-profile chance` they are new ones, as `--hypothesis-seed` draws them; one
that fails is printed with what repeats it, and belongs into the test as an `@example`.
"""


PURE = ("core", "laws", "test_architecture.py")
"""Tests of values, which touch neither clock nor network, file nor process, unless they ask for a sandbox."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One of `anyday`'s quick runs takes a part of the suite."""
    parser.addoption("--one-in", type=int, default=0, help="one in so many tests that touch the machine, by the seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what the option leaves."""
    if one_in := config.getoption("one_in"):
        seed = config.getoption("randomly_seed")
        drawn = (item for item in items if crc32(f"{seed} {item.nodeid}".encode()) % one_in == 0)
        items[:] = [item for item in drawn if _touches_the_machine(item)]


def _touches_the_machine(item: pytest.Item) -> bool:
    is_pure = item.path.relative_to(Path(__file__).parent).parts[0] in PURE
    return not is_pure or "sandbox" in getattr(item, "fixturenames", ())


def pytest_collection_finish() -> None:
    """Modules, tests and the sandbox's data are no garbage: the collector need not look in them, test by test."""
    gc.collect()
    gc.freeze()


def pytest_configure() -> None:
    """A job that a shell has put in the background ignores SIGINT, and so would all children that tests send one."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _nobodys_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is set up for a real account, or for iamsync, must not reach a test."""
    for name in os.environ:
        if name.startswith(("AWS_", "IAMSYNC_", "GITHUB_")) and not name.startswith("IAMSYNC_WRITE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A fake AWS with an empty account. None is used twice: a client that a test has killed, or that took half a second
    of silence for an end, may have a call under way, and that must not end in the account of the next test.
    """
    with Sandbox() as sandbox:
        yield sandbox


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
