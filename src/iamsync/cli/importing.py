"""The command that writes a live account into files: `import`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from iamsync import aws, desired, live
from iamsync.aws.said import in_words
from iamsync.cli.options import DONE, now
from iamsync.core import guard
from iamsync.core.arn import Account
from iamsync.core.model import LiveState
from iamsync.desired.fields import SEGMENT, SEGMENTS
from iamsync.desired.files import found as yaml_files
from iamsync.errors import IamsyncError, PlanRefused
from iamsync.importing import (
    By,
    Import,
    Selection,
    Written,
    begun,
    existing,
    imported,
    new_file,
    terraform,
    write,
    writes,
)
from iamsync.render import screen
from iamsync.render.actions import count
from iamsync.render.line import Line, line

_SECTIONS = {"users": "user", "groups": "group", "policies": "policy", "policy_sets": "policy set"}


class NothingToImport(IamsyncError):
    """Nothing was selected, or nothing that is not declared already."""


def division_of(text: str) -> By:
    """How users are divided among files. Raises BadParameter."""
    by = By.parse(text)
    if by is None:
        words = f'no such division "{text}": use path, group, user or tag:KEY, like tag:Team'
        raise typer.BadParameter(words, param_hint="--by")
    return by


Globs = list[str] | None


def import_account(  # noqa: PLR0913 - a command has the options it has
    *,
    output: Annotated[
        Path, typer.Option("-o", metavar="DIR", envvar="IAMSYNC_DESIRED", help="Folder of the YAML files.")
    ] = Path("desired"),
    everything: Annotated[
        bool, typer.Option("--all", envvar="IAMSYNC_ALL", help="Import all users and groups.")
    ] = False,
    user: Annotated[
        Globs,
        typer.Option("--user", metavar="GLOB", envvar="IAMSYNC_USER", help="Import these users. Repeatable."),
    ] = None,
    path: Annotated[
        Globs,
        typer.Option(
            "--path", metavar="PREFIX", envvar="IAMSYNC_PATH", help="Import users below this IAM path. Repeatable."
        ),
    ] = None,
    group: Annotated[
        Globs,
        typer.Option(
            "--group",
            metavar="GLOB",
            envvar="IAMSYNC_GROUP",
            help="Import these groups and their members. Repeatable.",
        ),
    ] = None,
    source: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            "--from",
            metavar="terraform FILE",
            envvar="IAMSYNC_FROM",
            help="Import from the output of terraform show -json instead of the account, with the removed blocks by "
            "which Terraform lets go of it.",
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="path|tag:KEY|group|user",
            envvar="IAMSYNC_BY",
            help="Which users share a file.",
        ),
    ] = "tag:Team",
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NAME",
            envvar="IAMSYNC_OWNER",
            help="settings.owner of a new folder, like platform-team.",
        ),
    ] = "",
) -> int:
    """Write users, groups and their policies of a live account into YAML files. Changes nothing in the account."""
    selection = Selection(
        users=tuple(user or ()), paths=tuple(path or ()), groups=tuple(group or ()), everything=everything
    )
    if source is not None and source[0] != "terraform":
        raise typer.BadParameter(f'cannot import from "{source[0]}": use --from terraform FILE', param_hint="--from")
    if source is not None and selection == Selection():
        selection = Selection(everything=True)
    if selection == Selection():
        raise typer.BadParameter("name what to import: --user, --path, --group, or --all", param_hint="--all")
    division = division_of(by)
    declaration = desired.load(output) if _has_files(output) else None
    if declaration is None and not re.fullmatch(SEGMENT, owner):
        words = f"{output} has no files yet: name the owner of the new ones, like platform-team ({SEGMENTS})"
        raise typer.BadParameter(words, param_hint="--owner")
    resources = [] if source is None else terraform.resources_in(source[1])
    found = _read(declaration, selection) if source is None else terraform.live_of(resources)
    account = found.account
    _refuse_other_account(declaration, account)
    present = existing(declaration, account, now()) if declaration else begun(account, owner, selection.users_of(found))
    what = imported(found, present, selection, division)
    planned = writes(output, what)
    if not planned or not (selection.users_of(found) or selection.groups_of(found)):
        raise NothingToImport(_nothing(found, selection, output))
    if resources:
        planned.append(Written(new_file(output, "removed.tf"), terraform.removed_blocks(resources, what, account)))
    write(output, planned)
    screen.result(line(str(one.file)) for one in planned)
    screen.message(_summary(what, output))
    return DONE


def _read(declaration: desired.Declaration | None, selection: Selection) -> LiveState:
    session = aws.open_session()
    account = aws.caller(session).account
    _refuse_other_account(declaration, account)
    iam = aws.reader(session)
    with in_words():
        bulk = live.read_in_bulk(iam, account)
        return live.with_tags_of(iam, selection.policies_of(bulk), bulk, at_once=aws.CONCURRENT_READS)


def _refuse_other_account(declaration: desired.Declaration | None, account: Account) -> None:
    if declaration and (refusal := guard.wrong_account(declaration.settings, account)):
        raise PlanRefused([str(refusal)])


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(isinstance(one, Path) for one in yaml_files(folder))


def _nothing(found: LiveState, selection: Selection, folder: Path) -> str:
    if not (selection.users_of(found) or selection.groups_of(found)):
        return "No user or group of this account is selected: look at the names, or use --all."
    return f"Everything that is selected is in {folder} already; nothing was written."


def _summary(what: Import, folder: Path) -> list[Line]:
    counts = [count(what.count(section), name) for section, name in _SECTIONS.items() if what.count(section)]
    lines = [line(f"Imported {', '.join(counts)}. Nothing in the account was changed.")] if counts else []
    if what.notes:
        lines.append(line(f"Not imported, with the reason as a comment in the files: {', '.join(sorted(what.notes))}"))
    named = "" if folder == Path("desired") else f" --desired {folder}"
    return [*lines, line(f"Next: iamsync validate{named}; iamsync plan --adopt-all{named}")]
