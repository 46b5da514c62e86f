"""Pairs of policy documents, each with the sentence that says why they are equal, or why they are not."""

import json
from typing import Any, TypeAlias
from urllib.parse import quote

Source: TypeAlias = str | dict[str, Any]

BUCKET = "arn:aws:s3:::reports"
OTHER = "arn:aws:s3:::logs"
MFA = "aws:MultiFactorAuthPresent"
KELVIN = "\N{KELVIN SIGN}"


def document(*statements: object, **elements: object) -> dict[str, Any]:
    """A document of the current version, with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements), **elements}


def allow(action: object = "s3:GetObject", resource: object = "*", **elements: object) -> dict[str, Any]:
    """An Allow statement, with whatever elements the example is about."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action: object = "s3:GetObject", resource: object = "*", **elements: object) -> dict[str, Any]:
    """A Deny statement, with whatever elements the example is about."""
    return {**allow(action, resource, **elements), "Effect": "Deny"}


def when(condition: object) -> dict[str, Any]:
    """A document of one statement under this condition."""
    return document(allow(Condition=condition))


def one(action: object = "s3:GetObject", resource: object = "*", **elements: object) -> dict[str, Any]:
    """A document of one Allow statement."""
    return document(allow(action, resource, **elements))


def text(source: object, *, indent: int | None = None, separators: tuple[str, str] | None = None) -> str:
    """The document as JSON text."""
    return json.dumps(source, indent=indent, separators=separators)


def raw(statement: str) -> str:
    """JSON text, for what a Python mapping cannot say."""
    return '{"Version":"2012-10-17","Statement":[' + statement + "]}"


def raw_value(value: str, operator: str = "NumericLessThan") -> str:
    """JSON text of one statement, with a condition value exactly as written."""
    return raw(
        f'{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{"{operator}":{{"k:v":{value}}}}}}}'
    )


_REVERSED_NAMES = dict(reversed(one().items()))
_TWO = (allow("s3:GetObject", Sid="One"), deny("s3:PutObject", Sid="Two"))

EQUAL: dict[str, tuple[Source, Source]] = {
    # order
    "the order of statements means nothing": (document(*_TWO), document(*reversed(_TWO))),
    "the order of nameless statements means nothing": (document(allow(), deny()), document(deny(), allow())),
    "the order of actions means nothing": (one(["a:x", "a:y"]), one(["a:y", "a:x"])),
    "the order of excepted actions means nothing": (
        document({"Effect": "Deny", "NotAction": ["a:x", "a:y"], "Resource": "*"}),
        document({"Effect": "Deny", "NotAction": ["a:y", "a:x"], "Resource": "*"}),
    ),
    "the order of resources means nothing": (one(resource=[BUCKET, OTHER]), one(resource=[OTHER, BUCKET])),
    "the order of excepted resources means nothing": (
        document({"Effect": "Deny", "Action": "*", "NotResource": [BUCKET, OTHER]}),
        document({"Effect": "Deny", "Action": "*", "NotResource": [OTHER, BUCKET]}),
    ),
    "the order of document elements means nothing in a mapping": (one(), _REVERSED_NAMES),
    "the order of document elements means nothing in text": (text(one()), text(_REVERSED_NAMES)),
    "the order of statement elements means nothing": (one(), document(dict(reversed(allow().items())))),
    "the order of condition operators means nothing": (
        when({"Bool": {MFA: "true"}, "StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:x": "1"}, "Bool": {MFA: "true"}}),
    ),
    "the order of condition keys means nothing": (
        when({"StringEquals": {"aws:x": "1", "aws:y": "2"}}),
        when({"StringEquals": {"aws:y": "2", "aws:x": "1"}}),
    ),
    "the order of condition values means nothing": (
        when({"StringEquals": {"aws:x": ["1", "2"]}}),
        when({"StringEquals": {"aws:x": ["2", "1"]}}),
    ),
    # one is a list of one
    "one action is a list of one": (one("s3:GetObject"), one(["s3:GetObject"])),
    "one excepted action is a list of one": (
        document({"Effect": "Deny", "NotAction": "a:x", "Resource": "*"}),
        document({"Effect": "Deny", "NotAction": ["a:x"], "Resource": "*"}),
    ),
    "one resource is a list of one": (one(resource=BUCKET), one(resource=[BUCKET])),
    "one excepted resource is a list of one": (
        document({"Effect": "Deny", "Action": "*", "NotResource": BUCKET}),
        document({"Effect": "Deny", "Action": "*", "NotResource": [BUCKET]}),
    ),
    "one statement is a list of one": (one(), {**one(), "Statement": allow()}),
    "one condition value is a list of one": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:x": ["1"]}}),
    ),
    "one boolean is a list of one": (when({"Bool": {MFA: True}}), when({"Bool": {MFA: [True]}})),
    "the star alone is a list of one": (one("*", "*"), one(["*"], ["*"])),
    "a tuple is a list": (one(["a:x", "a:y"]), one(("a:x", "a:y"))),
    # repetition
    "an action twice is there once": (one(["a:x", "a:x"]), one("a:x")),
    "an action twice in two spellings is there once": (one(["a:Get", "A:get"]), one("a:Get")),
    "a resource twice is there once": (one(resource=[BUCKET, BUCKET]), one(resource=BUCKET)),
    "a condition value twice is there once": (
        when({"StringEquals": {"aws:x": ["1", "1"]}}),
        when({"StringEquals": {"aws:x": "1"}}),
    ),
    "a boolean beside its string is there once": (
        when({"Bool": {MFA: [True, "true"]}}),
        when({"Bool": {MFA: "true"}}),
    ),
    "a number beside its string is there once": (
        when({"NumericEquals": {"s3:max-keys": [10, "10"]}}),
        when({"NumericEquals": {"s3:max-keys": "10"}}),
    ),
    "a nameless statement twice is there once": (document(allow(), allow()), document(allow())),
    "a nameless statement twice in two spellings is there once": (
        document(allow("s3:GetObject"), allow(["S3:getobject"])),
        document(allow("s3:GetObject")),
    ),
    "a statement with an empty Sid twice is there once": (
        document(allow(Sid=""), allow(Sid="")),
        document(allow()),
    ),
    # case
    "the case of an action means nothing": (one("s3:GetObject"), one("s3:getobject")),
    "the case of a service means nothing": (one("s3:GetObject"), one("S3:GetObject")),
    "the case of an action pattern means nothing": (one("s3:Get*"), one("S3:GET*")),
    "the case of an excepted action means nothing": (
        document({"Effect": "Deny", "NotAction": "iam:GetUser", "Resource": "*"}),
        document({"Effect": "Deny", "NotAction": "IAM:getuser", "Resource": "*"}),
    ),
    "the case of a condition key means nothing": (
        when({"StringEquals": {"aws:PrincipalArn": "x"}}),
        when({"StringEquals": {"AWS:principalarn": "x"}}),
    ),
    "the case of a tag key in a condition key means nothing": (
        when({"StringEquals": {"aws:ResourceTag/Team": "x"}}),
        when({"StringEquals": {"aws:ResourceTag/TEAM": "x"}}),
    ),
    "the case of a condition operator means nothing": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"stringequals": {"aws:x": "1"}}),
    ),
    "the case of ForAllValues means nothing": (
        when({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
        when({"forallvalues:StringEquals": {"aws:TagKeys": "a"}}),
    ),
    "the case of ForAnyValue means nothing": (
        when({"ForAnyValue:StringLike": {"aws:TagKeys": "a"}}),
        when({"FORANYVALUE:STRINGLIKE": {"aws:TagKeys": "a"}}),
    ),
    "the case of IfExists means nothing": (
        when({"BoolIfExists": {MFA: "false"}}),
        when({"Boolifexists": {MFA: "false"}}),
    ),
    "StringEqualsIgnoreCase ignores the case of its values": (
        when({"StringEqualsIgnoreCase": {"aws:x": "Alice"}}),
        when({"StringEqualsIgnoreCase": {"aws:x": "ALICE"}}),
    ),
    "StringNotEqualsIgnoreCase ignores the case of its values": (
        when({"StringNotEqualsIgnoreCase": {"aws:x": "Alice"}}),
        when({"StringNotEqualsIgnoreCase": {"aws:x": "alice"}}),
    ),
    "StringEqualsIgnoreCaseIfExists ignores the case of its values": (
        when({"StringEqualsIgnoreCaseIfExists": {"aws:x": "Alice"}}),
        when({"StringEqualsIgnoreCaseIfExists": {"aws:x": "aLICE"}}),
    ),
    "ForAnyValue:StringEqualsIgnoreCase ignores the case of its values": (
        when({"ForAnyValue:StringEqualsIgnoreCase": {"aws:x": "Alice"}}),
        when({"ForAnyValue:StringEqualsIgnoreCase": {"aws:x": "alice"}}),
    ),
    "values that differ by case are there once for an operator that ignores case": (
        when({"StringEqualsIgnoreCase": {"aws:x": ["Alice", "alice"]}}),
        when({"StringEqualsIgnoreCase": {"aws:x": "alice"}}),
    ),
    "Bool ignores the case of true": (when({"Bool": {MFA: "true"}}), when({"Bool": {MFA: "True"}})),
    "Bool ignores the case of false": (when({"Bool": {MFA: "FALSE"}}), when({"Bool": {MFA: "false"}})),
    "BoolIfExists ignores the case of false": (
        when({"BoolIfExists": {MFA: "False"}}),
        when({"BoolIfExists": {MFA: "false"}}),
    ),
    "Null ignores the case of true": (when({"Null": {"aws:x": "True"}}), when({"Null": {"aws:x": "true"}})),
    # booleans and numbers are text
    "true is the string true": (when({"Bool": {MFA: True}}), when({"Bool": {MFA: "true"}})),
    "false is the string false": (when({"Null": {"aws:x": False}}), when({"Null": {"aws:x": "false"}})),
    "true in text is the string true": (text(when({"Bool": {MFA: True}})), when({"Bool": {MFA: "true"}})),
    "true is text under a string operator too": (
        when({"StringEquals": {"aws:x": True}}),
        when({"StringEquals": {"aws:x": "true"}}),
    ),
    "a whole number is its digits": (
        when({"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}),
        when({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),
    ),
    "a number in text is the same number in a mapping": (raw_value("3600"), json.loads(raw_value("3600"))),
    "zero is the digit 0": (raw_value("0"), raw_value('"0"')),
    "a negative number is its text": (raw_value("-1"), raw_value('"-1"')),
    "a decimal fraction is its text": (raw_value("0.5"), raw_value('"0.5"')),
    "3600 is 3600.0": (raw_value("3600"), raw_value("3600.0")),
    "3600 is 3600.0 in a mapping": (
        when({"NumericLessThan": {"k:v": 3600}}),
        when({"NumericLessThan": {"k:v": 3600.0}}),
    ),
    "a fraction ends where its zeros begin": (raw_value("2.50"), raw_value('"2.5"')),
    "a fraction of zero keeps its text": (raw_value("3600.0"), raw_value('"3600.0"')),
    "an exponent keeps its text": (raw_value("1e3"), raw_value('"1e3"')),
    "a number beyond 2 to the 53 keeps its digits": (raw_value("9007199254740993"), raw_value('"9007199254740993"')),
    "a whole number of a mapping keeps its digits": (
        when({"NumericLessThan": {"k:v": 9007199254740993}}),
        raw_value('"9007199254740993"'),
    ),
    "a float of a mapping is its shortest text": (when({"NumericLessThan": {"k:v": 3600.0}}), raw_value('"3600.0"')),
    "a number of five thousand digits keeps its digits": (raw_value("7" * 5000), raw_value(f'"{"7" * 5000}"')),
    # absent
    "an absent Version is 2008-10-17": ({"Statement": allow()}, {"Version": "2008-10-17", "Statement": allow()}),
    "an empty Sid is none": (one(Sid=""), one()),
    "an empty Condition is none": (one(Condition={}), one()),
    "an operator without keys is none": (when({"Bool": {}}), one()),
    "an operator without keys beside another is none": (
        when({"Bool": {MFA: "true"}, "StringLike": {}}),
        when({"Bool": {MFA: "true"}}),
    ),
    "an operator without keys is none, known or not": (when({"x": {}, "y": {}}), one()),
    # writing
    "text is what it decodes to": (text(one()), one()),
    "white space between tokens means nothing": (text(one(), indent=4), text(one(), separators=(",", ":"))),
    "white space around the text means nothing": (f"\r\n\t {text(one())} \n", one()),
    "Windows line ends mean nothing": (text(one(), indent=2).replace("\n", "\r\n"), one()),
    "URL-encoded text is the text": (quote(text(one())), one()),
    "URL-encoded text with nothing safe is the text": (
        quote(text(one(resource=BUCKET)), safe=""),
        one(resource=BUCKET),
    ),
    "URL-encoding is decoded whatever the case of its digits": (quote(text(one())).replace("%7B", "%7b"), one()),
    "URL-encoded white space before the brace is fine": (quote(f"\n {text(one())}"), one()),
    "a percent sign inside text is only itself": (
        text(one(resource=f"{BUCKET}/%7B")),
        quote(text(one(resource=f"{BUCKET}/%7B"))),
    ),
    "a plus sign in URL-encoded text is only itself": (
        quote(text(one(resource=f"{BUCKET}/a+b")), safe="+"),
        one(resource=f"{BUCKET}/a+b"),
    ),
    "an escape is the character": (
        raw_value('"\\u00e9"', "StringLike"),
        raw_value('"\N{LATIN SMALL LETTER E WITH ACUTE}"', "StringLike"),
    ),
    "an escaped slash is a slash": (
        raw('{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a\\/b"}'),
        one(resource="arn:aws:s3:::a/b"),
    ),
    "two escapes of a pair are one character": (
        raw_value('"\\ud83d\\ude00"', "StringLike"),
        raw_value('"\N{GRINNING FACE}"', "StringLike"),
    ),
    # all at once
    "many ways of writing one thing": (
        text(
            {
                "Statement": {
                    "Resource": ["*"],
                    "Action": ["S3:getobject", "s3:GetObject"],
                    "Effect": "Allow",
                    "Sid": "",
                    "Condition": {"bool": {MFA.upper(): [True]}, "StringLike": {}},
                },
                "Version": "2012-10-17",
            }
        ),
        when({"Bool": {MFA: "true"}}),
    ),
    "AWS writes Null conditions both with true and with the string": (
        when({"Null": {"aws:RequestTag/a": False, "aws:RequestTag/b": "false"}}),
        when({"Null": {"aws:RequestTag/a": "false", "aws:RequestTag/b": False}}),
    ),
}

DIFFERENT: dict[str, tuple[Source, Source]] = {
    # version
    "the versions of the language differ": (one(), {**one(), "Version": "2008-10-17"}),
    "an absent Version is not the current one": (one(), {"Statement": allow()}),
    # Sid
    "another Sid is another statement": (one(Sid="A"), one(Sid="B")),
    "a Sid is not none": (one(Sid="A"), one()),
    "the case of a Sid counts": (one(Sid="Read"), one(Sid="read")),
    "two Sids over the same words are two statements": (
        document(allow(Sid="A"), allow(Sid="B")),
        document(allow(Sid="A")),
    ),
    "a named and a nameless statement are two": (document(allow(Sid="A"), allow()), document(allow(Sid="A"))),
    "Sids that swapped their statements are a change": (
        document(allow("a:x", Sid="A"), allow("a:y", Sid="B")),
        document(allow("a:y", Sid="A"), allow("a:x", Sid="B")),
    ),
    # effect and forms
    "Allow is not Deny": (document(allow()), document(deny())),
    "Effects that swapped their statements are a change": (
        document(allow("a:x"), deny("a:y")),
        document(deny("a:x"), allow("a:y")),
    ),
    "NotAction is not Action": (
        one("a:x"),
        document({"Effect": "Allow", "NotAction": "a:x", "Resource": "*"}),
    ),
    "NotResource is not Resource": (
        one("a:x", BUCKET),
        document({"Effect": "Allow", "Action": "a:x", "NotResource": BUCKET}),
    ),
    "excepting in one element is not excepting in the other": (
        document({"Effect": "Deny", "NotAction": "a:x", "Resource": "*"}),
        document({"Effect": "Deny", "Action": "a:x", "NotResource": "*"}),
    ),
    "one statement more is a change": (document(allow("a:x")), document(allow("a:x"), allow("a:y"))),
    "two statements are not one with both actions": (
        document(allow("a:x"), allow("a:y")),
        document(allow(["a:x", "a:y"])),
    ),
    "actions do not move between statements": (
        document(allow(["a:x", "a:y"], BUCKET), allow("a:z", OTHER)),
        document(allow("a:x", BUCKET), allow(["a:y", "a:z"], OTHER)),
    ),
    # action
    "an action more is a change": (one(["a:x"]), one(["a:x", "a:y"])),
    "an action less is a change": (one(["a:x", "a:y"]), one("a:y")),
    "another action is a change": (one("a:x"), one("a:y")),
    "another service is a change": (one("a:x"), one("b:x")),
    "a pattern is not what it covers": (one("s3:*"), one(["s3:*", "s3:Get*"])),
    "the star is not the star of a service": (one("*"), one("s3:*")),
    "the star is not star colon star": (one("*"), one("*:*")),
    "a question mark is not a star": (one("s3:Get?"), one("s3:Get*")),
    "white space in an action counts": (one("s3:GetObject"), one("s3:GetObject ")),
    # resource
    "the case of a resource counts": (one(resource="arn:aws:s3:::Reports"), one(resource="arn:aws:s3:::reports")),
    "the case of the service in a resource counts": (one(resource="arn:aws:S3:::a"), one(resource="arn:aws:s3:::a")),
    "the case of an excepted resource counts": (
        document({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::A"}),
        document({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::a"}),
    ),
    "the case of a policy variable counts": (
        one(resource="arn:aws:iam::*:user/${aws:username}"),
        one(resource="arn:aws:iam::*:user/${aws:UserName}"),
    ),
    "a resource more is a change": (one(resource=BUCKET), one(resource=[BUCKET, OTHER])),
    "another resource is a change": (one(resource=BUCKET), one(resource=OTHER)),
    "a bucket is not its objects": (one(resource=BUCKET), one(resource=f"{BUCKET}/*")),
    "a partition is a change": (one(resource="arn:aws:s3:::a"), one(resource="arn:aws-cn:s3:::a")),
    "any partition is not one partition": (one(resource="arn:*:s3:::a"), one(resource="arn:aws:s3:::a")),
    "an account is a change": (
        one(resource="arn:aws:iam::111111111111:user/a"),
        one(resource="arn:aws:iam::222222222222:user/a"),
    ),
    "the star is not the pattern that covers all": (one(resource="*"), one(resource="arn:aws:s3:::*")),
    "an ARN that ends early is not its long form": (one(resource="arn:aws:sqs"), one(resource="arn:aws:sqs:*:*:*")),
    "white space in a resource counts": (one(resource=f"{BUCKET}/a"), one(resource=f"{BUCKET}/a ")),
    "composed and decomposed letters differ": (
        one(resource=f"{BUCKET}/\u00e9"),
        one(resource=f"{BUCKET}/e\u0301"),
    ),
    # condition
    "a condition is not none": (one(), when({"Bool": {MFA: "true"}})),
    "a condition moved to another statement is a change": (
        document(allow("a:x", Condition={"Bool": {MFA: True}}), allow("a:y")),
        document(allow("a:x"), allow("a:y", Condition={"Bool": {MFA: True}})),
    ),
    "an operator more is a change": (
        when({"Bool": {MFA: "true"}}),
        when({"Bool": {MFA: "true"}, "StringEquals": {"aws:x": "1"}}),
    ),
    "another operator is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringLike": {"aws:x": "1"}}),
    ),
    "ArnLike is not ArnEquals, though IAM treats them alike": (
        when({"ArnLike": {"aws:x": "arn:aws:s3:::a"}}),
        when({"ArnEquals": {"aws:x": "arn:aws:s3:::a"}}),
    ),
    "IfExists counts": (when({"Bool": {MFA: "false"}}), when({"BoolIfExists": {MFA: "false"}})),
    "ForAnyValue counts": (
        when({"StringEquals": {"aws:TagKeys": "a"}}),
        when({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}),
    ),
    "ForAnyValue is not ForAllValues": (
        when({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
        when({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}),
    ),
    "a negated operator is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringNotEquals": {"aws:x": "1"}}),
    ),
    "Null is not Bool": (when({"Null": {MFA: "true"}}), when({"Bool": {MFA: "true"}})),
    "a condition key more is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:x": "1", "aws:y": "1"}}),
    ),
    "another condition key is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:y": "1"}}),
    ),
    "a key under another operator is a change": (
        when({"StringEquals": {"aws:x": "1"}, "StringLike": {"aws:y": "2"}}),
        when({"StringEquals": {"aws:y": "2"}, "StringLike": {"aws:x": "1"}}),
    ),
    "values under another key are a change": (
        when({"StringEquals": {"aws:x": "1", "aws:y": "2"}}),
        when({"StringEquals": {"aws:x": "2", "aws:y": "1"}}),
    ),
    "a Kelvin sign is not the letter k of a condition key": (
        when({"StringEquals": {"aws:ResourceTag/k": "1"}}),
        when({"StringEquals": {f"aws:ResourceTag/{KELVIN}": "1"}}),
    ),
    "a Kelvin sign is not the letter k of a value either": (
        when({"StringEqualsIgnoreCase": {"aws:x": "k"}}),
        when({"StringEqualsIgnoreCase": {"aws:x": KELVIN}}),
    ),
    "a condition value more is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:x": ["1", "2"]}}),
    ),
    "another condition value is a change": (
        when({"StringEquals": {"aws:x": "1"}}),
        when({"StringEquals": {"aws:x": "2"}}),
    ),
    "an empty list of values is not none": (when({"ForAllValues:StringEquals": {"aws:TagKeys": []}}), one()),
    "an empty list of values is not one value": (
        when({"ForAllValues:StringEquals": {"aws:TagKeys": []}}),
        when({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
    ),
    "an empty list of values is not the empty string": (
        when({"StringEquals": {"aws:x": []}}),
        when({"StringEquals": {"aws:x": ""}}),
    ),
    "the case of a value counts for StringEquals": (
        when({"StringEquals": {"aws:x": "Alice"}}),
        when({"StringEquals": {"aws:x": "alice"}}),
    ),
    "the case of a value counts for StringLike": (
        when({"StringLike": {"aws:x": "Alice*"}}),
        when({"StringLike": {"aws:x": "alice*"}}),
    ),
    "the case of a value counts for StringNotEquals": (
        when({"StringNotEquals": {"aws:x": "Alice"}}),
        when({"StringNotEquals": {"aws:x": "alice"}}),
    ),
    "the case of a value counts for ArnLike": (
        when({"ArnLike": {"aws:x": "arn:aws:iam::*:user/A"}}),
        when({"ArnLike": {"aws:x": "arn:aws:iam::*:user/a"}}),
    ),
    "the case of a value counts for BinaryEquals": (
        when({"BinaryEquals": {"k:v": "QmFzZQ=="}}),
        when({"BinaryEquals": {"k:v": "qmfzzq=="}}),
    ),
    "the case of a value counts for ForAnyValue:StringEquals": (
        when({"ForAnyValue:StringEquals": {"aws:TagKeys": "Team"}}),
        when({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}),
    ),
    "the case of true counts under a string operator": (
        when({"StringEquals": {"aws:x": "True"}}),
        when({"StringEquals": {"aws:x": True}}),
    ),
    "true is not false": (when({"Bool": {MFA: True}}), when({"Bool": {MFA: False}})),
    "true is not 1": (when({"StringEquals": {"aws:x": True}}), when({"StringEquals": {"aws:x": 1}})),
    "false is not 0": (when({"StringEquals": {"aws:x": False}}), when({"StringEquals": {"aws:x": 0}})),
    "true beside 1 is two values": (
        when({"StringEquals": {"aws:x": [True, 1]}}),
        when({"StringEquals": {"aws:x": [True]}}),
    ),
    "3600 is not 3600.0 as text": (
        when({"StringEquals": {"k:v": "3600"}}),
        when({"StringEquals": {"k:v": "3600.0"}}),
    ),
    "neighbours beyond 2 to the 53 differ": (raw_value("9007199254740992"), raw_value("9007199254740993")),
    "1e3 is not 1000": (raw_value("1e3"), raw_value("1000")),
    "a leading zero in a string counts": (raw_value('"012345678901"'), raw_value("12345678901")),
    "an address is not its network of one": (
        when({"IpAddress": {"aws:SourceIp": "10.0.0.1"}}),
        when({"IpAddress": {"aws:SourceIp": "10.0.0.1/32"}}),
    ),
    "two spellings of a moment differ": (
        when({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}),
        when({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00+00:00"}}),
    ),
    "white space in a value counts": (
        when({"StringEquals": {"aws:x": "a b"}}),
        when({"StringEquals": {"aws:x": "a  b"}}),
    ),
    "a line break in a value counts": (
        when({"StringEquals": {"aws:x": "a\nb"}}),
        when({"StringEquals": {"aws:x": "a\r\nb"}}),
    ),
    "a percent escape inside text is not decoded": (
        text(one(resource=f"{BUCKET}/%20")),
        text(one(resource=f"{BUCKET}/ ")),
    ),
}
