"""Text from outside that must not command a screen: names, files, documents and answers of AWS as plain characters.

Terminals obey control sequences, and runners of CI obey commands in the output of a step: GitHub lines that begin with
`::`, and `##[` anywhere; Azure Pipelines `##vso[` and `##[`; TeamCity `##teamcity[`.
"""

import json
import re
from collections.abc import Callable

from iamsync.core.api import secret_by_name

_COMMAND_ANYWHERE = re.compile(r"(##[A-Za-z]*)\[")
_COMMAND_AT_START = re.compile(r"^( *:):")


def visible(text: str) -> str:
    """Text that is safe inside a line. Unprintable characters are written as escapes, as in Python. The bracket of a
    command that a CI runner obeys anywhere in a line (`##vso[`) is written as an escape, too.

    Commands that work only at the beginning of a line are left: see `inert`.
    """
    shown = text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return _COMMAND_ANYWHERE.sub(r"\1\\x5b", shown)


def inert(text: str) -> str:
    """A whole line that is safe to print: as `visible`, and without a command at its beginning (`::`).

    Inert text stays the same. The result for a character depends only on the characters before it, so a line can be
    printed in pieces.
    """
    return _COMMAND_AT_START.sub(r"\1\\x3a", visible(text))


def inert_json(
    value: object, *, indent: int | None = None, default: Callable[[object], object] = secret_by_name
) -> str:
    """`value` as JSON text in ASCII that holds no command and parses to the same value. `default` converts values that
    JSON has no type for, as in `json.dumps`.
    """
    return _COMMAND_ANYWHERE.sub(r"\1\\u005b", json.dumps(value, indent=indent, default=default))
