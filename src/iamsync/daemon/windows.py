"""Maintenance windows: the times at which the loop may grant something: `Mon-Fri 08:00-18:00 Europe/Berlin`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

EXAMPLE: Final = '"Mon-Fri 08:00-18:00 Europe/Berlin", "daily 22:00-02:00" or "Sat,Sun 00:00-24:00"'

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(\S+) +(\d\d:\d\d)-(\d\d:\d\d)(?: +(\S+))?", re.ASCII)
_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time on some days of the week (Monday is 0) in a time zone. If it does not end after it begins, it ends on the
    next day; an `end` of None is midnight.
    """

    days: frozenset[int]
    start: time
    end: time | None
    zone: tzinfo
    text: str

    def __str__(self) -> str:
        return self.text

    def is_open(self, now: datetime) -> bool:
        """Whether a moment (aware) is in it."""
        local = now.astimezone(self.zone)
        today, clock = local.weekday(), local.time()
        if not self._passes_midnight:
            return today in self.days and self.start <= clock and (self.end is None or clock < self.end)
        return (today in self.days and clock >= self.start) or (
            (today - 1) % 7 in self.days and self.end is not None and clock < self.end
        )

    def openings(self, now: datetime) -> Iterable[datetime]:
        """When it begins in the week after a moment (UTC)."""
        today = now.astimezone(self.zone).date()
        for day in (today + number * _DAY for number in range(8)):
            begins = datetime.combine(day, self.start, self.zone).astimezone(UTC)
            if day.weekday() in self.days and begins > now:
                yield begins

    @property
    def _passes_midnight(self) -> bool:
        return self.end is not None and self.end <= self.start


def next_opening(windows: Iterable[Window], now: datetime) -> datetime | None:
    """When the next of these windows begins after a moment (UTC); None if there is none."""
    return min((begins for window in windows for begins in window.openings(now)), default=None)


def window(text: str) -> Window:
    """The window of a text. Raises ValueError, with a sentence, if it is none."""
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'invalid maintenance window "{text}": write {EXAMPLE}')
    days, start, end, zone = match.groups()
    return Window(
        days=frozenset(_days(days, text)),
        start=_time(start, text),
        end=None if end == _MIDNIGHT else _time(end, text),
        zone=_zone(zone) if zone else UTC,
        text=" ".join(text.split()) + ("" if zone else " UTC"),
    )


def _days(words: str, text: str) -> Iterable[int]:
    if words.lower() == "daily":
        yield from range(7)
        return
    for part in words.lower().split(","):
        first, dash, last = part.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise ValueError(f'"{words}" in the maintenance window "{text}" is no list of days: write {EXAMPLE}')
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        yield from ((begin + number) % 7 for number in range((end - begin) % 7 + 1))


def _time(clock: str, text: str) -> time:
    try:
        return time.fromisoformat(clock)
    except ValueError:
        raise ValueError(f'"{clock}" in the maintenance window "{text}" is no time: write {EXAMPLE}') from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f'this machine does not know the time zone "{name}": use UTC, or install tzdata') from None
