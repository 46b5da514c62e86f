"""What is shown commands neither a terminal nor a runner of CI."""

import json

import pytest
from hostile import HOSTILE, UNDECODABLE, commands, controls
from hypothesis import given
from hypothesis import strategies as st

from iamsync.core.inert import inert, inert_json

TEXTS = st.one_of(
    st.text(), st.lists(st.sampled_from([*HOSTILE, UNDECODABLE, " ", ":", "::", "#", "##", "[", "vso"])).map("".join)
)


@pytest.mark.parametrize("text", [*HOSTILE, UNDECODABLE])
def test_the_corpus_is_hostile_and_is_made_inert(text: str) -> None:
    in_a_line = "" if text.startswith(("%", "[bold]")) else "".join([*controls(text), *commands(text)])

    assert bool(in_a_line) is not text.startswith(("%", "[bold]"))
    assert (controls(inert(text)), commands(inert(text))) == ([], [])


@given(TEXTS)
def test_what_is_inert_is_so_and_stays_so(text: str) -> None:
    shown = inert(text)

    assert (controls(shown), commands(shown)) == ([], [])
    assert shown.isprintable()
    assert inert(shown) == shown


@given(TEXTS, TEXTS)
def test_a_line_can_be_shown_in_pieces(first: str, second: str) -> None:
    assert inert(first + second).startswith(inert(first))


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=":#["), max_size=20))
def test_what_is_harmless_is_shown_as_it_is(text: str) -> None:
    assert inert(text) == text


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_is_inert_and_reads_as_the_same_value(value: object) -> None:
    for indent in (None, 2):
        written = inert_json(value, indent=indent)

        assert (controls(written), commands(written)) == ([], [])
        assert json.loads(written) == value
