"""Where secrets go, as one text that a tag of IAM can hold."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamsync.core.model import Recipient
from iamsync.delivery import CHANNELS, DEFAULT
from iamsync.delivery.destination import destination
from iamsync.delivery.recipients import MOST, fingerprint_of

TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}", re.ASCII)
"""API_Tag, and what of it is the same in all languages."""
PAIRS = list(product(sorted(CHANNELS), sorted(CHANNELS)))


@given(st.sampled_from(PAIRS), st.sets(st.binary(max_size=64), min_size=1, max_size=MOST))
def test_a_tag_can_hold_any_destination(channels: tuple[str, str], keys: set[bytes]) -> None:
    recipients = [Recipient(key=str(key), fingerprint=fingerprint_of(key)) for key in sorted(keys)]

    text = destination(*channels, recipients, DEFAULT)

    assert (text == "") == (channels == (DEFAULT, DEFAULT))
    assert not text or TAG_VALUE.fullmatch(text)
    assert text == destination(*channels, recipients[::-1], DEFAULT), "their order says nothing"


def test_two_destinations_have_two_texts() -> None:
    one, other = (Recipient(key=name, fingerprint=fingerprint_of(name.encode())) for name in "ab")
    texts = [destination(*pair, which, DEFAULT) for pair in PAIRS for which in ([one], [other], [one, other])]

    assert len({text for text in texts if text}) == 3 * (len(PAIRS) - 1)


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_one_channel_for_both_kinds_is_said_once(channel: str) -> None:
    assert destination(channel, channel, [], "another") == channel
