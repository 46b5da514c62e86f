"""Problems, notes and refusals as annotations, which GitHub Actions shows beside the lines of a pull request.

Source of the format: GitHub Docs, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iamsync.core.action import Action
from iamsync.core.guard import Refusal
from iamsync.core.inert import visible
from iamsync.core.model import Origin, Problem, user_subject
from iamsync.core.plan import Plan
from iamsync.render.actions import count
from iamsync.render.text import administrator_words, note_words, without_name


class Level(StrEnum):
    """How GitHub shows an annotation."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation; without a place it is about the run."""

    level: Level
    title: str
    message: str
    origin: Origin | None = None

    @property
    def command(self) -> str:
        """`::error file=...,line=...::message`, escaped so that nothing in it ends the command or begins another."""
        properties = {**_place(self.origin), "title": self.title}
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        return f"::{self.level} {listed}::{_data(self.message)}"


def of_problems(problems: Sequence[Problem]) -> Iterator[Annotation]:
    """Each problem once, in the order of their places."""
    for problem in sorted(set(problems)):
        level = Level.WARNING if problem.warning else Level.ERROR
        yield Annotation(level=level, title=problem.path or "iamsync", message=problem.message, origin=problem.origin)


def of_refusals(reasons: Iterable[str | Refusal]) -> Iterator[Annotation]:
    """Why nothing is done."""
    return (Annotation(level=Level.ERROR, title="refused", message=str(one)) for one in reasons)


def of_notes(plan: Plan) -> Iterator[Annotation]:
    """What a reviewer must know beside the changes. Notes that say the same are one annotation, with the names."""
    new = plan.new_administrators.items()
    yield from _alike(
        "new administrator",
        [(user_subject(name), administrator_words(actions), _first_reason(actions)) for name, actions in new],
    )
    yield from _alike("held back", [(one.subject, one.text, one.origin) for one in plan.held_back])
    yield from _alike("warning", [(note.subject, note_words(note), note.origin) for note in plan.warnings])
    if plan.orphans:
        message = f"owned, but no longer declared, and left alone: {', '.join(plan.orphans)}"
        yield Annotation(level=Level.NOTICE, title="iamsync", message=message)


def _alike(title: str, notes: Iterable[tuple[str, str, Origin | None]]) -> Iterator[Annotation]:
    """One annotation for all subjects of whom the same is said; the place of the first that has one."""
    groups: dict[str, list[tuple[str, str, Origin | None]]] = {}
    for subject, words, origin in notes:
        groups.setdefault(without_name(words, subject), []).append((subject, words, origin))
    for words, group in groups.items():
        subjects = [subject for subject, _, _ in group]
        message = f"{subjects[0]} {group[0][1]}" if len(group) == 1 else f"{_names(subjects)}: {words}"
        origin = next((origin for _, _, origin in group if origin), None)
        yield Annotation(level=Level.WARNING, title=title, message=message, origin=origin)


def _first_reason(actions: Iterable[Action]) -> Origin | None:
    return next((action.reason for action in actions if action.reason), None)


def _names(subjects: Sequence[str]) -> str:
    return f"{count(len(subjects), 'item')} ({', '.join(subjects)})"


def _place(origin: Origin | None) -> dict[str, str]:
    if origin is None:
        return {}
    line = {"line": str(origin.line), "col": str(origin.column)} if origin.line else {}
    return {"file": origin.file, **line}


def _data(text: str) -> str:
    return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
