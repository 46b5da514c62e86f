"""The policy that `iamsync permissions` prints allows each call of each case. That nothing in it is in vain is shown in
`judged`, where iamsync runs with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from casebook.case import Case, case
from hypothesis import given, settings
from laws.model import Iam, Refused
from laws.pairs import Pair, pairs
from laws.playing import planned, play, sent

from iamsync.core.access import Context, Policies, Request, Source, Verdict, decision
from iamsync.core.arn import Arn
from iamsync.core.document import Statement
from iamsync.core.least_privilege import Runner, documents, reads, writes
from iamsync.core.model import Attachment, DesiredState
from iamsync.core.operations import READS, WRITES, Needs, Resource

TESTS = Path(__file__).parents[1]
OTHER_SPELLING = {"a-group-that-is-not-ours-is-used-by-naming-it"}
"""A group of somebody else is named in another case than the account has; a policy minds the case of ARNs."""
CASES = sorted(
    file.parent
    for file in (*TESTS.glob("cases/*/live.yaml"), TESTS / "faults" / "company" / "live.yaml")
    if file.parent.name not in OTHER_SPELLING
)
RUNNER = Runner(
    role=Arn("arn:aws:iam::123456789012:role/iamsync"), boundary=Arn("arn:aws:iam::123456789012:policy/Bound")
)
NEEDS = {xform_name(name): needs for (_, name), needs in WRITES.items()}


@cache
def found(folder: Path) -> Case:
    return case(folder)


def judged_by(statements: tuple[Statement, ...]) -> Policies:
    return Policies(identity=tuple(Source(label="", document=one) for one in documents(statements)))


def requests(iam: Iam, operation: str, params: Mapping[str, Any]) -> Iterator[Request]:
    """What AWS asks of the caller's policies for one call, by the Service Authorization Reference."""
    needs = NEEDS[operation]
    context = Context.of(dict(_context(iam, needs, operation, params)), closed=[""])
    for permission in needs.permissions:
        yield Request(action=permission, resource=_resource(iam, needs, params), context=context)
    if operation in {"update_user", "update_group"}:  # and on what it becomes, which has no tags yet
        new = {name.removeprefix("New"): value for name, value in params.items() if name.startswith("New")}
        became = _resource(iam, needs, {"Path": _path(iam, params), **params, **new})
        yield Request(action=needs.permissions[0], resource=became, context=Context.of({}, closed=[""]))


def _resource(iam: Iam, needs: Needs, params: Mapping[str, Any]) -> str:
    arn = f"arn:aws:iam::{iam.account.id}:"
    match needs.resource:
        case Resource.POLICY if "PolicyArn" in params:
            return str(params["PolicyArn"])
        case Resource.POLICY:
            return f"{arn}policy{params['Path']}{params['PolicyName']}"
        case Resource.MFA_DEVICE:
            return str(params["SerialNumber"])
        case Resource.GROUP:
            return f"{arn}group{_path(iam, params)}{params['GroupName']}"
        case _:
            return f"{arn}user{_path(iam, params)}{params['UserName']}"


def _path(iam: Iam, params: Mapping[str, Any]) -> str:
    if "Path" in params:
        return str(params["Path"])
    return iam.groups[params["GroupName"]].path if "GroupName" in params else iam.users[params["UserName"]].path


def _context(iam: Iam, needs: Needs, operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for tag in params.get("Tags", ()):
        yield f"aws:RequestTag/{tag['Key']}", tag["Value"]
    tags: Mapping[str, str] = {}
    if needs.resource is Resource.USER and params["UserName"] in iam.users:
        user = iam.users[params["UserName"]]
        tags = user.tags
        yield "iam:PermissionsBoundary", params.get("PermissionsBoundary", user.boundary)
    elif needs.resource is Resource.USER:
        yield "iam:PermissionsBoundary", params.get("PermissionsBoundary")
    elif needs.resource is Resource.POLICY and "PolicyArn" in params:
        tags = iam.policies[params["PolicyArn"]].tags
    for key, value in tags.items():
        yield f"aws:ResourceTag/{key}", value
    if operation.startswith(("attach_", "detach_")):
        yield "iam:PolicyARN", params["PolicyArn"]


def asked(one: Case) -> Iterator[Request]:
    """What AWS asks of the caller's policies for the calls of a plan, in their order."""
    iam = one.live.copy()
    for action in one.plan.actions if not one.refusals else ():
        yield from requests(iam, action.operation, sent(action))
        play(iam, (action,))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_each_call_of_a_plan_is_allowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    one = found(folder)
    policies = judged_by(writes(one.desired, RUNNER))

    decisions = ((request, decision(policies, request).verdict) for request in asked(one))

    assert [(request, verdict) for request, verdict in decisions if verdict is not Verdict.ALLOWED] == []


def test_a_plan_may_read_and_nothing_else() -> None:
    (statement,) = reads()

    assert statement.resources.written == ("*",)
    assert {*statement.actions.written} == {permission for needs in READS.values() for permission in needs.permissions}
    assert not {*statement.actions.written} & {
        permission for needs in WRITES.values() for permission in needs.permissions
    }


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> DesiredState:
    folder = next(one for one in CASES if one.name == "a-new-user-is-bounded-by-a-policy-that-is-made-first")
    monkeypatch.chdir(folder)
    return case(Path()).desired


def allowed(desired: DesiredState, action: str, resource: str, context: Mapping[str, str | None]) -> Verdict:
    asked = Request(
        action=action, resource=f"arn:aws:iam::123456789012:{resource}", context=Context.of(context, closed=[""])
    )
    return decision(judged_by(writes(desired, RUNNER)), asked).verdict


OURS = {"aws:ResourceTag/iamsync:owner": "platform"}
THEIRS = {"aws:ResourceTag/iamsync:owner": "them"}


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("iam:CreateAccessKey", "user/aiko", {}),
        ("iam:CreateAccessKey", "user/aiko", THEIRS),
        ("iam:TagUser", "user/aiko", {**THEIRS, "aws:RequestTag/iamsync:owner": "platform"}),
        ("iam:TagUser", "user/aiko", {**OURS, "aws:RequestTag/iamsync:owner": "them"}),
        ("iam:AttachUserPolicy", "user/aiko", {**OURS, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("iam:CreateUser", "user/aiko", {"aws:RequestTag/iamsync:owner": "platform"}),
        ("iam:CreateUser", "user/aiko", {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/Other"}),
        ("iam:DeleteUserPermissionsBoundary", "user/aiko", OURS),
        ("iam:PutRolePolicy", "role/iamsync", {}),
        ("iam:CreatePolicyVersion", "policy/Bound", OURS),
        ("iam:CreatePolicyVersion", "policy/Deploy", {}),
        ("iam:CreatePolicy", "policy/Undeclared", {"aws:RequestTag/iamsync:owner": "platform"}),
        (
            "iam:AttachGroupPolicy",
            "group/iamsync/us/readers",
            {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("iam:PutGroupPolicy", "group/iamsync/them/readers", {}),
        ("iam:RemoveUserFromGroup", "group/admins", {}),
    ],
)
def test_what_the_files_do_not_need_is_not_allowed(
    action: str, resource: str, context: Mapping[str, str], story: DesiredState
) -> None:
    assert allowed(story, action, resource, context) is not Verdict.ALLOWED


@pytest.mark.slow
@settings(max_examples=300)
@given(pairs())
def test_each_call_of_any_plan_is_allowed(pair: Pair) -> None:
    """As far as IAM does not refuse one for another reason."""
    iam, desired = pair
    plan, refused = planned(iam, desired)
    policies, live = judged_by(writes(desired, RUNNER)), iam.copy()
    for action in plan.actions if not refused else ():
        for request in requests(live, action.operation, sent(action)):
            assert decision(policies, request).verdict is Verdict.ALLOWED, request
        try:
            play(live, (action,))
        except Refused:
            return


def test_what_is_granted_later_may_be_attached_and_joined_too(story: DesiredState) -> None:
    user = next(iter(story.users.values()))
    attachments = frozenset({Attachment(policy=Arn("arn:aws:iam::aws:policy/SecurityAudit"))})
    later = replace(
        story, users={user.name: replace(user, attachments=attachments, added_groups=frozenset({"billing"}))}
    )

    now, then = (judged_by(writes(story, RUNNER, more)) for more in ((), (later,)))

    attach = Request(
        action="iam:AttachUserPolicy",
        resource="arn:aws:iam::123456789012:user/aiko",
        context=Context.of({**OURS, "iam:PolicyARN": "arn:aws:iam::aws:policy/SecurityAudit"}, closed=[""]),
    )
    join = Request(
        action="iam:AddUserToGroup",
        resource="arn:aws:iam::123456789012:group/billing",
        context=Context.of({}, closed=[""]),
    )
    for request in (attach, join):
        assert decision(now, request).verdict is Verdict.IMPLICITLY_DENIED
        assert decision(then, request).verdict is Verdict.ALLOWED


def test_a_large_state_is_several_documents_none_too_large(story: DesiredState) -> None:
    user, long = next(iter(story.users.values())), "a" * 120
    paths = {
        f"user{n}": replace(
            user, name=f"user{n}", path=f"/{long}/{long}/{long}/{n}/", added_groups=frozenset({f"{long}{n}"})
        )
        for n in range(300)
    }

    texts = documents(writes(replace(story, users=paths), RUNNER))

    assert len(texts) > 1
    assert all(one.size <= 6144 for one in texts)
