"""The progress bar: on a terminal only."""

import io

import pytest
from states import desired, live, user

from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Status
from iamsync.render.screen import progress

(ACTION,) = Plan.between(desired(user("aiko")), live()).actions
DONE = Outcome(action=ACTION, status=Status.DONE)


def test_off_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1) as listener:
        listener(DONE)

    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_moves_with_each_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with progress(2) as listener:
        listener(DONE)

    assert "1/2" in terminal.getvalue()
