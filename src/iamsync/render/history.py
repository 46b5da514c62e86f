"""What journals say, as lines for a person and as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from iamsync.core.arn import Arn, short_name
from iamsync.history import UNKNOWN, Call, History, RunRecord
from iamsync.render.actions import count
from iamsync.render.line import Line, Part, line

VERSION: Final = 1
"""Grows when a name in the JSON form changes its meaning or disappears."""

_COLUMN: Final = 58
_MOST_NAMED: Final = 5
_STYLES: Final[Mapping[str, Part]] = {
    "done": ("", ""),
    "failed": ("FAILED ", "bold red"),
    UNKNOWN: ("UNKNOWN ", "bold yellow"),
}
_WORDS: Final[Mapping[str, str]] = {
    "tag_user": "set tags {Tags}",
    "tag_policy": "set tags {Tags}",
    "untag_user": "remove tags {TagKeys}",
    "untag_policy": "remove tags {TagKeys}",
    "put_user_permissions_boundary": "boundary {PermissionsBoundary}",
    "delete_user_permissions_boundary": "remove the boundary",
    "attach_user_policy": "attach {PolicyArn}",
    "attach_group_policy": "attach {PolicyArn}",
    "detach_user_policy": "detach {PolicyArn}",
    "detach_group_policy": "detach {PolicyArn}",
    "put_user_policy": "inline policy {PolicyName}",
    "put_group_policy": "inline policy {PolicyName}",
    "delete_user_policy": "delete inline policy {PolicyName}",
    "delete_group_policy": "delete inline policy {PolicyName}",
    "create_policy_version": "new default version",
    "set_default_policy_version": "make {VersionId} the default version",
    "delete_policy_version": "delete version {VersionId}",
    "add_user_to_group": "add to group {GroupName}",
    "remove_user_from_group": "remove from group {GroupName}",
    "create_login_profile": "create console password",
    "update_login_profile": "replace console password",
    "delete_login_profile": "delete console password",
    "update_access_key": "set access key {AccessKeyId} to {Status}",
    "delete_access_key": "delete access key {AccessKeyId}",
    "deactivate_mfa_device": "deactivate MFA device {SerialNumber}",
    "delete_virtual_mfa_device": "delete virtual MFA device {SerialNumber}",
}
"""What a call does, with its parameters in braces. Others are named by their operation: `create user`."""


def history_lines(runs: Sequence[RunRecord]) -> Iterator[Line]:
    """Runs, each with its calls; quiet ones are only counted."""
    quiet = sum(run.is_quiet for run in runs)
    for run in runs:
        if not run.is_quiet:
            yield from _run_lines(run)
    shown = len(runs) - quiet
    nothing = f"; {count(quiet, 'run')} had nothing to do" if quiet else ""
    yield line(f"{count(shown, 'run')}, {count(sum(len(run.calls) for run in runs), 'call')}{nothing}.", style="bold")


def unreadable_lines(history: History) -> Iterator[Line]:
    """Which lines could not be read: the first few, and how many more."""
    for one in history.unreadable[:_MOST_NAMED]:
        yield line(("warning: ", "yellow"), f"{one.file}:{one.line}: {one.why}")
    if (more := len(history.unreadable) - _MOST_NAMED) > 0:
        yield line(("warning: ", "yellow"), f"{more:,} more lines cannot be read")


def _run_lines(run: RunRecord) -> Iterator[Line]:
    yield line((f"{_moment(run.time)}  run {run.run}", "bold"), f"  {run.result or 'without an end'}")
    yield line(f"  by {run.caller or 'nobody known'}, account {run.account or 'not known'}", style="dim")
    yield line(f"  commit {run.commit or 'not known'}, plan {(run.plan or 'none')[:12]}", style="dim")
    if run.why:
        yield line(f"  {run.why}")
    for call in run.calls.values():
        mark = _STYLES.get(call.result, (f"{call.result} ", "yellow"))
        width = max(0, _COLUMN - len(mark[0]))
        words = f"{call.subject}  {call_words(call)}".ljust(width)
        yield line("  ", mark, words, (f"  {call.reason or 'not declared'}", "dim"))
        if call.why:
            yield line(f"      {call.why}", style="dim")
        elif call.result == UNKNOWN:
            yield line("      sent, and the journal has no answer: it may have had its effect", style="dim")
    yield line()


def call_words(call: Call) -> str:
    """What a call does, in a few words."""
    params = {name: _shown(name, value) for name, value in call.params.items()}
    if call.operation in {"update_user", "update_group"}:
        return ", ".join(f"{name.removeprefix('New').lower()} -> {params[name]}" for name in params if "New" in name)
    words = _WORDS.get(call.operation, call.operation.replace("_", " "))
    for name, value in params.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def _shown(name: str, value: object) -> str:
    match value:
        case str():
            return short_name(Arn(value)) if name in {"PolicyArn", "PermissionsBoundary"} else value
        case list():
            return ", ".join(_shown("", one) for one in value)
        case {"Key": key, "Value": tag}:
            return f"{key}={tag}"
        case _:
            return str(value)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def history_data(history: History, runs: Sequence[RunRecord]) -> dict[str, Any]:
    """The same for programs, under names that stay. Quiet runs are only counted."""
    return {
        "version": VERSION,
        "runs": [_run_data(run) for run in runs if not run.is_quiet],
        "runs_with_nothing_to_do": sum(run.is_quiet for run in runs),
        "unreadable": [{"file": one.file, "line": one.line, "why": one.why} for one in history.unreadable],
    }


def _run_data(run: RunRecord) -> dict[str, Any]:
    return {
        "run": run.run,
        "time": run.time.isoformat(),
        "account": run.account,
        "caller": run.caller,
        "plan": run.plan,
        "commit": run.commit,
        "iamsync": run.version or None,
        "result": run.result or None,
        "why": run.why or None,
        "held_back": run.held_back,
        "calls": [_call_data(call) for call in run.calls.values()],
    }


def _call_data(call: Call) -> dict[str, Any]:
    return {
        "time": call.time.isoformat(),
        "call": call.call,
        "subject": call.subject,
        "verb": call.verb or None,
        "reason": call.reason,
        "operation": call.operation,
        "params": call.params,
        "old": call.old,
        "removed": call.removed or None,
        "result": call.result,
        "why": call.why or None,
        "error": call.error or None,
        "request_id": call.request_id or None,
    }
