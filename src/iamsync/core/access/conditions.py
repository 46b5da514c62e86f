"""Whether a condition holds in a context.

Rules from the IAM User Guide: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys
or values", "Single-valued vs. multivalued context keys". What these do not say, such as what becomes of a number that
is none, is unknown here: not guessed.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from iamsync.core.access import quantity
from iamsync.core.access.context import Context
from iamsync.core.access.pattern import is_arn, is_text, variables_in
from iamsync.core.access.truth import Truth, all_of, any_of, negation
from iamsync.core.document import Condition
from iamsync.core.grammar import folded

Likeness = Callable[[str, str, Context, bool], Truth]
"""(text of the policy, value of the request, context, whether the policy's version has variables) -> do they match"""

_IF_EXISTS: Final = "IfExists"
_RELATIONS: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}


def holds(condition: Condition, context: Context, *, variables: bool) -> Truth:
    """Whether one key under one operator holds in `context`."""
    quantifier, _, name = condition.operator.rpartition(":")
    values = context.values(condition.key)
    if name == "Null":
        return _is_null(condition.values.written, values)
    if values is None:
        return None
    basic = name.removesuffix(_IF_EXISTS)
    if quantifier and all(value == "" for value in values):
        # "resolve to an empty data set (for example, an empty string)": as if the key were not there
        values = ()
    if not values:
        return _without_key(quantifier, basic, is_optional=name.endswith(_IF_EXISTS))
    truths = (_one_value_holds(basic, condition.values.written, value, context, variables) for value in values)
    return _over_all_values(quantifier, list(truths))


def keys_read(condition: Condition) -> frozenset[str]:
    """The folded keys that `holds` looks up in the context: no other value makes a difference to it."""
    return frozenset((condition.key,)).union(*map(variables_in, condition.values.written))


def _is_null(wanted: Iterable[str], values: tuple[str, ...] | None) -> Truth:
    """Null: "true" if the key does not exist, "false" if it does and its value is not null."""
    answers = {folded(text) for text in wanted}
    if values is None:
        return True if answers >= {"true", "false"} else None
    return ("false" if values else "true") in answers


def _without_key(quantifier: str, basic: str, *, is_optional: bool) -> Truth:
    """What holds when the key is not in the request.

    ForAllValues is true and ForAnyValue is false then, of negated operators too. Whether ...IfExists, true when the
    key is not there, or ForAnyValue has the last word is not documented. Else an operator is false, unless it is
    negated or ...IfExists.
    """
    if quantifier == "ForAllValues":
        return True
    if quantifier == "ForAnyValue":
        return None if is_optional else False
    return is_optional or _is_negated(basic)


def _over_all_values(quantifier: str, truths: list[Truth]) -> Truth:
    """ForAllValues: every value of the request holds; ForAnyValue: at least one does. "Multivalued context keys
    require a condition set operator": what becomes of several values without one is unknown.
    """
    if quantifier == "ForAllValues":
        return all_of(truths)
    if quantifier == "ForAnyValue":
        return any_of(truths)
    return truths[0] if len(truths) == 1 else None


def _one_value_holds(basic: str, wanted: Iterable[str], value: str, context: Context, variables: bool) -> Truth:  # noqa: FBT001
    """Several values of the policy are alternatives; of a negated operator none may match: a logical NOR."""
    likeness = _LIKENESSES[_affirmed(basic)]
    matches = any_of(likeness(text, value, context, variables) for text in wanted)
    return negation(matches) if _is_negated(basic) else matches


def _is_negated(basic: str) -> bool:
    return "Not" in basic


def _affirmed(basic: str) -> str:
    return basic.replace("Not", "")


def _text(*, wildcards: bool = False, fold: Callable[[str], str] = str) -> Likeness:
    return lambda text, value, context, variables: is_text(
        text, value, context, variables=variables, wildcards=wildcards, fold=fold
    )


def _arn(text: str, value: str, context: Context, variables: bool) -> Truth:  # noqa: FBT001
    return is_arn(text, value, context, variables=variables)


def _boolean(text: str, value: str, context: Context, variables: bool) -> Truth:  # noqa: FBT001
    """Bool: true or false in any case of letters. That variables are taken is what "Condition operators" says."""
    if folded(value) not in {"true", "false"} or ("${" not in text and folded(text) not in {"true", "false"}):
        return None
    return is_text(text, value, context, variables=variables, fold=folded)


def _binary(text: str, value: str, _: Context, __: bool) -> Truth:  # noqa: FBT001
    """BinaryEquals: byte for byte; both are in base 64, one text for each sequence of bytes."""
    return text == value


def _address(text: str, value: str, _: Context, __: bool) -> Truth:  # noqa: FBT001
    network, address = quantity.network(text), quantity.address(value)
    return None if network is None or address is None else address in network


def _compared(read: Callable[[str], Decimal | None], relation: Callable[[Decimal, Decimal], bool]) -> Likeness:
    """Numeric and Date operators: the value of the request stands to the left."""

    def likeness(text: str, value: str, _: Context, __: bool) -> Truth:  # noqa: FBT001
        wanted, given = read(text), read(value)
        return None if wanted is None or given is None else relation(given, wanted)

    return likeness


_LIKENESSES: Final[Mapping[str, Likeness]] = {
    "StringEquals": _text(),
    "StringEqualsIgnoreCase": _text(fold=folded),
    "StringLike": _text(wildcards=True),
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _boolean,
    "BinaryEquals": _binary,
    "IpAddress": _address,
    **{f"Numeric{name}": _compared(quantity.number, relation) for name, relation in _RELATIONS.items()},
    **{f"Date{name}": _compared(quantity.moment, relation) for name, relation in _RELATIONS.items()},
}
