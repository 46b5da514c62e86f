"""Which file each user belongs to."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from iamsync.core.model import User

REST: Final = "others"
"""The file of users who have no such tag, or are in no group."""
_LONGEST: Final = 60
_TAG: Final = "tag:"


@dataclass(frozen=True, slots=True)
class By:
    """A file for each path, each value of a tag (`tag:Team`), each group, or each user."""

    what: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None if it is none of these."""
        is_known = text in {"path", "group", "user"} or (text.startswith(_TAG) and text != _TAG)
        return cls(text) if is_known else None

    def label(self, user: User) -> str:
        """The name of the user's file, without its ending: lower-case ASCII. Users with similar values share it."""
        return _plain(self._value(user)) or REST

    def _value(self, user: User) -> str:
        match self.what:
            case "path":
                return user.path.strip("/")
            case "group":
                return min(user.groups or {""})
            case "user":
                return user.name
            case _:
                key = self.what.removeprefix(_TAG).casefold()
                return next((value for name, value in sorted(user.tags.items()) if name.casefold() == key), "")


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._]+", "-", ascii_only).strip("-._")[:_LONGEST].rstrip("-._")
