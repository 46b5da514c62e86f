"""Messages: one a cycle if there is something new, none for silence, and nothing in them that commands anything."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hostile
import pytest
from cycle_results import (
    ALL,
    APPLIED,
    BEGUN,
    CONTESTED,
    DOWN,
    DRIFTED,
    FAILED,
    HELD,
    IN_SYNC,
    LOOKED,
    PAUSED,
    REFUSED,
    STANDBY,
    after,
    cycle,
)

from iamsync.core.hold import HeldBack
from iamsync.daemon.notice import MOST_LINES, Notice, notice
from iamsync.daemon.notify import WAITING, Notifier, NotifyFileError, places_in
from iamsync.daemon.result import CycleResult, Result


def said(*results: CycleResult) -> list[str]:
    """The message of the last of these cycles, by lines; the title is first."""
    *before, last = results
    message = notice(after(before) if before else BEGUN, last)
    return [message.title, *message.body.split("\n")] if message else []


def test_a_change_is_reported_with_its_reason() -> None:
    assert said(APPLIED) == [
        "iamsync 123456789012: 2 changed",
        "changed: user/aiko: attach aws:AmazonS3ReadOnlyAccess (users.yaml:1)",
        "changed: user/aiko: detach aws:AmazonEC2ReadOnlyAccess (not declared)",
        "commit c0ffee",
    ]


@pytest.mark.parametrize(
    ("results", "title"),
    [
        ((DRIFTED,), "1 drift, 1 changed"),
        ((FAILED,), "1 failed, 1 changed"),
        ((REFUSED,), "1 refused"),
        ((DOWN,), "1 failed"),
        ((HELD,), "1 held back"),
        ((PAUSED,), "1 held back"),
        ((PAUSED, IN_SYNC), "recovered"),
        ((CONTESTED,), "1 contested, 1 drift, 1 changed"),
        ((DOWN, IN_SYNC), "recovered"),
        ((LOOKED,), "1 drift"),
        ((REFUSED, DOWN), "1 failed"),
    ],
)
def test_what_is_new_is_counted_in_the_title(results: tuple[CycleResult, ...], title: str) -> None:
    assert said(*results)[0] == f"iamsync 123456789012: {title}"


@pytest.mark.parametrize(
    "results",
    [
        (IN_SYNC,),
        (DOWN, replace(DOWN, reasons=("AWS cannot be reached: request 2",))),
        (REFUSED, REFUSED),
        (HELD, HELD),
        (HELD, DOWN, DOWN, DOWN),
        (PAUSED, PAUSED),
        (LOOKED, LOOKED),
    ],
)
def test_what_is_known_is_not_repeated(results: tuple[CycleResult, ...]) -> None:
    assert said(*results) == []


def test_a_standby_leaves_the_messages_to_the_replica_that_writes() -> None:
    assert said(STANDBY) == said(FAILED, STANDBY) == []


def test_what_is_contested_is_known_after_an_error() -> None:
    quiet = replace(IN_SYNC, contested=CONTESTED.contested)

    assert said(CONTESTED, DOWN, quiet)[0] == "iamsync 123456789012: recovered"


def test_a_failure_that_goes_on_is_reported_once_and_its_end_too() -> None:
    again = cycle(Result.FAILED, *FAILED.planned[:1], failed=FAILED.planned[:1])

    assert said(FAILED, again) == []
    assert said(FAILED, again, IN_SYNC)[1] == "recovered: the cycle is in sync, after failed"
    assert "failed: " in "\n".join(said(DOWN, replace(DOWN, commit="decaf"))), "another commit may be another error"


def test_what_was_held_back_before_an_error_is_still_known() -> None:
    assert said(HELD, DOWN, HELD) == [
        "iamsync 123456789012: recovered",
        "recovered: the cycle is pending, after error",
        "commit c0ffee",
    ]


def test_a_message_is_never_long() -> None:
    held = tuple(HeldBack(subject=f"user/{number}", text="x" * 5000) for number in range(1000))

    lines = said(cycle(Result.PENDING, held_back=held))

    assert len(lines) == MOST_LINES + 3
    assert lines[-2] == f"and {1000 - MOST_LINES} more"
    assert max(map(len, lines)) < 500


@pytest.mark.parametrize("text", [*hostile.HOSTILE, "@everyone", "<!channel>", "<script>"])
def test_nothing_in_it_commands_or_mentions_anybody(text: str) -> None:
    worst = cycle(Result.ERROR, reasons=(text,), commit=text, held_back=(HeldBack(subject="user/x", text=text),))
    message = notice(BEGUN, worst)

    assert message
    assert hostile.controls(message.title + message.body) == []
    assert "@everyone" not in message.body
    assert "<" not in message.body


def test_a_name_with_an_at_sign_stays_readable() -> None:
    held = (HeldBack(subject="user/aiko@example.com", text="the quota is full"),)

    assert "held back: user/aiko@example.com: the quota is full" in said(cycle(Result.PENDING, held_back=held))


MESSAGE = Notice(title="title", body="body", is_bad=True)


class Place:
    """A place that fails so many times."""

    def __init__(self, fails: int = 0, before: Callable[[], object] = lambda: None) -> None:
        self.tries = self.fails = fails
        self.heard = list[str]()
        self._before = before

    def notify(self, body: str, title: str, **_: object) -> bool:
        """Fail, by an exception or an answer, or hear the message."""
        self._before()
        self.tries -= 1
        if self.tries == 0:
            raise ValueError("slack://token/secret")
        if self.tries > 0:
            return False
        self.heard.append(f"{title}: {body}")
        return True


@pytest.mark.parametrize(("fails", "ended"), [(0, "sent"), (1, "sent"), (2, "sent"), (3, "failed"), (9, "failed")])
def test_a_message_is_tried_three_times_at_each_place(fails: int, ended: str) -> None:
    counted, good, bad = list[str](), Place(), Place(fails)
    done = threading.Event()

    def count(how: str) -> None:
        counted.append(how)
        done.set()

    with Notifier([good, bad], count=count, pauses=(0.0, 0.0)) as notifier:
        notifier.send(MESSAGE)
        assert done.wait(60)

    assert counted == [ended]
    assert good.heard == ["title: body"], "where it has arrived, it is not sent again"
    assert bad.heard == (["title: body"] if ended == "sent" else [])


def test_a_place_that_hangs_delays_nobody() -> None:
    counted, going_on = list[str](), threading.Event()

    with Notifier([Place(before=going_on.wait)], count=counted.append, pauses=()) as notifier:
        for _ in range(2 * WAITING + 1):
            notifier.send(MESSAGE)
        assert set(counted) == {"dropped"}
        assert len(counted) in {WAITING, WAITING + 1}
        going_on.set()

    assert counted.count("sent") + counted.count("dropped") == 2 * WAITING + 1


def test_the_urls_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# the team\n\njson://127.0.0.1:1/hook\nmailto://user:hidden@example.com\n")

    assert len(places_in(file)) == 2


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [
        ("hidden-secret\n", ":1: this is no URL of apprise"),
        ("# none\n", "has 0 URLs"),
        ("json://a\n" * 21, "has 21 URLs"),
    ],
)
def test_a_wrong_file_is_refused_without_quoting_it(
    tmp_path: Path, content: str, said_of_it: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "urls"
    file.write_text(content)

    with pytest.raises(NotifyFileError, match=said_of_it) as found:
        places_in(file)
    assert "hidden" not in str(found.value) + caplog.text


def test_all_kinds_of_cycles_have_a_title_that_fits() -> None:
    for first in ALL:
        for second in ALL:
            for line in said(first, second)[:1]:
                assert len(line) < 120
