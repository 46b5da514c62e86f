"""Texts that would command a terminal or a runner of CI, and what such a runner obeys in an output."""

import json
import os
import re
import unicodedata
from xml.sax.saxutils import escape

TERMINAL = (
    "\x1b[2J\x1b[31m",  # clear the screen
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",  # a link
    "\x1b]52;c;cm0gLXJm\x07",  # the clipboard
    "\x9b31m",  # the same as ESC [
    "done\rFAILED",
    "a\x08\x08b",
    "\x07\x7f\x00",
    "\u202egnp.exe",  # right to left
    "\u2066\u2069\u200f\u061c",
    "zero\u200bwidth\ufeff\u00ad",
    "line\u2028para\u2029nel\x85",
    "\U000e0041\U000e0042",  # tags, which nobody sees
)
RUNNER = (
    "::add-mask::a",
    "::stop-commands::x",
    "  ::set-output name=a::b",
    "\n::add-mask::b",
    "\r\n::error::c",
    "\u2028::debug::d",
    "##[error]e",
    "a ##[add-mask]f",
    "##vso[task.setvariable variable=g]h",
    "##teamcity[buildStatus text='i']",
    "%0A::warning::j",
    "[bold]k[/bold]",
)
HOSTILE = (*TERMINAL, *RUNNER)
ALL = "|".join(HOSTILE)
UNDECODABLE = "\udcff"
"""What a byte that is no UTF-8 in the name of a file becomes."""

_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def on_disk(name: str) -> str:
    """How Python spells the file of that name in UTF-8, whatever the locale says of names."""
    return os.fsdecode(name.encode("utf-8", "surrogateescape"))


def answered(text: str) -> str:
    """A text as AWS could answer it: without what XML cannot hold (XML 1.0, 2.2)."""
    return _XML.sub("", text)


def in_xml(text: str) -> bytes:
    """The same on the wire."""
    return "".join(f"&#{ord(one)};" if one in "\t\n\r" else escape(one) for one in answered(text)).encode()


def in_yaml(value: object) -> str:
    """A value as JSON in ASCII, which is YAML but for what it makes of characters beyond U+FFFF."""
    pairs = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
    return pairs.sub(lambda pair: _beyond(pair[0]), json.dumps(value))


def _beyond(pair: str) -> str:
    character = json.loads('"' + pair + '"')
    return f"\\U{ord(character):08X}"


def controls(output: str) -> list[str]:
    """The characters of an output that a terminal might obey, or show to nobody; line breaks end lines."""
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return [f"U+{ord(one):04X}" for one in output if one != "\n" and unicodedata.category(one) in hidden]


def commands(output: str) -> list[str]:
    """The lines of an output that a runner obeys. GitHub's (actions/runner, ActionCommand.cs) trims white space and
    looks for `::` at the beginning, and for `##[` anywhere; Azure's (Command.cs of the agent) for `##vso[` anywhere.
    """
    lines = re.split(r"\r\n|\r|\n", output)
    return [line for line in lines if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]
