"""The command that says what iamsync's own credentials must be allowed to do."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from iamsync import desired
from iamsync.cli.options import DONE, Adopt, Desired, now
from iamsync.core.arn import Account, Arn
from iamsync.core.iam_limits import POLICIES_PER_ROLE
from iamsync.core.least_privilege import Runner, audit_reads, documents, reads, writes
from iamsync.core.trust import Provider, Repository, trust_policy
from iamsync.render import screen
from iamsync.render.line import line
from iamsync.render.permissions import FORMATS, RoleData, role_lines


class Command(StrEnum):
    """What the credentials are for."""

    REPORT = "report"
    PLAN = "plan"
    APPLY = "apply"
    RUN = "run"


def form_of(text: str) -> str:
    """The name of a format. Raises BadParameter if there is no such format."""
    if text not in FORMATS:
        raise typer.BadParameter(f'no format "{text}": use {", ".join(FORMATS)}')
    return text


def permissions(  # noqa: PLR0913 - a command has the options it has
    command: Annotated[Command, typer.Argument(help="The command that the credentials are for.")],
    desired_dir: Desired = Path("desired"),
    *,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(FORMATS), parser=form_of, envvar="IAMSYNC_FORMAT", help="Format on stdout."
        ),
    ] = "json",
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="NAME",
            envvar="IAMSYNC_ROLE",
            help="Name of the role that runs iamsync. [default: iamsync-COMMAND]",
        ),
    ] = "",
    boundary: Annotated[
        str,
        typer.Option(
            "--boundary",
            metavar="ARN",
            envvar="IAMSYNC_BOUNDARY",
            help="Permissions boundary of that role, which it must not change.",
        ),
    ] = "",
    github: Annotated[
        str,
        typer.Option(
            "--github",
            metavar="OWNER/REPOSITORY",
            envvar="IAMSYNC_GITHUB",
            help="Also print the trust policy for GitHub Actions of this repository.",
        ),
    ] = "",
    gitlab: Annotated[
        str,
        typer.Option(
            "--gitlab",
            metavar="GROUP/PROJECT",
            envvar="IAMSYNC_GITLAB",
            help="Also print the trust policy for GitLab CI of this project.",
        ),
    ] = "",
    branch: Annotated[
        str, typer.Option("--branch", metavar="NAME", envvar="IAMSYNC_BRANCH", help="The branch that is applied.")
    ] = "main",
    environment: Annotated[
        str,
        typer.Option(
            "--environment",
            metavar="NAME",
            envvar="IAMSYNC_ENVIRONMENT",
            help="The environment of the GitHub job that applies; then it, and not the branch, is in the trust policy.",
        ),
    ] = "",
    adopt: Adopt = None,
) -> int:
    """Print the IAM policies that iamsync's own role needs for these files, and no more."""
    if github and gitlab:
        raise typer.BadParameter("name one of --github and --gitlab", param_hint="--gitlab")
    declaration = desired.load(desired_dir)
    if declaration.settings.account_id is None:
        raise typer.BadParameter(
            "set settings.account_id in the files: the policies name the account", param_hint="--desired"
        )
    account = declaration.offline_account
    moment = now()
    state, later = declaration.state(account, moment), declaration.later_states(account, moment)
    state = replace(state, settings=replace(state.settings, adopt_names=frozenset(adopt or ())))
    is_writer = command in {Command.APPLY, Command.RUN}
    name = role or f"iamsync-{command.value}"
    statements = audit_reads() if command is Command.REPORT else reads()
    if is_writer:
        runner = Runner(role=_role_arn(account, name), boundary=Arn(boundary) if boundary else None)
        statements += writes(state, runner, later)
    repository = _repository(github, gitlab, branch, environment)
    trust = trust_policy(account, repository, writes=is_writer) if repository else None
    texts = documents(statements)
    screen.result(role_lines(RoleData(name=name, documents=texts, trust=trust), form))
    screen.message(map(line, (*_WIDE_READS, *(_WIDE_WRITES if is_writer else ()), *_too_many(len(texts)))))
    return DONE


def _role_arn(account: Account, name: str) -> Arn:
    return Arn(f"arn:{account.partition}:iam::{account.id}:role/{name}")


def _repository(github: str, gitlab: str, branch: str, environment: str) -> Repository | None:
    if not (github or gitlab):
        return None
    provider = Provider.GITHUB if github else Provider.GITLAB
    return Repository(provider=provider, name=github or gitlab, branch=branch, environment=environment)


def _too_many(policies: int) -> tuple[str, ...]:
    """What to do if IAM does not attach so many policies to a role (IAM User Guide, "IAM and AWS STS quotas")."""
    if policies <= POLICIES_PER_ROLE:
        return ()
    advice = "request a higher quota, or split the files"
    return (f"These are {policies} policies. A role can have {POLICIES_PER_ROLE}: {advice}.",)


_WIDE_READS = ("IAM cannot narrow the reads: GetAccountAuthorizationDetails returns the whole account.",)
_WIDE_WRITES = (
    "IAM cannot narrow these writes:",
    "- iam:TagUser with your ownership tag: whoever has it can adopt any unowned user below the paths of the files.",
    "- Owned users are found by their tag and not by their path, since somebody may have changed the path by hand.",
    "- iam:AttachUserPolicy on owned users of any boundary: a plan may attach policies before it changes the boundary.",
    "- Groups that iamsync does not own: spell their names in the files as they are in the account.",
    "- Detaching policies and leaving groups: what was added by hand must go, whatever it is.",
    "- iam:DeleteVirtualMFADevice: a device does not say whose it was.",
)
