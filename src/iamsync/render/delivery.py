"""Delivery channels and what they delivered, in words."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from iamsync.core.change import CreateAccessKey, Minting
from iamsync.core.receipt import Receipt
from iamsync.render.line import Line, line

_HOW: Final = {"csv": "as CSV", "age": "as age file", "command": "by the delivery command"}
_WHAT_TO_DO: Final = {
    "csv": "hand them over and delete the file",
    "age": "hand them over; only their recipients can open them",
}
_MOST_PLACES: Final = 10


def minted(change: Minting) -> str:
    """How a secret is made and reaches its person, and whether a password lasts."""
    if isinstance(change, CreateAccessKey):
        return f"minted by AWS at apply and {_delivered(change)}"
    first_sign_in = (
        "a new one must be set at first sign-in" if change.reset_required else "it stays valid after first sign-in"
    )
    return f"minted at apply and {_delivered(change)}; {first_sign_in}"


def _delivered(change: Minting) -> str:
    sealed = f", sealed for {', '.join(one.fingerprint for one in change.recipients)}" if change.recipients else ""
    return f"delivered {_HOW.get(change.channel, f'through {change.channel}')}{sealed}"


def receipt_lines(receipts: Iterable[Receipt]) -> list[Line]:
    """Where new passwords and access keys are, a line for each place; where one folder holds many, for that folder."""
    places = list(dict.fromkeys((receipt.channel, receipt.place) for receipt in receipts))
    folders: dict[tuple[str, str], int] = {}
    for channel, place in places:
        folder = channel, str(PurePath(place).parent)
        folders[folder] = folders.get(folder, 0) + 1
    many = {folder for folder, number in folders.items() if number > _MOST_PLACES}
    single = [(channel, place) for channel, place in places if (channel, str(PurePath(place).parent)) not in many]
    named = [*single, *((channel, f"{folders[channel, at]} files in {at}") for channel, at in sorted(many))]
    return [line(_place(channel, place)) for channel, place in named]


def _place(channel: str, place: str) -> str:
    how = f"in {place}: {_WHAT_TO_DO[channel]}" if channel in _WHAT_TO_DO else f"delivered through {channel}: {place}"
    return f"New passwords and access keys are {how}."
