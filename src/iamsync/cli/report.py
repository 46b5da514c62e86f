"""The command that answers an auditor's questions: `report`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import ClientError

from iamsync import aws, desired, live
from iamsync.audit import Audit, audit
from iamsync.aws.said import in_words
from iamsync.cli.options import DONE, Desired, now
from iamsync.core import guard
from iamsync.core.arn import Account
from iamsync.core.credential_use import CredentialUse
from iamsync.core.model import DesiredState, LiveState, Settings
from iamsync.core.scope.groups import with_one_spelling
from iamsync.desired.files import found as yaml_files
from iamsync.errors import DENIED, PlanRefused
from iamsync.live.credential_use import credential_report, use_of_each
from iamsync.render import screen
from iamsync.render.audit import data_lines, table_lines, text_lines
from iamsync.render.audit_html import page_lines
from iamsync.render.line import Line, line

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class ReportFormat(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


_FORMATS: Mapping[ReportFormat, Callable[[Audit], Iterable[Line]]] = {
    ReportFormat.TEXT: text_lines,
    ReportFormat.JSON: data_lines,
    ReportFormat.CSV: table_lines,
    ReportFormat.HTML: page_lines,
}


def report(
    desired_dir: Desired = Path("desired"),
    *,
    form: Annotated[
        ReportFormat, typer.Option("--format", envvar="IAMSYNC_FORMAT", help="The form of the report.")
    ] = ReportFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", envvar="IAMSYNC_OUTPUT", help="Where the report is written.")
    ] = None,
    cheap: Annotated[
        bool,
        typer.Option(
            "--cheap",
            envvar="IAMSYNC_CHEAP",
            help="Read only the bulk answer of IAM: nothing about passwords, MFA and access keys.",
        ),
    ] = False,
) -> int:
    """Report on all users: what they may do, how they sign in, who manages them, and what is wrong. Changes nothing."""
    moment = now()
    declaration = desired.load(desired_dir) if _has_files(desired_dir) else None
    session = aws.open_session()
    account = aws.caller(session).account
    if declaration and (refusal := guard.wrong_account(declaration.settings, account)):
        raise PlanRefused([str(refusal)])
    if declaration is None:
        screen.message([line(f"No files in {desired_dir}: all users are reported as unmanaged.")])
    screen.message([line(_costs(cheap=cheap))])
    wanted = declaration.state(account, moment) if declaration else _nothing(account)
    with in_words():
        found = live.read_in_bulk(aws.reader(session), account)
        use, as_of = (None, "") if cheap else _credentials(aws.auditor(session), found, moment)
    made = audit(
        with_one_spelling(wanted, found.groups),
        found,
        use=use,
        expiring=declaration.expiries(moment) if declaration else (),
        made=_shown(moment),
        credentials_as_of=as_of,
    )
    lines = _FORMATS[form](made)
    screen.result(lines) if output is None else screen.save(lines, output)
    return DONE


def _costs(*, cheap: bool) -> str:
    bulk = "a call of GetAccountAuthorizationDetails for each 1,000 users, groups and policies"
    if cheap:
        return f"Reads: {bulk}, and nothing else."
    return f"Reads: {bulk}; and AWS's credential report, which is two calls. --cheap leaves out the latter."


def _credentials(iam: "IAMClient", found: LiveState, moment: datetime) -> tuple[Mapping[str, CredentialUse], str]:
    """How users sign in, and of when that is. Without the permission for the report, each user is read."""
    try:
        report = credential_report(iam, moment)
    except ClientError as error:
        if error.response["Error"].get("Code") not in DENIED:
            raise
    else:
        return report.users, _shown(report.generated)
    calls = "3 calls for each of them, and one for each access key"
    words = (
        f"iam:GenerateCredentialReport or iam:GetCredentialReport is denied: reads {len(found.users):,} users, {calls}"
    )
    screen.message([line(words)])
    return use_of_each(iam, found.users, moment, at_once=aws.CONCURRENT_READS), _shown(moment)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _nothing(account: Account) -> DesiredState:
    return DesiredState(account=account, settings=Settings(owner=""))


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(isinstance(one, Path) for one in yaml_files(folder))
