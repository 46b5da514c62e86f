"""What the formats show of a case, and where that is written down."""

import os
from contextlib import chdir
from pathlib import Path

from casebook.case import case

from iamsync.core.inert import visible
from iamsync.render.formats import PLAN_FORMATS
from iamsync.render.line import plain
from iamsync.render.shown import Shown

TESTS = Path(__file__).parent.parent
STATES = sorted(folder for folder in (TESTS / "cases").iterdir() if (folder / "plan.txt").exists())
GOLDENS = TESTS / "goldens"
ENDINGS = {"json": "json", "markdown": "md", "sh": "sh"}
"""The formats that are written down beside `plan.txt`, and how their files end."""
IS_WRITTEN = "IAMSYNC_WRITE_GOLDENS" in os.environ


def shown(folder: Path) -> Shown:
    """The plan of a case, as `plan` would show it."""
    with chdir(folder):
        told = case(Path())
    caller = "arn:aws:sts::123456789012:assumed-role/iamsync/ci"
    return Shown(
        plan=told.plan, refusals=told.refusals, caller=caller, commit="0123456789abcdef0123456789abcdef01234567"
    )


def in_format(form: str, what: Shown) -> str:
    """What is printed."""
    return f"{plain(PLAN_FORMATS[form](what))}\n"


def is_in(words: str, text: str) -> bool:
    """Whether words stand in a text, as they may be shown."""
    return visible(words) in text
