"""The company, its account behind a network that has faults, and iamsync with its hands on both."""

import signal
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.config import Config
from shell import Ended, Iamsync

from faults.company import (
    ARGUMENTS,
    WRITES,
    Picture,
    assert_nobody_lost_a_password,
    assert_nobody_lost_an_access_key,
    assert_nothing_doubled,
    begin,
    picture,
)
from faults.forking import Fork, Forks
from faults.network import Network
from iamsync import aws
from iamsync.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Company:
    """The account as it is before, files that say what it becomes, and the commands."""

    network: Network
    folder: Path
    end: Picture
    _iamsync: Iamsync
    _forks: Forks

    def apply(self, *more: str, csv: str = "second.csv") -> Ended:
        """An apply in this process."""
        return self._iamsync(*ARGUMENTS, "--csv", csv, *more)

    def begin_again(self) -> None:
        """The account as it was before."""
        self.network.land()
        begin(self.network.sandbox, self.folder)
        self.network.sent.clear()
        self.network.writes.clear()
        for file in self.folder.glob("*.csv"):
            file.unlink()

    def plan(self, *more: str) -> Ended:
        """A plan in this process."""
        return self._iamsync("plan", *more)

    def fork(self, *more: str, csv: str = "first.csv", file_size: int | None = None) -> Fork:
        """An apply in a process of its own."""
        arguments = (*ARGUMENTS, "--csv", csv, *more)
        return self._forks.start(
            *arguments, folder=self.folder, environment=self.network.environment, file_size=file_size
        )

    def signalled_after(self, write: int, number: signal.Signals, *more: str) -> tuple[int, str]:
        """An apply that gets a signal right after its write of that number, before it gets the answer; how it ended."""
        process: Future[Fork] = Future()

        def send(made: int) -> None:
            if made == write:
                process.result(600).send(number)

        self.network.after_write = send
        process.set_result(self.fork(*more))
        ended = process.result().ended()
        self.network.land()
        self.network.after_write = lambda _: None
        return ended

    def assert_finished(self) -> None:
        """All is as if nothing had got in the way."""
        sandbox = self.network.sandbox
        assert picture(sandbox) == self.end
        assert_nothing_doubled(sandbox)
        assert_nobody_lost_a_password(sandbox, self.folder)
        assert_nobody_lost_an_access_key(sandbox, self.folder)


@pytest.fixture(scope="session")
def undisturbed(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Picture:
    """How it ends when nothing gets in the way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Sandbox() as sandbox:
        begin(sandbox, folder)
        code, said = forks.start(*ARGUMENTS, "--csv", ".", folder=folder, environment=sandbox.environment).ended()
        assert (code, f"Applied: {WRITES} done" in said) == (0, True), said
        return picture(sandbox)


@pytest.fixture
def company(
    undisturbed: Picture,
    network: Network,
    forks: Forks,
    iamsync: Iamsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Company:
    """The company before."""
    begin(network.sandbox, tmp_path)
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    return Company(network, tmp_path, undisturbed, iamsync, forks)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between two tries: eight tries take a minute."""
    monkeypatch.setattr("iamsync.aws.tries.THROTTLED", 0.1)
    monkeypatch.setattr("iamsync.aws.tries.LONGEST", 0.2)


@pytest.fixture
def no_hope(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that throttles a call throttles all: none is sent again and again because others are accepted."""
    monkeypatch.setattr("iamsync.aws.rate.SILENCE", 0.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that take half a second of silence for a lost answer."""
    monkeypatch.setattr(aws, "_CONFIG", aws._CONFIG.merge(Config(read_timeout=0.5)))  # noqa: SLF001 - a minute is right for AWS
