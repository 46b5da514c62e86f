"""Journals, read back: which runs there were, and what each did.

A journal is input from outside. A line that cannot be read, or is no line of a journal, is reported and skipped. What
the others claim is shown, and nothing is done on the strength of it alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from iamsync.errors import JournalError

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one line. The longest that iamsync writes hold two policy documents."""

MOST_UNREADABLE: Final = 1000
"""Lines that cannot be read, after which a file is no journal."""

UNKNOWN: Final = "unknown"
"""The result of a call that was sent, and of whose end the journal has no line: the process was killed."""


class _Line(BaseModel):
    """What all lines have."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    time: AwareDatetime
    event: Literal["sent", "call", "run"]
    run: str
    version: str = ""
    account: str | None = None
    caller: str | None = None
    plan: str | None = None
    commit: str | None = None


class Call(_Line):
    """One call: `result` is done, failed, skipped or UNKNOWN. `reason` is the file and line that asked for it."""

    call: int
    subject: str
    verb: str = ""
    reason: str | None = None
    operation: str
    params: dict[str, Any]
    old: dict[str, Any] = {}
    removed: str = ""
    result: str = UNKNOWN
    why: str = ""
    error: str = ""
    request_id: str = ""


class _End(_Line):
    result: str
    why: str = ""
    done: int = 0
    failed: int = 0
    skipped: int = 0
    held_back: int = 0


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """One run as the journal has it, growing while it is read. `result` is empty where the journal has no end of it."""

    run: str
    time: datetime
    account: str | None = None
    caller: str | None = None
    plan: str | None = None
    commit: str | None = None
    version: str = ""
    result: str = ""
    why: str = ""
    held_back: int = 0
    calls: dict[int, Call] = field(default_factory=dict)

    def learned(self, line: _Line) -> None:
        """What another line says of the run; an early line may not know it yet."""
        self.time = min(self.time, line.time)
        self.account, self.caller = line.account or self.account, line.caller or self.caller
        self.plan, self.commit = line.plan or self.plan, line.commit or self.commit
        self.version = line.version or self.version

    @property
    def is_quiet(self) -> bool:
        """Whether it did nothing, and had nothing to do."""
        return not self.calls and self.result == "in sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A line that is none of a journal: where, and why."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The runs in the order of their times; and the lines that could not be read."""

    runs: tuple[RunRecord, ...]
    unreadable: tuple[Unreadable, ...]


def read(files: Iterable[Path]) -> History:
    """What journals say, together: a rotated journal has several files.

    Raises JournalError where one cannot be read, or is none.
    """
    runs: dict[tuple[str, str | None], RunRecord] = {}
    unreadable: list[Unreadable] = []
    for file in files:
        for one in _parsed(file):
            if isinstance(one, Unreadable):
                unreadable.append(one)
            else:
                _add(one, runs)
    return History(runs=tuple(sorted(runs.values(), key=lambda one: one.time)), unreadable=tuple(unreadable))


def _add(line: Call | _End, runs: dict[tuple[str, str | None], RunRecord]) -> None:
    # The line of a refused run may come before its account is known: then it is a run of its own, which is the truth.
    record = runs.setdefault((line.run, line.account), RunRecord(run=line.run, time=line.time))
    record.learned(line)
    if isinstance(line, _End):
        record.result, record.why, record.held_back = line.result, line.why, line.held_back
    elif line.event == "call" or line.call not in record.calls:
        record.calls[line.call] = line


def _parsed(file: Path) -> Iterator[Call | _End | Unreadable]:
    has_lines, readable, wrong = False, 0, 0
    try:
        with file.open("rb") as opened:
            for number, text in _numbered(opened):
                has_lines = True
                one = _line(text, str(file), number)
                wrong, readable = (wrong + 1, readable) if isinstance(one, Unreadable) else (wrong, readable + 1)
                if wrong > MOST_UNREADABLE and wrong > readable:
                    break
                yield one
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise JournalError(f"the journal {file} cannot be read ({why})") from error
    if has_lines and (not readable or wrong > MOST_UNREADABLE):
        raise JournalError(f"{file} is no journal of iamsync: {wrong:,} of its lines cannot be read")


def _numbered(opened: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1; of a line that is too long, only its beginning."""
    number, is_rest = 0, False
    while text := opened.readline(MOST_BYTES + 1):
        number += not is_rest
        if text.strip() and not is_rest:
            yield number, text
        is_rest = not text.endswith(b"\n")


def _line(text: bytes, file: str, number: int) -> Call | _End | Unreadable:
    if len(text) > MOST_BYTES:
        return Unreadable(file=file, line=number, why="longer than any line that iamsync writes")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Unreadable(file=file, line=number, why="not JSON, perhaps a line that was not written to its end")
    if not isinstance(data, dict):
        return Unreadable(file=file, line=number, why="not a line of a journal: expected an object")
    try:
        return (_End if data.get("event") == "run" else Call).model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Unreadable(file=file, line=number, why=f"not a line of a journal: {where}: {first['msg']}")
