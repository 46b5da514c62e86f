"""Text with wildcards and policy variables, and what it matches.

Rules from the IAM User Guide: "IAM policy elements: Variables and tags", "IAM JSON policy elements: Resource" and
"Condition operators".
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from iamsync.core.access.context import Context
from iamsync.core.access.truth import Truth, all_of
from iamsync.core.grammar import folded


class Wild(Enum):
    """A wildcard: `*` is any combination of characters, `?` any one."""

    MANY = "*"
    ONE = "?"


Token = str | Wild
Tokens = tuple[Token, ...]
_PARTS_OF_AN_ARN: Final = 6
_MANY_PATTERNS: Final = 8192


@dataclass(frozen=True, slots=True)
class _Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Text whose variables were filled in. `is_open`: at least one could not be, and stands as `*` for whatever it is.
    `is_early`: a variable stands before the fifth colon.
    """

    tokens: Tokens
    is_open: bool
    is_early: bool


# `${*}`, `${?}` and `${$}` are the characters themselves ("Variables and tags", Special characters)
_WILDCARD = re.compile(r"(?P<wild>[*?])")
_WILDCARD_OR_VARIABLE = re.compile(
    r"(?P<wild>[*?])|\$\{(?:(?P<escaped>[*?$])|(?P<key>[^{}',]+)(?:,\s*'(?P<default>[^']*)'\s*)?)\}"
)


def filled(text: str, context: Context, *, variables: bool, wildcards: bool) -> Pattern | None:
    """`text` with the values of `context` in place of its variables; None if it can match nothing.

    That is so if a variable has no value and no default: "the value is effectively null", equal to and like nothing,
    and a resource with it matches no resource ("Variables and tags", Policy variables with no value). A key with
    several values cannot be a variable ("Single-valued vs. multivalued context keys"). What is filled in is plain
    text. Under Version 2008-10-17 there are no variables ("IAM JSON policy elements: Version").
    """
    tokens: list[Token] = []
    is_open = is_early = False
    colons = 0
    for piece in _pieces(text, variables, wildcards):
        if not isinstance(piece, _Variable):
            tokens.append(piece)
            colons += piece.count(":") if isinstance(piece, str) else 0
            continue
        is_early = is_early or colons < _PARTS_OF_AN_ARN - 1
        match context.values(piece.key):
            case None:
                tokens.append(Wild.MANY)
                is_open = True
            case (value,):
                tokens.append(value)
            case _ if piece.default is None:
                return None
            case _:
                tokens.append(piece.default)
    return Pattern(tokens=tuple(tokens), is_open=is_open, is_early=is_early)


@lru_cache(maxsize=_MANY_PATTERNS)
def _pieces(text: str, variables: bool, wildcards: bool) -> tuple[Token | _Variable, ...]:  # noqa: FBT001 - a cache key
    found: list[Token | _Variable] = []
    end = 0
    for match in (_WILDCARD_OR_VARIABLE if variables else _WILDCARD).finditer(text):
        found.append(text[end : match.start()])
        found.append(_piece(match, wildcards=wildcards))
        end = match.end()
    found.append(text[end:])
    return tuple(piece for piece in found if piece != "")


def _piece(match: re.Match[str], *, wildcards: bool) -> Token | _Variable:
    parts = match.groupdict()
    if parts["wild"]:
        return Wild(parts["wild"]) if wildcards else parts["wild"]
    return parts["escaped"] or _Variable(key=folded(parts["key"].strip()), default=parts["default"])


def variables_in(text: str) -> frozenset[str]:
    """The folded keys of the variables in `text`."""
    return frozenset(piece.key for piece in _pieces(text, True, True) if isinstance(piece, _Variable))


def is_text(  # noqa: PLR0913 - the options are keywords
    entry: str,
    value: str,
    context: Context,
    *,
    variables: bool,
    wildcards: bool = False,
    fold: Callable[[str], str] = str,
) -> Truth:
    """Whether `entry` is, or with wildcards is like, `value` ("Condition operators", String)."""
    pattern = filled(entry, context, variables=variables, wildcards=wildcards)
    if pattern is None:
        return False
    tokens = tuple(fold(token) if isinstance(token, str) else token for token in pattern.tokens)
    covers = _covers(tokens, fold(value))
    # whatever an unknown variable turns out to be, `*` in its place takes in more
    return None if covers and pattern.is_open else covers


def is_arn(entry: str, value: str, context: Context, *, variables: bool) -> Truth:
    """Whether each of the six colon-delimited components is like that of `value`: ArnEquals and ArnLike behave
    identically ("Condition operators", ARN). What a pattern of fewer components means is not documented: unknown.
    """
    first = next(iter(_pieces(entry, variables, True)), "")
    if isinstance(first, str) and not value.startswith(first):
        return False  # the usual case where a policy is for many accounts
    pattern = filled(entry, context, variables=variables, wildcards=True)
    components = value.split(":", _PARTS_OF_AN_ARN - 1)
    if pattern is None or len(components) < _PARTS_OF_AN_ARN:
        return False
    segments = _arn_segments(pattern.tokens)
    if pattern.is_open or len(segments) < _PARTS_OF_AN_ARN:
        return None if _covers((*pattern.tokens, Wild.MANY), value) else False
    return all_of(_covers(segment, component) for segment, component in zip(segments, components, strict=True))


def is_resource(entry: str, resource: str, context: Context, *, variables: bool, if_void: Truth = False) -> Truth:
    """Whether an entry of Resource or NotResource names `resource`; the case of letters counts. `if_void` is the answer
    for an entry with a variable that has no value.

    `*` and `?` stay within a segment between colons, but a `*` that ends one "can expand to match beyond the colon
    boundaries"; after the fifth colon they take in `/` and `:` alike ("IAM JSON policy elements: Resource", Using
    wildcards). An ARN that ends early goes on with wildcards. Variables are for what follows the fifth colon
    ("Variables and tags", Where you can use policy variables): what one before it does is not known.
    """
    if entry == "*":
        return True
    pattern = filled(entry, context, variables=variables, wildcards=True)
    if pattern is None:
        return if_void
    if not pattern.is_open and _takes_colons_for_characters(entry, variables):
        return _covers(pattern.tokens, resource)  # the usual case, and much the faster one
    segments = _arn_segments(pattern.tokens)
    if pattern.is_open:
        ending = (Wild.MANY,) if len(segments) < _PARTS_OF_AN_ARN else ()
        return None if _covers(pattern.tokens + ending, resource) else if_void
    segments += [(Wild.MANY,)] * (_PARTS_OF_AN_ARN - len(segments))
    covers = _covers_segments(segments, resource)
    return None if covers and pattern.is_early else covers


def is_action(entry: str, action: str) -> bool:
    """Whether an entry of Action or NotAction names `action`: without regard to case, with wildcards and no variables
    ("IAM JSON policy elements: Action").
    """
    return _covers(_pieces_of_action(folded(entry)), folded(action))


def _pieces_of_action(entry: str) -> Tokens:
    return tuple(piece for piece in _pieces(entry, False, True) if not isinstance(piece, _Variable))


@lru_cache(maxsize=_MANY_PATTERNS)
def _takes_colons_for_characters(entry: str, variables: bool) -> bool:  # noqa: FBT001 - a cache key
    """Whether there is nothing before the fifth colon that would have to stay within its segment: only text, and `*` at
    the end of segments.
    """
    # a variable there is none of the two
    pieces = _pieces(entry, variables, True)
    segments = _arn_segments(tuple(Wild.ONE if isinstance(piece, _Variable) else piece for piece in pieces))
    heads = [[token for token in segment if token != ""] for segment in segments[: _PARTS_OF_AN_ARN - 1]]
    stays = any(isinstance(token, Wild) for head in heads for token in head[:-1])
    ends_in_one = any(head[-1] is Wild.ONE for head in heads if head)
    return len(segments) == _PARTS_OF_AN_ARN and not (stays or ends_in_one)


def _arn_segments(tokens: Tokens) -> list[Tokens]:
    """The tokens between the first five colons, and all that follow."""
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            segments[-1].append(token)
            continue
        first, *more = token.split(":", _PARTS_OF_AN_ARN - len(segments))
        segments[-1].append(first)
        segments.extend([text] for text in more)
    return [tuple(segment) for segment in segments]


def _covers_segments(segments: list[Tokens], text: str) -> bool:
    segment, *others = segments
    if not others:
        return _covers(segment, text)
    start, colon, rest = text.partition(":")
    if not colon or not _covers(segment, start):
        return False
    may_go_on = bool(segment) and _last_token(segment) is Wild.MANY
    return any(_covers_segments(others, ending) for ending in (_endings(rest) if may_go_on else (rest,)))


def _last_token(segment: Tokens) -> Token:
    return next((token for token in reversed(segment) if token != ""), "")


def _endings(text: str) -> Iterator[str]:
    yield text
    while ":" in text:
        text = text.partition(":")[2]
        yield text


def _covers(tokens: Tokens, text: str) -> bool:
    """Whether wildcards can be chosen so that `tokens` spell `text`: what stands between two `*` is taken where it is
    found first, so no pattern takes long.
    """
    if len(tokens) == 1 and isinstance(tokens[0], str):
        return tokens[0] == text
    first, *others = _chunks(tokens)
    if not others:
        return len(text) == _length(first) and _fits(first, text, 0)
    *inner, last = others
    end = len(text) - _length(last)
    start = _length(first)
    if start > end or not _fits(first, text, 0) or not _fits(last, text, end):
        return False
    for chunk in inner:
        found = _first_fit(chunk, text, start, end)
        if found is None:
            return False
        start = found + _length(chunk)
    return True


@lru_cache(maxsize=_MANY_PATTERNS)
def _chunks(tokens: Tokens) -> tuple[Tokens, ...]:
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wild.MANY:
            chunks.append([])
        elif isinstance(token, str) and chunks[-1] and isinstance(chunks[-1][-1], str):
            chunks[-1][-1] += token
        else:
            chunks[-1].append(token)
    return tuple(tuple(chunk) for chunk in chunks)


def _length(chunk: Iterable[Token]) -> int:
    return sum(len(token) if isinstance(token, str) else 1 for token in chunk)


def _fits(chunk: Tokens, text: str, start: int) -> bool:
    for token in chunk:
        if isinstance(token, str):
            if not text.startswith(token, start):
                return False
            start += len(token)
        else:
            start += 1
    return True


def _first_fit(chunk: Tokens, text: str, start: int, end: int) -> int | None:
    if len(chunk) == 1 and isinstance(chunk[0], str):
        place = text.find(chunk[0], start, end)
        return None if place < 0 else place
    places = range(start, end - _length(chunk) + 1)
    return next((place for place in places if _fits(chunk, text, place)), None)
