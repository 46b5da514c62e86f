"""The status page: how the loop is, at a glance, for a person with a phone at night."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from iamsync import __version__
from iamsync.core.report import Status
from iamsync.core.verb import Verb
from iamsync.daemon.headline import Level, headline
from iamsync.daemon.html import Content, Element, document, element
from iamsync.daemon.log import contested_words
from iamsync.daemon.result import CycleResult
from iamsync.daemon.status import Done, LoopStatus
from iamsync.daemon.versions import SourceState
from iamsync.desired.expiries import Expiry
from iamsync.render.actions import count, reason, summary, why_words
from iamsync.render.text import note_words

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2330; --dim: #5b6576; --line: #d9dee7; --card: #ffffff; --ground: #f3f5f8;
  --good: #1b7f4b; --notice: #9a6400; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf1; --dim: #9aa5b8; --line: #2c3442; --card: #171c26;
  --ground: #0f131a; --good: #4cc38a; --notice: #e5b454; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
header, section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: 0 0 1rem;
  padding: 1rem 1.25rem; }
header { border-left: .5rem solid var(--level); }
.good { --level: var(--good); } .notice { --level: var(--notice); } .bad { --level: var(--bad); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .25rem; color: var(--level); }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: 0; } .dim { color: var(--dim); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1.5rem; margin: 0; }
dt, dd.dim { color: var(--dim); font-size: .85rem; } dd { margin: 0; }
p, dd, li { overflow-wrap: anywhere; }
code { font: .9em ui-monospace, monospace; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .5rem 0; } li:first-child { border-top: 0; }
li .dim { display: block; font-size: .85rem; }
.mark { display: inline-block; min-width: 1.2rem; font-weight: 700; color: var(--level, var(--dim)); }
footer { color: var(--dim); font-size: .85rem; padding: 0 .25rem 2rem; }
"""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy of the page: its own style, and nothing else."""

REFRESH: Final = 30
"""Seconds after which a browser loads the page again."""

NEXT: Final = 10
"""Expiries that are shown."""

_SIGNS: Final = {Verb.CREATE: "+", Verb.CHANGE: "~", Verb.REMOVE: "-"}


def page(status: LoopStatus, now: datetime, clock: float) -> str:
    """The page of a loop at a moment (aware, in UTC, and by the clock that only grows)."""
    level, words, more = headline(status, clock)
    title = f"iamsync: {words}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", http_equiv="refresh", content=str(REFRESH)),
        element("title", title),
        _style(),
    )
    body = element("main", _header(level, words, more), *_sections(status, now), _footer(status, now))
    return document(element("html", head, element("body", body), lang="en"))


def _style() -> Element:
    style = element("style")
    style.text = STYLE  # exactly: the policy has its hash
    return style


def _header(level: Level, words: str, more: Iterable[str]) -> Element:
    return element("header", element("h1", words), *(element("p", one) for one in more), class_=level.value)


def _sections(status: LoopStatus, now: datetime) -> Iterator[Element]:
    yield element("section", element("dl", *_facts(status, now)))
    last = status.last
    seen = status.planned or last
    if last is not None and seen is not None:
        yield from _section("Repaired again and again", (_item(contested_words(one)) for one in seen.contested))
        yield from _section("Held back", _held_back(seen))
        yield from _section(
            "To look at", (_item(f"{one.subject}: {note_words(one)}", str(one.origin or "")) for one in seen.warnings)
        )
        yield from _section("Different, and not changed", _undone(seen))
        yield from _section("Ends next", (_expiry(one, now) for one in seen.expiries[:NEXT]))
        if seen.orphans:
            yield from _section("Owned, no longer declared, and left alone", [_item(", ".join(seen.orphans))])
    done = [_done(one, now) for one in status.lately] or [_item("Nothing since the loop began.")]
    yield from _section("Lately", done)


def _facts(status: LoopStatus, now: datetime) -> Iterator[Element]:
    last, seen = status.last, status.planned
    yield from _fact("Commit", element("code", status.commit or "unknown"), _since(status.commit_at, now))
    if last is not None and last.source is not None:
        yield from _source_facts(last.source, now)
    if last is not None:
        yield from _fact("Last cycle", f"{last.result.value}, in {last.seconds:.1f} s", _since(last.started, now))
    yield from _fact("Next cycle", *_next(status, now))
    yield from _fact("Last good cycle", _since(status.good_at, now) or "none yet")
    if last is not None and last.account is not None:
        yield from _fact("Account", last.account.id, last.caller or "")
    if seen is not None:
        yield from _fact("Managed", str(seen.managed), f"{count(seen.unmanaged_users, 'unmanaged user')} left alone")
        yield from _fact("Suspended", count(seen.suspended, "user"))
        yield from _fact("On hold", count(seen.on_hold, "user"))


def _source_facts(source: SourceState, now: datetime) -> Iterator[Element]:
    """What is wrong with a newer commit or with the remote, and for how long already."""
    if source.refused is not None:
        yield from _fact("Refused commit", element("code", source.refused.commit), _since(source.refused.since, now))
    if source.failure is not None:
        failed, begun = count(source.failure.count, "time"), _since(source.failure.since, now)
        yield from _fact("Remote", f"failed {failed}", f"{begun}; next at {_clock(source.failure.next_try)}")


def _fact(name: str, value: Content, more: str = "") -> Iterator[Element]:
    """A name and its value: one box of the grid."""
    texts = [element("dd", value), *([element("dd", more, class_="dim")] if more else [])]
    yield element("div", element("dt", name), *texts)


def _next(status: LoopStatus, now: datetime) -> tuple[str, str]:
    interval = f"every {_length(timedelta(seconds=status.every))}"
    if status.next_at is None:
        return "now", interval
    return f"in {_length(max(timedelta(), status.next_at - now))}", f"{_clock(status.next_at)}, {interval}"


def _section(title: str, items: Iterable[Element]) -> Iterator[Element]:
    items = list(items)
    if items:
        yield element("section", element("h2", title), element("ul", *items))


def _item(words: str, more: str = "", *, mark: str = "", level: Level | None = None) -> Element:
    sign: list[Content] = [element("span", mark, class_="mark"), " "] if mark else []
    second = [element("span", more, class_="dim")] if more else []
    return element("li", *sign, words, *second, **({"class_": level.value} if level else {}))


def _held_back(cycle: CycleResult) -> Iterator[Element]:
    for held in cycle.held_back:
        where = f"{held.origin}: " if held.origin else ""
        yield _item(f"{held.subject}: {held.text}", f"{where}{'; '.join(map(summary, held.actions))}")


def _undone(cycle: CycleResult) -> Iterator[Element]:
    """What a loop that only looks would do."""
    if cycle.planned and not cycle.report.outcomes:
        for action in cycle.planned:
            yield _item(f"{action.subject}: {summary(action)}", reason(action), mark=_SIGNS[action.verb])


def _expiry(one: Expiry, now: datetime) -> Element:
    where = f", {one.origin}" if one.origin else ""
    return _item(f"{one.subject} {one.what} in {_length(one.at - now)}", f"{_clock(one.at)}{where}")


def _done(done: Done, now: datetime) -> Element:
    action, outcome = done.outcome.action, done.outcome
    is_done = outcome.status is Status.DONE
    why = why_words(outcome)
    words = f"{action.subject}: {summary(action)}" + ("" if is_done else f" FAILED: {why}")
    cause = "repairs drift; " if done.is_drift else ""
    level = Level.GOOD if is_done else Level.BAD
    return _item(words, f"{_since(done.at, now)}; {cause}{reason(action)}", mark=_SIGNS[action.verb], level=level)


def _footer(status: LoopStatus, now: datetime) -> Element:
    words = f"iamsync {__version__}, running since {_clock(status.began)}. As of {_clock(now)}"
    return element("footer", f"{words}; loads again every {REFRESH} s.")


def _since(moment: datetime | None, now: datetime) -> str:
    return f"{_length(max(timedelta(), now - moment))} ago, {_clock(moment)}" if moment else ""


def _clock(moment: datetime) -> str:
    """In UTC, whatever the zone of the server: all that is shown is."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _length(span: timedelta) -> str:
    """`3 min`, `5 h`, `12 days`."""
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
