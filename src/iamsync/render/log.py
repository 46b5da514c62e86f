"""A log record as one line: what people read on a terminal, JSON elsewhere. Both are structlog's own."""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level

from iamsync.core.inert import inert_json, visible

Event = MutableMapping[str, Any]


def log_line(record: logging.LogRecord, *, for_people: bool) -> str:
    """The message of a record, the fields that came with it (`extra={"fields": {...}}`), its level and the time."""
    return (_FOR_PEOPLE if for_people else _FOR_PROGRAMS).format(record)


def _with_fields(_: object, __: str, event: Event) -> Event:
    """Before the processors of structlog: fields first, so that none can pass for the level or the time."""
    return {**getattr(event["_record"], "fields", {}), **event}


def _inert(_: object, __: str, event: Event) -> Event:
    return {name: _shown(value) for name, value in event.items()}


def _shown(value: object) -> object:
    match value:
        case str():
            return visible(value)
        case Mapping():
            return {visible(str(key)): _shown(one) for key, one in value.items()}
        case list() | tuple():
            return [_shown(one) for one in value]
        case _:
            return value


def _json(value: object, default: Callable[[object], object]) -> str:
    return inert_json(value, default=default)


_TIME = TimeStamper(fmt="iso", utc=True)
_BEFORE = (_with_fields, ProcessorFormatter.remove_processors_meta, add_log_level, _TIME, format_exc_info)
_FOR_PEOPLE = ProcessorFormatter(processors=[*_BEFORE, _inert, ConsoleRenderer(colors=True)])
_FOR_PROGRAMS = ProcessorFormatter(processors=[*_BEFORE, JSONRenderer(serializer=_json)])
