"""Plans, reports and problems as lines for a terminal or a log. The caller decides whether colour reaches anybody."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text

from iamsync.core.action import Action
from iamsync.core.change import CreateGroup, CreatePolicy, CreateUser, Delete
from iamsync.core.guard import Refusal
from iamsync.core.model import Problem
from iamsync.core.plan import Outcome, Plan, Report, Status
from iamsync.core.scope import Note
from iamsync.core.verb import Verb
from iamsync.render.actions import details, reason, summary, why_words, window_words

_SIGNS = {Verb.CREATE: ("+", "green"), Verb.CHANGE: ("~", "yellow"), Verb.REMOVE: ("-", "red")}
_RESULTS = {
    Status.DONE: ("done", "green"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.SKIPPED: ("skipped", "yellow"),
}
_REASON_COLUMN = 58


def plan_text(plan: Plan) -> Text:
    """The plan, grouped by who it is about, each line with its sign and where the reason for it is written."""
    return _lines([*_plan_lines(plan), *_beside_the_plan(plan), _plan_summary(plan)])


def report_text(report: Report) -> Text:
    """What became of each action, in the order in which they were made, and the count."""
    return _lines([*map(_outcome_line, report.outcomes), _report_summary(report)])


def refusals_text(reasons: Iterable[str | Refusal]) -> Text:
    """Why nothing is done."""
    return _lines([Text.assemble(("refused: ", "bold red"), printable(str(one))) for one in reasons])


def problems_text(problems: Sequence[Problem]) -> Text:
    """Every problem with its place, sorted, and the count at the end."""
    lines = [Text(printable(str(problem))) for problem in sorted(problems)]
    errors = sum(not problem.warning for problem in problems)
    warnings = len(problems) - errors
    counts = [count(number, word) for number, word in ((errors, "problem"), (warnings, "warning")) if number]
    return _lines([*lines, Text(", ".join(counts), style="bold red" if errors else "yellow")])


def _plan_lines(plan: Plan) -> Iterator[Text]:
    by_subject = sorted(plan.actions, key=lambda action: action.subject)
    for subject, group in groupby(by_subject, key=lambda action: action.subject):
        actions = list(group)
        yield Text.assemble(_subject_sign(actions), " ", (subject, "bold"))
        for action in actions:
            yield from _action_lines(action)
        yield Text()


def _subject_sign(actions: list[Action]) -> tuple[str, str]:
    """What becomes of a subject as a whole."""
    changes = [action.change for action in actions]
    if any(isinstance(change, CreateUser | CreateGroup | CreatePolicy) for change in changes):
        return _SIGNS[Verb.CREATE]
    is_deleted = any(isinstance(change, Delete) for change in changes)
    return _SIGNS[Verb.REMOVE if is_deleted else Verb.CHANGE]


def _action_lines(action: Action) -> Iterator[Text]:
    sign, style = _SIGNS[action.verb]
    yield Text.assemble("  ", (sign, style), " ", *_with_reason(printable(summary(action)), reason(action), indent=4))
    for detail in details(action):
        yield Text(f"      {printable(detail)}", style="dim")
    if action.window:
        yield Text(f"      temporary window: {printable(window_words(action.window))}", style="bold yellow")


def _with_reason(words: str, where: str, *, indent: int) -> tuple[str, tuple[str, str]]:
    return words.ljust(_REASON_COLUMN - indent) + "  ", (printable(where), "dim")


def _beside_the_plan(plan: Plan) -> Iterator[Text]:
    notes = [*map(_note_line, (*plan.held_back, *plan.warnings))]
    if plan.orphans:
        names = ", ".join(plan.orphans)
        notes.append(Text(f"! owned, but no longer declared, and left alone: {names}", style="yellow"))
    if notes:
        yield from notes
        yield Text()


def _note_line(note: Note) -> Text:
    where = f"  {note.origin}" if note.origin else ""
    return Text.assemble(("! ", "yellow"), (note.subject, "bold"), f" {printable(note.text)}", (where, "dim"))


def _plan_summary(plan: Plan) -> Text:
    unmanaged = f"{count(plan.unmanaged_users, 'unmanaged user')} left alone"
    if not plan.actions:
        state = "Nothing to do" if not plan.held_back else "Nothing to do that may be done"
        return Text(f"{state}: account {plan.account.id}, {unmanaged}.", style="bold")
    counts = ", ".join(f"{plan.count(verb)} to {verb.value}" for verb in (Verb.CREATE, Verb.CHANGE, Verb.REMOVE))
    return Text(f"Plan for account {plan.account.id}: {counts}; {unmanaged}. Digest {plan.digest[:12]}.", style="bold")


def _outcome_line(outcome: Outcome) -> Text:
    word, style = _RESULTS[outcome.status]
    why = f": {printable(why_words(outcome))}" if why_words(outcome) else ""
    return Text.assemble((word.ljust(8), style), f"{outcome.action.subject}  {printable(summary(outcome.action))}{why}")


def _report_summary(report: Report) -> Text:
    counts = ", ".join(f"{report.count(status)} {status.value}" for status in Status)
    signal = ""
    if report.signalled:
        signal = (
            " Interrupted: run apply again to go on."
            if report.interrupted
            else " The signal came too late to interrupt anything."
        )
    return Text(f"Applied: {counts}.{signal}", style="bold" if report.complete else "bold red")


def count(number: int, thing: str) -> str:
    """`1 user`, `2 users`, `3 policies`."""
    many = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number} {thing if number == 1 else many}"


def printable(text: str) -> str:
    """Nothing that comes from a file or from AWS may steer the terminal."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _lines(lines: Iterable[Text]) -> Text:
    return Text("\n").join(lines)
