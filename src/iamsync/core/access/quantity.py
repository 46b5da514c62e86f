"""Values that are more than text: numbers, moments, addresses. None is what cannot be read as one."""

import re
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_LONGEST_NUMBER: Final = 400
_EPOCH = re.compile(r"\d{1,3}|\d{5,18}", re.ASCII)
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:\.\d{1,9})?))?"
    r"(?P<zone>Z|[+-](?:0\d|1[0-4]):[0-5]\d))?)?",
    re.ASCII,
)
_NETWORK = re.compile(r"[0-9A-Fa-f.:]+(?:/\d{1,3})?", re.ASCII)
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_MARCH: Final = 3
_DECEMBER: Final = 12


def number(text: str) -> Decimal | None:
    """An integer or decimal value ("Condition operators", Numeric)."""
    return Decimal(text) if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) else None


def moment(text: str) -> Decimal | None:
    """Seconds since 1970 of one of the W3C's ISO 8601 formats, or epoch time ("Condition operators", Date).

    Four digits could be a year as well as an epoch time: they are not read.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"] or 1)
    following = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    if not 1 <= day <= _days_before(*following, 1) - _days_before(year, month, 1):
        return None
    of_day = int(found["hour"] or 0) * _HOUR + int(found["minute"] or 0) * _MINUTE
    return _days_before(year, month, day) * _DAY + of_day + Decimal(found["second"] or 0) - _offset(found["zone"])


def _days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a day of the Gregorian calendar, counted in years that begin in March, so that the
    leap day is the last. (Core has no clock and imports no `datetime`.)
    """
    if month < _MARCH:
        year, month = year - 1, month + _DECEMBER
    leap_days = year // 4 - year // 100 + year // 400
    return 365 * year + leap_days + (153 * (month - _MARCH) + 2) // 5 + day - 1 - 719468


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    seconds = int(zone[1:3]) * _HOUR + int(zone[4:]) * _MINUTE
    return -seconds if zone.startswith("-") else seconds


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 or IPv6 address."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def network(text: str) -> IPv4Network | IPv6Network | None:
    """A range in CIDR notation; an address alone is a range of one ("Condition operators", IP address)."""
    try:
        return ip_network(text, strict=False) if _NETWORK.fullmatch(text) else None
    except ValueError:
        return None
