"""A report on an account: as text, as JSON, and as a table in CSV with a row for each user."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import groupby
from typing import Any, Final

from iamsync.audit import Audit, AuditedUser, Expiry, Finding
from iamsync.audit.findings import BENCHMARK
from iamsync.core.credential_use import CredentialUse
from iamsync.core.model import AccessKey
from iamsync.render.actions import count
from iamsync.render.formats import json_lines
from iamsync.render.line import Line, line

JSON_VERSION: Final = 1
"""Grows when a name in the JSON form of a report changes its meaning or disappears."""


def text_lines(audit: Audit) -> Iterator[Line]:
    """For a person: what is wrong first, then what nobody manages, then each user."""
    yield line((title(audit), "bold"))
    yield line(credentials_words(audit))
    yield from _heading(f"Findings ({BENCHMARK} where a number is given)")
    for rule, found in groupby(audit.findings, key=lambda one: one.rule):
        yield line("  ", (rule.words, "yellow"))
        yield from (line(f"    {one.subject}: {one.text}") for one in found)
    if not audit.findings:
        yield line("  none")
    for heading, rows in sections(audit):
        if rows:
            yield from _heading(heading)
            yield from (line(f"  {row}") for row in rows)
    yield from _heading(f"Users ({len(audit.users):,})")
    for user in audit.users:
        yield line("  ", (user.name, "bold"), f": {', '.join(_facts(user))}")
        if user.policies:
            yield line(f"    policies: {', '.join(one.words for one in user.policies)}", style="dim")


def _heading(text: str) -> Iterator[Line]:
    yield line()
    yield line((text, "bold"))


def title(audit: Audit) -> str:
    """What the report is on, and of when."""
    owner = f", owner {audit.owner}" if audit.owner else ""
    return f"Account {audit.account.id}{owner}, {audit.made}"


def credentials_words(audit: Audit) -> str:
    """Of when is what is said of credentials."""
    if not audit.credentials_as_of:
        return "Passwords, MFA and access keys were not asked for (--cheap)."
    return f"Passwords, MFA and access keys as of {audit.credentials_as_of}."


def sections(audit: Audit) -> list[tuple[str, list[str]]]:
    """What is beside the users, with its headings; administrators first."""
    unmanaged = audit.unmanaged_users
    return [
        ("Unmanaged administrators", [one.name for one in unmanaged if one.administrator]),
        ("Unmanaged users", [one.name for one in unmanaged if not one.administrator]),
        ("Unmanaged policies", list(audit.unmanaged_policies)),
        ("Unmanaged groups", list(audit.unmanaged_groups)),
        ("Owned, but no longer declared", list(audit.orphans)),
        ("Holds", [f"{subject}: {reason}" for subject, reason in audit.holds]),
        ("Undeclared Denies", [f"{subject}: {name}" for subject, name in audit.denies]),
        ("Expiring", [_expiring(one) for one in audit.expiring]),
    ]


def _expiring(one: Expiry) -> str:
    return f"{one.at:%Y-%m-%d %H:%M} UTC: {one.subject} {one.what} ({one.origin})"


def _facts(user: AuditedUser) -> Iterator[str]:
    yield user.status
    if user.administrator:
        yield "administrator"
    if user.quarantined:
        yield "quarantined"
    if user.sets:
        yield f"sets {' '.join(user.sets)}"
    if user.groups:
        yield f"groups {' '.join(user.groups)}"
    if user.boundary:
        yield f"boundary {user.boundary}"
    if user.use is not None:
        yield console_words(user.use)
        yield from map(key_words, user.use.access_keys)


def console_words(use: CredentialUse) -> str:
    """Whether and how a user signs in to the console."""
    if not use.console:
        return "no console password"
    used = "" if use.password_idle_days is None else f", used {_ago(use.password_idle_days)}"
    age = "" if use.password_age_days is None else f" set {_ago(use.password_age_days)}"
    return f"console password{age}{used}, {'MFA' if use.mfa else 'no MFA'}"


def key_words(key: AccessKey) -> str:
    """An access key: active or not, its age, its last use. AWS's credential report has no age of an inactive key."""
    used = "never used" if key.idle_days is None else f"used {_ago(key.idle_days)}"
    how_old = f"active, {count(key.age_days, 'day')} old" if key.active else "inactive"
    return f"access key {key.id} {how_old}, {used}"


def _ago(days: int) -> str:
    return f"{count(days, 'day')} ago" if days else "today"


def data(audit: Audit) -> dict[str, Any]:
    """The report as plain data, under names that stay."""
    return {
        "version": JSON_VERSION,
        "account": {"id": audit.account.id, "partition": audit.account.partition},
        "owner": audit.owner or None,
        "made": audit.made,
        "credentials_as_of": audit.credentials_as_of or None,
        "users": [_user_data(user) for user in audit.users],
        "unmanaged": {
            "users": [user.name for user in audit.unmanaged_users],
            "policies": list(audit.unmanaged_policies),
            "groups": list(audit.unmanaged_groups),
        },
        "orphans": list(audit.orphans),
        "holds": [{"subject": subject, "reason": reason} for subject, reason in audit.holds],
        "undeclared_denies": [{"subject": subject, "policy": name} for subject, name in audit.denies],
        "expiring": [
            {"subject": one.subject, "what": one.what, "at": one.at.isoformat(), "declared_at": str(one.origin)}
            for one in audit.expiring
        ],
        "findings": [
            {"rule": one.rule.name, "cis": one.rule.cis or None, "subject": one.subject, "text": one.text}
            for one in audit.findings
        ],
    }


def _user_data(user: AuditedUser) -> dict[str, Any]:
    use = user.use
    return {
        "name": user.name,
        "path": user.path,
        "status": user.status,
        "declared_at": str(user.declared_at) if user.declared_at else None,
        "administrator": user.administrator,
        "quarantined": user.quarantined,
        "policy_sets": list(user.sets),
        "groups": list(user.groups),
        "policies": [{"name": one.policy, "inline": one.inline, "by": one.by or None} for one in user.policies],
        "permissions_boundary": user.boundary or None,
        "hold": user.hold,
        "credentials": None
        if use is None
        else {
            "console": use.console,
            "mfa": use.mfa,
            "last_used_days": use.idle_days,
            "password_age_days": use.password_age_days,
            "password_idle_days": use.password_idle_days,
            "access_keys": [
                {"key": key.id, "active": key.active, "age_days": _age(key), "idle_days": key.idle_days}
                for key in use.access_keys
            ],
        },
    }


def data_lines(audit: Audit) -> Iterator[Line]:
    """As JSON."""
    return json_lines(data(audit))


_COLUMNS: Final = (
    *("user", "path", "status", "administrator", "quarantined", "hold", "policy_sets", "groups", "policies"),
    *("permissions_boundary", "console", "mfa", "last_used_days", "password_age_days", "password_idle_days"),
    *("access_key_1_active", "access_key_1_age_days", "access_key_1_idle_days"),
    *("access_key_2_active", "access_key_2_age_days", "access_key_2_idle_days", "findings"),
)


def table_lines(audit: Audit) -> Iterator[Line]:
    """As CSV: a row for each user. Days and flags are empty where they are not known, or there is nothing."""
    rules: dict[str, list[str]] = {}
    for one in audit.findings:
        rules.setdefault(one.subject, []).append(one.rule.name)
    yield _row(_COLUMNS)
    for user in audit.users:
        broken = dict.fromkeys(rules.get(f"user/{user.name}", ()))
        yield _row([*_cells(user), " ".join(broken)])


def _cells(user: AuditedUser) -> Iterator[str]:
    yield from (user.name, user.path, user.status, _flag(user.administrator), _flag(user.quarantined), user.hold or "")
    yield from (" ".join(user.sets), " ".join(user.groups), "; ".join(one.words for one in user.policies))
    yield user.boundary
    use = user.use
    if use is None:
        yield from [""] * 11
        return
    yield from (_flag(use.console), _flag(use.mfa), _number(use.idle_days))
    yield from (_number(use.password_age_days), _number(use.password_idle_days))
    for number in range(2):
        if number < len(use.access_keys):
            key = use.access_keys[number]
            yield from (_flag(key.active), _number(_age(key)), _number(key.idle_days))
        else:
            yield from ("", "", "")


def _age(key: AccessKey) -> int | None:
    return key.age_days if key.active else None


def _flag(value: bool) -> str:  # noqa: FBT001 - what it shows
    return "true" if value else "false"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _row(cells: Sequence[str]) -> Line:
    table = StringIO()
    csv.writer(table, lineterminator="").writerow(cells)
    return line(table.getvalue())


def by_rule(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Findings by the words of their rule."""
    return [(rule.words, list(found)) for rule, found in groupby(findings, key=lambda one: one.rule)]
