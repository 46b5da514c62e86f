"""Where the secrets of each user go: the channels, and the public keys for which they are sealed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from iamsync.core.model import Origin, Problem, Recipient
from iamsync.core.validate import shown
from iamsync.delivery import DEFAULT, SEALING
from iamsync.delivery.destination import destination
from iamsync.delivery.recipients import ALARM, MOST, private_key_in
from iamsync.desired.credentials import AccessKeysEntry, ConsoleEntry
from iamsync.desired.files import text_of
from iamsync.desired.granted import with_defaults
from iamsync.desired.merge import Declared, Merged
from iamsync.desired.schema import UserEntry
from iamsync.desired.settings import SettingsEntry
from iamsync.errors import DeliveryError

_ENDINGS: Final = (".pub", ".txt")
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The channels of a user."""

    password: str
    access_key: str

    def destination(self, recipients: Sequence[Recipient]) -> str:
        """Where secrets go, as a tag notes it."""
        seals = any(channel in SEALING for channel in (self.password, self.access_key))
        return destination(self.password, self.access_key, recipients if seals else (), DEFAULT)


def channels_of(user: UserEntry, settings: SettingsEntry) -> Channels:
    """The channels of a user, with defaults: of the kind, of the user, or of the settings."""
    console = user.console.deliver if isinstance(user.console, ConsoleEntry) else ""
    keys = user.access_keys.deliver if isinstance(user.access_keys, AccessKeysEntry) else ""
    return Channels(
        password=console or user.deliver or settings.delivery.password,
        access_key=keys or user.deliver or settings.delivery.access_key,
    )


def gets_password(user: UserEntry) -> bool:
    """Whether a password is declared for a user, with defaults."""
    return bool(user.console)


def gets_access_keys(user: UserEntry) -> bool:
    """Whether an access key is declared for a user, with defaults."""
    keys = user.access_keys
    return bool(keys.count if isinstance(keys, AccessKeysEntry) else keys)


def recipients(whole: Merged, root: Path) -> tuple[dict[str, tuple[Recipient, ...]], list[Problem]]:
    """The recipients of each user by name, and what is wrong with them or with the channels that need them."""
    read = cache(lambda file: text_of(file, root, _MOST_BYTES))  # many users may name one file
    found: dict[str, tuple[Recipient, ...]] = {}
    problems: list[Problem] = []
    for user in whole.users.values():
        read_ones = [one for index in range(len(user.value.recipients)) for one in _read(user, index, read)]
        mine = {one.fingerprint: one for one in read_ones if isinstance(one, Recipient)}
        found[user.name] = tuple(mine.values())
        problems += (one for one in read_ones if isinstance(one, Problem))
        if len(mine) > MOST:
            problems.append(user.problem(f"found {len(mine)} recipients, expected at most {MOST}", "recipients"))
        problems += _unsealed(user, whole, has_recipients=bool(read_ones))
    return found, problems


def _unsealed(user: Declared[UserEntry], whole: Merged, *, has_recipients: bool) -> Iterator[Problem]:
    """A channel that seals without recipients, or recipients without such a channel."""
    entry = with_defaults(user, whole)
    channels = channels_of(entry, whole.settings)
    used = {
        "console": channels.password if gets_password(entry) else "",
        "access_keys": channels.access_key if gets_access_keys(entry) else "",
    }
    if not has_recipients:
        for key, channel in used.items():
            if channel in SEALING:
                message = f"delivery by {channel} needs the public keys of the user: write recipients: [age1...]"
                yield user.problem(message, key)
    elif any(used.values()) and not any(channel in SEALING for channel in used.values()):
        names = " or ".join(sorted(SEALING))
        message = (
            f"nothing is sealed for them, as no secret of this user is delivered by {names}: write deliver: {names}"
        )
        yield user.problem(message, "recipients", warning=True)


def _read(
    user: Declared[UserEntry], index: int, read: Callable[[Path], str | Problem]
) -> Iterator[Recipient | Problem]:
    """The recipients that one entry of the list stands for, or why it stands for none."""
    written = user.value.recipients[index].strip()
    if not written.endswith(_ENDINGS) or " " in written:
        one = _recipient(written)
        yield one if isinstance(one, Recipient) else user.problem(f"{_found(written)}{one}", "recipients", index)
        return
    if written.startswith(("/", "~")) or "\\" in written or "\0" in written:
        message = f"found {shown(written)}, expected a path from the folder of this file, with / between"
        yield user.problem(message, "recipients", index)
        return
    file = Path(user.file).parent / written
    text = read(file)
    if isinstance(text, Problem):
        yield user.problem(f"{file}: {text.message}", "recipients", index)
        return
    yield from _in_file(text, file)


def _in_file(text: str, file: Path) -> Iterator[Recipient | Problem]:
    """The recipients in a file, one a line; empty lines and those that begin with # are none."""
    if (at := private_key_in(text)) is not None:
        yield _problem(file, text.count("\n", 0, at) + 1, ALARM)
        return
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        yield _problem(file, 1, "no public key is in this file")
    if any("BEGIN PGP PUBLIC KEY" in line for _, line in lines):
        lines = lines[:1]
    for number, line in lines:
        one = _recipient(line)
        yield one if isinstance(one, Recipient) else _problem(file, number, f"{_found(line)}{one}")


def _recipient(text: str) -> Recipient | str:
    """The recipient that any of the sealing channels makes of a text, or why none does."""
    why = ""
    for recipient in SEALING.values():
        try:
            return recipient(text)
        except DeliveryError as error:
            why = str(error)
    return why


def _found(text: str) -> str:
    """What is there, unless the reason says it."""
    return "" if text.startswith(("age1", "ssh-", "ecdsa-", "sk-", "-----")) else f"found {shown(text)}, "


def _problem(file: Path, line: int, message: str) -> Problem:
    return Problem(origin=Origin(file=str(file), line=line), path="", message=message)


Recipients = Mapping[str, Sequence[Recipient]]
"""The recipients of each user, by name."""
