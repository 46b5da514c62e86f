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
    """A part of a line that is not its beginning, with each unprintable character as Python writes it (backslash, x1b),
    and one character of what would be a command anywhere in a line as well.
    """
    shown = text if text.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return _COMMAND_ANYWHERE.sub(r"\1\\x5b", shown)


def inert(text: str) -> str:
    """A whole line. What becomes of a character depends only on those before it, so a line can be shown in pieces; and
    what is inert stays as it is.
    """
    return _COMMAND_AT_START.sub(r"\1\\x3a", visible(text))


def inert_json(
    value: object, *, indent: int | None = None, default: Callable[[object], object] = secret_by_name
) -> str:
    """`value` as JSON text in ASCII, which reads as the same value and holds no command. `default` says how JSON holds
    what it does not know.
    """
    return _COMMAND_ANYWHERE.sub(r"\1\\u005b", json.dumps(value, indent=indent, default=default))
