"""What the page, the metrics, the probes and messages say of a commit that is refused, and of a remote that is gone."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from cycle_results import APPLIED, CLOCK, IN_SYNC, NOW, REFUSED, after

from iamsync.daemon.board import Seen
from iamsync.daemon.headline import Level, headline
from iamsync.daemon.http.exchange import Request
from iamsync.daemon.http.probes import probes
from iamsync.daemon.metrics import metrics_text
from iamsync.daemon.notice import notice
from iamsync.daemon.page import page
from iamsync.daemon.result import CycleResult
from iamsync.daemon.versions import FetchFailure, RefusedCommit, SourceState

WHY = "commit bad1dea is not signed; sign it with a key of /signers"
GOOD = SourceState(commit="c0ffee", committed=NOW, since=NOW, looked=NOW)
BAD = replace(GOOD, refused=RefusedCommit(commit="bad1dea", why=(WHY,), since=NOW - timedelta(hours=5)))


def gone(count: int, minutes: int = 1) -> SourceState:
    """A remote that has failed so often."""
    since = NOW - timedelta(minutes=minutes)
    failure = FetchFailure(why="the repository x cannot be read", since=since, count=count, next_try=NOW)
    return replace(GOOD, failure=failure)


def of(source: SourceState, cycle: CycleResult = IN_SYNC) -> CycleResult:
    return replace(cycle, source=source)


def ready(*cycles: CycleResult) -> tuple[int, str]:
    """What /readyz answers after these cycles."""
    answer = probes(lambda: Seen(status=after(cycles)), lambda: CLOCK + 2)(Request(method="GET", path="/readyz"))
    return answer.status, str(answer.body)


def test_a_refused_commit_is_the_headline_and_its_age_is_on_the_page() -> None:
    status = after([of(BAD)])
    shown = page(status, NOW.astimezone(UTC), CLOCK + 2)

    head = headline(status, CLOCK + 2)
    assert (head.level, head.words, WHY in head.more) == (Level.BAD, "The newest commit is refused", True)
    assert "bad1dea" in shown
    assert "5 h ago" in shown
    assert headline(after([of(GOOD)]), CLOCK + 2).level is Level.GOOD


def test_what_is_worse_than_a_refused_commit_stays_the_headline() -> None:
    head = headline(after([of(BAD, REFUSED)]), CLOCK + 2)

    assert head.words == "Refused: nothing was changed"
    assert head.more[0] == REFUSED.reasons[0]
    assert WHY in head.more


def test_a_remote_that_is_gone_is_on_the_page() -> None:
    status = after([of(gone(2))])

    head = headline(status, CLOCK + 2)
    assert (head.level, head.words, head.more) == (Level.NOTICE, "In sync", ("the repository x cannot be read",))
    assert "failed 2 times" in page(status, NOW, CLOCK + 2)


def test_what_a_repository_says_is_text_on_the_page() -> None:
    refused = RefusedCommit(commit="bad1dea", why=("<script>alert(1)</script>",), since=NOW)

    assert "<script" not in page(after([of(replace(GOOD, refused=refused))]), NOW, CLOCK + 2)


@pytest.mark.parametrize(
    ("source", "is_ready"),
    [
        (GOOD, True),
        (replace(GOOD, refused=RefusedCommit(commit="x", why=(), since=NOW - timedelta(minutes=15))), True),
        (replace(GOOD, refused=RefusedCommit(commit="x", why=(), since=NOW - timedelta(minutes=17))), False),
        (gone(9, minutes=15), True),
        (gone(9, minutes=17), False),
    ],
)
def test_a_loop_is_ready_for_three_intervals_without_the_newest_commit(source: SourceState, is_ready: bool) -> None:  # noqa: FBT001 - one of two answers
    code, body = ready(of(source))

    assert (code == 200) is is_ready
    assert ("not on the newest commit within three intervals" in body) is not is_ready


def test_the_metrics_say_since_when() -> None:
    refused, failing = (metrics_text(Seen(status=after([of(one)]))).splitlines() for one in (BAD, gone(4)))
    good = metrics_text(Seen(status=after([of(GOOD)]))).splitlines()

    (line,) = [line for line in refused if line.startswith("iamsync_commit_refused_timestamp_seconds ")]
    assert float(line.split()[1]) == (NOW - timedelta(hours=5)).timestamp()
    assert "iamsync_fetch_failures 4.0" in failing
    assert "iamsync_fetch_failing_timestamp_seconds 0.0" in good
    assert "iamsync_commit_refused_timestamp_seconds 0.0" in good


def test_a_message_says_that_a_commit_is_refused_once_and_when_it_is_over() -> None:
    first = notice(after([of(GOOD)]), of(BAD))
    again = notice(after([of(BAD)]), of(BAD))
    over = notice(after([of(BAD)]), of(GOOD, APPLIED))

    assert first is not None
    assert first.is_bad
    assert f"refused: {WHY}" in first.body
    assert again is None
    assert over is not None
    assert "recovered: the newest commit is in force" in over.body


def test_a_remote_is_a_message_only_when_it_is_gone_for_longer() -> None:
    states = [GOOD, gone(1), gone(2), gone(3), gone(4), GOOD, gone(1), GOOD]
    sent = [notice(after([of(before)]), of(now)) for before, now in pairwise(states)]

    said = [one.body.splitlines()[0] if one else "" for one in sent]
    assert said == ["", "", "failed: the repository x cannot be read", "", "recovered: the remote answers", "", ""]
