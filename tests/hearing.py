"""When a program has heard a signal: it is sent at once, and heard when the main thread comes to it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

Ask = Callable[[signal.Signals], None]


def after_hearing(tell: Callable[[], None]) -> None:
    """From now on, `tell` is called in this process whenever iamsync has heard a signal."""
    set_handler = signal.signal

    def set_telling(number: int, handler: Any) -> Any:  # noqa: ANN401 - what signal.signal takes and returns
        if not getattr(handler, "__module__", "").startswith("iamsync."):
            return set_handler(number, handler)

        def heard(number: int, frame: FrameType | None) -> None:
            handler(number, frame)
            tell()

        return set_handler(number, heard)

    signal.signal = set_telling  # type: ignore[assignment]


@pytest.fixture
def ask_to_stop(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Sends this process a signal, and comes back when iamsync has heard it. For any thread but the main one."""
    heard = threading.Event()
    monkeypatch.setattr(signal, "signal", signal.signal)  # to be as it was after the test
    after_hearing(heard.set)

    def ask(number: signal.Signals) -> None:
        os.kill(os.getpid(), number)
        assert heard.wait(60)

    return ask


def wait_for(file: Path) -> None:
    """Come back when another process has made the file."""
    for _ in range(10_000):
        if file.exists():
            return
        time.sleep(0.005)
    raise AssertionError(f"nobody has made {file}")
