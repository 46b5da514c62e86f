"""What a policy text says to one principal: which permissions it gives, and which it denies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from iamsync.core.access import Context, user_arn
from iamsync.core.access.partial import depends_on_principal, specialized
from iamsync.core.arn import Account, Arn
from iamsync.core.document import Document, Entries, Statement
from iamsync.core.grammar import OLD_VERSION, folded
from iamsync.core.model import User
from iamsync.core.permissions.permission import Permission, Permissions
from iamsync.core.permissions.stand_in import NEW_NAME, OLD_NAME, takes_stand_in

_MANY: Final = 65536


class Reading(IntEnum):
    """How the texts of a user are read: as they are written, for the user under a name that stands in for the user's,
    or for the user.
    """

    AS_WRITTEN = auto()
    WITH_STAND_IN = auto()
    SPECIALIZED = auto()


@dataclass(frozen=True)
class Principal:
    """What conditions and variables may ask about a user. Keys of tags are folded: neither users nor conditions tell
    them apart by case.
    """

    account: Account
    name: str
    path: str
    tags: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, account: Account, name: str, path: str, tags: Mapping[str, str]) -> "Principal":
        """A user of an account."""
        return cls(account, name, path, tuple(sorted((folded(key), value) for key, value in tags.items())))

    @cached_property
    def arn(self) -> Arn:
        """The principal's ARN."""
        return user_arn(self.account, User(name=self.name, path=self.path))

    @cached_property
    def context(self) -> Context:
        """What is known of any request that the principal makes."""
        tags = {f"aws:PrincipalTag/{key}": value for key, value in self.tags}
        known: Mapping[str, str] = {"aws:username": self.name, "aws:PrincipalArn": self.arn, **tags}
        return Context.of(known, closed=["aws:PrincipalTag/"])


class Text:
    """The statements of one policy text as one principal reads them.

    `certain_denies` are those without conditions: what they cover is denied whatever the request. Texts that say the
    same have the same `key`. `depends_on_principal` if the document says something else to other principals; unless it
    `takes_stand_in`, nothing is known of it under a name that stands in.
    """

    def __init__(
        self, statements: Iterable[Statement], *, depends_on_principal: bool, takes_stand_in: bool = True
    ) -> None:
        found: dict[str, list[Permission]] = {"Allow": [], "Deny": []}
        for statement in statements:
            found[statement.effect].append(Permission.of(statement))
        self.allows = Permissions(found["Allow"])
        self.denies = Permissions(found["Deny"])
        self.certain_denies = Permissions(one for one in self.denies if not one.conditions)
        self.depends_on_principal = depends_on_principal
        self.takes_stand_in = takes_stand_in
        self.key = sha256(repr([self.allows.sort_key, self.denies.sort_key]).encode()).hexdigest()
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Text) and self.key == other.key)


def text_for(document: Document, principal: Principal | None) -> Text:
    """What a document says to `principal`; with None, what it says to anybody, conditions and variables as written."""
    return _text(document, principal if principal and _depends_on_principal(document) else None)


@lru_cache(maxsize=_MANY)
def _text(document: Document, principal: Principal | None) -> Text:
    if principal is not None and principal.name in {OLD_NAME, NEW_NAME} and not takes_stand_in(document):
        return Text((), depends_on_principal=True, takes_stand_in=False)
    statements: Iterable[Statement] = document.statements
    if document.version == OLD_VERSION:
        statements = map(_without_variables, statements)
    if principal is not None:
        found = (specialized(one, principal.context, principal.arn) for one in statements)
        statements = (one for one in found if one is not None)
    return Text(statements, depends_on_principal=_depends_on_principal(document))


@lru_cache(maxsize=_MANY)
def _depends_on_principal(document: Document) -> bool:
    return any(map(depends_on_principal, document.statements))


def _without_variables(statement: Statement) -> Statement:
    """What would be a variable is text under the old Version, and `${$}` is its sign under the new one."""
    conditions = (replace(one, values=_as_text(one.values)) for one in statement.conditions)
    return replace(statement, resources=_as_text(statement.resources), conditions=tuple(conditions))


def _as_text(listed: Entries) -> Entries:
    spelling = {one.replace("${", "${$}{"): written for one, written in listed.spelling.items()}
    return Entries(meaning=frozenset(spelling), spelling=spelling)


def forget() -> None:
    """Free what is remembered of texts."""
    _text.cache_clear()
    _depends_on_principal.cache_clear()
