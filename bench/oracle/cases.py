"""Random cases: policies, a boundary perhaps, and a request, made so that statements match about as often as not."""

# ruff: noqa: INP001 - scripts, not a package
# ruff: noqa: PLR2004 - odds, here and nowhere else
# ruff: noqa: E501 - a table

import random
from typing import Any

Case = dict[str, Any]

ACTIONS = ("s3:GetObject", "s3:PutObject", "iam:ChangePassword", "iam:CreateAccessKey", "sqs:SendMessage")
ACTION_PATTERNS = (
    *ACTIONS,
    *(
        "*",
        "s3:*",
        "S3:get*",
        "iam:*AccessKey*",
        "iam:Change?assword",
        "sqs:Send*",
        "s3:?etObject",
        "iam:*",
        "s3:GetObject?",
    ),
)
RESOURCES = (
    "arn:aws:s3:::bucket/home/alice/notes.txt",
    "arn:aws:s3:::bucket/team:data/x",
    "arn:aws:iam::123456789012:user/alice",
    "arn:aws:iam::123456789012:user/people/alice",
    "arn:aws:sqs:us-east-2:123456789012:alice-queue",
    "arn:aws:logs:us-east-1:123456789012:log-group:alice:log-stream:1",
)
RESOURCE_PATTERNS = (
    *RESOURCES,
    *("*", "arn:aws:s3:::*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/home/${aws:username}/*"),
    *("arn:aws:s3:::bucket/*/notes.*", "arn:aws:s3:::bucket/home/?????/*", "arn:aws:s3:::bucket/home/alice/${*}"),
    *(
        "arn:aws:s3:::bucket/team:${aws:PrincipalTag/team}/*",
        "arn:aws:s3:::bucket/team:${aws:PrincipalTag/team, 'data'}/*",
    ),
    *(
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:user/*/${aws:username}",
        "arn:aws:iam::123456789012:user/*",
    ),
    *("arn:aws:iam::1*2:user/alice", "arn:*:iam::*:user/*", "arn:aws:iam::111111111111:user/alice", "arn:aws:iam::*:*"),
    *("arn:aws:sqs:*:*:${aws:username}-queue", "arn:aws:sqs:us-east-?:*:*", "arn:aws:sqs", "arn:aws:sqs:us-*:*"),
    *(
        "arn:aws:logs:*:*:log-group:*",
        "arn:aws:logs:us-east-1:*:log-stream:1",
        "arn:aws:S3:::bucket/*",
        "arn:aws:s3:::BUCKET/*",
    ),
)
_STRINGS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_RELATIONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_ARNS = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")
Choices = tuple[str, ...]
KEYS: dict[str, tuple[Choices, Choices, Choices]] = {
    "aws:PrincipalTag/team": (("data", "Data", "web"), ("data", "DATA", "d*", "da?a", "${aws:username}", "web", "${*}"), _STRINGS),
    "aws:ResourceTag/owner": (
        ("alice", "bob", "a*"),
        ("${aws:username}", "${aws:PrincipalTag/team, 'bob'}", "al*", "${aws:PrincipalTag/team}", "a${*}", "?lice", "ALICE"),
        _STRINGS,
    ),
    "aws:username": (("alice",), ("alice", "bob", "Alice", "al*"), _STRINGS),
    "aws:MultiFactorAuthPresent": (("true", "false"), ("true", "false", "False"), ("Bool",)),
    "aws:MultiFactorAuthAge": (("10", "3600", "4000"), ("3600", "10.0", "-1", "4000"), tuple(f"Numeric{one}" for one in _RELATIONS)),
    "aws:CurrentTime": (
        ("2026-01-01T00:00:00Z", "2026-06-30T12:00:00Z", "2025-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01", "2026-06-30T14:00:00+02:00", "2026-06", "1767225600"),
        tuple(f"Date{one}" for one in _RELATIONS),
    ),
    "aws:SourceIp": (
        ("203.0.113.7", "198.51.100.1", "2001:db8:1234:5678::1"),
        ("203.0.113.0/24", "203.0.113.7", "203.0.113.7/32", "2001:DB8:1234:5678::/64", "0.0.0.0/0", "2001:db8:1234:5678::1"),
        ("IpAddress", "NotIpAddress"),
    ),
    "aws:SourceArn": (
        ("arn:aws:sns:us-east-2:123456789012:topic", "arn:aws:s3:::bucket", "arn:aws:sns:us-east-2:1:a:b"),
        ("arn:aws:sns:us-east-2:123456789012:topic", "arn:aws:sns:*:*:*", "arn:aws:s3:::*", "arn:aws:sns:*:topic", "arn:*:sns:us-*:?:a*",
         "arn:aws:sns:us-east-2:123456789012:${aws:username}"),
        _ARNS,
    ),
    "aws:TagKeys": (
        ("a", "b", "c", ""),
        ("a", "b", "A", "*", "?"),
        (*(f"ForAllValues:{one}" for one in _STRINGS), *(f"ForAnyValue:{one}" for one in _STRINGS), *_STRINGS),
    ),
    "s3:blob": (("QQ==", "Qg=="), ("QQ==", "Qg=="), ("BinaryEquals",)),
}  # fmt: skip
"""Of each key: values in requests, texts in policies, operators."""


def case(chance: random.Random) -> Case:
    """A case that IAM would take."""
    return {
        "identity": [_document(chance) for _ in range(chance.choice((1, 1, 2, 3)))],
        "boundary": _document(chance) if chance.random() < 0.25 else None,
        "action": chance.choice(ACTIONS),
        "resource": chance.choice(RESOURCES),
        "context": _context(chance),
    }


def _document(chance: random.Random) -> Case:
    version = "2008-10-17" if chance.random() < 0.08 else "2012-10-17"
    return {"Version": version, "Statement": [_statement(chance) for _ in range(chance.choice((1, 2, 2, 3)))]}


def _statement(chance: random.Random) -> Case:
    statement: Case = {"Effect": chance.choice(("Allow", "Allow", "Deny"))}
    # half of the statements speak of everything, so that their conditions decide
    statement[chance.choice(("Action", "Action", "Action", "NotAction"))] = _some(chance, ACTION_PATTERNS)
    statement[chance.choice(("Resource", "Resource", "Resource", "NotResource"))] = _some(chance, RESOURCE_PATTERNS)
    if chance.random() < 0.5:
        statement = {"Effect": statement["Effect"], "Action": ["*"], "Resource": ["*"]}
    if chance.random() < 0.6:
        statement["Condition"] = {}
        for key in chance.sample(tuple(KEYS), k=chance.choice((1, 1, 2))):
            operator, texts = _condition(chance, key)
            written = key.upper() if chance.random() < 0.1 else key
            statement["Condition"].setdefault(operator, {})[written] = texts
    return statement


def _condition(chance: random.Random, key: str) -> tuple[str, list[str]]:
    if chance.random() < 0.1:
        return "Null", [chance.choice(("true", "false", "True"))]
    _, texts, operators = KEYS[key]
    operator = chance.choice(operators) + ("IfExists" if chance.random() < 0.25 else "")
    if ":" not in operator and chance.random() < 0.05:
        operator = chance.choice(("ForAllValues:", "ForAnyValue:")) + operator
    return operator, chance.sample(texts, k=min(len(texts), chance.choice((1, 1, 2, 3))))


def _some(chance: random.Random, entries: tuple[str, ...]) -> list[str]:
    return chance.sample(entries, k=chance.choice((1, 2, 2, 3)))


def _context(chance: random.Random) -> dict[str, str | list[str]]:
    context: dict[str, str | list[str]] = {}
    for key, (values, _, _) in KEYS.items():
        if chance.random() < (0.9 if key == "aws:username" else 0.6):
            if key == "aws:TagKeys":
                context[key] = chance.sample(values[:3], k=chance.choice((1, 2, 3))) if chance.random() < 0.9 else [""]
            else:
                context[key] = chance.choice(values)
    return context
