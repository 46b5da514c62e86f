"""Durations as people write them, in the files and on the command line: 30s, 5m, 1h, 90d, 2w."""

import re
from typing import Final

DAY: Final = 86400
"""Seconds."""

PATTERN: Final = "^[1-9][0-9]{0,5}[smhdw]$"
"""A number of at most six digits and a unit, for editors."""

EXAMPLES: Final = "30s, 5m, 1h, 90d or 2w"

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}


def seconds_of(text: str) -> int | None:
    """The seconds of a duration; None if it is none."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text, re.ASCII)
    return int(match[1]) * _SECONDS[match[2]] if match else None
