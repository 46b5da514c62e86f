"""The progress bar: on a terminal only."""

import io

import pytest
from rich.console import Console
from states import desired, live, user

from iamsync.core.plan import Outcome, Plan, Status
from iamsync.render import progress as bar
from iamsync.render.progress import progress

(ACTION,) = Plan.between(desired(user("aiko")), live()).actions
DONE = Outcome(action=ACTION, status=Status.DONE)


def test_off_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1) as listener:
        listener(DONE)

    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_it_moves_with_each_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(bar, "Console", lambda **_: Console(file=screen, force_terminal=True, width=80))

    with progress(2) as listener:
        listener(DONE)

    assert "1/2" in screen.getvalue()
