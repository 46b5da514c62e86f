"""When a program has heard a signal: it is sent at once, and heard a moment later."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from iamsync.apply.stop import Stop
from iamsync.signals import ENDING

Ask = Callable[[signal.Signals], None]


def after_hearing(tell: Callable[[], None]) -> None:
    """From now on, `tell` is called in this process whenever an apply has heard a signal."""
    ask = Stop.ask

    def ask_and_tell(stop: Stop, reason: str, *, signalled: bool = False) -> None:
        ask(stop, reason, signalled=signalled)
        if signalled:
            tell()

    Stop.ask = ask_and_tell  # type: ignore[method-assign, assignment]


@pytest.fixture
def ask_to_stop(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Sends this process a signal, and comes back when iamsync has heard it. For any thread but the main one."""
    heard = threading.Event()
    monkeypatch.setattr(Stop, "ask", Stop.ask)  # to be as it was after the test
    after_hearing(heard.set)

    def ask(number: signal.Signals) -> None:
        os.kill(os.getpid(), number)
        assert heard.wait(600)

    return ask


@pytest.fixture
def main_thread_waits_on() -> Iterator[None]:
    """No signal ends what the main thread waits for, as when each came in the moment before the wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    yield
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def send_here(number: signal.Signals) -> None:
    """Send this process a signal, which this thread gets where the main thread does not."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.kill(os.getpid(), number)


def wait_for(file: Path) -> None:
    """Come back when another process has made the file."""
    for _ in range(10_000):
        if file.exists():
            return
        time.sleep(0.005)
    raise AssertionError(f"nobody has made {file}")
