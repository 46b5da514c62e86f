"""Delivery channels and what they delivered, in words."""

from collections.abc import Iterable

from iamsync.core.receipt import Receipt
from iamsync.render.line import Line, line

_HOW = {"csv": "as CSV"}
_WHAT_TO_DO = {"csv": "hand them over and delete the file"}


def delivered(channel: str) -> str:
    """How a secret reaches its person, said of one that is not minted yet."""
    return f"delivered {_HOW.get(channel, f'through {channel}')}"


def receipt_lines(receipts: Iterable[Receipt]) -> list[Line]:
    """Where new passwords and access keys are, a line for each place."""
    places = dict.fromkeys((receipt.channel, receipt.place) for receipt in receipts)
    return [line(_place(channel, place)) for channel, place in places]


def _place(channel: str, place: str) -> str:
    how = f"in {place}: {_WHAT_TO_DO[channel]}" if channel in _WHAT_TO_DO else f"delivered through {channel}: {place}"
    return f"New passwords and access keys are {how}."
