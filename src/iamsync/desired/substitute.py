"""`{{ account.id }}` and its like: names for what differs between accounts, and nothing else.

No loops, no conditions, no functions. `${...}` belongs to IAM and is never touched.
"""

import re
from collections.abc import Iterator, Mapping

from iamsync.core.arn import Account
from iamsync.core.validate import shown
from iamsync.desired.near import did_you_mean

_OPENING = re.compile(r"\{\{(?:\s*(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*\}\})?", re.ASCII)


def values_for(account: Account, name: str | None, variables: Mapping[str, str]) -> dict[str, str]:
    """What each name stands for in one account. An account that nobody has named has no `account.name`."""
    named = {} if name is None else {"account.name": name}
    return {
        "account.id": account.id,
        "partition": account.partition,
        **named,
        **{f"vars.{variable}": value for variable, value in variables.items()},
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with what the names stand for. A name that stands for nothing is left: `faults` has reported it."""
    if "{{" not in text:
        return text
    return _OPENING.sub(lambda match: values.get(match["name"] or "", match[0]), text)


def faults(text: str, known: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Where in the text something is wrong, counted from 0, and what."""
    for match in _OPENING.finditer(text):
        name = match["name"]
        if name is None:
            yield match.start(), 'found "{{" without a name and "}}", expected one like {{ account.id }}'
        elif name not in known:
            hint = did_you_mean(name, known) or f"; known here: {', '.join(sorted(known))}"
            if name == "account.name":
                hint = "; an account has a name if `accounts` gives it one"
            yield match.start(), f"{shown(name)} stands for nothing{hint}"
