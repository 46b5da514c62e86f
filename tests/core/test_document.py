"""The door for policy documents and their equality."""

import json
import math
import pickle
import string
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest
from document_pairs import (
    BUCKET,
    DIFFERENT,
    EQUAL,
    MFA,
    Source,
    allow,
    deny,
    document,
    one,
    raw,
    raw_value,
    text,
    when,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data
from strategies import as_list, damaged, documents, garbage, respelled

from iamsync.core.document import Document, DocumentError

parse = Document.parse


@pytest.mark.parametrize(("left", "right"), EQUAL.values(), ids=EQUAL)
def test_equal(left: Source, right: Source) -> None:
    assert parse(left) == parse(right)
    assert hash(parse(left)) == hash(parse(right))


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(left: Source, right: Source) -> None:
    assert parse(left) != parse(right)
    assert parse(right) != parse(left)


def test_the_table_of_pairs_is_long() -> None:
    assert len(EQUAL) + len(DIFFERENT) >= 120


def without(name: str, statement: dict[str, Any]) -> dict[str, Any]:
    return document({element: value for element, value in statement.items() if element != name})


REFUSED: dict[str, tuple[Any, str, str]] = {
    # not a document at all
    "nothing": ("", "", "not JSON: Expecting value at line 1, column 1"),
    "words": ("Allow everything", "", "not JSON"),
    "half a document": ('{"Version": "2012-10-17", ', "", "at line 1, column"),
    "JSON with a comment": ('{"Version": "2012-10-17" // current\n}', "", "not JSON"),
    "JSON with a comma too many": ('{"Version": "2012-10-17",}', "", "not JSON"),
    "JSON in single quotes": ("{'Version': '2012-10-17'}", "", "not JSON"),
    "two documents": (text(one()) * 2, "", "not JSON: Extra data"),
    "a byte order mark": ("\ufeff" + text(one()), "", "not JSON"),
    "JSON after a non-breaking space": ("\u00a0" + text(one()), "", "not JSON"),
    "a list": ("[]", "", "found a list, expected an object"),
    "a string": ('"*"', "", 'found "*", expected an object'),
    "null": ("null", "", "found null, expected an object"),
    "a number": ("17", "", "found a number, expected an object"),
    "None": (None, "", "found null, expected an object"),
    "bytes": (text(one()).encode(), "", "found a bytes, expected an object"),
    "URL-encoded words": ("%41llow", "", "not JSON"),
    "URL-encoded text that is not UTF-8": ("%7B%ff%7D", "", "UTF-8"),
    "text encoded twice": (quote(quote(text(one()))), "", "not JSON"),
    "lists nested without end": ("[" * 100_000, "", "nested deeper"),
    "objects nested without end": ('{"Statement":' * 100_000, "", "nested deeper"),
    "NaN": (raw_value("NaN"), "", "not JSON: NaN"),
    "Infinity": (raw_value("-Infinity"), "", "not JSON: -Infinity"),
    # the document
    "no Statement": ({"Version": "2012-10-17"}, "Statement", "missing, expected at least one statement"),
    "an empty object": ({}, "Statement", "missing"),
    "no statements": (document(), "Statement", "empty list, expected at least one"),
    "null for a Statement": ({"Statement": None}, "Statement", "found null, expected an object"),
    "a string for a statement": (document("afd"), "Statement[0]", 'found "afd", expected an object'),
    "a list of lists of statements": (document([allow()]), "Statement[0]", "found a list, expected an object"),
    "a Version to come": ({**one(), "Version": "2013-10-17"}, "Version", 'found "2013-10-17", expected "2012-10-17"'),
    "an empty Version": ({**one(), "Version": ""}, "Version", 'found "", expected'),
    "a Version with a line break": ({**one(), "Version": "2012-10-17\n"}, "Version", 'expected "2012-10-17"'),
    "a Version that YAML took for a date": (
        {**one(), "Version": date(2012, 10, 17)},
        "Version",
        "found a date, expected a string",
    ),
    "a Version that is a number": ({**one(), "Version": 2012}, "Version", "found a number, expected a string"),
    "null for a Version": ({**one(), "Version": None}, "Version", "found null, expected a string"),
    "an Id": ({**one(), "Id": "x"}, "Id", "names a resource policy"),
    "an element nobody knows": ({**one(), "Extra field": 1}, '"Extra field"', "known are Version, Statement"),
    "Statements": ({**one(), "Statements": []}, "Statements", 'did you mean "Statement"?'),
    "version in small letters": ({"version": "2012-10-17", **one()}, "version", 'did you mean "Version"?'),
    "a name that is no string": ({**one(), None: 1}, "", "found null as a name, expected a string"),
    # the statement
    "an Id in a statement": (one(Id="x"), "Statement[0].Id", "names a resource policy"),
    "a Principal": (one(Principal="*"), "Statement[0].Principal", "whoever it is attached to"),
    "a NotPrincipal": (one(NotPrincipal={"AWS": "x"}), "Statement[0].NotPrincipal", "whoever it is attached to"),
    "Actions": (one(Actions="s3:*"), "Statement[0].Actions", 'did you mean "Action"?'),
    "notaction": (one(notaction="s3:*"), "Statement[0].notaction", 'did you mean "NotAction"?'),
    "Conditions": (one(Conditions={}), "Statement[0].Conditions", 'did you mean "Condition"?'),
    "an element with a line break": (one(**{"a\nb": 1}), 'Statement[0]."a\\nb"', "no element of an identity policy"),
    "an element with a lone surrogate": (one(**{"\ud800": 1}), 'Statement[0]."\\ud800"', "no element"),
    "no Effect": (without("Effect", allow()), "Statement[0].Effect", 'missing, expected "Allow" or "Deny"'),
    "an Effect in small letters": (
        document({**allow(), "Effect": "allow"}),
        "Statement[0].Effect",
        'found "allow", expected exactly',
    ),
    "a list of Effects": (
        document({**allow(), "Effect": ["Allow"]}),
        "Statement[0].Effect",
        "found a list, expected a string",
    ),
    "a true Effect": (document({**allow(), "Effect": True}), "Statement[0].Effect", "found true, expected a string"),
    "no Action": (without("Action", allow()), "Statement[0]", "found neither, expected either Action or NotAction"),
    "no Resource": (
        without("Resource", allow()),
        "Statement[0]",
        "found neither, expected either Resource or NotResource",
    ),
    "both Actions": (one(NotAction="a:x"), "Statement[0]", "found Action and NotAction, expected either"),
    "both Resources": (one(NotResource=[]), "Statement[0]", "found Resource and NotResource, expected either"),
    "a fault in the second of two": (document(allow(), deny([])), "Statement[1].Action", "empty list"),
    "a fault in a statement that is no list": ({"Statement": allow([])}, "Statement.Action", "empty list"),
    # Sid
    "a Sid with a blank": (one(Sid="Allow list"), "Statement[0].Sid", "expected only A-Z, a-z and 0-9"),
    "a Sid with a hyphen": (one(Sid="allow-list"), "Statement[0].Sid", 'found "allow-list"'),
    "a Sid with a line break": (one(Sid="A\n"), "Statement[0].Sid", 'found "A\\n"'),
    "a Sid in foreign digits": (one(Sid="\u0661"), "Statement[0].Sid", 'found "\\u0661"'),
    "a Sid that is a number": (one(Sid=1), "Statement[0].Sid", "found a number, expected a string"),
    "a Sid that is an object": (one(Sid={}), "Statement[0].Sid", "found an object, expected a string"),
    "a Sid twice": (document(allow(Sid="A"), deny(Sid="A")), "Statement[1].Sid", 'found "A" as in Statement[0]'),
    "the same statement twice with a Sid": (
        document(allow(Sid="A"), allow(Sid="A")),
        "Statement[1].Sid",
        "expected another",
    ),
    # Action
    "no Actions": (one([]), "Statement[0].Action", "found an empty list, expected at least one entry"),
    "an empty Action": (one(""), "Statement[0].Action", 'found "", expected "*" or a service'),
    "an Action without a service": (one(["a:x", "GetObject"]), "Statement[0].Action[1]", 'found "GetObject"'),
    "a pattern without a service": (one("Get*"), "Statement[0].Action", 'found "Get*"'),
    "an Action with two colons": (one("s3:Get:Object"), "Statement[0].Action", "one colon"),
    "an Action with no name": (one("s3:"), "Statement[0].Action", 'found "s3:"'),
    "an Action of no service": (one(":GetObject"), "Statement[0].Action", 'found ":GetObject"'),
    "a service with a blank": (one("a a:ListBucket"), "Statement[0].Action", 'found "a a:ListBucket"'),
    "a pattern of services": (one("s*:Get"), "Statement[0].Action", 'found "s*:Get"'),
    "an Action with a line break": (one("s3:GetObject\n"), "Statement[0].Action", 'found "s3:GetObject\\n"'),
    "an Action in Cyrillic": (one("s3:\u0413et"), "Statement[0].Action", 'found "s3:\\u0413et"'),
    "a null among Actions": (one(["a:x", None]), "Statement[0].Action[1]", "found null, expected a string"),
    "a number for an Action": (
        raw('{"Effect":"Allow","Action":1,"Resource":"*"}'),
        "Statement[0].Action",
        "found a number",
    ),
    "a list in a list of Actions": (one([["a:x"]]), "Statement[0].Action[0]", "found a list, expected a string"),
    "an object for an Action": (one({}), "Statement[0].Action", "found an object, expected a string"),
    "a set of Actions": (one({"a:x"}), "Statement[0].Action", "found a set, expected a string"),
    # Resource
    "no Resources": (one(resource=[]), "Statement[0].Resource", "empty list"),
    "an empty Resource": (one(resource=""), "Statement[0].Resource", 'found "", expected "*" or an ARN'),
    "a pattern that is no ARN": (one(resource="a*"), "Statement[0].Resource", 'found "a*"'),
    "a bucket's name": (one(resource=["*", "reports"]), "Statement[0].Resource[1]", 'found "reports"'),
    "an ARN without its head": (one(resource="aws:s3:::a"), "Statement[0].Resource", 'found "aws:s3:::a"'),
    "an ARN of a head and a partition": (one(resource="arn:aws"), "Statement[0].Resource", 'found "arn:aws"'),
    "an ARN in capitals": (one(resource="ARN:aws:s3:::a"), "Statement[0].Resource", 'found "ARN:aws:s3:::a"'),
    "an ARN of no partition": (one(resource="arn:error:s3:::a"), "Statement[0].Resource", 'the partition "error"'),
    "an ARN without a service": (one(resource="arn:aws::::a"), "Statement[0].Resource", 'the service ""'),
    "an ARN of all services": (one(resource="arn:aws:*:::a"), "Statement[0].Resource", "without wildcards"),
    "an ARN with a colon too few": (one(resource="arn:aws:s3::a"), "Statement[0].Resource", "six parts"),
    "an ARN after a line break": (one(resource="\narn:aws:s3:::a"), "Statement[0].Resource", 'found "\\narn'),
    "a NUL in a Resource": (one(resource=f"{BUCKET}\0"), "Statement[0].Resource", "found the character U+0000"),
    "an escape character in a Resource": (one(resource=f"{BUCKET}\x1b[2J"), "Statement[0].Resource", "U+001B"),
    "half a surrogate pair": (one(resource=f"{BUCKET}\ud83d"), "Statement[0].Resource", "U+D83D"),
    "half a surrogate pair as an escape": (
        raw_value('"\\ud83d"', "StringLike"),
        "Statement[0].Condition.StringLike.k:v",
        "U+D83D",
    ),
    "a false Resource": (one(resource=False), "Statement[0].Resource", "found false, expected a string"),
    # Condition
    "a list of conditions": (one(Condition=[]), "Statement[0].Condition", "found a list, expected an object"),
    "a string for a Condition": (one(Condition="a"), "Statement[0].Condition", 'found "a", expected an object'),
    "null for a Condition": (one(Condition=None), "Statement[0].Condition", "found null, expected an object"),
    "an operator without an object": (
        when({"Bool": True}),
        "Statement[0].Condition.Bool",
        "found true, expected an object",
    ),
    "an operator nobody knows": (
        when({"x": {"a": "1"}}),
        "Statement[0].Condition.x",
        'found "x", expected a condition operator',
    ),
    "an operator misspelled": (
        when({"StringEqual": {"a": "1"}}),
        "Statement[0].Condition.StringEqual",
        'did you mean "StringEquals"?',
    ),
    "an operator with two colons": (
        when({"ForAnyValue::StringLike": {"a": "1"}}),
        "Statement[0].Condition.ForAnyValue::StringLike",
        "did you mean",
    ),
    "NullIfExists": (when({"NullIfExists": {"a": "true"}}), "Statement[0].Condition.NullIfExists", "did you mean"),
    "two quantifiers": (
        when({"ForAnyValue:ForAllValues:Bool": {"a": "1"}}),
        "Statement[0].Condition.ForAnyValue:ForAllValues:Bool",
        "expected a condition operator",
    ),
    "a condition key in two cases": (
        when({"StringEquals": {"aws:x": "1", "AWS:X": "1"}}),
        "Statement[0].Condition.StringEquals.AWS:X",
        "there twice",
    ),
    "a condition key in two spellings of an operator": (
        when({"Bool": {MFA: "true"}, "bool": {MFA: "true"}}),
        f"Statement[0].Condition.bool.{MFA}",
        "there twice",
    ),
    "an empty condition key": (
        when({"Bool": {"": "true"}}),
        'Statement[0].Condition.Bool.""',
        "expected a condition key",
    ),
    "a NUL in a condition key": (when({"Bool": {"a\0": "true"}}), 'Statement[0].Condition.Bool."a\\u0000"', "U+0000"),
    "null for a value": (when({"Bool": {"a": None}}), "Statement[0].Condition.Bool.a", "found null, expected a string"),
    "null among values": (when({"Bool": {"a": ["true", None]}}), "Statement[0].Condition.Bool.a[1]", "found null"),
    "an object for a value": (when({"Bool": {"a": {}}}), "Statement[0].Condition.Bool.a", "found an object"),
    "a list in a list of values": (when({"Bool": {"a": [[]]}}), "Statement[0].Condition.Bool.a[0]", "found a list"),
    "a date for a value": (
        when({"DateLessThan": {"a": date(2027, 1, 1)}}),
        "Statement[0].Condition.DateLessThan.a",
        "found a date",
    ),
    "a float that is no number": (
        when({"NumericEquals": {"a": math.nan}}),
        "Statement[0].Condition.NumericEquals.a",
        "found nan",
    ),
    "a float without end": (
        when({"NumericEquals": {"a": -math.inf}}),
        "Statement[0].Condition.NumericEquals.a",
        "found -inf",
    ),
    "an integer Python will not write": (
        when({"NumericEquals": {"a": 10**5000}}),
        "Statement[0].Condition.NumericEquals.a",
        "thousands of digits",
    ),
    # names that came twice
    "Version twice": (
        '{"Version":"2012-10-17","Version":"2008-10-17","Statement":[]}',
        "Version",
        "there twice, expected once",
    ),
    "Action twice": (
        raw('{"Effect":"Allow","Action":"a:x","Action":"a:y","Resource":"*"}'),
        "Statement[0].Action",
        "there twice",
    ),
    "Effect twice, the same": (
        raw('{"Effect":"Allow","Effect":"Allow","Action":"a:x","Resource":"*"}'),
        "Statement[0].Effect",
        "there twice",
    ),
    "a name twice, once as an escape": (
        raw('{"Effect":"Allow","\\u0045ffect":"Deny","Action":"a:x","Resource":"*"}'),
        "Statement[0].Effect",
        "there twice",
    ),
    "an operator twice": (
        raw('{"Effect":"Allow","Action":"a:x","Resource":"*","Condition":{"Bool":{"a":"true"},"Bool":{"b":"true"}}}'),
        "Statement[0].Condition.Bool",
        "there twice",
    ),
    "a condition key twice": (
        raw('{"Effect":"Allow","Action":"a:x","Resource":"*","Condition":{"Bool":{"a":"true","a":"false"}}}'),
        "Statement[0].Condition.Bool.a",
        "there twice",
    ),
}


@pytest.mark.parametrize(("source", "path", "phrase"), REFUSED.values(), ids=REFUSED)
def test_refused(source: object, path: str, phrase: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        parse(source)  # type: ignore[arg-type]  # on purpose: not all are what parse takes
    assert refusal.value.path == path
    assert phrase in refusal.value.message
    assert str(refusal.value) == (f"{path}: {refusal.value.message}" if path else refusal.value.message)
    assert str(refusal.value).isascii()


def test_a_refusal_is_short_whatever_was_written() -> None:
    with pytest.raises(DocumentError) as refusal:
        parse(when({"x" * 10_000: {"a": "1"}}))
    assert len(str(refusal.value)) < 400


def test_a_refusal_is_a_value_error_and_survives_pickling() -> None:
    with pytest.raises(ValueError, match="not JSON") as refusal:
        parse("")
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)  # noqa: S301


ACCEPTED: dict[str, Source] = {
    "a service with a dot": one("s3.s:ListBucket"),
    "an action nobody has heard of": one("iam: asdf safdsf af "),
    "the star colon star": one("*:*"),
    "all buckets": one(resource="arn:aws:s3:::*"),
    "any partition": one(resource="arn:*:s3:::x"),
    "a partition not known yet": one(resource="arn:aws-eusc:s3:::x"),
    "a policy variable": one(resource="arn:aws:iam::*:user/${aws:username}"),
    "a policy variable as the account": one(resource="arn:*:kms:*:${aws:PrincipalAccount}:key/*"),
    "a policy variable with a default": one(resource="arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/*"),
    "an ARN of more than six parts": one(resource="arn:aws:logs:*:*:log-group:/aws/x:log-stream:*"),
    "an ARN that ends after the service": one(resource="arn:aws:fdsasf"),
    "a service nobody has heard of": one(resource="arn:aws:s33:::example_bucket"),
    "tab, line feed and carriage return": one(resource=f"{BUCKET}/\t\n\r"),
    "a condition key without a service": when({"StringEqualsIfExists": {"a": "asf"}}),
    "a condition key with a colon more": when({"StringEquals": {"kms:EncryptionContext:ARN": "x"}}),
    "a condition key of an identity provider": when(
        {"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/AB:sub": "x"}}
    ),
    "every quantifier and IfExists": when(
        {"ForAnyValue:StringEqualsIfExists": {"a": "x"}, "ForAllValues:Null": {"a": "x"}}
    ),
    "a character beyond Latin-1": when({"StringEquals": {"a": "\N{GRINNING FACE}"}}),
}


@pytest.mark.parametrize("source", ACCEPTED.values(), ids=ACCEPTED)
def test_what_aws_takes_is_taken(source: Source) -> None:
    assert parse(parse(source).render()) == parse(source)


def test_every_policy_of_aws_is_taken_and_comes_back_the_same() -> None:
    policies = json.loads(aws_managed_policies_data)
    assert len(policies) > 1000
    for name, policy in policies.items():
        found = parse(policy["Document"])
        assert parse(found.render()) == found, name


@pytest.mark.parametrize("wrap", [OrderedDict, MappingProxyType], ids=["OrderedDict", "MappingProxyType"])
def test_any_mapping_is_taken(wrap: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    assert parse(wrap(one())) == parse(one())


def test_a_document_does_not_change_with_the_mapping_it_came_from() -> None:
    source = one(["a:x"])
    found = parse(source)
    source["Statement"][0]["Action"].append("a:y")
    assert found == parse(one("a:x"))
    assert found.render() == parse(one("a:x")).render()


def test_a_string_enumeration_is_its_text() -> None:
    class Effect(StrEnum):
        ALLOW = "Allow"

    assert parse(document({**allow(), "Effect": Effect.ALLOW})) == parse(one())


# --- rendering


def test_rendering_keeps_the_order_and_the_letters_of_the_author() -> None:
    found = parse(
        {
            "Statement": [
                {"Action": ["S3:PutObject", "s3:getobject", "s3:PUTOBJECT"], "Resource": [BUCKET], "Effect": "Allow"},
                deny("*", Sid="Last", Condition={"bool": {"AWS:x": [True, "TRUE"]}, "Null": {}}),
            ],
            "Version": "2012-10-17",
        }
    )
    assert found.render() == (
        '{"Version":"2012-10-17","Statement":['
        '{"Effect":"Allow","Action":["S3:PutObject","s3:getobject"],"Resource":"arn:aws:s3:::reports"},'
        '{"Sid":"Last","Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"AWS:x":"true"}}}]}'
    )


def test_rendering_writes_out_the_version_that_was_meant() -> None:
    assert parse({"Statement": allow()}).render().startswith('{"Version":"2008-10-17","Statement":[{')


def test_rendering_is_ascii_and_keeps_an_empty_list() -> None:
    found = parse(when({"StringLike": {"a": ["\u00e9", "\N{GRINNING FACE}"], "b": []}}))
    assert '"Condition":{"StringLike":{"a":["\\u00e9","\\ud83d\\ude00"],"b":[]}}' in found.render()


def test_rendering_drops_repetitions() -> None:
    repeated = document(allow(["a:x", "A:X"], ["*", "*"]), allow("A:x"), deny())
    assert parse(repeated).render() == text(document(allow("a:x"), deny()), separators=(",", ":"))


def test_rendering_turns_booleans_and_numbers_into_strings() -> None:
    assert '"a":["false","1","2.50"]' in parse(raw_value("[false, 1, 2.50]").replace("k:v", "a")).render()


def test_the_size_counts_white_space_in_strings_but_not_between_tokens() -> None:
    blank = one(resource=f"{BUCKET}/a b")
    assert parse(text(blank, indent=8)).size == len(text(blank, separators=(",", ":")))
    assert parse(blank).size == parse(one(resource=f"{BUCKET}/ab")).size + 1


@pytest.mark.parametrize(
    ("source", "denies"),
    [(document(allow()), False), (document(deny()), True), (document(allow(), deny()), True)],
    ids=["Allow alone", "Deny alone", "a Deny among others"],
)
def test_denies_says_whether_there_is_a_deny(source: Source, denies: bool) -> None:  # noqa: FBT001
    assert parse(source).denies is denies


def test_statements_show_what_the_author_wrote_and_what_it_means() -> None:
    (statement,) = parse(one(["S3:Get", "s3:get", "a:b"], Condition={"bool": {MFA: True}})).statements
    assert statement.actions.written == ("S3:Get", "a:b")
    assert statement.actions.meaning == {"s3:get", "a:b"}
    assert statement.resources.written == ("*",)
    assert [(found.operator, found.key, found.written_key) for found in statement.conditions] == [
        ("Bool", MFA.lower(), MFA)
    ]


# --- laws


@st.composite
def kindred(draw: st.DrawFn) -> tuple[Document, Document, Document]:
    """Three documents, each the one before in other words or another."""
    first = draw(documents())
    second = draw(respelled(first) | documents())
    third = draw(respelled(second) | respelled(first) | documents())
    return parse(first), parse(second), parse(third)


@given(kindred())
def test_equality_is_an_equivalence(three: tuple[Document, Document, Document]) -> None:
    first, second, third = three
    assert first == first  # noqa: PLR0124
    assert (first == second) == (second == first)
    if first == second:
        assert hash(first) == hash(second)
        assert (second == third) == (first == third)


@given(st.data())
def test_another_writing_of_the_same_is_equal(data: st.DataObject) -> None:
    original = data.draw(documents())
    assert parse(data.draw(respelled(original))) == parse(original)


@given(documents())
def test_what_is_rendered_is_read_back_the_same(source: dict[str, Any]) -> None:
    found = parse(source)
    assert parse(found.render()) == found
    assert parse(found.render()).render() == found.render()
    assert parse(quote(found.render())) == found
    assert found.render().isascii()


@given(documents(), st.sampled_from((None, 0, 1, 7, "\t", "\r\n")))
def test_the_size_does_not_depend_on_the_layout(source: dict[str, Any], indent: int | str | None) -> None:
    assert parse(json.dumps(source, indent=indent)).size == parse(source).size


@given(st.data())
def test_the_size_does_not_depend_on_the_writing(data: st.DataObject) -> None:
    original = data.draw(documents())
    once = {**original, "Version": original.get("Version", "2008-10-17")}
    assert parse(data.draw(respelled(once))).size == parse(original).size


def _changed_resource(statement: dict[str, Any]) -> dict[str, Any]:
    name = "Resource" if "Resource" in statement else "NotResource"
    return {**statement, name: [*as_list(statement[name]), "arn:aws:s3:::one-more-bucket"]}


def _changed_case_of_resource(statement: dict[str, Any]) -> dict[str, Any]:
    name = "Resource" if "Resource" in statement else "NotResource"
    return {**statement, name: [*as_list(statement[name])[:-1], "arn:aws:s3:::B/odd-one-out"]}


def _changed_action(statement: dict[str, Any]) -> dict[str, Any]:
    name = "Action" if "Action" in statement else "NotAction"
    return {**statement, name: [*as_list(statement[name]), "sts:OneMore"]}


def _other_effect(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"}


def _other_element(statement: dict[str, Any]) -> dict[str, Any]:
    other = {"Action": "NotAction", "NotAction": "Action", "Resource": "NotResource", "NotResource": "Resource"}
    return {other.get(name, name): value for name, value in statement.items()}


def _more_condition(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "Condition": {**statement.get("Condition", {}), "BinaryEquals": {"k:v": "QQ=="}}}


def _other_sid(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "Sid": f"{statement.get('Sid', '')}Other"}


@pytest.mark.parametrize(
    "change",
    [
        _changed_resource,
        _changed_case_of_resource,
        _changed_action,
        _other_effect,
        _other_element,
        _more_condition,
        _other_sid,
    ],
)
@given(data=st.data())
def test_a_change_of_meaning_in_one_statement_is_a_difference(
    change: Callable[[dict[str, Any]], dict[str, Any]], data: st.DataObject
) -> None:
    # a document of one statement: among several, the changed one could equal a neighbour
    original = data.draw(documents())
    original["Statement"] = as_list(original["Statement"])[:1]
    changed = {**original, "Statement": [change(original["Statement"][0])]}
    assert parse(data.draw(respelled(changed))) != parse(original)


@given(
    st.text(string.ascii_letters, min_size=1),
    st.sampled_from(("StringEquals", "StringLike", "ArnLike", "BinaryEquals")),
)
def test_the_case_of_text_breaks_equality_where_it_counts(word: str, operator: str) -> None:
    assert parse(one(resource=f"{BUCKET}/{word}")) != parse(one(resource=f"{BUCKET}/{word.swapcase()}"))
    assert parse(when({operator: {"a": word}})) != parse(when({operator: {"a": word.swapcase()}}))
    ignoring = "StringEqualsIgnoreCase"
    assert parse(when({ignoring: {"a": word}})) == parse(when({ignoring: {"a": word.swapcase()}}))


@given(st.sampled_from(("Allow", "Deny")), st.lists(st.booleans(), min_size=5, max_size=5))
def test_an_effect_in_other_letters_is_refused(effect: str, swaps: list[bool]) -> None:
    spelled = "".join(letter.swapcase() if swap else letter for letter, swap in zip(effect, swaps, strict=False))
    if spelled == effect:
        assert parse(document({**allow(), "Effect": spelled})).statements[0].effect == effect
    else:
        with pytest.raises(DocumentError, match="expected exactly"):
            parse(document({**allow(), "Effect": spelled}))


def _parsed_or_refused(source: object) -> None:
    try:
        found = parse(source)  # type: ignore[arg-type]  # on purpose
    except DocumentError as refusal:
        assert str(refusal).isascii()  # noqa: PT017
    else:
        assert parse(found.render()) == found


@given(garbage)
def test_garbage_is_refused_and_nothing_else(source: object) -> None:
    _parsed_or_refused(source)


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_document_is_parsed_or_refused(data: st.DataObject) -> None:
    _parsed_or_refused(data.draw(damaged(data.draw(documents()))))


@given(st.text(st.characters()) | st.text('{}[]":,%7B0e-\\ud800 \n').map(lambda tail: "{" + tail))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    _parsed_or_refused(source)


@given(st.data())
def test_damaged_text_is_parsed_or_refused(data: st.DataObject) -> None:
    whole = json.dumps(data.draw(documents()))
    whole = quote(whole) if data.draw(st.booleans()) else whole
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 20)))
    _parsed_or_refused(whole[:start] + data.draw(st.text(st.characters(), max_size=3)) + whole[end:])
