"""A call as a journal has it, and what of it can be believed to be the text, name or tag that it claims to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from iamsync.core.document import Document, DocumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A call that a run made, or may have made."""

    operation: str
    params: Mapping[str, object]
    old: Mapping[str, object]
    removed: str = ""
    verb: str = ""


class NotUndoneError(Exception):
    """Why one call is not undone."""


def refuse(why: str) -> NoReturn:
    """Leave one call as it is."""
    raise NotUndoneError(why)


def text(call: Made, name: str) -> str:
    """A parameter that is a text."""
    value = call.params.get(name)
    return value if isinstance(value, str) and value else refuse(f"the journal has no {name}")


def document(written: str) -> Document:
    """A policy document of the journal."""
    try:
        return Document.parse(written)
    except DocumentError as error:
        refuse(f"the journal has no text that IAM would take ({error.message})")


def texts(value: object) -> dict[str, str]:
    """A mapping of texts, without what is none."""
    items = value.items() if isinstance(value, Mapping) else ()
    return {key: one for key, one in items if isinstance(key, str) and isinstance(one, str)}


def pairs(value: object) -> dict[str, str]:
    """AWS's list of Key and Value as a mapping, without what is none."""
    listed = value if isinstance(value, list) else []
    return {
        key: written
        for one in listed
        if isinstance(one, Mapping)
        and isinstance(key := one.get("Key"), str)
        and isinstance(written := one.get("Value"), str)
    }
