"""All files as one: what each name was declared as, and where. A name is declared once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from iamsync.core.model import Origin, Problem
from iamsync.desired.grants import Granted, listed, name_of, times_of
from iamsync.desired.nodes import Entries, Entry
from iamsync.desired.places import Path, node_at, place_of, written
from iamsync.desired.policies import PolicyEntry, SetEntry
from iamsync.desired.schema import (
    AccountEntry,
    File,
    GroupEntry,
    UserEntry,
)
from iamsync.desired.settings import SettingsEntry, UserDefaults

Value = TypeVar("Value", bound=BaseModel)

_DEFAULTS: Final = ("defaults", "user")
SECTIONS: Final = ("policies", "policy_sets", "users", "groups", "accounts")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its whole tree, and what of it is as the schema says."""

    file: str
    root: Entries
    value: File


@dataclass(frozen=True, slots=True)
class Declared(Generic[Value]):
    """One entry, with its file and its place in it."""

    section: str
    name: str
    value: Value
    file: str
    entry: Entry

    @property
    def origin(self) -> Origin:
        """Where its name is written."""
        return Origin(file=self.file, line=self.entry.key.line, column=self.entry.key.column)

    def origin_of(self, *path: str | int) -> Origin:
        """Where a value inside of it is written, or its name if it is not."""
        node = node_at(self.entry.value, path)
        return self.origin if node is None else Origin(file=self.file, line=node.line, column=node.column)

    def problem(self, message: str, *path: str | int, warning: bool = False) -> Problem:
        """A problem with a value inside of it."""
        where = written((self.section, self.name, *path))
        return Problem(origin=self.origin_of(*path), path=where, message=message, warning=warning)


@dataclass(frozen=True, slots=True)
class Merged:
    """The whole folder. `names` has also the entries that are too faulty to be in the other fields."""

    sources: tuple[SourceFile, ...]
    settings: SettingsEntry
    vars: Mapping[str, str]
    policies: Mapping[str, Declared[PolicyEntry]]
    policy_sets: Mapping[str, Declared[SetEntry]]
    users: Mapping[str, Declared[UserEntry]]
    groups: Mapping[str, Declared[GroupEntry]]
    accounts: Mapping[str, Declared[AccountEntry]]
    members: Mapping[str, tuple[Granted, ...]]
    """By user: the memberships that groups list."""
    default_grants: Mapping[str, tuple[Granted, ...]]
    """By field: what the defaults of users grant."""
    default_places: Mapping[str, Origin]
    """By field: where the defaults of users are written."""
    names: Mapping[str, Mapping[str, Origin]]
    is_complete: bool
    """Whether all that is declared is known by name. If not, a missing name proves nothing."""

    def settings_problem(self, message: str, *path: str | int) -> Problem:
        """A problem with a setting, or with its absence."""
        return Problem(origin=self.settings_origin(*path), path=written(("settings", *path)), message=message)

    def settings_origin(self, *path: str | int) -> Origin:
        """Where a setting is written; if nowhere, where the nearest one around it is."""
        return _settings_origin(self.sources, *path)

    @property
    def defaults(self) -> "DeclaredDefaults":
        """The defaults of users."""
        return DeclaredDefaults(self.settings.defaults.user, self)


@dataclass(frozen=True, slots=True)
class DeclaredDefaults:
    """The defaults of users, with their place."""

    value: UserDefaults
    whole: Merged

    def problem(self, message: str, *path: str | int, warning: bool = False) -> Problem:
        """A problem with one of them."""
        return replace(self.whole.settings_problem(message, *_DEFAULTS, *path), warning=warning)


def merged(sources: Iterable[SourceFile], *, is_complete: bool) -> tuple[Merged, list[Problem]]:
    """All files as one, and what is declared twice."""
    sources = tuple(sources)
    problems: list[Problem] = []
    names: dict[str, dict[str, Origin]] = {section: {} for section in SECTIONS}
    entries: dict[str, dict[str, Declared[Any]]] = {section: {} for section in SECTIONS}
    for source in sources:
        for section in SECTIONS:
            healthy = getattr(source.value, section)
            for name, entry in _entries(source.root, section):
                origin = Origin(file=source.file, line=entry.key.line, column=entry.key.column)
                first = names[section].setdefault(name, origin)
                if first is not origin:
                    message = f"already declared at {first}; declare it once"
                    problems.append(Problem(origin=origin, path=written((section, name)), message=message))
                elif name in healthy:
                    entries[section][name] = Declared(section, name, healthy[name], source.file, entry)
    settings, twice = _settings(sources)
    variables, repeated = _variables(sources)
    is_complete = is_complete and all(map(_is_clear, sources))
    whole = Merged(
        sources=sources,
        settings=settings,
        vars=variables,
        **entries,
        members=_members(entries["groups"].values()),
        default_grants=_default_grants(sources, settings.defaults.user),
        default_places={
            field: _settings_origin(sources, *_DEFAULTS, field) for field in settings.defaults.user.model_fields_set
        },
        names=names,
        is_complete=is_complete,
    )
    return whole, [*problems, *twice, *repeated, *_absent(whole)]


def _variables(sources: Iterable[SourceFile]) -> tuple[dict[str, str], list[Problem]]:
    found: dict[str, str] = {}
    places: dict[str, Origin] = {}
    problems: list[Problem] = []
    for source in sources:
        for name, value in source.value.vars.items():
            line, column = place_of(source.root, ("vars", name), key=True)
            origin = Origin(file=source.file, line=line, column=column)
            if (first := places.setdefault(name, origin)) is origin:
                found[name] = value
            else:
                message = f"already set at {first}; set it once"
                problems.append(Problem(origin=origin, path=written(("vars", name)), message=message))
    return found, problems


def _members(groups: Iterable[Declared[GroupEntry]]) -> dict[str, tuple[Granted, ...]]:
    found: dict[str, list[Granted]] = defaultdict(list)
    for group in groups:
        for index, member in enumerate(group.value.members):
            start, until = times_of(member)
            origin = group.origin_of("members", index)
            one = Granted(name=group.name, origin=origin, start=start, until=until, listed_by=group.name)
            found[name_of(member)].append(one)
    return {user: tuple(memberships) for user, memberships in found.items()}


def _default_grants(sources: Iterable[SourceFile], defaults: UserDefaults) -> dict[str, tuple[Granted, ...]]:
    found: dict[str, tuple[Granted, ...]] = {}
    for field in ("policy_sets", "groups"):
        at, grants = listed(defaults, field)
        found[field] = tuple(
            Granted(
                name=name_of(grant),
                origin=_settings_origin(sources, *_DEFAULTS, *at, index),
                start=times_of(grant)[0],
                until=times_of(grant)[1],
                is_default=True,
            )
            for index, grant in enumerate(grants)
        )
    return found


def _settings_origin(sources: Iterable[SourceFile], *path: str | int) -> Origin:
    sources = tuple(sources)
    for length in range(len(path), -1, -1):
        for source in sources:
            way: Path = ("settings", *path[:length])
            if node_at(source.root, way) is not None:
                line, column = place_of(source.root, way, key=length < len(path))
                return Origin(file=source.file, line=line, column=column)
    return Origin(file=sources[0].file, line=1) if sources else Origin(file="", line=1)


def _is_clear(source: SourceFile) -> bool:
    """Whether each key at the top is known and holds entries: else something may be declared that nobody can see."""
    known = {*SECTIONS, "version", "settings", "vars"}
    return all(
        key in known and (key == "version" or isinstance(entry.value, Entries))
        for key, entry in source.root.entries.items()
    )


def _entries(root: Entries, section: str) -> Iterator[tuple[str, Entry]]:
    node = node_at(root, (section,))
    if isinstance(node, Entries):
        yield from node.entries.items()


def _settings(sources: Iterable[SourceFile]) -> tuple[SettingsEntry, list[Problem]]:
    """Settings are merged key by key, so that each can be in another file."""
    whole: dict[str, Any] = {}
    places: dict[Path, Origin] = {}
    problems: list[Problem] = []
    for source in sources:
        if "settings" not in source.value.model_fields_set:
            continue
        for path, value in _leaves(source.value.settings):
            line, column = place_of(source.root, ("settings", *path), key=True)
            origin = Origin(file=source.file, line=line, column=column)
            if (first := places.setdefault(path, origin)) is origin:
                _put(whole, path, value)
            else:
                message = f"already set at {first}; set it once"
                problems.append(Problem(origin=origin, path=written(("settings", *path)), message=message))
    return _settings_of(whole), problems


def _leaves(model: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name in model.model_fields_set:
        value = getattr(model, name)
        if isinstance(value, BaseModel) and _inner(type(model), name):
            yield from _leaves(value, (*path, name))
        elif isinstance(value, dict):
            yield from (((*path, name, key), one) for key, one in value.items())
        else:
            yield (*path, name), value


def _put(whole: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *around, last = path
    for step in around:
        whole = whole.setdefault(step, {})
    whole[last] = value


def _settings_of(whole: Mapping[str, Any]) -> SettingsEntry:
    """The checked values put together again; they were checked where they were read."""
    return _constructed(SettingsEntry, whole)


def _constructed(model: type[Value], values: Mapping[str, Any]) -> Value:
    inner = {
        name: value if (section := _inner(model, name)) is None else _constructed(section, value)
        for name, value in values.items()
    }
    return model.model_construct(None, **inner)


def _inner(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The class of a key that is always a mapping of keys. Another may hold one, and is merged as a whole."""
    annotation = model.model_fields[name].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _absent(whole: Merged) -> Iterator[Problem]:
    """What some file must say."""
    if not whole.is_complete:
        return
    if whole.sources and not any("version" in source.root.entries for source in whole.sources):
        first = whole.sources[0]
        yield Problem(origin=Origin(file=first.file, line=1), path="version", message="no file says version: 1; add it")
    if whole.sources and not any(node_at(source.root, ("settings", "owner")) for source in whole.sources):
        message = "no file says whose users these are; add settings: {owner: your-team}"
        yield whole.settings_problem(message, "owner")
