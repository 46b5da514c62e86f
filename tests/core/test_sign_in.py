"""Who will not get in: unions of policies, each with the verdict."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from document_pairs import allow, deny, document
from states import ACCOUNT, arn_of
from unions import NO_RESET, Union, code, found_in, state

from iamsync.core.access import Policies, Request, Source, context_of, decision, with_mfa
from iamsync.core.access.known import known_document
from iamsync.core.arn import aws_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import Console, DesiredState, Group, State, User
from iamsync.core.sign_in import problems
from iamsync.desired import load

Json = dict[str, Any]

EXAMPLE = Path(__file__).parents[2] / "desired"
USER = ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]
CHANGE = allow(["iam:ChangePassword", "iam:GetAccountPasswordPolicy"])
ENROL = allow(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"])
LISTED = [
    *("iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetAccountPasswordPolicy"),
    *("iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"),
]
MFA = "aws:MultiFactorAuthPresent"
NO_MFA = {"BoolIfExists": {MFA: "false"}}


def without_mfa(*excepted: str, condition: Json = NO_MFA, **elements: object) -> Json:
    """The Deny of AWS's example, with these actions excepted."""
    return {
        "Sid": "NoMFA",
        "Effect": "Deny",
        "NotAction": list(excepted) or "sts:GetSessionToken",
        "Resource": "*",
        "Condition": condition,
        **elements,
    }


DEVICE = "arn:aws:iam::*:mfa/"
KEY = allow(["iam:EnableMFADevice", "iam:ListMFADevices"], USER)
GUARD = without_mfa(*LISTED)
"""A guard that everybody gets past who may enrol and change the password."""
FORGETFUL = without_mfa(*(action for action in LISTED if "Password" not in action))
"""AWS's own example: it leaves out what a new password needs."""


NOT_IN_FRANKFURT = {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}
IN_THE_OFFICE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

UNIONS: dict[str, Union] = {
    # passwords that cannot be changed
    "AWS's self-service policy as it stands": Union(found=("deadlock",), statements=(CHANGE, ENROL, FORGETFUL)),
    "with the two lines that cure it": Union(statements=(CHANGE, ENROL, GUARD)),
    "the guard is an inline policy": Union(found=("deadlock",), statements=(CHANGE, ENROL), inline=(FORGETFUL,)),
    "the guard comes through a group": Union(found=("deadlock",), statements=(CHANGE, ENROL), group=(FORGETFUL,)),
    "the guard comes through a set's group": Union(
        found=("deadlock",), statements=(CHANGE, ENROL), set_group=(FORGETFUL,)
    ),
    "the guard is in the boundary": Union(
        found=("deadlock",), statements=(CHANGE, ENROL), boundary=(allow("*"), FORGETFUL)
    ),
    "the guard and the allowance both come through groups": Union(group=(CHANGE, ENROL), set_group=(GUARD,)),
    "two guards, one of them without the two lines": Union(
        found=("deadlock",), statements=(CHANGE, ENROL, {**GUARD, "Sid": "First"}, FORGETFUL)
    ),
    "two guards, both with the two lines": Union(statements=(CHANGE, ENROL, GUARD), inline=(GUARD,)),
    "the two lines by a wildcard": Union(
        statements=(CHANGE, ENROL, without_mfa("iam:Change*", "iam:Get*", "iam:List*", "iam:*MFADevice")),
        found=("removal?",),
        inline=(allow("iam:DeactivateMFADevice"),),
    ),
    "the two lines in other letters": Union(
        statements=(CHANGE, ENROL, without_mfa(*(action.upper() for action in LISTED)))
    ),
    "all of iam excepted": Union(statements=(CHANGE, ENROL, without_mfa("iam:*"))),
    "a Deny of all actions": Union(
        found=("deadlock", "enrol"),
        statements=(CHANGE, ENROL, deny("*", Condition=NO_MFA)),
    ),
    "a Deny of iam:*": Union(found=("deadlock", "enrol"), statements=(CHANGE, ENROL, deny("iam:*", Condition=NO_MFA))),
    "a Deny of iam:Change*": Union(
        found=("deadlock",), statements=(CHANGE, ENROL, deny("iam:Change*", Condition=NO_MFA))
    ),
    "a Deny of another service": Union(statements=(CHANGE, ENROL, deny("s3:*", Condition=NO_MFA))),
    "Bool instead of BoolIfExists": Union(
        found=("deadlock",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"Bool": {MFA: "false"}})),
    ),
    "false as a Boolean of JSON": Union(
        found=("deadlock",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"BoolIfExists": {MFA: False}})),
    ),
    "False in capitals": Union(
        found=("deadlock",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"BoolIfExists": {MFA: "False"}})),
    ),
    "StringNotEquals true": Union(
        found=("deadlock",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"StringNotEquals": {MFA: "true"}})),
    ),
    "the key of the condition in other letters": Union(
        found=("deadlock",),
        statements=(
            CHANGE,
            ENROL,
            without_mfa("iam:*MFADevice*", condition={"BoolIfExists": {"AWS:multifactorauthpresent": "false"}}),
        ),
    ),
    "a key that is not there in the console is there": Union(
        found=("deadlock?",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"Null": {MFA: "true"}})),
    ),
    "MFA of an hour ago": Union(
        found=("deadlock",),
        statements=(
            CHANGE,
            ENROL,
            without_mfa(
                "iam:*MFADevice*", condition={"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
            ),
        ),
    ),
    "true where false was meant": Union(
        found=("deadlock?",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={"BoolIfExists": {MFA: "true"}})),
    ),
    "a Deny without MFA and outside of the office": Union(
        found=("deadlock?",),
        statements=(CHANGE, ENROL, without_mfa("iam:*MFADevice*", condition={**NO_MFA, **IN_THE_OFFICE})),
    ),
    "a Deny outside of the office locks nobody out": Union(
        statements=(CHANGE, ENROL, deny("*", Condition=IN_THE_OFFICE))
    ),
    "a Deny for others by tag": Union(
        tags={"Team": "data"},
        statements=(
            CHANGE,
            ENROL,
            without_mfa("iam:*MFADevice*", condition={**NO_MFA, "StringEquals": {"aws:PrincipalTag/Team": "web"}}),
        ),
    ),
    "a Deny for oneself by tag": Union(
        found=("deadlock",),
        tags={"Team": "web"},
        statements=(
            CHANGE,
            ENROL,
            without_mfa("iam:*MFADevice*", condition={**NO_MFA, "StringEquals": {"aws:PrincipalTag/Team": "web"}}),
        ),
    ),
    "the Deny leaves out oneself as a resource": Union(
        statements=(
            CHANGE,
            ENROL,
            {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:iam::*:mfa/*", *USER], "Condition": NO_MFA},
        ),
    ),
    "the Deny leaves out oneself, but without the path": Union(
        path="/people/",
        found=("deadlock", "enrol"),
        statements=(
            CHANGE,
            ENROL,
            {"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:iam::*:mfa/*", USER[0]], "Condition": NO_MFA},
        ),
    ),
    "another region than that of IAM": Union(
        found=("deadlock",), statements=(CHANGE, ENROL, deny("*", Condition=NOT_IN_FRANKFURT))
    ),
    "another region than that of IAM, without MFA": Union(
        found=("deadlock",), statements=(CHANGE, ENROL, {**FORGETFUL, "Condition": {**NO_MFA, **NOT_IN_FRANKFURT}})
    ),
    "the region of IAM is among those that are allowed": Union(
        statements=(
            CHANGE,
            ENROL,
            deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}),
        )
    ),
    "all is denied anyway": Union(found=("deadlock",), aws=("AWSDenyAll",), statements=(CHANGE,)),
    "no new password is required": Union(console=NO_RESET, statements=(CHANGE, ENROL, FORGETFUL)),
    "no new password is required, but passwords expire": Union(
        found=("deadlock",), console=NO_RESET, expires=True, statements=(CHANGE, ENROL, FORGETFUL)
    ),
    "no console": Union(console=None, statements=(FORGETFUL,)),
    "the console is off": Union(console=Console(enabled=False), statements=(FORGETFUL,)),
    "suspended": Union(suspended=True, statements=(FORGETFUL,)),
    "the account lets all change their own, but a Deny wins": Union(
        found=("deadlock",), users_may=True, statements=(ENROL, FORGETFUL)
    ),
    "the second of the two lines is missing, which only shows the rules": Union(
        statements=(CHANGE, ENROL, without_mfa(*LISTED[:3], *LISTED[4:]))
    ),
    "the second of the two lines is denied": Union(statements=(CHANGE, ENROL, deny("iam:GetAccountPasswordPolicy"))),
    # passwords that nothing allows to change
    "nothing allows it, and nobody asked the account": Union(found=("nowhere?",), statements=(allow("s3:*"),)),
    "nothing allows it, nor does the account": Union(found=("nowhere",), users_may=False, statements=(allow("s3:*"),)),
    "nothing allows it but the account": Union(users_may=True, statements=(allow("s3:*"),)),
    "no policy at all": Union(found=("nowhere",), users_may=False),
    "AWS's policy allows it": Union(users_may=False, aws=("IAMUserChangePassword",)),
    "AWS's policy allows it on a path": Union(users_may=False, aws=("IAMUserChangePassword",), path="/a/b/"),
    "an administrator": Union(users_may=False, aws=("AdministratorAccess",)),
    "a policy of AWS whose text is not known may allow it": Union(users_may=False, aws=("SomethingNew",)),
    "a power user may not": Union(found=("nowhere",), users_may=False, aws=("PowerUserAccess",)),
    "the allowance is for users without a path": Union(
        found=("nowhere",), users_may=False, path="/people/", statements=(allow("iam:ChangePassword", USER[0]),)
    ),
    "the allowance is for both": Union(
        users_may=False, path="/people/", statements=(allow("iam:ChangePassword", USER),)
    ),
    "the allowance is in the old version, where variables are text": Union(
        found=("nowhere",), users_may=False, version="2008-10-17", statements=(allow("iam:ChangePassword", USER),)
    ),
    "the allowance is for MFA only": Union(
        found=("enrol?", "nowhere"), users_may=False, statements=(allow("iam:*", Condition={"Bool": {MFA: "true"}}),)
    ),
    "the allowance is for the office": Union(
        users_may=False, statements=(allow("iam:*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),)
    ),
    "the allowance is for another region than that of IAM": Union(
        found=("nowhere",),
        users_may=False,
        statements=(allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),),
    ),
    "the boundary does not allow it": Union(
        found=("nowhere",), users_may=False, aws=("IAMUserChangePassword",), boundary=(allow("s3:*"),)
    ),
    "the boundary of power users does not allow it": Union(
        found=("nowhere?",),
        aws=("IAMUserChangePassword",),
        boundary=aws_policy_arn("aws", "PowerUserAccess"),
    ),
    "the boundary does not allow it, and the account does": Union(
        found=("nowhere?",), users_may=True, statements=(CHANGE,), boundary=(allow("s3:*"),)
    ),
    "the boundary is not known": Union(
        users_may=False, statements=(CHANGE,), boundary=aws_policy_arn("aws", "SomethingNew")
    ),
    "a group that no file declares may allow it": Union(users_may=False, groups=frozenset({"legacy"})),
    "groups that are not declared may allow it": Union(found=("nowhere?",), users_may=False, groups=None),
    "whatever the groups, a Deny wins": Union(found=("deadlock",), groups=None, statements=(CHANGE, ENROL, FORGETFUL)),
    # MFA that cannot be set up
    "nothing allows to set it up": Union(found=("enrol",), statements=(CHANGE, GUARD)),
    "nothing known allows to set it up": Union(found=("enrol?",), statements=(CHANGE, GUARD), aws=("SomethingNew",)),
    "the device must be called like the user": Union(
        found=("name?",),
        statements=(
            CHANGE,
            allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/${aws:username}"),
            allow(["iam:EnableMFADevice", "iam:ListMFADevices"], USER),
            GUARD,
        ),
    ),
    "the device must be called like the user, and groups are not declared": Union(
        found=("name?",),
        groups=None,
        statements=(CHANGE, allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/${aws:username}"), KEY, GUARD),
    ),
    "any device, own user": Union(
        path="/people/",
        statements=(
            CHANGE,
            allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
            allow(["iam:EnableMFADevice", "iam:ListMFADevices"], USER),
            GUARD,
        ),
    ),
    "a path that user/${aws:username} does not match": Union(
        found=("enrol",),
        path="/people/",
        statements=(
            CHANGE,
            allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
            allow(["iam:EnableMFADevice", "iam:ListMFADevices"], USER[0]),
            GUARD,
        ),
    ),
    "the guard leaves out no enrolment": Union(
        found=("enrol",), statements=(CHANGE, ENROL, without_mfa("iam:ChangePassword", "iam:GetUser"))
    ),
    "the boundary has no enrolment": Union(
        found=("enrol",),
        statements=(CHANGE, ENROL, GUARD),
        boundary=(allow("s3:*"), allow("iam:ChangePassword")),
    ),
    "the boundary is not known, nor whether it has enrolment": Union(
        found=("enrol?",), statements=(CHANGE, ENROL, GUARD), boundary=aws_policy_arn("aws", "SomethingNew")
    ),
    "the device must be called after the user": Union(
        found=("name?",),
        statements=(CHANGE, allow("iam:CreateVirtualMFADevice", f"{DEVICE}${{aws:username}}-*"), KEY, GUARD),
    ),
    "the device must be in a path": Union(
        found=("name?",), statements=(CHANGE, allow("iam:CreateVirtualMFADevice", f"{DEVICE}corp/*"), KEY, GUARD)
    ),
    "the device must not be called otherwise": Union(
        found=("name?",),
        statements=(
            CHANGE,
            ENROL,
            GUARD,
            {
                "Effect": "Deny",
                "Action": "iam:CreateVirtualMFADevice",
                "NotResource": f"{DEVICE}${{aws:username}}-?",
            },
        ),
    ),
    "only security keys, as AWS's example has it": Union(
        found=("app?",),
        console=NO_RESET,
        statements=(
            allow(["iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices"], USER[0]),
            without_mfa("iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", Resource=USER[0]),
        ),
    ),
    "only security keys that are certified": Union(
        found=("app?",),
        statements=(CHANGE, {**KEY, "Condition": {"StringEquals": {"iam:FIDO-certification": "L1"}}}, GUARD),
    ),
    "only devices that somebody else has made": Union(
        found=("app?",), statements=(CHANGE, ENROL, GUARD, deny("iam:CreateVirtualMFADevice", Condition=NO_MFA))
    ),
    "devices are not listed": Union(
        found=("page?",), statements=(CHANGE, ENROL, GUARD, deny("iam:ListMFADevices", Condition=NO_MFA))
    ),
    "MFA for some actions only, as AWS's example has it": Union(
        aws=("IAMUserChangePassword",),
        statements=(allow("ec2:*"), deny(["ec2:StopInstances", "ec2:TerminateInstances"], Condition=NO_MFA)),
    ),
    "MFA for some actions only, and enrolment is one of them": Union(
        found=("enrol",), statements=(CHANGE, ENROL, deny(["ec2:*", "iam:EnableMFADevice"], Condition=NO_MFA))
    ),
    "MFA for some actions in one policy, for all in another": Union(
        found=("enrol",), statements=(CHANGE, deny("ec2:*", Condition=NO_MFA)), inline=(GUARD,)
    ),
    "MFA for some actions only, and people who set it up themselves cannot": Union(
        found=("enrol?",),
        path="/people/",
        statements=(
            CHANGE,
            allow("iam:CreateVirtualMFADevice"),
            allow(["iam:EnableMFADevice", "iam:ListMFADevices"], USER[0]),
            deny("ec2:*", Condition=NO_MFA),
        ),
    ),
    "MFA for what is on one resource only": Union(
        statements=(CHANGE, without_mfa(*LISTED, Resource="arn:aws:s3:::payroll/*"))
    ),
    "groups that are not declared may allow to set it up": Union(
        found=("enrol?",), groups=None, statements=(CHANGE, GUARD)
    ),
    "whatever the groups, a boundary has no enrolment": Union(
        found=("enrol",), groups=None, statements=(CHANGE, GUARD), boundary=(CHANGE, GUARD)
    ),
    "MFA for what is allowed": Union(
        found=("enrol?",), statements=(CHANGE, allow("*", Condition={"Bool": {MFA: "true"}}))
    ),
    "MFA for some of what is allowed": Union(
        statements=(CHANGE, allow("s3:Get*"), allow("s3:*", Condition={"Bool": {MFA: "true"}}))
    ),
    "MFA for what is allowed, and for some of that by a Deny as well": Union(
        found=("enrol?",),
        statements=(CHANGE, allow("*", Condition={"Bool": {MFA: "true"}}), deny("s3:*", Condition=NO_MFA)),
    ),
    "MFA for what a boundary allows": Union(
        found=("enrol?",),
        statements=(allow("*"),),
        boundary=(CHANGE, allow("*", Condition={"Bool": {MFA: "true"}})),
    ),
    "MFA for what is allowed, and it can be set up": Union(
        statements=(CHANGE, ENROL, allow("*", Condition={"Bool": {MFA: "true"}}))
    ),
    "MFA to take off a device only": Union(
        statements=(CHANGE, allow("iam:DeactivateMFADevice", Condition={"Bool": {MFA: "true"}}))
    ),
    "no guard, no need to enrol": Union(statements=(CHANGE,)),
    "a guard of the devices only is no demand": Union(
        statements=(CHANGE, deny("iam:DeactivateMFADevice", Condition=NO_MFA))
    ),
    # MFA that can be taken off
    "taken off without MFA": Union(
        found=("removal?",),
        statements=(CHANGE, allow("iam:*MFADevice*"), without_mfa(*LISTED, "iam:DeactivateMFADevice")),
    ),
    "deleted without MFA, which takes off nothing that is in use": Union(
        statements=(CHANGE, allow("iam:*MFADevice*"), without_mfa(*LISTED, "iam:DeleteVirtualMFADevice")),
    ),
    "excepted, but allowed to nobody": Union(
        statements=(CHANGE, ENROL, without_mfa(*LISTED, "iam:DeactivateMFADevice")),
    ),
    "with an access key the key of MFA is not there": Union(
        found=("removal?",),
        keys=1,
        statements=(CHANGE, allow("iam:*MFADevice*"), without_mfa(*LISTED, condition={"Bool": {MFA: "false"}})),
    ),
    "without access keys that is no matter": Union(
        keys=0,
        statements=(CHANGE, allow("iam:*MFADevice*"), without_mfa(*LISTED, condition={"Bool": {MFA: "false"}})),
    ),
}


@pytest.mark.parametrize("union", UNIONS.values(), ids=UNIONS)
def test_a_union(union: Union) -> None:
    assert sorted(union.found) == sorted(map(code, found_in(union)))


def test_the_table_is_long() -> None:
    assert len(UNIONS) >= 60


def test_the_example_folder_has_no_problem() -> None:
    example = load(EXAMPLE).state(ACCOUNT, datetime(2026, 11, 24, tzinfo=UTC))
    assert any(user.console for user in example.users.values())
    for users_may in (True, False, None):
        assert list(problems(example, users_may_change_password=users_may, passwords_expire=True)) == []


def test_the_message_of_a_deadlock_shows_the_statement_and_gives_the_two_lines_that_cure_it() -> None:
    [problem] = found_in(Union(statements=(CHANGE, ENROL, FORGETFUL)))
    assert str(problem) == (
        'users.yaml:7:1: users.aiko.console: statement "NoMFA" of policy Own (account.yaml:9) denies '
        "iam:ChangePassword without MFA: at the first sign-in the person must set a new password before anything "
        "else, MFA included, is refused, and is sent round in a loop that only an administrator can end. Add to its "
        'NotAction: "iam:ChangePassword", "iam:GetAccountPasswordPolicy"'
    )


def test_the_message_about_a_path_says_what_to_add() -> None:
    [problem] = found_in(UNIONS["a path that user/${aws:username} does not match"])
    assert problem.message == (
        "nothing allows iam:EnableMFADevice and iam:ListMFADevices on a user with a path: user/${aws:username} is one "
        'without: statement "NoMFA" of policy Own (account.yaml:9) demands MFA and the person cannot set it up, so '
        'nothing else is allowed either. Allow "iam:EnableMFADevice", "iam:ListMFADevices" on '
        '"arn:aws:iam::*:user/${aws:username}" and "arn:aws:iam::*:user/*/${aws:username}"'
    )


def test_what_is_not_denied_without_mfa_is_not_said_to_be() -> None:
    [problem] = found_in(UNIONS["MFA for some actions only, and people who set it up themselves cannot"])
    assert "so what it denies without MFA stays denied. Allow " in problem.message


CURABLE: dict[str, tuple[Json, str]] = {
    "a guard": (FORGETFUL, "Add to its NotAction: "),
    "all actions": (deny("*", Condition=NO_MFA), "Replace its Action by a NotAction: "),
    "all of iam": (deny(["s3:*", "iam:*"], Condition=NO_MFA), 'In its Action, put in place of "iam:*" what '),
    "some of iam": (deny("iam:Change*", Condition=NO_MFA), 'In its Action, put in place of "iam:Change*" what '),
    "these and others": (
        deny(["iam:DeleteUser", "iam:ChangePassword"]),
        'Take out of its Action: "iam:ChangePassword"',
    ),
    "nothing but these": (deny("iam:ChangePassword"), "Remove it: it denies nothing else"),
}


@pytest.mark.parametrize(("statement", "advice"), CURABLE.values(), ids=CURABLE)
def test_the_cure_of_a_deny_cures_and_leaves_the_rest_as_it_was(statement: Json, advice: str) -> None:
    [first, *_] = found_in(Union(statements=(CHANGE, ENROL, statement)))
    assert advice in first.message
    cured: Json | None = statement
    while problems := found_in(Union(statements=(CHANGE, ENROL, *([cured] if cured else [])))):
        changed = _cured(cured or {}, problems[0].message)
        assert changed != cured
        cured = changed
    for action in ("iam:DeleteUser", "s3:GetObject", "ec2:RunInstances"):
        assert _denies(cured, action) is _denies(statement, action)


def _cured(statement: Json, message: str) -> Json | None:
    """The statement as the last sentence of the message advises."""
    advice = message.rpartition(". ")[2]
    if advice == "Remove it: it denies nothing else":
        return None
    before, _, after = advice.partition(" what it is to deny, without ")
    names = re.findall(r'"(iam:[^"]+)"', before)
    actions = [statement["Action"]] if isinstance(statement.get("Action"), str) else statement.get("Action", [])
    rest = {key: value for key, value in statement.items() if key != "Action"}
    if advice.startswith("Add to its NotAction: "):
        return {**statement, "NotAction": [*statement["NotAction"], *names]}
    if advice.startswith("Replace its Action by a NotAction: "):
        return {**rest, "NotAction": names}
    narrower = ["iam:DeleteUser"] if "iam:*" in names else ["iam:ChangeAnythingElse"] if after else []
    return {**rest, "Action": [one for one in actions if one not in names] + narrower}


def _denies(statement: Json | None, action: str) -> bool:
    if statement is None:
        return False
    policies = Policies(identity=(Source(label="", document=Document.parse(document(statement))),))
    context = with_mfa(context_of(User(name="aiko"), ACCOUNT), mfa=False)
    return decision(policies, Request(action=action, resource="*", context=context)).explicitly_denied is True


@pytest.mark.parametrize("own", [(CHANGE,), (allow("s3:*"),)], ids=["allowed but for the boundary", "nowhere"])
def test_the_cure_of_a_boundary_is_in_the_boundary(own: tuple[Json, ...]) -> None:
    bound = Union(statements=own, users_may=False, boundary=(allow("s3:*"),))
    [problem] = found_in(bound)
    in_a_policy = " and in a policy" if own != (CHANGE,) else ""
    cure = f'Allow "iam:ChangePassword", "iam:GetAccountPasswordPolicy" in the boundary{in_a_policy}'
    assert problem.message.endswith(f"again and again. {cure}")
    policies = (*own, CHANGE) if in_a_policy else own
    assert found_in(replace(bound, statements=policies, boundary=(allow("s3:*"), CHANGE))) == []


@pytest.mark.parametrize("name", ["nothing allows to set it up", "a path that user/${aws:username} does not match"])
def test_the_cure_of_an_enrolment_that_nothing_allows_cures(name: str) -> None:
    union = UNIONS[name]
    [problem] = found_in(union)
    advice = problem.message.rpartition(". Allow ")[2]
    devices, users = ([], advice) if "CreateVirtual" not in advice else ([DEVICE + "*"], advice.partition(" and ")[2])
    actions = re.findall(r'"(iam:\w+MFADevices?)"', users)
    resources = re.findall(r'"(arn:[^"]+)"', users)
    assert not devices or advice.startswith(f'"iam:CreateVirtualMFADevice" on "{DEVICE}*" and ')
    lines = [allow("iam:CreateVirtualMFADevice", devices)] if devices else []
    assert found_in(replace(union, statements=(*union.statements, *lines, allow(actions, resources)))) == []


def test_an_allow_is_named() -> None:
    [problem] = found_in(UNIONS["MFA for what is allowed"])
    assert "without MFA: an Allow without Sid of policy Own (account.yaml:9) demands MFA and the person " in str(
        problem
    )
    assert "so what it allows is never to be had by it. Allow " in problem.message


def test_what_is_aws_s_own_is_not_to_be_changed() -> None:
    [denied] = found_in(UNIONS["all is denied anyway"])
    assert denied.message.endswith(". It is AWS's own: detach it")
    [bound] = found_in(UNIONS["the boundary of power users does not allow it"])
    assert ". That boundary is AWS's own: take one that allows " in bound.message


def test_who_has_a_password_is_warned_if_it_expires() -> None:
    here = state(Union(statements=(CHANGE, FORGETFUL)))
    assert list(map(code, problems(here, passwords_expire=True))) == ["deadlock", "enrol"]
    assert list(map(code, problems(here, passwords_expire=True, have_passwords={"aiko"}))) == ["deadlock?"]
    assert list(problems(here, have_passwords={"aiko"})) == []


def test_the_region_of_iam_is_known_in_one_partition_only() -> None:
    here = state(UNIONS["another region than that of IAM"])
    [problem] = problems(here)
    assert "denies iam:ChangePassword (IAM is asked in us-east-1, whatever the region in the console): " in str(problem)
    assert list(problems(replace(here, account=replace(ACCOUNT, partition="aws-cn")))) == []


def test_a_boundary_is_named() -> None:
    [problem] = found_in(UNIONS["the boundary of power users does not allow it"])
    assert problem.message.startswith(
        "the permissions boundary aws:PowerUserAccess does not allow iam:ChangePassword: "
    )


def test_what_happens_to_many_is_said_once() -> None:
    one = state(Union(statements=(CHANGE, ENROL, FORGETFUL)))
    person = one.users["aiko"]
    many = {f"user{number}": _named(person, f"user{number}") for number in range(40)}
    [problem] = problems(DesiredState(account=ACCOUNT, users=many, policies=one.policies, settings=one.settings))
    assert problem.path == "users.user0.console"
    assert problem.message.endswith(". The same holds for user1, user2, user3, user4, user5 and 34 more")


def _named(user: User, name: str) -> User:
    return User(name=name, tags=user.tags, attachments=user.attachments, console=user.console)


def test_what_is_live_helps_where_no_file_says_it() -> None:
    person = state(Union(groups=None))
    live = State(
        account=ACCOUNT,
        users={"aiko": User(name="aiko", groups=frozenset({"legacy"}))},
        groups={"legacy": Group(name="legacy", path="/", inline={"x": Document.parse(document(CHANGE))})},
    )
    assert [code(one) for one in problems(person, users_may_change_password=False)] == ["nowhere?"]
    assert list(problems(person, live=live, users_may_change_password=False)) == []


def test_who_is_made_now_is_in_no_group_that_is_not_declared() -> None:
    empty = State(account=ACCOUNT)
    person = state(Union(groups=None, statements=(CHANGE, GUARD)))
    assert list(map(code, problems(person, live=empty))) == ["enrol"]
    assert list(map(code, problems(person))) == ["enrol?"]


def test_memberships_survive_a_rename() -> None:
    wanted = state(Union(groups=None, statements=(CHANGE, ENROL)))
    renamed = replace(wanted.users["aiko"], previous_names=("aki", "akiko"))
    live = State(
        account=ACCOUNT,
        users={"akiko": User(name="akiko", groups=frozenset({"staff"}))},
        groups={"staff": Group(name="staff", path="/", inline={"x": Document.parse(document(FORGETFUL))})},
    )
    assert list(map(code, problems(replace(wanted, users={"aiko": renamed}), live=live))) == ["deadlock"]


def test_every_policy_of_aws_is_known_by_its_path_and_name() -> None:
    assert known_document(aws_policy_arn("aws", "ReadOnlyAccess")) is not None
    assert known_document(aws_policy_arn("aws", "job-function/Billing")) is not None
    assert known_document(aws_policy_arn("aws", "Billing")) is None
    assert known_document(arn_of("AdministratorAccess")) is None


def test_in_another_partition_a_policy_of_aws_speaks_of_that_partition() -> None:
    known = known_document(aws_policy_arn("aws-cn", "IAMUserChangePassword"))
    assert known is not None
    assert "arn:aws-cn:iam::*:user/${aws:username}" in known.render()
    assert "arn:aws:" not in known.render()


def test_nothing_is_read_ahead() -> None:
    assert len(list(islice(problems(state(Union(statements=(FORGETFUL,)))), 1))) == 1
