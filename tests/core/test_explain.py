"""Document drift in words."""

from typing import Any

import pytest
from document_pairs import BUCKET, DIFFERENT, EQUAL, MFA, OTHER, Source, allow, deny, document, one, text
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents, respelled

from iamsync.core.document import Document
from iamsync.core.explain import differences


def sentences_of(old: Source, new: Source) -> tuple[str, ...]:
    return differences(Document.parse(old), Document.parse(new))


def listed(**elements: object) -> dict[str, Any]:
    return document({**allow(), "Sid": "AllowList", **elements})


def all_but(*actions: str, **elements: object) -> dict[str, Any]:
    return document({"Sid": "AllowList", "Effect": "Deny", "NotAction": list(actions), "Resource": "*", **elements})


def mfa(*values: object) -> dict[str, Any]:
    return listed(Condition={"Bool": {MFA: list(values)}})


SENTENCES: dict[str, tuple[Source, Source, tuple[str, ...]]] = {
    "an action added": (
        listed(Action="s3:ListBucket"),
        listed(Action=["s3:ListBucket", "s3:GetObject"]),
        ('statement "AllowList": action added s3:GetObject',),
    ),
    "an action removed": (
        listed(Action=["s3:ListBucket", "s3:GetObject"]),
        listed(Action="s3:ListBucket"),
        ('statement "AllowList": action removed s3:GetObject',),
    ),
    "actions in their authors' spelling": (
        listed(Action=["S3:LISTBUCKET", "s3:GetObject"]),
        listed(Action=["s3:PutObject", "S3:getobject"]),
        ('statement "AllowList": action added s3:PutObject', 'statement "AllowList": action removed S3:LISTBUCKET'),
    ),
    "an exception added": (
        all_but("iam:GetUser"),
        all_but("iam:GetUser", "iam:ChangePassword"),
        ('statement "AllowList": NotAction added iam:ChangePassword',),
    ),
    "Action turned into NotAction": (
        all_but("iam:GetUser", Effect="Allow"),
        listed(Action="iam:GetUser"),
        (
            'statement "AllowList": NotAction removed: iam:GetUser',
            'statement "AllowList": action added: iam:GetUser',
        ),
    ),
    "an effect": (listed(), listed(Effect="Deny"), ('statement "AllowList": effect Allow -> Deny',)),
    "a resource replaced": (
        listed(Resource=BUCKET),
        listed(Resource=OTHER),
        (
            'statement "AllowList": resource added arn:aws:s3:::logs',
            'statement "AllowList": resource removed arn:aws:s3:::reports',
        ),
    ),
    "a value added": (
        mfa("false"),
        mfa("false", True),
        ('statement "AllowList": condition Bool aws:MultiFactorAuthPresent: value added "true"',),
    ),
    "a value removed": (
        mfa("false", "True"),
        mfa(False),
        ('statement "AllowList": condition Bool aws:MultiFactorAuthPresent: value removed "True"',),
    ),
    "a condition added": (
        listed(),
        mfa(True),
        ('statement "AllowList": condition Bool aws:MultiFactorAuthPresent added: "true"',),
    ),
    "a condition removed": (
        listed(Condition={"StringLike": {"s3:prefix": ["b", "a"]}}),
        listed(),
        ('statement "AllowList": condition StringLike s3:prefix removed: "a", "b"',),
    ),
    "a condition without values": (
        listed(),
        listed(Condition={"ForAllValues:StringLike": {"aws:TagKeys": []}}),
        ('statement "AllowList": condition ForAllValues:StringLike aws:TagKeys added: no value',),
    ),
    "a condition whose name begins with two underscores": (
        listed(Condition={"StringLike": {"__a": "1"}}),
        listed(Condition={"StringLike": {"__a": "2"}}),
        (
            'statement "AllowList": condition StringLike __a: value added "2"',
            'statement "AllowList": condition StringLike __a: value removed "1"',
        ),
    ),
    "a statement added": (
        document(allow(Sid="A")),
        document(allow(Sid="A"), deny("iam:*", Sid="X")),
        ('statement "X" added: Deny iam:* on *',),
    ),
    "a statement removed": (
        document(allow(Sid="A"), deny(["iam:*", "sts:*"], [BUCKET, OTHER], Sid="X")),
        document(allow(Sid="A")),
        ('statement "X" removed: Deny iam:*, sts:* on arn:aws:s3:::reports, arn:aws:s3:::logs',),
    ),
    "a statement added with all it says": (
        document(allow(Sid="A")),
        document(
            allow(Sid="A"),
            {
                "Effect": "Deny",
                "NotAction": ["a:1", "a:2"],
                "NotResource": OTHER,
                "Condition": {"Null": {"a:c": ["x", "y"]}, "Bool": {"a:b": 0}},
            },
        ),
        ('statement added: Deny all but a:1, a:2 on all but arn:aws:s3:::logs if Bool a:b "0" and Null a:c "x", "y"',),
    ),
    "a statement renamed": (one(Sid="A"), one(Sid="B"), ('statement "A" renamed "B"',)),
    "a statement named": (one(), one(Sid="B"), ('statement Allow s3:GetObject on * renamed "B"',)),
    "a statement that lost its Sid": (one(Sid="A"), one(), ('statement "A" has lost its Sid',)),
    "a statement renamed and changed, which is another": (
        one("a:x", Sid="A"),
        one("a:y", Sid="B"),
        ('statement "A" removed: Allow a:x on *', 'statement "B" added: Allow a:y on *'),
    ),
    "a statement named and changed, which is another": (
        one("a:x"),
        one("a:y", Sid="B"),
        ("statement removed: Allow a:x on *", 'statement "B" added: Allow a:y on *'),
    ),
    "a renamed statement beside a changed one": (
        document(allow("a:x", Sid="A"), allow("a:y", Sid="B")),
        document(allow("a:x", Sid="C"), allow("a:z", Sid="B")),
        (
            'statement "B": action added a:z',
            'statement "B": action removed a:y',
            'statement "A" renamed "C"',
        ),
    ),
    "a nameless statement, named by the first of what it says": (
        one(["a:1", "a:2", "a:3", "a:4"]),
        one(["a:1", "a:2", "a:3"]),
        ("statement Allow a:1, a:2 and 2 more on *: action removed a:4",),
    ),
    "nameless statements, each with the one most like it": (
        document(allow("a:x", BUCKET), deny("a:x", OTHER)),
        document(deny("a:y", OTHER), allow("a:y", BUCKET)),
        (
            "statement Allow a:x on arn:aws:s3:::reports: action added a:y",
            "statement Allow a:x on arn:aws:s3:::reports: action removed a:x",
            "statement Deny a:x on arn:aws:s3:::logs: action added a:y",
            "statement Deny a:x on arn:aws:s3:::logs: action removed a:x",
        ),
    ),
    "nameless statements with too little in common": (
        one("a:x", BUCKET),
        document(deny("a:y", OTHER)),
        ("statement removed: Allow a:x on arn:aws:s3:::reports", "statement added: Deny a:y on arn:aws:s3:::logs"),
    ),
    "the version": (
        {**one(), "Version": "2008-10-17"},
        one(),
        ("version 2008-10-17 -> 2012-10-17",),
    ),
    "the version before all else": (
        {"Statement": allow()},
        document(allow(), deny("iam:*")),
        ("version 2008-10-17 -> 2012-10-17", "statement added: Deny iam:* on *"),
    ),
    "text that could forge a line of the plan": (
        listed(Resource=BUCKET),
        listed(Resource=[BUCKET, f"{BUCKET}/\nno changes\N{RIGHT-TO-LEFT OVERRIDE}\x7f"]),
        ('statement "AllowList": resource added arn:aws:s3:::reports/\\nno changes\\u202e\\u007f',),
    ),
}


@pytest.mark.parametrize(("old", "new", "sentences"), SENTENCES.values(), ids=SENTENCES)
def test_the_sentences(old: Source, new: Source, sentences: tuple[str, ...]) -> None:
    assert sentences_of(old, new) == sentences


@pytest.mark.parametrize(("left", "right"), EQUAL.values(), ids=EQUAL)
def test_nothing_is_said_of_equal_documents(left: Source, right: Source) -> None:
    assert sentences_of(left, right) == ()


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT)
def test_something_is_said_of_different_documents(left: Source, right: Source) -> None:
    assert sentences_of(left, right)
    assert sentences_of(right, left)


def test_a_spelling_that_means_nothing_is_not_reported_beside_a_change_that_does() -> None:
    old = listed(Condition={"Bool": {MFA: "True"}, "StringLike": {"S3:prefix": "a"}})
    new = listed(Condition={"bool": {MFA.upper(): True}, "StringLike": {"s3:prefix": "b"}})
    assert sentences_of(old, new) == (
        'statement "AllowList": condition StringLike s3:prefix: value added "b"',
        'statement "AllowList": condition StringLike s3:prefix: value removed "a"',
    )


@given(st.data())
def test_nothing_is_said_if_and_only_if_documents_are_equal(data: st.DataObject) -> None:
    old = data.draw(documents())
    new = data.draw(documents() | respelled(old))
    assert (sentences_of(old, new) == ()) == (Document.parse(old) == Document.parse(new))
    assert sentences_of(old, old) == ()


@given(documents(), documents())
def test_every_sentence_is_one_line_of_ascii_and_they_are_always_the_same(old: Source, new: Source) -> None:
    sentences = sentences_of(old, new)
    assert sentences_of(text(old), text(new)) == sentences
    assert all(sentence.isascii() and sentence.isprintable() for sentence in sentences)
