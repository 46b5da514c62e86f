"""A plan in Markdown, for a comment on a pull request or the summary of a job: what is dangerous first.

All text from outside is code (`untrusted`). A comment may have 65,536 characters on GitHub; at MOST, what is left is
counted instead. What is dangerous is never left out: only beyond HARD_LIMIT, where no comment could hold it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Final

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.inert import visible
from iamsync.core.plan import Plan
from iamsync.core.report import Report, Status
from iamsync.core.risk import Risk
from iamsync.core.verb import Verb
from iamsync.render.actions import count, reason, shared_summary, summary
from iamsync.render.folding import Row, fold, fold_rows, rows
from iamsync.render.line import Line, line
from iamsync.render.shown import Shown
from iamsync.render.snapshot import snapshot_words
from iamsync.render.text import note_words, report_lines
from iamsync.render.untrusted import fence, span
from iamsync.render.windows import window_words

MOST: Final = 60_000
"""Characters, without the sentence that counts what is left out."""
HARD_LIMIT: Final = 65_000
_ENTRIES_IN_A_BLOCK: Final = 40
_MOST_FAILURES: Final = 100

_TITLES: Final = {
    Risk.REMOVAL: "Removals",
    Risk.ADMINISTRATOR: "New administrators",
    Risk.DELIVERY: "New passwords and access keys go elsewhere",
    Risk.CREDENTIAL: "New passwords and access keys",
    Risk.BOUNDARY: "Changed permissions boundaries",
    Risk.WINDOW: "Temporary windows",
    Risk.UNDECLARED: "Users who gain and are not declared",
}
_SIGNS: Final = {Verb.CREATE: "+", Verb.CHANGE: "~", Verb.REMOVE: "-"}
_TEXTS: Final = to.CreatePolicy | to.TextChange


_Entry = tuple[list[str], int]
"""Lines, and how many actions or notes they tell."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that are shown together or not at all, and how many changes or notes they hold; those that `must` be shown
    have their own room.
    """

    lines: tuple[Line, ...]
    tells: int = 0
    must: bool = False
    is_text: bool = False

    @property
    def length(self) -> int:
        return sum(len(one.text) + 1 for one in self.lines)


def marker(plan: Plan) -> str:
    """The first line of the comment: the same for each plan of these files for this account, and of no other."""
    return f"<!-- iamsync plan {sha256(f'{plan.account.id} {plan.owner}'.encode()).hexdigest()[:16]} -->"


def markdown_lines(shown: Shown) -> Iterator[Line]:
    """The plan. The first line is a hidden marker, by which a comment is found again."""
    blocks = list(_blocks(shown))
    room = {True: HARD_LIMIT, False: MOST - sum(block.length for block in blocks if block.must)}
    left_out: list[_Block] = []
    for block in blocks:
        room[block.must] -= block.length
        if room[block.must] < 0:
            left_out.append(block)
        else:
            yield from block.lines
    if left_out:
        changes, texts = sum(one.tells for one in left_out), sum(one.is_text for one in left_out)
        what = f"{count(changes, 'change or note')} and {count(texts, 'policy text')}"
        yield line(f"**Left out: {what}.** This text is limited to {MOST:,} characters; `iamsync plan` shows the rest.")


def report_markdown(report: Report) -> Iterator[Line]:
    """What an apply did: every action that was not done, and the count."""
    *lines, last = report_lines(report)
    left = [one.text for outcome, one in zip(report.outcomes, lines, strict=True) if outcome.status is not Status.DONE]
    yield line("### Applied")
    yield line()
    if left:
        yield from fence(f"! {words}" for words in left[:_MOST_FAILURES])
    yield line(last.text)
    if len(left) > _MOST_FAILURES:
        yield line(f"{count(len(left) - _MOST_FAILURES, 'action')} more: see the log.")


def _blocks(shown: Shown) -> Iterator[_Block]:
    plan = shown.plan
    first = {id(action): found[0] for action, found in zip(plan.actions, plan.risks, strict=True) if found}
    administrators = plan.new_administrators
    yield _Block((line(marker(plan)), *_paragraph(_summary(shown))), must=True)
    if shown.snapshot:
        yield _Block((*fence(snapshot_words(shown.snapshot)), line()), must=True)
    if shown.refusals:
        words = [f"! {refusal}" for refusal in shown.refusals]
        yield _Block((line("### Refused: nothing can be applied"), line(), *fence(words), line()), must=True)
    if first:
        yield _Block(tuple(_paragraph("### Review first")), must=True)
    if administrators:
        names = ", ".join(map(span, administrators))
        yield _Block(tuple(_paragraph(f"Administrator after this plan, and not before: {names}")), must=True)
    for risk, title in _TITLES.items():
        some = [action for action in plan.actions if first.get(id(action)) is risk]
        yield from _section(f"**{title}: {len(some)}**", some, must=True)
    yield from _notes(shown)
    others = [action for action in plan.actions if id(action) not in first]
    yield from _section(f"### {'Other' if first else 'All'} changes: {len(others)}", others, must=False)


def _paragraph(text: str) -> Iterator[Line]:
    yield line(text)
    yield line()


def _summary(shown: Shown) -> str:
    plan = shown.plan
    counts = ", ".join(f"{plan.count(verb)} to {verb.value}" for verb in (Verb.CREATE, Verb.CHANGE, Verb.REMOVE))
    beside = [
        f"{number} {word}"
        for number, word in (
            (len(shown.refusals), "refused"),
            (len(plan.held_back), "held back"),
            (len(plan.warnings) + len(shown.problems), "to note"),
        )
        if number
    ]
    commit = f" Commit {span(shown.commit)}." if shown.commit else ""
    unmanaged = f"{count(len(plan.unmanaged.users), 'unmanaged user')} left alone"
    return (
        f"**iamsync plan** for account {span(plan.account.id)}, owner {span(plan.owner)}: **{counts}**; "
        f"{', '.join([*beside, unmanaged])}. Digest {span(plan.digest)}.{commit}"
    )


def _section(title: str, actions: Sequence[Action], *, must: bool) -> Iterator[_Block]:
    """The actions by subject, what is equal for many folded; then the texts of policies that change."""
    if not actions:
        return
    yield _Block(tuple(_paragraph(title)), must=must)
    shared, single = fold_rows(rows(sorted(actions, key=lambda action: action.subject)))
    yield from _fenced([*(_shared_line(group) for group in shared), *_by_subject(single)], must=must)
    for row in (*(group[0] for group in shared), *single):
        if isinstance(row.action.change, _TEXTS):
            yield _text(row)


def _fenced(entries: Sequence[_Entry], *, must: bool) -> Iterator[_Block]:
    """Entries as code, in blocks of a size that can be left out."""
    for start in range(0, len(entries), _ENTRIES_IN_A_BLOCK):
        part = entries[start : start + _ENTRIES_IN_A_BLOCK]
        words = [words for lines, _ in part for words in lines]
        yield _Block((*fence(words), line()), tells=sum(number for _, number in part), must=must)


def _shared_line(group: Sequence[Row]) -> _Entry:
    first = group[0]
    actions = [row.action for row in group]
    words = f"{_SIGNS[first.action.verb]} {shared_summary(actions)}  {reason(first.action)}"
    return [words, *_beside(first)], len(group)


def _by_subject(single: Sequence[Row]) -> Iterator[_Entry]:
    for subject, group in groupby(single, key=lambda row: row.action.subject):
        listed = list(group)
        lines = [f"  {subject}"]
        for row in listed:
            lines += [f"{_SIGNS[row.action.verb]}   {row.summary}  {reason(row.action)}", *_beside(row)]
        yield lines, len(listed)


def _beside(row: Row) -> Iterator[str]:
    """What stands below a row; the text of a policy has a place of its own."""
    if not isinstance(row.action.change, _TEXTS):
        yield from (f"      {detail}" for detail in row.details)
    if row.action.window:
        yield f"!     temporary window: {window_words(row.action.window)}"


def _text(row: Row) -> _Block:
    title = f"{row.action.subject}: {row.summary}"
    lines = [f"  {detail}" for detail in row.details]
    head = line("<details><summary><code>", _in_html(title), "</code></summary>")
    return _Block((head, line(), *fence(lines), line("</details>"), line()), is_text=True)


def _in_html(text: str) -> str:
    """A text in a line of HTML, where Markdown does not reach."""
    return "".join(f"&#{ord(one)};" if one in "&<>\"'`@#" else one for one in visible(text))


def _notes(shown: Shown) -> Iterator[_Block]:
    """What is held back, what to note of the account and of the files, and what is owned and not declared."""
    plan = shown.plan
    held = [(one.subject, one.text, str(one.origin or ""), tuple(map(summary, one.actions))) for one in plan.held_back]
    yield from _noted(f"### Held back: {len(held)}", held)
    notes: list[_Note] = [(one.subject, note_words(one), str(one.origin or ""), ()) for one in plan.warnings]
    notes += [(one.path or "iamsync", one.message, str(one.origin), ()) for one in shown.problems]
    yield from _noted(f"### To note: {len(notes)}", notes)
    if plan.left_out:
        yield _Block(tuple(_paragraph(f"### Left out by --only: {len(plan.left_out)}")))
        left_out = [([f"! {one.subject}: {count(one.actions, 'action')}"], 1) for one in plan.left_out]
        yield from _fenced(left_out, must=False)
    if plan.orphans:
        yield _Block(tuple(_paragraph(f"### Owned, but no longer declared, and left alone: {len(plan.orphans)}")))
        yield from _fenced([([f"  {name}"], 1) for name in plan.orphans], must=False)


_Note = tuple[str, str, str, tuple[str, ...]]
"""A subject, what is said of it, where it is declared, and which of its actions wait."""


def _noted(title: str, notes: Sequence[_Note]) -> Iterator[_Block]:
    if not notes:
        return
    yield _Block(tuple(_paragraph(title)))
    shared, single = fold(notes, lambda one: (one[0].partition("/")[0], one[1], one[3]))
    entries: list[_Entry] = []
    for group in (*shared, *([one] for one in single)):
        names, (_, words, where, waiting) = ", ".join(one[0] for one in group), group[0]
        said = f"! {names}{':' if len(group) > 1 else ''} {words}" + (f"  {where}" if where else "")
        entries.append(([said, *(f"      waits: {one}" for one in waiting)], len(group)))
    yield from _fenced(entries, must=False)
