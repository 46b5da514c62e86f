"""What hypothesis draws from: policy documents, other writings of the same document, and things that are none."""

import string
from typing import Any

from hypothesis import strategies as st

JsonObject = dict[str, Any]

_SERVICES = ("s3", "iam", "ec2", "execute-api")
_NAMES = ("GetObject", "ListUsers", "Get*", "*", "Describe?")
_OPERATORS = (
    *("StringEquals", "StringLike", "StringEqualsIgnoreCase", "Bool", "BoolIfExists", "Null", "ArnLike"),
    *("NumericLessThan", "DateGreaterThan", "IpAddress", "ForAllValues:StringEquals", "ForAnyValue:StringLikeIfExists"),
)
_KEYS = (
    "aws:MultiFactorAuthPresent",
    "aws:ResourceTag/Team",
    "s3:prefix",
    "a",
    "__private",
    "aws:ResourceTag/\u00c9t\u00e9",
)
_RESOURCES = (
    *("*", "arn:aws:s3:::*", "arn:aws:s3:::Reports/*", "arn:aws:s3:::reports/*", "arn:*:kms:*:*:key/*", "arn:aws:sqs"),
    *("arn:aws:iam::*:user/${aws:username}", "arn:aws-cn:iam::123456789012:user/people/aiko.sato"),
)

storable_text = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r\x7f\x85"), max_size=8)
"""Text that IAM can store, if need be as escapes."""

actions = st.just("*") | st.builds("{}:{}".format, st.sampled_from(_SERVICES), st.sampled_from(_NAMES))
resources = st.sampled_from(_RESOURCES) | storable_text.map("arn:aws:s3:::b/{}".format)
condition_values = (
    st.sampled_from(("true", "false", "Alice", "alice"))
    | storable_text
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)


def one_or_many(entries: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[Any]:
    """An entry, or a list of some, perhaps with repetitions."""
    return entries | st.lists(entries, min_size=least, max_size=4)


condition_blocks = st.dictionaries(
    st.sampled_from(_OPERATORS),
    st.dictionaries(st.sampled_from(_KEYS), one_or_many(condition_values, least=0), max_size=3),
    max_size=3,
)


@st.composite
def statements(draw: st.DrawFn, sid: str | None = None) -> JsonObject:
    """A statement as a JSON object, named `sid` or not at all."""
    elements: JsonObject = {
        "Effect": draw(st.sampled_from(("Allow", "Deny"))),
        draw(st.sampled_from(("Action", "NotAction"))): draw(one_or_many(actions)),
        draw(st.sampled_from(("Resource", "NotResource"))): draw(one_or_many(resources)),
    }
    if draw(st.booleans()):
        elements["Condition"] = draw(condition_blocks)
    return elements if sid is None else {"Sid": sid, **elements}


@st.composite
def documents(draw: st.DrawFn) -> JsonObject:
    """A policy document that IAM would take, as the JSON object that its author might have written."""
    sids = st.lists(st.none() | st.text(string.ascii_letters + string.digits, max_size=3), min_size=1, max_size=4)
    found = [draw(statements(sid)) for sid in draw(sids.filter(_are_unique))]
    version = draw(st.sampled_from(({"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {})))
    return {**version, "Statement": found[0] if len(found) == 1 and draw(st.booleans()) else found}


def _are_unique(sids: list[str | None]) -> bool:
    named = [sid for sid in sids if sid]
    return len(named) == len(set(named))


@st.composite
def respelled(draw: st.DrawFn, document: JsonObject) -> JsonObject:
    """`document` as another author might have written it: other order, repetitions, lists and letters, same meaning."""
    return {
        **({"Version": document["Version"]} if "Version" in document else draw(st.sampled_from(({}, _OLD)))),
        "Statement": draw(
            _relisted([draw(_respelled_statement(one)) for one in as_list(document["Statement"])], repeat=False)
        ),
    }


_OLD = {"Version": "2008-10-17"}


@st.composite
def _respelled_statement(draw: st.DrawFn, statement: JsonObject) -> JsonObject:
    spelled: JsonObject = {}
    for name in draw(st.permutations(list(statement))):
        value = statement[name]
        if "Action" in name:
            value = draw(_relisted([draw(_other_case(action)) for action in as_list(value)]))
        elif "Resource" in name:
            value = draw(_relisted(as_list(value)))
        elif name == "Condition":
            value = {
                draw(_other_case(operator)): {
                    draw(_other_case(key)): draw(_relisted([draw(_as_text(one)) for one in as_list(values)]))
                    for key, values in draw(st.permutations(list(keys.items())))
                }
                for operator, keys in draw(st.permutations(list(value.items())))
            }
        spelled[name] = value
    return spelled


@st.composite
def _relisted(draw: st.DrawFn, entries: list[Any], *, repeat: bool = True) -> Any:  # noqa: ANN401
    if len(entries) == 1 and draw(st.booleans()):
        return entries[0]
    repeated = [draw(st.sampled_from(entries))] if entries and repeat and draw(st.booleans()) else []
    return draw(st.permutations([*entries, *repeated]))


def _other_case(name: str) -> st.SearchStrategy[str]:
    ascii_swapped = "".join(letter.swapcase() if letter in string.ascii_letters else letter for letter in name)
    return st.sampled_from((name, ascii_swapped))


def _as_text(value: object) -> st.SearchStrategy[object]:
    match value:
        case bool():
            return st.sampled_from((value, str(value).lower()))
        case int() | float():
            return st.sampled_from((value, repr(value)))
        case _:
            return st.just(value)


def as_list(value: Any) -> list[Any]:  # noqa: ANN401
    """A list as it is, and anything else as a list of one."""
    return value if isinstance(value, list) else [value]


_element_names = st.sampled_from(
    (
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "Id",
        "Bool",
    )
)

garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=6)  # lone surrogates and control characters, too
    | st.binary(max_size=4)
    | st.dates()
    | st.sampled_from(("Allow", "Deny", "*", "s3:*", "2012-10-17", "arn:", "arn:aws:s3:::x", "%7B")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(_element_names | st.text(st.characters(), max_size=4), inner, max_size=4)
        | st.dictionaries(st.none() | st.integers(), inner, max_size=1)
    ),
    max_leaves=12,
)
"""What a door must refuse without falling over: values of any kind, some of which look nearly right."""


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:  # noqa: ANN401
    """`value` with something in it, at any depth, replaced by garbage."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        name = draw(st.sampled_from(list(value)))
        return {**value, name: draw(damaged(value[name]))}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(damaged(value[index])), *value[index + 1 :]]
    return draw(garbage)
