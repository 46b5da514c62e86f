"""Why a user has what the files declare, and what is pending in the account: as lines, and as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from iamsync.blame import Authored
from iamsync.core.guard import Refusal
from iamsync.core.model import Origin, user_subject
from iamsync.core.plan import Plan
from iamsync.core.plan_data import change_data, held_data, note_data
from iamsync.desired.reasons import By, Explained, Reason, Step, What
from iamsync.render.actions import count, reason, summary
from iamsync.render.line import Line, line
from iamsync.render.text import note_words

VERSION = 1
"""Grows when a name in the JSON form changes its meaning or disappears."""

_COLUMN = 58
_NOT_MANAGED = {
    "console": "the console password",
    "access_keys": "access keys",
    "groups": "every other membership in a group",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is shown of a user: `authors` by file and line, as far as Git knows them; `plan` with its refusals, None
    where nobody has looked at the account.
    """

    explained: Explained
    authors: Mapping[tuple[str, int], Authored]
    plan: Plan | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def subject(self) -> str:
        """The user as actions and notes name it."""
        return user_subject(self.explained.name)


def explanation_lines(shown: Explanation) -> Iterator[Line]:
    """The explanation for a person: each value, the way to it, the place and who wrote that."""
    yield line((shown.subject.ljust(_COLUMN), "bold"), *_place(shown.explained.origin, shown))
    ways: dict[object, list[Reason]] = {}
    for one in shown.explained.reasons:
        ways.setdefault((one.what, one.value, one.start, one.until), []).append(one)
    for same in ways.values():
        yield from _value_lines(same, shown)
    for name in shown.explained.left_alone:
        yield line(f"  left alone, because no file declares it: {_NOT_MANAGED[name]}", style="dim")
    yield from _pending_lines(shown)


def _value_lines(ways: Sequence[Reason], shown: Explanation) -> Iterator[Line]:
    first = ways[0]
    style = "" if first.is_in_force else "dim"
    words = f"  {_words(first)}{_time(first)}"
    if len(ways) == 1 and len(first.way) == 1:
        (step,) = first.way
        default = "" if step.by is By.USER else f" ({_step(step, None)})"
        yield line((f"{words}{default}".ljust(_COLUMN), style), *_place(step.origin, shown))
        return
    yield line(words, style=style)
    for number, one in enumerate(ways):
        if number:
            yield line("    and also:", style="dim")
        for step, following in zip(one.way, (*one.way[1:], None), strict=True):
            yield line(f"    {_step(step, following)}".ljust(_COLUMN), *_place(step.origin, shown))


def _words(one: Reason) -> str:  # noqa: C901 - one case for each kind
    match one.what:
        case What.PATH:
            return f"path {one.value}"
        case What.TAG:
            return f"tag {one.value}"
        case What.BOUNDARY:
            return f"permissions boundary {one.value or 'none'}"
        case What.ATTACHMENT:
            return f"policy {one.value}"
        case What.INLINE:
            return f"inline policy {one.value}"
        case What.GROUP:
            return f"member of group {one.value}"
        case What.GROUP_POLICY:
            return f"through a group: {one.value}"
        case What.CONSOLE:
            return "console password" if one.value == "true" else "no console password"
        case What.ACCESS_KEYS:
            return count(int(one.value), "access key")
        case What.SUSPENDED | What.EXPIRES:
            return "suspended"


def _time(one: Reason) -> str:
    if one.is_over and one.until is not None:
        return f", ended {_moment(one.until)}"
    until = f", until {_moment(one.until)}" if one.until else ""
    if one.start is not None and not one.is_in_force:
        return f", not yet: from {_moment(one.start)}{until}"
    return f", since {_moment(one.start)}{until}" if one.start else until


def _moment(moment: datetime) -> str:
    """As a person writes it: a date where it is the beginning of a day in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").removesuffix("T00:00:00Z")


def _step(step: Step, following: Step | None) -> str:
    match step.by:
        case By.DEFAULT if following is not None:
            return f"{step.name} has {'group' if following.by is By.GROUP else 'policy set'} {step.names}"
        case By.USER if following is not None:
            kind = "is in group" if following.by is By.GROUP else "has policy set"
            return f"user {step.name} {kind} {step.names}"
        case By.USER:
            return f"user {step.name} names it"
        case By.INCLUDE:
            return f"policy set {step.name} includes {step.names}"
        case By.SET:
            return f"policy set {step.name} lists it"
        case By.GROUP:
            return f"group {step.name} has policy set {step.names}" if step.names else f"group {step.name} lists it"
        case By.MEMBERS:
            return f"group {step.name} lists the user as a member"
        case By.DEFAULT | By.SETTINGS:
            return step.name


def _place(origin: Origin, shown: Explanation) -> Iterator[tuple[str, str]]:
    yield f"  {origin}", "dim"
    author = shown.authors.get((origin.file, origin.line))
    if author is not None:
        name = author.author.partition(" <")[0]
        yield f"  {f'{author.commit[:9]} {author.date} {name}' if author.commit else 'not committed'}", "dim"


def _pending_lines(shown: Explanation) -> Iterator[Line]:
    plan = shown.plan
    if plan is None:
        return
    yield line()
    actions = [action for action in plan.actions if action.subject == shown.subject]
    held = [one for one in plan.held_back if one.subject == shown.subject]
    notes = [one for one in plan.warnings if one.subject == shown.subject]
    for refusal in shown.refusals:
        yield line(("refused: ", "bold red"), str(refusal))
    for action in actions:
        yield line(f"  pending: {summary(action)}".ljust(_COLUMN), (f"  {reason(action)}", "dim"))
    for one in held:
        word = "held back: " if one.actions else ""
        yield line(("  ! ", "yellow"), f"{word}{one.text}", (f"  {one.origin}" if one.origin else "", "dim"))
        yield from (line(f"      waits: {summary(action)}", style="dim") for action in one.actions)
    for note in notes:
        yield line(("  ! ", "yellow"), note_words(note), (f"  {note.origin}" if note.origin else "", "dim"))
    if actions or held:
        words = (
            f"Account {plan.account.id}: {count(len(actions), 'call')} pending, {count(len(held), 'item')} held back."
        )
    else:
        words = f"Account {plan.account.id}: as declared."
    yield line(words, style="bold")


def explanation_data(shown: Explanation) -> dict[str, Any]:
    """The explanation as plain data, under names that stay. `account` is None where nobody has looked at it."""
    plan, subject = shown.plan, shown.subject
    account = plan and {
        "id": plan.account.id,
        "refusals": [{"rule": one.rule, "text": one.why} for one in shown.refusals],
        "pending": [
            {"verb": one.verb.value, "change": change_data(one.change), "declared_at": _origin(one.reason)}
            for one in plan.actions
            if one.subject == subject
        ],
        "held_back": [held_data(one) for one in plan.held_back if one.subject == subject],
        "notes": [note_data(one) for one in plan.warnings if one.subject == subject],
    }
    return {
        "version": VERSION,
        "subject": subject,
        "declared_at": _declared(shown.explained.origin, shown),
        "reasons": [_reason_data(one, shown) for one in shown.explained.reasons],
        "left_alone": list(shown.explained.left_alone),
        "account": account,
    }


def _reason_data(one: Reason, shown: Explanation) -> dict[str, Any]:
    return {
        "what": one.what.value,
        "value": one.value,
        "in_force": one.is_in_force,
        "from": one.start.isoformat() if one.start else None,
        "until": one.until.isoformat() if one.until else None,
        "way": [
            {
                "by": step.by.value,
                "name": step.name,
                "names": step.names or None,
                "declared_at": _declared(step.origin, shown),
            }
            for step in one.way
        ],
    }


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    return {"file": origin.file, "line": origin.line, "column": origin.column} if origin else None


def _declared(origin: Origin, shown: Explanation) -> dict[str, Any]:
    """The place with who wrote the line: None if that is not known; a commit of None is not committed yet."""
    author = shown.authors.get((origin.file, origin.line))
    since = author and {
        "commit": author.commit or None,
        "author": author.author or None,
        "date": author.date or None,
        "summary": author.summary or None,
    }
    return {**(_origin(origin) or {}), "since": since}
