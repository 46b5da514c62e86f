"""Plans, reports and problems as lines for a person."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from iamsync.core.action import Action
from iamsync.core.change import CreateGroup, CreatePolicy, CreateUser, Delete
from iamsync.core.guard import Refusal
from iamsync.core.hold import HeldBack
from iamsync.core.model import Origin, Problem
from iamsync.core.plan import Plan
from iamsync.core.report import Outcome, Report, Status
from iamsync.core.scope import Note, Unmanaged
from iamsync.core.unnamed import is_unnamed
from iamsync.core.verb import Verb
from iamsync.render.access_keys import wait_words
from iamsync.render.actions import count, reason, shared_summary, summary, why_words
from iamsync.render.adoption import adoption_lines
from iamsync.render.folding import Row, fold, fold_rows, rows
from iamsync.render.line import Line, Part, line
from iamsync.render.windows import window_words

_SIGNS = {Verb.CREATE: ("+", "green"), Verb.CHANGE: ("~", "yellow"), Verb.REMOVE: ("-", "red")}
_RESULTS = {
    Status.DONE: ("done", "green"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.SKIPPED: ("skipped", "yellow"),
}
_REASON_COLUMN = 58


def plan_lines(plan: Plan, *, verbose: bool = False, unmanaged: bool = False) -> Iterator[Line]:
    """The plan, grouped by subject, each line with its sign and the place that declares it. What many subjects have in
    common comes first, once, unless `verbose`. With `unmanaged`, what is left alone is named.
    """
    new = plan.new_administrators
    all_rows = rows(sorted(plan.actions, key=lambda action: action.subject))
    shared, single = ([], all_rows) if verbose else fold_rows(all_rows)
    yield from _shared_lines(shared)
    yield from _subject_lines(single, all_rows, new)
    yield from _new_administrators(new)
    yield from adoption_lines(plan)
    yield from _beside_the_plan(plan, verbose=verbose)
    if unmanaged:
        yield from _unmanaged_lines(plan)
    yield _plan_summary(plan)


def report_lines(report: Report) -> Iterator[Line]:
    """What became of each action, in the order in which they were made, and the count."""
    yield from map(_outcome_line, report.outcomes)
    yield _report_summary(report)


def refusal_lines(reasons: Iterable[str | Refusal]) -> Iterator[Line]:
    """Why nothing is done."""
    return (line(("refused: ", "bold red"), str(one)) for one in reasons)


def problem_lines(problems: Sequence[Problem]) -> Iterator[Line]:
    """Every problem with its place, sorted, and the count at the end; nothing if there is none."""
    yield from (line(str(problem)) for problem in sorted(problems))
    if problems:
        yield problem_count(problems)


def problem_count(problems: Sequence[Problem]) -> Line:
    """`1 problem, 2 warnings`."""
    errors = sum(not problem.warning for problem in problems)
    counts = [
        count(number, word) for number, word in ((errors, "problem"), (len(problems) - errors, "warning")) if number
    ]
    return line(", ".join(counts), style="bold red" if errors else "yellow")


def note_words(note: Note) -> str:
    """What a note says of its subject."""
    return wait_words(note.wait) if note.wait else note.text


def administrator_words(actions: Iterable[Action]) -> str:
    """What is said of a new administrator, whom these actions concern."""
    shared = sorted({action.subject for action in actions if not action.subject.startswith("user/")})
    through = f", through {', '.join(shared)}" if shared else ""
    return f"becomes an administrator{through}"


def without_name(words: str, subject: str) -> str:
    """What is said of a subject, with `user/NAME` where an option names it: so the same is said of many."""
    return words.replace(f" {subject}:", f" {subject.partition('/')[0]}/NAME:")


def _shared_lines(shared: Sequence[Sequence[Row]]) -> Iterator[Line]:
    if shared:
        yield line(("=", "cyan"), " ", ("the same for many", "bold"), (" (--verbose shows each)", "dim"))
    for group in shared:
        actions = [row.action for row in group]
        yield from _row_lines(group[0], shared_summary(actions), _places([reason(action) for action in actions]))
    if shared:
        yield line()


def _places(places: Sequence[str]) -> str:
    others = len(set(places)) - 1
    return f"{places[0]} and {count(others, 'other place')}" if others else places[0]


def _subject_lines(single: Sequence[Row], all_rows: Sequence[Row], new: Collection[str]) -> Iterator[Line]:
    """What one subject has alone; its sign says what becomes of it as a whole."""
    signs = {
        subject: _subject_sign([row.action for row in group])
        for subject, group in groupby(all_rows, key=lambda row: row.action.subject)
    }
    for subject, group in groupby(single, key=lambda row: row.action.subject):
        kind, _, name = subject.partition("/")
        mark = ("  new administrator", "bold red") if kind == "user" and name in new else ""
        yield line(signs[subject], " ", (subject, "bold"), mark)
        for row in group:
            yield from _row_lines(row, row.summary, reason(row.action))
        yield line()


def _new_administrators(new: Mapping[str, Sequence[Action]]) -> Iterator[Line]:
    """Who becomes an administrator, and by what that others share."""
    for name, actions in new.items():
        yield line(f"! user/{name} {administrator_words(actions)}", style="bold red")
    if new:
        yield line()


def _unmanaged_lines(plan: Plan) -> Iterator[Line]:
    """What is left alone, by name, administrators first."""
    administrators = sorted(plan.unmanaged_administrators)
    users = sorted(set(plan.unmanaged.users).difference(administrators))
    for words, names in (
        ("unmanaged administrators", administrators),
        ("unmanaged users", users),
        ("unmanaged policies", plan.unmanaged.policies),
        ("unmanaged groups", plan.unmanaged.groups),
    ):
        if names:
            yield line((f"{words}: ", "bold"), ", ".join(_listed(names)))
    if plan.unmanaged != Unmanaged():
        yield line()


def _listed(names: Sequence[str]) -> list[str]:
    """Names, and how many a snapshot only counts."""
    known = [name for name in names if not is_unnamed(name)]
    counted = len(names) - len(known)
    return [*known, *([f"{counted} that the snapshot does not name"] if counted else [])]


def _subject_sign(actions: list[Action]) -> Part:
    changes = [action.change for action in actions]
    if any(isinstance(change, CreateUser | CreateGroup | CreatePolicy) for change in changes):
        return _SIGNS[Verb.CREATE]
    is_deleted = any(isinstance(change, Delete) for change in changes)
    return _SIGNS[Verb.REMOVE if is_deleted else Verb.CHANGE]


def _row_lines(row: Row, words: str, where: str) -> Iterator[Line]:
    yield line("  ", _SIGNS[row.action.verb], " ", words.ljust(_REASON_COLUMN - 4), ("  " + where, "dim"))
    for detail in row.details:
        yield line(f"      {detail}", style="dim")
    if row.action.window:
        yield line(f"      temporary window: {window_words(row.action.window)}", style="bold yellow")


def _beside_the_plan(plan: Plan, *, verbose: bool) -> Iterator[Line]:
    notes = [*map(_of_held, plan.held_back), *map(_of_note, plan.warnings)]
    shared, single = ([], notes) if verbose else fold(notes, lambda one: (one.kind, one.words_of_all, one.waiting))
    for group in shared:
        names = ", ".join(one.subject.partition("/")[2] for one in group)
        who = (count(len(group), group[0].kind), "bold")
        where = _places([str(one.origin or "") for one in group])
        yield line(("! ", "yellow"), who, f": {group[0].words_of_all}: {names}", _after_two_spaces(where))
        yield from _waiting_lines(group[0])
    for one in single:
        yield line(("! ", "yellow"), (one.subject, "bold"), f" {one.words}", _after_two_spaces(one.origin))
        yield from _waiting_lines(one)
    if plan.orphans:
        yield line(f"! owned, but no longer declared, and left alone: {', '.join(plan.orphans)}", style="yellow")
    if plan.left_out:
        yield line(f"! {left_out_words(plan)}", style="yellow")
    if notes or plan.orphans or plan.left_out:
        yield line()


def left_out_words(plan: Plan) -> str:
    """What `--only` leaves out."""
    listed = ", ".join(f"{one.subject} ({count(one.actions, 'action')})" for one in plan.left_out)
    return f"left out by --only {' '.join(plan.only.patterns)}: {listed}"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is said of a subject beside the plan, and which of its actions wait."""

    subject: str
    words: str
    origin: Origin | None
    waiting: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.subject.partition("/")[0]

    @property
    def words_of_all(self) -> str:
        """The same words about any subject of the kind."""
        return without_name(self.words, self.subject)


def _of_held(held: HeldBack) -> _Beside:
    word = "held back: " if held.actions else ""
    return _Beside(held.subject, f"{word}{held.text}", held.origin, tuple(map(summary, held.actions)))


def _of_note(note: Note) -> _Beside:
    return _Beside(note.subject, note_words(note), note.origin)


def _waiting_lines(beside: _Beside) -> Iterator[Line]:
    return (line(f"    waits: {words}", style="dim") for words in beside.waiting)


def _after_two_spaces(where: Origin | str | None) -> Part:
    return (f"  {where}" if where else "", "dim")


def _plan_summary(plan: Plan) -> Line:
    unmanaged = _unmanaged_count(plan.unmanaged)
    if not plan.actions and plan.held_back:
        held_back = f"{count(len(plan.held_back), 'item')} {'is' if len(plan.held_back) == 1 else 'are'} held back"
        words = f"No changes can be applied: {held_back} (see above). Account {plan.account.id}, {unmanaged}."
        return line(words, style="bold")
    if not plan.actions:
        return line(f"Nothing to do: account {plan.account.id}, {unmanaged}.", style="bold")
    counts = ", ".join(f"{plan.count(verb)} to {verb.value}" for verb in (Verb.CREATE, Verb.CHANGE, Verb.REMOVE))
    return line(f"Plan for account {plan.account.id}: {counts}; {unmanaged}. Digest {plan.digest[:12]}.", style="bold")


def _unmanaged_count(unmanaged: Unmanaged) -> str:
    """`2 unmanaged users left alone`; policies and groups where there are any."""
    users = count(len(unmanaged.users), "unmanaged user")
    others = ((len(unmanaged.policies), "unmanaged policy"), (len(unmanaged.groups), "unmanaged group"))
    return f"{', '.join([users, *(count(number, one) for number, one in others if number)])} left alone"


def _outcome_line(outcome: Outcome) -> Line:
    why = f": {why_words(outcome)}" if why_words(outcome) else ""
    word, style = _RESULTS[outcome.status]
    return line((word.ljust(8), style), f"{outcome.action.subject}  {summary(outcome.action)}{why}")


def _report_summary(report: Report) -> Line:
    counts = ", ".join(f"{report.count(status)} {status.value}" for status in Status)
    signal = ""
    if report.signalled:
        signal = (
            " Interrupted: run apply again to go on."
            if report.interrupted
            else " The signal came too late to interrupt anything."
        )
    return line(f"Applied: {counts}.{signal}", style="bold" if report.complete else "bold red")
