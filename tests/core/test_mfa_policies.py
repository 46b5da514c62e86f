"""MFA policies as people write them: whom each of them locks out, with a path and without, and beside policies of AWS.

The verdicts are what AWS does by its documentation, written by hand. `new` is a user at `/` who must change the
password at the first sign-in, `path` one below `/people/`; `settled` need not change it. The account lets users change
their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from document_pairs import allow, deny
from unions import NO_RESET, Union, code, found_in

Json = dict[str, Any]
Verdict = tuple[str, ...]

MFA = "aws:MultiFactorAuthPresent"
NO_MFA: Json = {"BoolIfExists": {MFA: "false"}}
WITH_MFA: Json = {"Bool": {MFA: "true"}}
OWN = "arn:aws:iam::*:user/${aws:username}"
BELOW = "arn:aws:iam::*:user/*/${aws:username}"
DEVICES = "arn:aws:iam::*:mfa/*"
LIKE_ME = "arn:aws:iam::*:mfa/${aws:username}"
PASSWORD = ("iam:ChangePassword", "iam:GetAccountPasswordPolicy")
ENROLMENT = (
    *("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices"),
    *("iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"),
)


def guard(*excepted: str, condition: Json = NO_MFA, **elements: Any) -> Json:  # noqa: ANN401 - whatever a statement has
    """Deny all but these without MFA."""
    return {"Effect": "Deny", "NotAction": list(excepted), "Resource": "*", "Condition": condition, **elements}


def own(*users: str, device: str = DEVICES, **elements: Any) -> tuple[Json, ...]:  # noqa: ANN401 - as above
    """Let people manage their password and MFA."""
    user = list(users or (OWN,))
    return (
        allow(["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"]),
        allow(["iam:ChangePassword", "iam:GetUser"], user),
        allow("iam:CreateVirtualMFADevice", device, **elements),
        allow(["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], user, **elements),
        allow("iam:DeactivateMFADevice", user),
    )


FORGETFUL = guard(*ENROLMENT)
GOOD = guard(*ENROLMENT, *PASSWORD)
CLI = guard(
    *("iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:ListVirtualMFADevices", "iam:EnableMFADevice"),
    *("iam:ResyncMFADevice", "iam:ListAccountAliases", "iam:ListUsers", "iam:ListSSHPublicKeys", "iam:ListAccessKeys"),
    *("iam:ListServiceSpecificCredentials", "iam:ListMFADevices", "iam:GetAccountSummary", "sts:GetSessionToken"),
)
"""AWS's example for the command line (BlockMostAccessUnlessSignedInWithMFA)."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A policy, and the verdict on who has it; `settled` and `path` where they differ from `new`: without what is about
    the password, and the same.
    """

    statements: tuple[Json, ...]
    new: Verdict = ()
    settled: Verdict | None = None
    path: Verdict | None = None
    beside: Verdict | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def union(self) -> Union:
        return Union(statements=self.statements, users_may=True, **self.more)


OFFICE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}

VARIANTS: dict[str, Variant] = {
    # AWS's example, and what people make of it
    "AWS's example": Variant(statements=(*own(), FORGETFUL), new=("deadlock",), path=("deadlock", "enrol")),
    "AWS's example, with the two lines": Variant(statements=(*own(), GOOD), path=("enrol",)),
    "with the first of the two lines": Variant(
        statements=(*own(), guard(*ENROLMENT, "iam:ChangePassword")), path=("enrol",)
    ),
    "with the two lines, for any path": Variant(statements=(*own(OWN, BELOW), GOOD)),
    "for one path only": Variant(
        statements=(*own("arn:aws:iam::*:user/people/${aws:username}"), GOOD), new=("enrol",), path=()
    ),
    "for all users": Variant(statements=(*own("arn:aws:iam::*:user/*"), GOOD)),
    "without resources": Variant(statements=(*own("*", device="*"), GOOD)),
    "with the account's id": Variant(
        statements=(*own("arn:aws:iam::123456789012:user/${aws:username}"), GOOD), path=("enrol",)
    ),
    "with another account's id": Variant(
        statements=(*own("arn:aws:iam::999999999999:user/${aws:username}"), GOOD), new=("enrol",)
    ),
    "a misspelled resource": Variant(statements=(*own("arn:aws:iam::*:users/${aws:username}"), GOOD), new=("enrol",)),
    "a variable of Terraform": Variant(statements=(*own("arn:aws:iam::*:user/&{aws:username}"), GOOD), new=("enrol",)),
    "the old version, where variables are text": Variant(
        statements=(*own(), GOOD), new=("enrol",), more={"version": "2008-10-17"}
    ),
    "the id of the user for the name": Variant(
        statements=(*own("arn:aws:iam::*:user/${aws:userid}"), GOOD), new=("enrol?",)
    ),
    # devices with certain names
    "AWS's former example": Variant(
        statements=(*own(device=LIKE_ME), FORGETFUL),
        new=("deadlock", "name?"),
        path=("deadlock", "enrol", "name?"),
    ),
    "AWS's former example, with the two lines": Variant(
        statements=(*own(device=LIKE_ME), GOOD), new=("name?",), path=("enrol", "name?")
    ),
    "AWS's former example, for any path": Variant(statements=(*own(OWN, BELOW, device=LIKE_ME), GOOD), new=("name?",)),
    "a device after the user": Variant(
        statements=(*own(OWN, BELOW, device="arn:aws:iam::*:mfa/${aws:username}-*"), GOOD), new=("name?",)
    ),
    "devices below a path": Variant(
        statements=(*own(OWN, BELOW, device="arn:aws:iam::*:mfa/phones/*"), GOOD), new=("name?",)
    ),
    "a device among the users": Variant(
        statements=(*own(OWN, BELOW, device="arn:aws:iam::*:user/*"), GOOD), new=("app?",)
    ),
    "AWS's example for the command line": Variant(
        statements=(*own(device=LIKE_ME), CLI), new=("deadlock", "name?"), path=("deadlock", "enrol", "name?")
    ),
    "AWS's example for the command line, any device": Variant(
        statements=(*own(), CLI), new=("deadlock",), path=("deadlock", "enrol")
    ),
    # guards that leave out too little, or too much
    "nothing is excepted": Variant(
        statements=(*own(OWN, BELOW), deny("*", Condition=NO_MFA)), new=("deadlock", "enrol")
    ),
    "only sts and lists are excepted": Variant(
        statements=(*own(OWN, BELOW), guard("sts:*", "iam:List*", "iam:Get*")), new=("deadlock", "enrol")
    ),
    "enabling is forgotten": Variant(
        statements=(*own(OWN, BELOW), guard(*(one for one in ENROLMENT if "Enable" not in one), *PASSWORD)),
        new=("enrol",),
    ),
    "creating is forgotten": Variant(
        statements=(*own(OWN, BELOW), guard(*(one for one in ENROLMENT if "Create" not in one), *PASSWORD)),
        new=("app?",),
    ),
    "all of iam is excepted": Variant(statements=(*own(OWN, BELOW), guard("iam:*", "sts:*")), new=("removal?",)),
    "deactivating is excepted": Variant(
        statements=(*own(OWN, BELOW), guard(*ENROLMENT, *PASSWORD, "iam:DeactivateMFADevice")), new=("removal?",)
    ),
    "the exceptions are wildcards": Variant(
        statements=(
            *own(OWN, BELOW),
            guard("iam:ChangePassword", "iam:Get*", "iam:List*", "iam:*VirtualMFADevice", "iam:E*"),
        )
    ),
    "the exceptions are in other letters": Variant(
        statements=(*own(OWN, BELOW), guard(*(one.upper() for one in (*ENROLMENT, *PASSWORD))))
    ),
    "oneself is excepted as a resource": Variant(
        statements=(
            *own(OWN, BELOW)[:-1],
            {"Effect": "Deny", "Action": "*", "NotResource": [DEVICES, OWN, BELOW], "Condition": NO_MFA},
        ),
    ),
    "oneself without a path is excepted as a resource": Variant(
        statements=(
            *own(OWN, BELOW)[:-1],
            {"Effect": "Deny", "Action": "*", "NotResource": [DEVICES, OWN], "Condition": NO_MFA},
        ),
        path=("deadlock", "enrol"),
    ),
    # what allows to set it up
    "nothing does": Variant(statements=(allow("iam:ChangePassword"), GOOD), new=("enrol",)),
    "it is allowed with MFA only": Variant(statements=(*own(OWN, BELOW, Condition=WITH_MFA), GOOD), new=("enrol",)),
    "only security keys": Variant(
        statements=(allow(["iam:ChangePassword", "iam:EnableMFADevice", "iam:ListMFADevices"], [OWN, BELOW]), GOOD),
        new=("app?",),
    ),
    "devices cannot be listed": Variant(
        statements=(
            allow("iam:CreateVirtualMFADevice", DEVICES),
            allow(["iam:ChangePassword", "iam:EnableMFADevice"], [OWN, BELOW]),
            GOOD,
        ),
        new=("page?",),
        beside=(),
    ),
    "an administrator": Variant(statements=(allow("*"), GOOD)),
    "an administrator who must change the password": Variant(statements=(allow("*"), FORGETFUL), new=("deadlock",)),
    # conditions in other words
    "Bool": Variant(
        statements=(*own(), guard(*ENROLMENT, condition={"Bool": {MFA: "false"}})),
        new=("deadlock",),
        path=("deadlock", "enrol"),
    ),
    "a Boolean of JSON": Variant(
        statements=(*own(OWN, BELOW), guard(*ENROLMENT, condition={"BoolIfExists": {MFA: False}})), new=("deadlock",)
    ),
    "StringNotEquals": Variant(
        statements=(*own(OWN, BELOW), guard(*ENROLMENT, condition={"StringNotEquals": {MFA: "true"}})),
        new=("deadlock",),
    ),
    "an age of MFA": Variant(
        statements=(
            *own(OWN, BELOW),
            guard(*ENROLMENT, condition={"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": 43200}}),
        ),
        new=("deadlock",),
    ),
    "an age of MFA, with the two lines": Variant(
        statements=(
            *own(OWN, BELOW),
            guard(*ENROLMENT, *PASSWORD, condition={"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": 43200}}),
        ),
    ),
    "true for false": Variant(
        statements=(*own(OWN, BELOW)[:-1], guard(*ENROLMENT, condition={"BoolIfExists": {MFA: "true"}})),
        new=("deadlock?",),
    ),
    "outside of the office": Variant(
        statements=(*own(OWN, BELOW), guard(*ENROLMENT, condition={**NO_MFA, **OFFICE})), new=("deadlock?",)
    ),
    "not for those who are exempt": Variant(
        statements=(
            *own(OWN, BELOW),
            guard(*ENROLMENT, condition={**NO_MFA, "StringNotEquals": {"aws:PrincipalTag/Mfa": "exempt"}}),
        ),
        new=("deadlock",),
    ),
    "oneself is exempt": Variant(
        statements=(
            *own(OWN, BELOW)[:-1],
            guard(*ENROLMENT, condition={**NO_MFA, "StringNotEquals": {"aws:PrincipalTag/Mfa": "exempt"}}),
        ),
        more={"tags": {"Mfa": "exempt"}},
    ),
    # MFA for some things only
    "for instances, and an administrator sets it up": Variant(
        statements=(allow(["ec2:*", "iam:ChangePassword"]), deny(["ec2:Stop*", "ec2:Terminate*"], Condition=NO_MFA))
    ),
    "for instances, and people set it up": Variant(
        statements=(*own(OWN, BELOW)[:-1], allow("ec2:*"), deny("ec2:Terminate*", Condition=NO_MFA))
    ),
    "for instances, and people without a path set it up": Variant(
        statements=(*own()[:-1], allow("ec2:*"), deny("ec2:Terminate*", Condition=NO_MFA)), path=("enrol?",)
    ),
    "for instances, and the device is called after the user": Variant(
        statements=(*own(OWN, BELOW, device=LIKE_ME)[:-1], deny("ec2:Terminate*", Condition=NO_MFA)), new=("name?",)
    ),
    "for objects in a bucket": Variant(
        statements=(allow("s3:*"), deny("s3:DeleteObject*", "arn:aws:s3:::audit/*", Condition=NO_MFA))
    ),
    "for what creates in iam": Variant(
        statements=(allow("*"), deny(["iam:Create*", "iam:Attach*", "iam:Put*"], Condition=NO_MFA)),
        new=("app?", "removal?"),
    ),
    "for all of iam": Variant(statements=(allow("*"), deny("iam:*", Condition=NO_MFA)), new=("deadlock", "enrol")),
    "for all but reading": Variant(
        statements=(*own(OWN, BELOW)[:-1], allow(["s3:Get*", "s3:List*"]), allow("s3:*", Condition=WITH_MFA))
    ),
    "for a role": Variant(
        statements=(allow("s3:List*"), allow("sts:AssumeRole", "arn:aws:iam::*:role/admin", Condition=WITH_MFA))
    ),
    "for all that is allowed, and people set it up": Variant(
        statements=(*own(OWN, BELOW)[:-1], allow("*", Condition=WITH_MFA))
    ),
    "for all that is allowed, and people without a path set it up": Variant(
        statements=(*own()[:-1], allow("*", Condition=WITH_MFA)), path=("enrol?",)
    ),
    "for all that is allowed, and nothing sets it up": Variant(
        statements=(allow("iam:ChangePassword"), allow("*", Condition=WITH_MFA)), new=("enrol?",), beside=()
    ),
    # from other places
    "by a group": Variant(
        statements=own(), new=("deadlock",), path=("deadlock", "enrol"), more={"group": (FORGETFUL,)}
    ),
    "by a group, with the two lines": Variant(statements=own(OWN, BELOW), more={"group": (GOOD,)}),
    "by an inline policy": Variant(
        statements=own(), new=("deadlock",), path=("deadlock", "enrol"), more={"inline": (FORGETFUL,)}
    ),
    "by a boundary": Variant(statements=own(OWN, BELOW), new=("deadlock",), more={"boundary": (allow("*"), FORGETFUL)}),
    "a boundary allows no enrolment": Variant(
        statements=(*own(OWN, BELOW), GOOD),
        new=("enrol",),
        more={"boundary": (allow(["s3:*", "iam:ChangePassword"]),)},
    ),
    "two guards, one of them good": Variant(
        statements=(*own(OWN, BELOW), GOOD), new=("deadlock",), more={"inline": (FORGETFUL,)}
    ),
}

HARMLESS = ("AmazonS3ReadOnlyAccess", "job-function/ViewOnlyAccess", "ReadOnlyAccess", "PowerUserAccess")
"""Policies of AWS that allow nothing by which people manage a password or MFA, at most the list of devices."""


def verdict(union: Union) -> list[str]:
    return sorted(map(code, found_in(union)))


def _about_mfa(found: Verdict) -> Verdict:
    return tuple(one for one in found if "deadlock" not in one)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_who_must_change_the_password(variant: Variant) -> None:
    assert verdict(variant.union) == sorted(variant.new)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_who_need_not(variant: Variant) -> None:
    settled = _about_mfa(variant.new) if variant.settled is None else variant.settled
    assert verdict(replace(variant.union, console=NO_RESET)) == sorted(settled)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_who_is_below_a_path(variant: Variant) -> None:
    path = variant.new if variant.path is None else variant.path
    assert verdict(replace(variant.union, path="/people/")) == sorted(path)


@pytest.mark.parametrize("harmless", HARMLESS)
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_policy_of_aws_beside_it_is_no_excuse(variant: Variant, harmless: str) -> None:
    """The lesson of real policies: beside an unknown text every one of these was "perhaps"."""
    beside = replace(variant.union, aws=(harmless,))
    lists_devices = harmless in {"ReadOnlyAccess", "job-function/ViewOnlyAccess"}
    excused = variant.beside if variant.beside is not None and (lists_devices or "page?" not in variant.new) else None
    for path, alone in (("/", variant.new), ("/people/", variant.new if variant.path is None else variant.path)):
        assert verdict(replace(beside, path=path)) == sorted(alone if excused is None else excused)


def test_the_table_is_long() -> None:
    assert len(VARIANTS) >= 60
