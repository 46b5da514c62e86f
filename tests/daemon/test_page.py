"""The status page: all that a person needs at a glance, and no text from outside is markup."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import hostile
import pytest
from cycle_results import (
    ALL,
    APPLIED,
    BEGUN,
    CLOCK,
    CONTESTED,
    DOWN,
    DRIFTED,
    ENDING,
    FAILED,
    HELD,
    IN_SYNC,
    LOOKED,
    NOW,
    PAUSED,
    REFUSED,
    STANDBY,
    WRONG_ACCOUNT,
    after,
    cycle,
)

from iamsync.core.action import Action
from iamsync.core.arn import Arn
from iamsync.core.change import Leave
from iamsync.core.hold import HeldBack
from iamsync.core.model import Origin
from iamsync.daemon.drift import Contested
from iamsync.daemon.page import POLICY, STYLE, page
from iamsync.daemon.result import CycleResult, Result
from iamsync.daemon.status import LoopStatus
from iamsync.desired.expiries import Expiry

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;<!-- </style></title>"
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"} | {
    *("h1", "h2", "p", "dl", "div", "dt", "dd", "code", "ul", "li", "span")
}


class Read(HTMLParser):
    """The elements of a page, their attributes, and the text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.open, self.texts = (
            list[str](),
            list[tuple[str, str]](),
            list[str](),
            list[str](),
        )
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


def shown(*results: CycleResult, later: float = 10) -> str:
    """The text of the page after these cycles."""
    status = after(results)
    moment = 300 * len(results) + later
    return " ".join(Read(page(status, NOW + timedelta(seconds=moment), CLOCK + moment)).texts)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ((), "The first cycle is in progress"),
        ((IN_SYNC,), "In sync"),
        ((APPLIED,), "Applied: 2 changes"),
        ((FAILED,), "Not all was done: 1 action failed"),
        ((LOOKED,), "Drift: 1 difference"),
        ((HELD,), "1 subject held back"),
        ((PAUSED,), "Paused"),
        ((STANDBY,), "Standby: another replica makes the changes"),
        ((REFUSED,), "Refused: nothing was changed"),
        ((DOWN,), "The last cycle ended in an error"),
        ((CONTESTED,), "Contested: the same is repaired again and again"),
    ],
)
def test_the_head_says_how_the_loop_is(results: tuple[CycleResult, ...], words: str) -> None:
    status = after(results) if results else BEGUN
    read = Read(page(status, NOW + timedelta(seconds=310), CLOCK + 310))

    assert f"iamsync: {words}" in read.texts
    assert words in read.texts


def test_what_a_person_asks_first_is_on_it() -> None:
    text = shown(ENDING, replace(DRIFTED, caller=Arn("arn:aws:sts::123456789012:assumed-role/iamsync/loop")))

    for words in (
        "c0ffee",
        "applied, in 2.0 s 5 min ago, 2033-05-03 12:05 UTC",
        "in 4 min 2033-05-03 12:15 UTC, every 5 min",
        "123456789012",
        "assumed-role/iamsync/loop",
        "user/aiko: attach aws:AmazonS3ReadOnlyAccess 5 min ago, 2033-05-03 12:05 UTC; repairs drift; users.yaml:1",
        "user/aiko: detach aws:AmazonEC2ReadOnlyAccess",
    ):
        assert words in re.sub(r"\s+", " ", text), words
    assert "user/cy loses group billing in 2 days 2033-05-06 12:00 UTC, users.yaml:7" in shown(ENDING)
    assert "user/bo: the quota is full attach aws:AmazonS3ReadOnlyAccess" in shown(HELD)
    assert "user/aiko attach Deploy, 5 times in 1 h" in shown(CONTESTED)
    assert "user/aiko attach Deploy, 5 times in 1 h" in shown(CONTESTED, DOWN), "as of the last plan"
    assert "paused since then" in shown(PAUSED)
    assert WRONG_ACCOUNT in shown(REFUSED)
    assert "FAILED: AccessDenied: no" in shown(FAILED)
    assert "Nothing since the loop began." in shown(IN_SYNC)


def test_a_loop_without_a_good_cycle_for_long_is_bad() -> None:
    assert "There was no good cycle for three intervals." in shown(IN_SYNC, later=3 * 300 + 100)
    assert "There was no good cycle" not in shown(IN_SYNC)
    assert 'class="bad"' in page(after([IN_SYNC]), NOW, CLOCK + 10_000)


def test_its_own_style_is_all_that_a_browser_may_use() -> None:
    text = page(after(ALL), NOW, CLOCK)
    style = text.partition("<style>")[2].partition("</style>")[0]

    assert style == STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in POLICY
    assert POLICY.startswith("default-src 'none';")
    assert "unsafe" not in POLICY
    assert "prefers-color-scheme: dark" in style
    assert not re.search(r"url\(|@import|https?:|//", style)


def from_outside(text: str) -> LoopStatus:
    """The status of a loop in which every text that comes from outside is this one."""
    origin = Origin(file=text, line=3)
    action = Action(change=Leave("aiko", text), subject=f"user/{text}", reason=origin)
    held = HeldBack(subject=f"user/{text}", text=text, origin=origin, actions=(action,))
    worst = cycle(
        Result.FAILED,
        action,
        failed=[action],
        commit=text,
        caller=Arn(text),
        held_back=(held,),
        orphans=(text,),
        paused=text,
        reasons=(text,),
        contested=(Contested(subject=text, what=text, times=3, span=timedelta(hours=1)),),
        expiries=(Expiry(at=NOW + timedelta(days=1), subject=text, what=text, origin=origin),),
    )
    return after([worst, replace(worst, result=Result.ERROR)])


@pytest.mark.parametrize("text", [*hostile.HOSTILE, MARKUP, hostile.UNDECODABLE, "x" * 100_000])
def test_no_text_from_outside_is_markup_or_commands_anything(text: str) -> None:
    written = page(from_outside(text), NOW, CLOCK)
    read = Read(written)

    assert hostile.controls(written) == []
    assert set(read.tags) <= TAGS
    assert read.open == []
    assert {name for name, _ in read.attributes} <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert len(written) < 100_000
    written.encode("utf-8")


def test_markup_is_shown_as_it_was_written() -> None:
    assert MARKUP in " ".join(Read(page(from_outside(MARKUP), NOW, CLOCK)).texts)
