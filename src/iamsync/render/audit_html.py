"""A report on an account as one page of HTML: no script, nothing from elsewhere, and good on paper."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from iamsync.audit import Audit, AuditedUser
from iamsync.audit.findings import BENCHMARK
from iamsync.core.inert import inert
from iamsync.render.audit import by_rule, console_words, credentials_words, key_words, sections, title
from iamsync.render.line import Line, line

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: .3rem; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #c8ced6; padding: .35rem .5rem; }
th, td { text-align: left; vertical-align: top; overflow-wrap: anywhere; } th { background: #eef1f5; }
.bad { color: #9b1c1c; font-weight: 600; } .quiet { color: #57606a; }
ul { margin: .2rem 0; padding-left: 1.2rem; columns: 26rem; }
@media print {
  body { font-size: 10px; margin: 0; max-width: none; padding: 0; }
  thead { display: table-header-group; } tr, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; }
  @page { size: A4 landscape; margin: 12mm; }
}
"""


def page_lines(audit: Audit) -> Iterator[Line]:
    """The page. Every name is text in it, whatever characters it has."""
    return map(line, _page(audit))


def _page(audit: Audit) -> Iterator[str]:
    heading = _text(title(audit))
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>iamsync report: {heading}</title>"
    yield from ("<style>", *_STYLE.strip().split("\n"), "</style></head><body>")
    yield f"<h1>{heading}</h1>"
    yield f'<p class="quiet">{_text(credentials_words(audit))}</p>'
    yield f"<h2>Findings ({len(audit.findings):,})</h2>"
    yield f'<p class="quiet">Numbers are those of the {_text(BENCHMARK)}.</p>'
    for words, found in by_rule(audit.findings):
        yield f"<h3>{_text(words)}</h3>"
        yield from _list(f"{one.subject}: {one.text}" for one in found)
    for section, rows in sections(audit):
        if rows:
            yield f"<h2>{_text(section)} ({len(rows):,})</h2>"
            yield from _list(rows)
    yield f"<h2>Users ({len(audit.users):,})</h2>"
    yield "<table><thead><tr>" + "".join(f"<th>{one}</th>" for one in _COLUMNS) + "</tr></thead><tbody>"
    yield from map(_row, audit.users)
    yield "</tbody></table></body></html>"


_COLUMNS: Final = ("User", "Managed", "Sets and groups", "Policies", "Boundary", "Console", "Access keys")


def _row(user: AuditedUser) -> str:
    marks = [
        word for word, holds in (("administrator", user.administrator), ("quarantined", user.quarantined)) if holds
    ]
    if user.hold is not None:
        marks.append(f"on hold: {user.hold}")
    name = f"{_text(user.name)}" + "".join(f'<br><span class="bad">{_text(mark)}</span>' for mark in marks)
    use = user.use
    memberships = [*(f"set {one}" for one in user.sets), *(f"group {one}" for one in user.groups)]
    cells = (
        name,
        _text(user.status),
        _lines(memberships),
        _lines(one.words for one in user.policies),
        _text(user.boundary),
        "" if use is None else _text(console_words(use)),
        "" if use is None else _lines(map(key_words, use.access_keys)),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(map(_text, texts))


def _list(rows: Iterable[str]) -> Iterator[str]:
    yield "<ul>"
    yield from (f"<li>{_text(row)}</li>" for row in rows)
    yield "</ul>"


def _text(text: str) -> str:
    return escape(inert(text))
