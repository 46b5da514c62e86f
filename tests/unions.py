"""What a person has, policies and all, and what the judge of sign-ins finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from document_pairs import document
from states import ACCOUNT, OURS, arn_of, attached

from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import AccessKeys, Console, DesiredState, Group, Origin, Policy, Problem, Settings, User
from iamsync.core.sign_in import problems

Json = dict[str, Any]

RESET = Console(origin=Origin(file="users.yaml", line=7))


@dataclass(frozen=True, kw_only=True)
class Union:
    """What a person has, and what is found, as `PHRASES` names it; `?` for warnings."""

    found: tuple[str, ...] = ()
    statements: tuple[Json, ...] = ()
    inline: tuple[Json, ...] = ()
    group: tuple[Json, ...] | None = None
    set_group: tuple[Json, ...] | None = None
    boundary: tuple[Json, ...] | Arn | None = None
    aws: tuple[str, ...] = ()
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    console: Console | None = RESET
    suspended: bool = False
    keys: int | None = None
    groups: frozenset[str] | None = frozenset()
    users_may: bool | None = None
    expires: bool = False
    version: str = "2012-10-17"


def policy(name: str, *statements: Json, version: str = "2012-10-17") -> Policy:
    return Policy(
        arn=arn_of(name),
        name=name,
        path="/",
        document=Document.parse({"Version": version, "Statement": list(statements)}),
        origin=Origin(file="account.yaml", line=9),
    )


def state(union: Union) -> DesiredState:
    own = [policy("Own", *union.statements, version=union.version)] if union.statements else []
    bound = [policy("Bound", *union.boundary)] if isinstance(union.boundary, tuple) else []
    group_policies = {"team": union.group, "viewers": union.set_group}
    groups = {
        name: Group(name=name, path="/iamsync/us/", inline={"rules": Document.parse(document(*statements))})
        for name, statements in group_policies.items()
        if statements is not None
    }
    person = User(
        name="aiko",
        path=union.path,
        tags={**OURS, **union.tags},
        attachments=attached(*(one.arn for one in own), *(aws_policy_arn("aws", name) for name in union.aws)),
        inline={"inline": Document.parse(document(*union.inline))} if union.inline else {},
        boundary=bound[0].arn if bound else union.boundary if isinstance(union.boundary, str) else None,
        groups=union.groups if union.group is None else frozenset({"team"}),
        added_groups=frozenset({"viewers"} if union.set_group is not None else ()),
        console=union.console,
        access_keys=None if union.keys is None else AccessKeys(count=union.keys),
        suspended=union.suspended,
    )
    return DesiredState(
        account=ACCOUNT,
        users={"aiko": person},
        groups=groups,
        policies={one.arn: one for one in (*own, *bound)},
        settings=Settings(owner="us"),
    )


PHRASES = {
    "in a loop": "deadlock",
    "again and again": "nowhere",
    "any name": "name",
    "set it up": "enrol",
    "no authenticator app": "app",
    "may not add one": "page",
    "device off": "removal",
}


def code(problem: Problem) -> str:
    [found] = [name for phrase, name in PHRASES.items() if phrase in problem.message]
    return f"{found}{'?' if problem.warning else ''}"


def found_in(union: Union) -> list[Problem]:
    return list(problems(state(union), users_may_change_password=union.users_may, passwords_expire=union.expires))


NO_RESET = Console(password_reset_required=False)
