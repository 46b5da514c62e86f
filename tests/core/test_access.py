"""The evaluator of identity policies: the user guide's rules and examples as a table, and the laws of its logic."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from document_pairs import allow, deny, document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import documents, resources

from iamsync.core.access import Context, Decision, Policies, Request, Source, Verdict, decision
from iamsync.core.access.quantity import moment, number
from iamsync.core.access.truth import all_of, any_of, negation
from iamsync.core.document import Document

Known = Mapping[str, str | Iterable[str] | None]

ALLOWED, UNKNOWN = Verdict.ALLOWED, Verdict.UNKNOWN
REFUSED, DENIED = Verdict.IMPLICITLY_DENIED, Verdict.EXPLICITLY_DENIED

OBJECT = "arn:aws:s3:::amzn-s3-demo-bucket/home/alice/notes.txt"
MFA = "aws:MultiFactorAuthPresent"
TEAM = "aws:PrincipalTag/Team"
OLD = "2008-10-17"


def source(value: Mapping[str, Any] | Document | None, label: str = "policy") -> Source:
    return Source(
        label=label, document=value if value is None or isinstance(value, Document) else Document.parse(value)
    )


def judged(
    *identity: Mapping[str, Any] | Document | None,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Context | None = None,
    boundary: Source | None = None,
) -> Decision:
    policies = Policies(identity=tuple(source(one) for one in identity), boundary=boundary)
    return decision(policies, Request(action=action, resource=resource, context=context or Context()))


# --- which actions and resources a statement speaks of

# sentence: (the elements of an Allow statement, action, resource, verdict)
SPEAKS: dict[str, tuple[dict[str, Any], str, str, Verdict]] = {
    "an action by its name": ({"Action": "s3:GetObject"}, "s3:GetObject", OBJECT, ALLOWED),
    "another action": ({"Action": "s3:GetObject"}, "s3:PutObject", OBJECT, REFUSED),
    "an action in other letters": ({"Action": "S3:getobject"}, "s3:GetObject", OBJECT, ALLOWED),
    "a request in other letters": ({"Action": "s3:GetObject"}, "S3:GETOBJECT", OBJECT, ALLOWED),
    "the same name of another service": ({"Action": "s3:GetObject"}, "s4:GetObject", OBJECT, REFUSED),
    "all actions": ({"Action": "*"}, "iam:CreateUser", OBJECT, ALLOWED),
    "all actions of a service": ({"Action": "s3:*"}, "s3:GetObject", OBJECT, ALLOWED),
    "all actions of another service": ({"Action": "sqs:*"}, "s3:GetObject", OBJECT, REFUSED),
    "iam:*AccessKey* as in the guide": ({"Action": "iam:*AccessKey*"}, "iam:CreateAccessKey", OBJECT, ALLOWED),
    "iam:*AccessKey* takes in GetAccessKeyLastUsed": (
        {"Action": "iam:*AccessKey*"},
        "iam:GetAccessKeyLastUsed",
        OBJECT,
        ALLOWED,
    ),
    "iam:*AccessKey* leaves out users": ({"Action": "iam:*AccessKey*"}, "iam:CreateUser", OBJECT, REFUSED),
    "a question mark is one character": ({"Action": "s3:Get?bject"}, "s3:GetObject", OBJECT, ALLOWED),
    "a question mark is not none": ({"Action": "s3:GetObject?"}, "s3:GetObject", OBJECT, REFUSED),
    "one of several actions": ({"Action": ["s3:PutObject", "s3:Get*"]}, "s3:GetObject", OBJECT, ALLOWED),
    "NotAction leaves out what it names": ({"NotAction": "iam:*"}, "iam:CreateUser", OBJECT, REFUSED),
    "NotAction takes in all else": ({"NotAction": "iam:*"}, "s3:GetObject", OBJECT, ALLOWED),
    "NotAction leaves out each of its entries": ({"NotAction": ["iam:*", "s3:Get*"]}, "s3:GetObject", OBJECT, REFUSED),
    "all resources": ({"Resource": "*"}, "s3:GetObject", OBJECT, ALLOWED),
    "a resource by its name": ({"Resource": OBJECT}, "s3:GetObject", OBJECT, ALLOWED),
    "a resource in other letters is another": (
        {"Resource": OBJECT.upper()[:3].lower() + OBJECT[3:].replace("h", "H")},
        "s3:GetObject",
        OBJECT,
        REFUSED,
    ),
    "all items in a bucket": ({"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"}, "s3:GetObject", OBJECT, ALLOWED),
    "the bucket is not one of its items": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"},
        "s3:ListBucket",
        "arn:aws:s3:::amzn-s3-demo-bucket",
        REFUSED,
    ),
    "all users whose path is /accounting": (
        {"Action": "iam:*", "Resource": "arn:aws:iam::123456789012:user/accounting/*"},
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/accounting/eu/bob",
        ALLOWED,
    ),
    "a user of another path": (
        {"Action": "iam:*", "Resource": "arn:aws:iam::123456789012:user/accounting/*"},
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/bob",
        REFUSED,
    ),
    "an asterisk takes in slashes: bucket/1/2/test/3/object.jpg": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"},
        "s3:GetObject",
        "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/3/object.jpg",
        ALLOWED,
    ),
    "an asterisk may be nothing: bucket//test/object.jpg": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"},
        "s3:GetObject",
        "arn:aws:s3:::amzn-s3-demo-bucket//test/object.jpg",
        ALLOWED,
    ),
    "an asterisk may be nothing at the end: bucket/1/test/": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"},
        "s3:GetObject",
        "arn:aws:s3:::amzn-s3-demo-bucket/1/test/",
        ALLOWED,
    ),
    "what stands between asterisks must be there: bucket/1-test/object.jpg": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"},
        "s3:GetObject",
        "arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg",
        REFUSED,
    ),
    "what stands between asterisks must be there: bucket/test/object.jpg": (
        {"Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"},
        "s3:GetObject",
        "arn:aws:s3:::amzn-s3-demo-bucket/test/object.jpg",
        REFUSED,
    ),
    "a pattern that ends in what occurs twice": (
        {"Resource": "arn:aws:s3:::b/*.txt"},
        "s3:GetObject",
        "arn:aws:s3:::b/a.txt.txt",
        ALLOWED,
    ),
    "any account": (
        {"Action": "iam:*", "Resource": "arn:aws:iam::*:user/bob"},
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/bob",
        ALLOWED,
    ),
    "any partition": ({"Resource": "arn:*:s3:::*"}, "s3:GetObject", OBJECT, ALLOWED),
    "another account": (
        {"Action": "iam:*", "Resource": "arn:aws:iam::111111111111:user/bob"},
        "iam:GetUser",
        "arn:aws:iam::123456789012:user/bob",
        REFUSED,
    ),
    "an asterisk at the end of a segment goes beyond the colon": (
        {"Action": "logs:*", "Resource": "arn:aws:logs:us-east-1:*:log-stream:x"},
        "logs:PutLogEvents",
        "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:x",
        ALLOWED,
    ),
    "an asterisk inside of a segment stays within it": (
        {"Action": "logs:*", "Resource": "arn:aws:logs:*1:log-group:g"},
        "logs:PutLogEvents",
        "arn:aws:logs:us-east-1:123456789012:log-group:g",
        REFUSED,
    ),
    "a question mark is no colon": (
        {"Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-1?123456789012:queue1"},
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:123456789012:queue1",
        REFUSED,
    ),
    "after the fifth colon an asterisk takes in colons": (
        {"Action": "lambda:*", "Resource": "arn:aws:lambda:us-east-1:123456789012:f*e"},
        "lambda:InvokeFunction",
        "arn:aws:lambda:us-east-1:123456789012:function:main:live",
        ALLOWED,
    ),
    "an ARN that ends early goes on with wildcards": (
        {"Action": "sqs:*", "Resource": "arn:aws:sqs"},
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:123456789012:queue1",
        ALLOWED,
    ),
    "NotResource leaves out what it names": (
        {"Resource": None, "NotResource": "arn:aws:s3:::amzn-s3-demo-bucket/*"},
        "s3:GetObject",
        OBJECT,
        REFUSED,
    ),
    "NotResource takes in all else": (
        {"Resource": None, "NotResource": "arn:aws:s3:::other/*"},
        "s3:GetObject",
        OBJECT,
        ALLOWED,
    ),
    "an action that takes no resource is only in *": (
        {"Resource": "arn:aws:s3:::*"},
        "s3:ListAllMyBuckets",
        "*",
        REFUSED,
    ),
    "an action that takes no resource is in *": ({"Resource": "*"}, "s3:ListAllMyBuckets", "*", ALLOWED),
}


@pytest.mark.parametrize(("elements", "action", "resource", "verdict"), SPEAKS.values(), ids=SPEAKS)
def test_a_statement_speaks_of(elements: dict[str, Any], action: str, resource: str, verdict: Verdict) -> None:
    base = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    if "NotAction" in elements:
        del base["Action"]
    statement = {name: value for name, value in (base | elements).items() if value is not None}
    assert judged(document(statement), action=action, resource=resource).verdict is verdict


# --- variables

HOME = "arn:aws:s3:::amzn-s3-demo-bucket/home/"

# sentence: (an entry of Resource, version, what is known, resource, verdict)
VARIABLES: dict[str, tuple[str, str, Known, str, Verdict]] = {
    "the name of the user": (HOME + "${aws:username}/*", "2012-10-17", {"aws:username": "alice"}, OBJECT, ALLOWED),
    "the name of another user": (HOME + "${aws:username}/*", "2012-10-17", {"aws:username": "bob"}, OBJECT, REFUSED),
    "the case of a variable's name is no matter": (
        HOME + "${AWS:UserName}/*",
        "2012-10-17",
        {"aws:username": "alice"},
        OBJECT,
        ALLOWED,
    ),
    "a name that is not known": (HOME + "${aws:username}/*", "2012-10-17", {}, OBJECT, UNKNOWN),
    "a name that is not known, where no name would do": (HOME + "${aws:username}/*", "2012-10-17", {}, HOME, REFUSED),
    "a name that is not there": (HOME + "${aws:username}*", "2012-10-17", {"aws:username": None}, OBJECT, REFUSED),
    "a variable is plain text in the old version": (
        HOME + "${aws:username}/*",
        OLD,
        {"aws:username": "alice"},
        OBJECT,
        REFUSED,
    ),
    "and matches itself there": (
        HOME + "${aws:username}/*",
        OLD,
        {"aws:username": "alice"},
        HOME + "${aws:username}/x",
        ALLOWED,
    ),
    "a tag of the principal": (
        "arn:aws:s3:::bucket/${aws:PrincipalTag/department}",
        "2012-10-17",
        {"aws:PrincipalTag/department": "sales"},
        "arn:aws:s3:::bucket/sales",
        ALLOWED,
    ),
    "the tag is there: no default is taken": (
        "arn:aws:s3:::amzn-s3-demo-bucket-${aws:PrincipalTag/team, 'company-wide'}",
        "2012-10-17",
        {"aws:PrincipalTag/team": "yellow"},
        "arn:aws:s3:::amzn-s3-demo-bucket-yellow",
        ALLOWED,
    ),
    "the tag is not there: the default is taken": (
        "arn:aws:s3:::amzn-s3-demo-bucket-${aws:PrincipalTag/team, 'company-wide'}",
        "2012-10-17",
        {"aws:PrincipalTag/team": None},
        "arn:aws:s3:::amzn-s3-demo-bucket-company-wide",
        ALLOWED,
    ),
    "the tag is not there: other buckets are not named": (
        "arn:aws:s3:::amzn-s3-demo-bucket-${aws:PrincipalTag/team, 'company-wide'}",
        "2012-10-17",
        {"aws:PrincipalTag/team": None},
        "arn:aws:s3:::amzn-s3-demo-bucket-yellow",
        REFUSED,
    ),
    "whether the tag is there is not known": (
        "arn:aws:s3:::amzn-s3-demo-bucket-${aws:PrincipalTag/team, 'company-wide'}",
        "2012-10-17",
        {},
        "arn:aws:s3:::amzn-s3-demo-bucket-yellow",
        UNKNOWN,
    ),
    "a key with several values is no variable": (
        "arn:aws:s3:::b/${aws:TagKeys}",
        "2012-10-17",
        {"aws:TagKeys": ["a", "b"]},
        "arn:aws:s3:::b/a",
        REFUSED,
    ),
    "an asterisk in a value is an asterisk": (
        "arn:aws:s3:::b/${aws:PrincipalTag/x}",
        "2012-10-17",
        {"aws:PrincipalTag/x": "*"},
        "arn:aws:s3:::b/a",
        REFUSED,
    ),
    "${*} is an asterisk": ("arn:aws:s3:::b/${*}", "2012-10-17", {}, "arn:aws:s3:::b/*", ALLOWED),
    "${*} is no wildcard": ("arn:aws:s3:::b/${*}", "2012-10-17", {}, "arn:aws:s3:::b/a", REFUSED),
    "${?} is a question mark": ("arn:aws:s3:::b/${?}", "2012-10-17", {}, "arn:aws:s3:::b/?", ALLOWED),
    "${?} is no wildcard": ("arn:aws:s3:::b/${?}", "2012-10-17", {}, "arn:aws:s3:::b/a", REFUSED),
    "${$} is a dollar sign": (
        "arn:aws:s3:::b/${$}{aws:username}",
        "2012-10-17",
        {"aws:username": "alice"},
        "arn:aws:s3:::b/${aws:username}",
        ALLOWED,
    ),
    "a brace that is not closed is plain text": ("arn:aws:s3:::b/${a", "2012-10-17", {}, "arn:aws:s3:::b/${a", ALLOWED),
    "what a variable before the fifth colon does is not known": (
        "arn:aws:iam::${aws:PrincipalAccount}:user/*",
        "2012-10-17",
        {"aws:PrincipalAccount": "123456789012"},
        "arn:aws:iam::123456789012:user/bob",
        UNKNOWN,
    ),
    "but it does not name another account": (
        "arn:aws:iam::${aws:PrincipalAccount}:user/*",
        "2012-10-17",
        {"aws:PrincipalAccount": "123456789012"},
        "arn:aws:iam::111111111111:user/bob",
        REFUSED,
    ),
}


@pytest.mark.parametrize(("entry", "version", "known", "resource", "verdict"), VARIABLES.values(), ids=VARIABLES)
def test_a_variable_stands_for(entry: str, version: str, known: Known, resource: str, verdict: Verdict) -> None:
    policy = {"Version": version, "Statement": allow("*", entry)}
    assert judged(policy, resource=resource, context=Context.of(known)).verdict is verdict


def test_a_variable_without_value_in_NotResource_can_be_read_either_way() -> None:  # noqa: N802
    statement = {"Effect": "Deny", "Action": "*", "NotResource": HOME + "${aws:username}/*"}
    assert judged(document(statement), context=Context.of({"aws:username": None})).explicitly_denied is None
    assert judged(document(statement), context=Context.of({"aws:username": "alice"})).explicitly_denied is False
    assert judged(document(statement), context=Context.of({"aws:username": "bob"})).explicitly_denied is True


# --- conditions

YES, NO, PERHAPS = ALLOWED, REFUSED, UNKNOWN
IP = "aws:SourceIp"
NOW = "aws:CurrentTime"
KEYS = "aws:TagKeys"
ARN = "aws:SourceArn"
TOPIC = "arn:aws:sns:us-east-2:123456789012:topic"

# sentence: (the Condition of an Allow statement, what is known, does it hold)
CONDITIONS: dict[str, tuple[dict[str, Any], Known, Verdict]] = {
    "no operator: no condition": ({}, {}, YES),
    # strings
    "StringEquals: equal": ({"StringEquals": {TEAM: "data"}}, {TEAM: "data"}, YES),
    "StringEquals: the case of the value counts": ({"StringEquals": {TEAM: "data"}}, {TEAM: "Data"}, NO),
    "StringEquals: the case of the key does not": ({"StringEquals": {TEAM.upper(): "data"}}, {TEAM: "data"}, YES),
    "StringEquals: the case of the operator does not": ({"stringequals": {TEAM: "data"}}, {TEAM: "data"}, YES),
    "StringEquals: an asterisk is an asterisk": ({"StringEquals": {TEAM: "d*"}}, {TEAM: "data"}, NO),
    "StringEquals: several values are alternatives": ({"StringEquals": {TEAM: ["web", "data"]}}, {TEAM: "data"}, YES),
    "StringEquals: without the key it is false": ({"StringEquals": {TEAM: "data"}}, {TEAM: None}, NO),
    "StringEquals: whether the key is there is not known": ({"StringEquals": {TEAM: "data"}}, {}, PERHAPS),
    "StringEquals: an empty value is a value": ({"StringEquals": {"s3:prefix": ""}}, {"s3:prefix": ""}, YES),
    "StringEquals: with a variable": (
        {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
        {"aws:ResourceTag/owner": "alice", "aws:username": "alice"},
        YES,
    ),
    "StringEquals: equal to a variable that has no value": (
        {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
        {"aws:ResourceTag/owner": "alice", "aws:username": None},
        NO,
    ),
    "StringEquals: a variable that is not known": (
        {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}},
        {"aws:ResourceTag/owner": "alice"},
        PERHAPS,
    ),
    "StringEquals: a variable that is not known, where it cannot fit": (
        {"StringEquals": {"aws:ResourceTag/owner": "team-${aws:username}"}},
        {"aws:ResourceTag/owner": "alice"},
        NO,
    ),
    "StringEquals: no value to be equal to": ({"StringEquals": {TEAM: []}}, {TEAM: "data"}, NO),
    "StringNotEquals: no value to differ from": ({"StringNotEquals": {TEAM: []}}, {TEAM: "data"}, YES),
    "StringNotEquals: differs": ({"StringNotEquals": {TEAM: "web"}}, {TEAM: "data"}, YES),
    "StringNotEquals: several values are a NOR": ({"StringNotEquals": {TEAM: ["web", "data"]}}, {TEAM: "data"}, NO),
    "StringNotEquals: without the key it is true": ({"StringNotEquals": {TEAM: "web"}}, {TEAM: None}, YES),
    "StringNotEquals: whether the key is there is not known": ({"StringNotEquals": {TEAM: "web"}}, {}, PERHAPS),
    "StringNotEquals: from a variable that has no value": (
        {"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}},
        {"s3:ExistingObjectTag/Team": "data", TEAM: None},
        YES,
    ),
    "StringEqualsIgnoreCase: equal but for case": ({"StringEqualsIgnoreCase": {TEAM: "DATA"}}, {TEAM: "data"}, YES),
    "StringEqualsIgnoreCase: an asterisk is an asterisk": (
        {"StringEqualsIgnoreCase": {TEAM: "*"}},
        {TEAM: "data"},
        NO,
    ),
    "StringNotEqualsIgnoreCase: equal but for case": (
        {"StringNotEqualsIgnoreCase": {TEAM: "DATA"}},
        {TEAM: "data"},
        NO,
    ),
    "StringLike: with an asterisk": ({"StringLike": {"s3:prefix": "home/*"}}, {"s3:prefix": "home/alice/"}, YES),
    "StringLike: with a question mark": ({"StringLike": {TEAM: "dat?"}}, {TEAM: "data"}, YES),
    "StringLike: the case counts": ({"StringLike": {TEAM: "D*"}}, {TEAM: "data"}, NO),
    "StringLike: the home directory of the guide": (
        {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}},
        {"s3:prefix": "home/alice/", "aws:username": "alice"},
        YES,
    ),
    "StringLike: the home directory of another": (
        {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}},
        {"s3:prefix": "home/bob/", "aws:username": "alice"},
        NO,
    ),
    "StringLike: colons are characters": (
        {"StringLike": {ARN: "arn:aws:someservice:*:111122223333:finance/*"}},
        {ARN: "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"},
        YES,
    ),
    "StringNotLike: is like": ({"StringNotLike": {TEAM: "d*"}}, {TEAM: "data"}, NO),
    "StringNotLike: without the key it is true": ({"StringNotLike": {TEAM: "d*"}}, {TEAM: None}, YES),
    # numbers
    "NumericLessThanEquals: at most ten": (
        {"NumericLessThanEquals": {"s3:max-keys": "10"}},
        {"s3:max-keys": "10"},
        YES,
    ),
    "NumericLessThanEquals: eleven": ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, NO),
    "NumericLessThan: 9 is less than 10": ({"NumericLessThan": {"s3:max-keys": 10}}, {"s3:max-keys": "9"}, YES),
    "NumericGreaterThan: 10 is not more than 10": ({"NumericGreaterThan": {"k:n": 10}}, {"k:n": "10"}, NO),
    "NumericGreaterThanEquals: 10 is at least 10": ({"NumericGreaterThanEquals": {"k:n": 10}}, {"k:n": "10"}, YES),
    "NumericEquals: 1.0 is 1": ({"NumericEquals": {"k:n": "1.0"}}, {"k:n": "1"}, YES),
    "NumericNotEquals: 1.0 is 1": ({"NumericNotEquals": {"k:n": "1.0"}}, {"k:n": "1"}, NO),
    "NumericNotEquals: without the key": ({"NumericNotEquals": {"k:n": "1.0"}}, {"k:n": None}, YES),
    "NumericEquals: beyond what a float holds": (
        {"NumericEquals": {"k:n": "9007199254740993"}},
        {"k:n": "9007199254740992"},
        NO,
    ),
    "NumericLessThan: what is no number": ({"NumericLessThan": {"k:n": "ten"}}, {"k:n": "9"}, PERHAPS),
    "NumericLessThan: what is no number beside what is": (
        {"NumericLessThan": {"k:n": ["ten", "10"]}},
        {"k:n": "9"},
        YES,
    ),
    "NumericLessThan: without the key": (
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        {"aws:MultiFactorAuthAge": None},
        NO,
    ),
    # dates
    "DateGreaterThan: after": ({"DateGreaterThan": {NOW: "2020-01-01T00:00:01Z"}}, {NOW: "2020-01-01T00:00:02Z"}, YES),
    "DateGreaterThan: that very moment": (
        {"DateGreaterThan": {NOW: "2020-01-01T00:00:01Z"}},
        {NOW: "2020-01-01T00:00:01Z"},
        NO,
    ),
    "DateLessThan: before": ({"DateLessThan": {NOW: "2020-06-30T23:59:59Z"}}, {NOW: "2020-06-30T23:59:58Z"}, YES),
    "DateEquals: across time zones": (
        {"DateEquals": {NOW: "2020-01-01T01:00:00+01:00"}},
        {NOW: "2020-01-01T00:00Z"},
        YES,
    ),
    "DateEquals: a day is its first moment": ({"DateEquals": {NOW: "2020-02-29"}}, {NOW: "2020-02-29T00:00:00Z"}, YES),
    "DateEquals: epoch time": (
        {"DateEquals": {"aws:EpochTime": "1577836801"}},
        {"aws:EpochTime": "2020-01-01T00:00:01Z"},
        YES,
    ),
    "DateNotEquals: epoch time": (
        {"DateNotEquals": {"aws:EpochTime": "1577836801"}},
        {"aws:EpochTime": "2020-01-01T00:00:01Z"},
        NO,
    ),
    "DateLessThanEquals: with fractions": (
        {"DateLessThanEquals": {NOW: "2020-01-01T00:00:01.5Z"}},
        {NOW: "2020-01-01T00:00:01.25Z"},
        YES,
    ),
    "DateGreaterThanEquals: what is no date": (
        {"DateGreaterThanEquals": {NOW: "yesterday"}},
        {NOW: "2020-01-01"},
        PERHAPS,
    ),
    "DateGreaterThan: the user guide's token of 2020, with long-term keys": (
        {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}},
        {"aws:TokenIssueTime": None},
        NO,
    ),
    "DateLessThan: 2020 may be a year or an epoch time": (
        {"DateLessThan": {NOW: "2020"}},
        {NOW: "2019-01-01"},
        PERHAPS,
    ),
    # Bool, binary, addresses
    "Bool: true": ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "true"}, YES),
    "Bool: a Boolean of JSON": ({"Bool": {"aws:SecureTransport": True}}, {"aws:SecureTransport": "true"}, YES),
    "Bool: in capitals": ({"Bool": {MFA: "False"}}, {MFA: "false"}, YES),
    "Bool: false is not true": ({"Bool": {MFA: "true"}}, {MFA: "false"}, NO),
    "Bool: without the key it is false": ({"Bool": {MFA: "false"}}, {MFA: None}, NO),
    "BoolIfExists: without the key it is true": ({"BoolIfExists": {MFA: "false"}}, {MFA: None}, YES),
    "BoolIfExists: with the key as Bool": ({"BoolIfExists": {MFA: "false"}}, {MFA: "true"}, NO),
    "BoolIfExists: whether the key is there is not known": ({"BoolIfExists": {MFA: "false"}}, {}, PERHAPS),
    "Bool: what is no Boolean": ({"Bool": {MFA: "no"}}, {MFA: "false"}, PERHAPS),
    "BinaryEquals: the same bytes": (
        {"BinaryEquals": {"k:b": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}},
        {"k:b": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="},
        YES,
    ),
    "BinaryEquals: other bytes": ({"BinaryEquals": {"k:b": "QQ=="}}, {"k:b": "Qg=="}, NO),
    "IpAddress: in the range": ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: "203.0.113.255"}, YES),
    "IpAddress: beside the range": ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: "203.0.114.0"}, NO),
    "IpAddress: one address is a range of one": ({"IpAddress": {IP: "203.0.113.7"}}, {IP: "203.0.113.7"}, YES),
    "IpAddress: of both kinds": (
        {"IpAddress": {IP: ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}},
        {IP: "2001:db8:1234:5678::1"},
        YES,
    ),
    "IpAddress: of the other kind": ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: "2001:db8::1"}, NO),
    "IpAddress: through a VPC endpoint there is no key": ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: None}, NO),
    "NotIpAddress: beside all ranges": (
        {"NotIpAddress": {IP: ["192.0.2.0/24", "203.0.113.0/24"]}},
        {IP: "198.51.100.1"},
        YES,
    ),
    "NotIpAddress: in one of the ranges": (
        {"NotIpAddress": {IP: ["192.0.2.0/24", "203.0.113.0/24"]}},
        {IP: "203.0.113.1"},
        NO,
    ),
    "IpAddress: what is no range": ({"IpAddress": {IP: "203.0.113.0/255.255.255.0"}}, {IP: "203.0.113.1"}, PERHAPS),
    "IpAddress: what is no address": ({"IpAddress": {IP: "203.0.113.0/33"}}, {IP: "203.0.113.1"}, PERHAPS),
    # ARNs
    "ArnEquals: equal": ({"ArnEquals": {ARN: TOPIC}}, {ARN: TOPIC}, YES),
    "ArnEquals: takes wildcards like ArnLike": ({"ArnEquals": {ARN: "arn:aws:sns:*:*:t?pic"}}, {ARN: TOPIC}, YES),
    "ArnLike: a wildcard matches within its component": (
        {"ArnLike": {ARN: "arn:aws:someservice:*:111122223333:finance/*"}},
        {ARN: "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"},
        NO,
    ),
    "ArnLike: the last component may hold colons": (
        {"ArnLike": {ARN: "arn:aws:logs:*:*:log-group:*"}},
        {ARN: "arn:aws:logs:us-east-1:123456789012:log-group:a:b"},
        YES,
    ),
    "ArnLike: the case counts": ({"ArnLike": {ARN: TOPIC.replace("topic", "Topic")}}, {ARN: TOPIC}, NO),
    "ArnLike: with a variable": (
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*${aws:username}"}},
        {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/people/alice", "aws:username": "alice"},
        YES,
    ),
    "ArnLike: a whole ARN from a variable": (
        {"ArnLike": {ARN: "${aws:PrincipalArn}"}},
        {ARN: TOPIC, "aws:PrincipalArn": TOPIC},
        YES,
    ),
    "ArnLike: a variable that is not known": (
        {"ArnLike": {ARN: "arn:aws:sns:*:*:${aws:username}"}},
        {ARN: TOPIC},
        PERHAPS,
    ),
    "ArnLike: a variable that cannot fit": ({"ArnLike": {ARN: "arn:aws:sqs:*:*:${aws:username}"}}, {ARN: TOPIC}, NO),
    "ArnLike: what fewer components mean": ({"ArnLike": {ARN: "*"}}, {ARN: TOPIC}, PERHAPS),
    "ArnLike: what is no ARN": ({"ArnLike": {ARN: "arn:*:*:*:*:*"}}, {ARN: "topic"}, NO),
    "ArnNotLike: is like": ({"ArnNotLike": {ARN: "arn:aws:sns:*:*:*"}}, {ARN: TOPIC}, NO),
    "ArnNotEquals: is not like": ({"ArnNotEquals": {ARN: "arn:aws:sqs:*:*:*"}}, {ARN: TOPIC}, YES),
    "ArnNotLike: a user directly has no source": ({"ArnNotLike": {ARN: TOPIC}}, {ARN: None}, YES),
    "ArnEquals: a user directly has no source": ({"ArnEquals": {ARN: TOPIC}}, {ARN: None}, NO),
    # IfExists and Null
    "StringLikeIfExists: an instance of the right type": (
        {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}},
        {"ec2:InstanceType": "t2.nano"},
        YES,
    ),
    "StringLikeIfExists: an instance of another type": (
        {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}},
        {"ec2:InstanceType": "c5.large"},
        NO,
    ),
    "StringLikeIfExists: an image has no instance type": (
        {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}},
        {"ec2:InstanceType": None},
        YES,
    ),
    "StringLike: an image has no instance type": (
        {"StringLike": {"ec2:InstanceType": "t1.*"}},
        {"ec2:InstanceType": None},
        NO,
    ),
    "StringNotEqualsIfExists: without the key it is true": (
        {"StringNotEqualsIfExists": {TEAM: "a"}},
        {TEAM: None},
        YES,
    ),
    "Null true: long-term keys have no token": (
        {"Null": {"aws:TokenIssueTime": "true"}},
        {"aws:TokenIssueTime": None},
        YES,
    ),
    "Null true: temporary credentials have one": (
        {"Null": {"aws:TokenIssueTime": "true"}},
        {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"},
        NO,
    ),
    "Null false: the key is there": ({"Null": {TEAM: False}}, {TEAM: "data"}, YES),
    "Null false: the key is not there": ({"Null": {TEAM: False}}, {TEAM: None}, NO),
    "Null: a key without values is not there": ({"Null": {KEYS: "true"}}, {KEYS: []}, YES),
    "Null: whether the key is there is not known": ({"Null": {TEAM: "true"}}, {}, PERHAPS),
    "Null: true or false is always true": ({"Null": {TEAM: ["true", "false"]}}, {}, YES),
    # several operators, keys
    "two operators are joined by AND": (
        {"StringEquals": {TEAM: "data"}, "Bool": {MFA: "true"}},
        {TEAM: "data", MFA: "false"},
        NO,
    ),
    "two keys are joined by AND": (
        {"StringEquals": {TEAM: "data", "aws:username": "bob"}},
        {TEAM: "data", "aws:username": "bob"},
        YES,
    ),
    "one false key decides, whatever the other is": (
        {"StringEquals": {TEAM: "data", "aws:username": "bob"}},
        {TEAM: "web"},
        NO,
    ),
    "one true key does not decide": ({"StringEquals": {TEAM: "data", "aws:username": "bob"}}, {TEAM: "data"}, PERHAPS),
    # several values in the request
    "ForAllValues: all are listed": (
        {"ForAllValues:StringLike": {"dynamodb:Attributes": ["PostDateTime", "Message", "Tags"]}},
        {"dynamodb:Attributes": ["PostDateTime", "Message"]},
        YES,
    ),
    "ForAllValues: one is not listed": (
        {"ForAllValues:StringLike": {"dynamodb:Attributes": ["PostDateTime", "Message", "Tags"]}},
        {"dynamodb:Attributes": ["PostDateTime", "UserName"]},
        NO,
    ),
    "ForAllValues: without the key it is true": ({"ForAllValues:StringEquals": {KEYS: "a"}}, {KEYS: None}, YES),
    "ForAllValues: an empty text is an empty set": ({"ForAllValues:StringEquals": {KEYS: "a"}}, {KEYS: ""}, YES),
    "ForAllValues: all differ from all": (
        {"ForAllValues:StringNotEquals": {KEYS: ["a", "b"]}},
        {KEYS: ["c", "d"]},
        YES,
    ),
    "ForAllValues: one does not differ": ({"ForAllValues:StringNotEquals": {KEYS: ["a", "b"]}}, {KEYS: ["c", "a"]}, NO),
    "ForAllValues: negated and without the key": ({"ForAllValues:StringNotEquals": {KEYS: "a"}}, {KEYS: None}, YES),
    "ForAnyValue: one is listed": (
        {"ForAnyValue:StringLike": {"dynamodb:Attributes": ["ID", "PostDateTime"]}},
        {"dynamodb:Attributes": ["UserName", "Message", "PostDateTime"]},
        YES,
    ),
    "ForAnyValue: none is listed": (
        {"ForAnyValue:StringLike": {"dynamodb:Attributes": ["ID", "PostDateTime"]}},
        {"dynamodb:Attributes": ["UserName"]},
        NO,
    ),
    "ForAnyValue: without the key it is false": ({"ForAnyValue:StringEquals": {KEYS: "a"}}, {KEYS: None}, NO),
    "ForAnyValue: an empty text is an empty set": ({"ForAnyValue:StringLike": {KEYS: "*"}}, {KEYS: ""}, NO),
    "ForAnyValue: one differs from all": ({"ForAnyValue:StringNotEquals": {KEYS: ["a", "b"]}}, {KEYS: ["a", "c"]}, YES),
    "ForAnyValue: none differs": ({"ForAnyValue:StringNotEquals": {KEYS: ["a", "b"]}}, {KEYS: ["a", "b"]}, NO),
    "ForAnyValue: negated and without the key": ({"ForAnyValue:StringNotEquals": {KEYS: "a"}}, {KEYS: None}, NO),
    "ForAnyValue IfExists without the key: AWS does not say": (
        {"ForAnyValue:StringEqualsIfExists": {KEYS: "a"}},
        {KEYS: None},
        PERHAPS,
    ),
    "several values without a set operator: AWS does not say": (
        {"StringEquals": {KEYS: "a"}},
        {KEYS: ["a", "b"]},
        PERHAPS,
    ),
    "ForAnyValue: whether the key is there is not known": ({"ForAnyValue:StringEquals": {KEYS: "a"}}, {}, PERHAPS),
}


@pytest.mark.parametrize(("condition", "known", "verdict"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition(condition: dict[str, Any], known: Known, verdict: Verdict) -> None:
    found = judged(document(allow("*", "*", Condition=condition)), context=Context.of(known))
    assert found.verdict is verdict


def test_the_tables_are_long() -> None:
    assert len(SPEAKS) + len(VARIABLES) + len(CONDITIONS) >= 150


def test_a_closed_context_knows_what_is_not_there() -> None:
    policy = document(allow("*", "*", Condition={"StringEquals": {"aws:PrincipalTag/x": "1"}}))
    assert judged(policy, context=Context.of({}, closed=["aws:PrincipalTag/"])).verdict is REFUSED
    assert judged(policy, context=Context.of({}, closed=["aws:RequestTag/"])).verdict is UNKNOWN
    assert judged(policy, context=Context.of({}, closed=[""])).verdict is REFUSED


# --- several policies

IF_MFA = {"Condition": {"Bool": {MFA: "true"}}}


def test_nothing_is_allowed_by_nobody() -> None:
    assert judged().verdict is REFUSED


def test_an_explicit_deny_in_any_policy_wins() -> None:
    found = judged(document(allow(Sid="Yes")), document(deny(Sid="No")))
    assert found.verdict is DENIED
    assert found.by is not None
    assert found.by.statement is not None
    assert found.by.statement.sid == "No"


def test_the_statement_that_allows_is_named() -> None:
    found = judged(document(allow("s3:PutObject")), document(allow(Sid="Yes")))
    assert found.verdict is ALLOWED
    assert found.by is not None
    assert found.by.statement is not None
    assert found.by.statement.sid == "Yes"


def test_a_boundary_allows_nothing_by_itself() -> None:
    assert judged(boundary=source(document(allow()))).verdict is REFUSED


def test_a_boundary_withholds_what_it_does_not_allow() -> None:
    found = judged(document(allow("*")), boundary=source(document(allow("iam:*"))))
    assert found.verdict is REFUSED
    assert found.withheld


def test_what_both_allow_is_allowed() -> None:
    found = judged(document(allow("*")), boundary=source(document(allow("s3:*"))))
    assert found.verdict is ALLOWED
    assert not found.withheld


def test_a_deny_in_the_boundary_is_explicit() -> None:
    assert judged(document(allow("*")), boundary=source(document(allow("*"), deny()))).verdict is DENIED


def test_a_boundary_of_unknown_text_makes_it_unknown() -> None:
    assert judged(document(allow("*")), boundary=source(None)).verdict is UNKNOWN


def test_a_policy_of_unknown_text_may_allow_and_deny() -> None:
    assert judged(None).verdict is UNKNOWN
    assert judged(document(allow()), None).verdict is UNKNOWN
    assert judged(document(deny()), None).verdict is DENIED


def test_a_policy_of_unknown_text_may_be_assumed_to_deny_nothing() -> None:
    mild = Source(label="aws:ReadOnlyAccess", document=None, denies_nothing=True)
    policies = Policies(identity=(mild, source(document(allow()))))
    assert decision(policies, Request(action="s3:GetObject", resource=OBJECT)).verdict is ALLOWED
    assert decision(policies, Request(action="s3:PutObject", resource=OBJECT)).verdict is UNKNOWN


def test_a_deny_that_is_not_known_to_apply_leaves_an_allow_in_doubt() -> None:
    found = judged(document(allow(), deny(Sid="Perhaps", **IF_MFA)))
    assert found.verdict is UNKNOWN
    assert [doubt.statement.sid for doubt in found.doubts if doubt.statement] == ["Perhaps"]


def test_a_deny_that_is_not_known_to_apply_changes_nothing_where_nothing_allows() -> None:
    found = judged(document(deny(**IF_MFA)))
    assert found.verdict is Verdict.DENIED
    assert found.allowed is False


def test_a_statement_that_is_not_known_to_apply_is_no_matter_beside_one_that_does() -> None:
    assert judged(document(allow(**IF_MFA), allow())).verdict is ALLOWED


def test_long_patterns_take_no_time() -> None:
    entry = "arn:aws:s3:::" + "*a" * 500
    assert judged(document(allow("*", entry)), resource="arn:aws:s3:::" + "a" * 499 + "b" * 1000).verdict is REFUSED


@pytest.mark.parametrize(
    ("text", "seconds"),
    {
        "1970-01-01": 0,
        "2000-02-29T12:00:00Z": 951825600,
        "1969-12-31T23:59:59Z": -1,
        "2024-12": 1733011200,
        "2038-01-19T03:14:08.5Z": 2147483648.5,
        "2020-01-01T00:00:00-08:00": 1577865600,
        "12345": 12345,
        "2021-02-29": None,
        "2020-01-01T00:00:00": None,
        "2020-13-01": None,
        "2020-01-01T24:00:00Z": None,
        "0000-00-00": None,
        "": None,
        "1e3": None,
    }.items(),
)
def test_a_moment_is_read(text: str, seconds: float | None) -> None:
    assert moment(text) == seconds


def test_a_number_is_read() -> None:
    assert number("-1.50") == number("-1.5")
    assert number("1e999999999") is None
    assert number("9" * 500) is None


# --- laws

parsed = documents().map(Document.parse)
several = st.lists(parsed, max_size=3)
values = st.sampled_from(("true", "false", "Alice", "alice", "", "5", "2020-01-01", "203.0.113.7", OBJECT))
KEY_NAMES = ("aws:MultiFactorAuthPresent", "aws:ResourceTag/Team", "s3:prefix", "a", "__private", "aws:username")
knowledge = st.dictionaries(
    st.sampled_from(KEY_NAMES), st.none() | values | st.lists(values, max_size=2), max_size=len(KEY_NAMES)
)
actions = st.sampled_from(("s3:GetObject", "iam:ListUsers", "ec2:DescribeX", "execute-api:Invoke"))
asked = st.builds(
    Request,
    action=actions,
    resource=st.sampled_from((OBJECT, "*", "arn:aws:iam::123456789012:user/Alice")) | resources,
    context=knowledge.map(Context.of),
)
laws = settings(max_examples=100)


def policies_of(identity: Iterable[Document], boundary: Document | None = None) -> Policies:
    return Policies(
        identity=tuple(source(one) for one in identity), boundary=None if boundary is None else source(boundary)
    )


def with_effect(policy: Document, effect: str) -> Document:
    body = {"Version": policy.version, "Statement": [one.as_json() | {"Effect": effect} for one in policy.statements]}
    for statement in body["Statement"]:
        statement.pop("Sid", None)  # type: ignore[attr-defined]
    return Document.parse(body)


def rank(found: Decision) -> int:
    """How much is allowed: no, perhaps, yes."""
    return {False: 0, None: 1, True: 2}[found.allowed]


@laws
@given(several, st.none() | parsed, parsed, asked)
def test_a_further_deny_never_allows_more(
    identity: list[Document], boundary: Document | None, more: Document, request: Request
) -> None:
    before = decision(policies_of(identity, boundary), request)
    after = decision(policies_of([*identity, with_effect(more, "Deny")], boundary), request)
    assert rank(after) <= rank(before)


@laws
@given(several, st.none() | parsed, parsed, asked)
def test_a_further_allow_never_denies_more(
    identity: list[Document], boundary: Document | None, more: Document, request: Request
) -> None:
    before = decision(policies_of(identity, boundary), request)
    after = decision(policies_of([*identity, with_effect(more, "Allow")], boundary), request)
    assert rank(after) >= rank(before)
    assert after.explicitly_denied is before.explicitly_denied


@laws
@given(several, st.none() | parsed, asked)
def test_a_boundary_never_allows_more(identity: list[Document], boundary: Document | None, request: Request) -> None:
    assert rank(decision(policies_of(identity, boundary), request)) <= rank(decision(policies_of(identity), request))


@laws
@given(several.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), asked, st.randoms())
def test_order_has_no_effect(both: tuple[list[Document], list[Document]], request: Request, random: Any) -> None:  # noqa: ANN401
    def shuffled(policy: Document) -> Document:
        statements = [one.as_json() for one in policy.statements]
        random.shuffle(statements)
        return Document.parse({"Version": policy.version, "Statement": statements})

    first = decision(policies_of(both[0]), request)
    second = decision(policies_of(map(shuffled, both[1])), request)
    assert first.verdict is second.verdict
    assert (first.by is None) == (second.by is None)


@laws
@given(several, st.none() | parsed, asked, knowledge)
def test_what_becomes_known_never_turns_a_definite_decision(
    identity: list[Document], boundary: Document | None, request: Request, more: Known
) -> None:
    policies = policies_of(identity, boundary)
    learned = Context(known={**Context.of(more).known, **request.context.known}, closed=("",))
    before = decision(policies, request)
    after = decision(policies, Request(action=request.action, resource=request.resource, context=learned))
    assert before.allowed in {None, after.allowed}
    assert before.explicitly_denied in {None, after.explicitly_denied}


PATTERNS = st.lists(
    st.sampled_from(("*", "?", "a", ":", "/", "${k}", "${k, 'a'}", "${j}", "${*}", "arn:a:")), min_size=1, max_size=8
).map("".join)


def resource_entry(pattern: str) -> str:
    """An entry of Resource that IAM takes: without gaps."""
    return f"arn:aws:s3:{pattern}".replace("::", ":x:").replace("::", ":x:")


FILLED = st.text("a:/*?", max_size=9)


@settings(max_examples=400)
@given(
    st.lists(PATTERNS, min_size=1, max_size=2),
    st.sampled_from(("StringLike", "StringEquals", "ArnLike", "ArnNotLike", "Bool", "StringNotEqualsIgnoreCase")),
    FILLED | FILLED.map("arn:a:b:c:d:{}".format),
    st.none() | FILLED,
    st.none() | FILLED,
)
@example(["${k}"], "ArnLike", "arn:a:b:c:d:", "a", None)
def test_what_becomes_known_of_a_variable_never_turns_a_definite_condition(
    entries: list[str], operator: str, given_value: str, k: str | None, j: str | None
) -> None:
    policy = document(allow("*", "*", Condition={operator: {"aws:x": entries}}))
    learned = {"aws:x": given_value, "k": k, "j": j}
    for unknown in ("k", "j"):
        before = judged(policy, context=Context.of({key: one for key, one in learned.items() if key != unknown}))
        assert before.allowed in {None, judged(policy, context=Context.of(learned)).allowed}


@settings(max_examples=400)
@given(PATTERNS.map(resource_entry), st.sampled_from(("Resource", "NotResource")), FILLED, st.none() | FILLED)
def test_what_becomes_known_of_a_variable_never_turns_a_definite_resource(
    entry: str, element: str, rest: str, k: str | None
) -> None:
    statement = {"Effect": "Allow", "Action": "*", element: entry}
    resource = f"arn:aws:s3:{rest}"
    before = judged(document(statement), resource=resource, context=Context.of({"j": "a"}))
    after = judged(document(statement), resource=resource, context=Context.of({"j": "a", "k": k}))
    assert before.allowed in {None, after.allowed}


@laws
@given(several, asked)
def test_a_document_decides_as_it_did_before_it_was_sent(identity: list[Document], request: Request) -> None:
    sent = [Document.parse(one.render()) for one in identity]
    assert decision(policies_of(identity), request) == decision(policies_of(sent), request)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
@settings(max_examples=500)
def test_wildcards_match_as_a_regular_expression_does(entry: str, value: str) -> None:
    import re  # noqa: PLC0415 - only the oracle needs it

    wanted = re.fullmatch(entry.replace("*", ".*").replace("?", "."), value) is not None
    policy = document(allow("*", "*", Condition={"StringLike": {"aws:x": entry}}))
    assert judged(policy, context=Context.of({"aws:x": value})).allowed is wanted


@given(st.lists(st.sampled_from((True, False, None)), max_size=4))
def test_three_truths_are_kleenes(truths: list[bool | None]) -> None:
    assert negation(all_of(truths)) is any_of(negation(truth) for truth in truths)


def test_letters_beyond_ascii_do_not_fold() -> None:
    assert (
        judged(
            document(allow("*", "*", Condition={"StringEqualsIgnoreCase": {"aws:x": "K"}})),
            context=Context.of({"aws:x": "\N{KELVIN SIGN}"}),
        ).verdict
        is REFUSED
    )


SEGMENTS = st.lists(st.sampled_from(("a", "ab", "*", "a*", "*a", "?", "a?", "", "b*b", "**")), min_size=4, max_size=4)


@settings(max_examples=500)
@given(
    SEGMENTS,
    st.sampled_from(("*", "a*", "a:*", "?b*", "x")),
    st.lists(st.text("ab", max_size=2), min_size=4, max_size=8),
)
def test_wildcards_of_a_resource_match_as_the_guide_says(heads: list[str], tail: str, parts: list[str]) -> None:
    import re  # noqa: PLC0415 - only the oracle needs it

    def expression(segment: str) -> str:
        inner = segment.replace("*", "[^:]*").replace("?", "[^:]")
        return inner.removesuffix("[^:]*") + ".*" if segment.endswith("*") else inner

    heads = ["s", *heads[1:]]
    entry = ":".join(["arn", "aws", *heads[:3], tail])
    resource = ":".join(["arn", "aws", "s", *parts])
    wanted = re.fullmatch(
        ":".join(["arn", "aws", *map(expression, heads[:3]), tail.replace("*", ".*").replace("?", ".")]), resource
    )
    assert judged(document(allow("*", entry)), resource=resource).allowed is (wanted is not None)
