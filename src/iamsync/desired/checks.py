"""What the files say that cannot be meant, seen from all of them together."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice, product
from typing import Any, Final

from iamsync.core.model import Origin, Problem, own_path
from iamsync.desired import members
from iamsync.desired.credentials import AccessKeysEntry
from iamsync.desired.documents import Written
from iamsync.desired.grants import Grant, listed
from iamsync.desired.merge import Declared, DeclaredDefaults, Merged
from iamsync.desired.nodes import Scalar
from iamsync.desired.places import Path, scalars, written
from iamsync.desired.schema import AccountEntry, UserEntry
from iamsync.desired.substitute import faults

MAX_ACCOUNTS: Final = 1000
RESERVED_TAG: Final = "iamsync:"
_FILLED: Final = frozenset(
    ("path", "description", "tags", "document", "policies", "inline_policies", "groups", "permissions_boundary")
)
"""The keys of an entry in whose values names are replaced."""
_LISTS: Final = (
    ("policy_sets", "policies", "includes"),
    ("groups", "policies", "policy_sets", "members"),
    ("users", "policies", "policy_sets", "groups"),
    ("defaults", "policy_sets", "groups"),
)
"""The sections, each with its keys that hold lists of names."""


def problems(whole: Merged, texts: Iterable[Written]) -> Iterator[Problem]:
    """Every problem that takes more than one value to see, but no account and no clock."""
    tagged: list[Declared[Any]] = [*whole.users.values(), *whole.policies.values()]
    for declared in tagged:
        yield from _reserved_tags(declared)
    for tag in whole.settings.defaults.user.tags:
        if tag.lower().startswith(RESERVED_TAG):
            yield whole.settings_problem(_RESERVED, "defaults", "user", "tags", tag)
    yield from _times(whole.defaults, "policy_sets", "groups")
    yield from _rotation(whole.defaults)
    for user in whole.users.values():
        yield from _times(user, "policy_sets", "policies", "groups")
        yield from _accounts_of(user, whole)
        yield from _rotation(user)
    yield from _groups(whole)
    yield from members.problems(whole)
    yield from _accounts(whole)
    yield from _templates(whole)
    yield from _json_templates(texts, _known_everywhere(whole))
    yield from _repetitions(whole)


_RESERVED: Final = "tag keys that begin with iamsync: are iamsync's own; it sets them itself"


def _reserved_tags(declared: Declared[Any]) -> Iterator[Problem]:
    for key in declared.value.tags:
        if key.lower().startswith(RESERVED_TAG):
            yield declared.problem(_RESERVED, "tags", key)


def _times(user: Declared[UserEntry] | DeclaredDefaults, *fields: str) -> Iterator[Problem]:
    for field in fields:
        at, grants = listed(user.value, field)
        for index, grant in enumerate(grants):
            if isinstance(grant, Grant) and grant.start and grant.until and grant.until <= grant.start:
                yield user.problem("until is not after from, so this never holds", *at, index, "until")


def _rotation(user: Declared[UserEntry] | DeclaredDefaults) -> Iterator[Problem]:
    keys = user.value.access_keys
    if isinstance(keys, AccessKeysEntry) and keys.rotate_after is not None and keys.count != 1:
        message = "expected count: 1 beside it: a new key needs a place beside the old one, and IAM has two"
        yield user.problem(message, "access_keys", "rotate_after")


def _accounts_of(user: Declared[UserEntry], whole: Merged) -> Iterator[Problem]:
    for index, pattern in enumerate(user.value.accounts):
        if pattern != "*" and not any(fnmatchcase(name, pattern) for name in whole.names["accounts"]):
            known = ", ".join(islice(whole.names["accounts"], 10)) or "none; declare them under `accounts`"
            yield user.problem(f'"{pattern}" fits no account; declared: {known}', "accounts", index)


def _groups(whole: Merged) -> Iterator[Problem]:
    top = own_path(whole.settings.owner)
    for group in whole.groups.values():
        if group.value.path and not group.value.path.startswith(top):
            message = f'found "{group.value.path}", expected {top} or a path below: iamsync knows its groups by it'
            yield group.problem(message, "path")
    for name, bundle in whole.policy_sets.items():
        if bundle.value.attach == "group" and name in whole.names["groups"]:
            message = f"the set's group would have the name of the group declared at {whole.names['groups'][name]}"
            yield bundle.problem(message, "attach")


def _accounts(whole: Merged) -> Iterator[Problem]:
    for account in islice(whole.accounts.values(), MAX_ACCOUNTS, MAX_ACCOUNTS + 1):
        yield account.problem(f"more than {MAX_ACCOUNTS:,} accounts; divide them among several folders")
    first: dict[str, Declared[Any]] = {}
    for account in whole.accounts.values():
        other = first.setdefault(account.value.id, account)
        if other is not account:
            yield account.problem(f"the same account as {other.name}, at {other.origin}", "id")
    wanted = whole.settings.account_id
    if wanted and whole.accounts and wanted not in first:
        yield whole.settings_problem(f"{wanted} is not among `accounts`; leave it out, they say which", "account_id")


def _templates(whole: Merged) -> Iterator[Problem]:
    everywhere = _known_everywhere(whole)
    known_to = cache(lambda patterns: _known_to(patterns, whole))
    for source in whole.sources:
        for path, text in scalars(source.root):
            if "{{" not in text.text or (path[0] == "policy_sets" and path[-1] == "description"):
                continue  # what a set is for is read by people only
            known = everywhere
            if path[0] == "users" and len(path) > 1 and path[1] in whole.users:
                known = known_to(tuple(whole.users[str(path[1])].value.accounts)) or everywhere
            for offset, message in _template_faults(path, text, known):
                column = text.column + (0 if text.plain else 1) + offset if "\n" not in text.text else text.column
                origin = Origin(file=source.file, line=text.line, column=column)
                yield Problem(origin=origin, path=written(path), message=message)


def _json_templates(texts: Iterable[Written], known: list[dict[str, str]]) -> Iterator[Problem]:
    for file, text in {one.file: one.source for one in texts if isinstance(one.source, str)}.items():
        for offset, message in _all_faults(text, known):
            line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
            yield Problem(origin=Origin(file=file, line=line, column=column), path="", message=message)


def _repetitions(whole: Merged) -> Iterator[Problem]:
    """A name twice in one list does no harm, and is hardly meant."""
    for section, *fields in _LISTS:
        entries: list[Any] = [whole.defaults] if section == "defaults" else list(getattr(whole, section).values())
        for declared, field in product(entries, fields):
            at, grants = listed(declared.value, field)
            names = [(index, grant) for index, grant in enumerate(grants) if isinstance(grant, str)]
            same = [name.casefold() if field == "groups" else name for _, name in names]
            if len(set(same)) < len(same):
                index, name = next(names[at_] for at_, one in enumerate(same) if same.index(one) < at_)
                yield declared.problem(f'"{name}" is there twice', *at, index, warning=True)


def _known_everywhere(whole: Merged) -> list[dict[str, str]]:
    """What is known in each of the accounts."""
    return _different(whole, whole.accounts.values()) or [_known(whole.vars)]


def _different(whole: Merged, accounts: Iterable[Declared[AccountEntry]]) -> list[dict[str, str]]:
    """The names that are known in accounts; those of accounts with the same variables once."""
    different = {tuple(sorted(one.value.vars)): one.value.vars for one in islice(accounts, MAX_ACCOUNTS)}
    return [{"account.name": "", **_known({**whole.vars, **one})} for one in different.values()]


def _known(variables: Mapping[str, str]) -> dict[str, str]:
    return {"account.id": "", "partition": "", **{f"vars.{name}": "" for name in variables}}


def _known_to(patterns: tuple[str, ...], whole: Merged) -> list[dict[str, str]]:
    """What is known in each of the accounts that fit."""
    accounts = islice(whole.accounts.items(), MAX_ACCOUNTS)
    return _different(
        whole,
        (
            account
            for name, account in accounts
            if any(pattern == "*" or fnmatchcase(name, pattern) for pattern in patterns)
        ),
    )


def _template_faults(path: Path, text: Scalar, known: list[dict[str, str]]) -> Iterator[tuple[int, str]]:
    at = path[1:] if path[:3] == ("settings", "defaults", "user") else path
    sections = {"policies", "policy_sets", "users", "groups", "defaults"}
    is_filled = at[0] in sections and len(at) > 2 and at[2] in _FILLED  # noqa: PLR2004 - section, name, key
    if not is_filled:
        yield text.text.index("{{"), "{{ }} is not replaced here, only in paths, tags, policies and their documents"
        return
    yield from _all_faults(text.text, known)


def _all_faults(text: str, known: list[dict[str, str]]) -> Iterator[tuple[int, str]]:
    """What is wrong in any of the accounts, once for each place."""
    told = {offset: message for names in known for offset, message in faults(text, names)}
    yield from sorted(told.items())
