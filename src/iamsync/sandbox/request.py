"""One IAM request, as rules and answers see it; and the tables in which they are registered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from moto.iam.models import Group, ManagedPolicy, Role, User

from iamsync.sandbox.accounts import Account
from iamsync.sandbox.wire import Params, Refused

_Item = TypeVar("_Item")

MAX_PAGE = 1000
"""The largest page of any list operation; 100 is what a caller gets who does not ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An operation on an account, with its parameters and who asks."""

    account: Account
    operation: str
    params: Params
    access_key_id: str

    def text(self, name: str) -> str:
        """A parameter that the operation needs."""
        value = self.params.get(name)
        if not isinstance(value, str) or not value:
            at = name[0].lower() + name[1:]
            raise Refused(
                "ValidationError",
                f"1 validation error detected: Value at '{at}' failed to satisfy constraint: Member must not be null",
            )
        return value

    def optional(self, name: str) -> str | None:
        """A parameter that may be left out."""
        return self.params.get(name) or None

    def flag(self, name: str) -> bool:
        """A Boolean parameter; left out means no."""
        return self.params.get(name) == "true"

    def listed(self, name: str) -> list[Any]:
        """A list parameter; left out, or sent empty, means none."""
        return self.params.get(name) or []

    @property
    def user(self) -> User:
        """The user that `UserName` names; where the operation lets it be left out, the caller."""
        name = self.optional("UserName")
        if name:
            return self.account.user(name)
        caller = self.account.backend.get_user_from_access_key_id(self.access_key_id)
        if caller is None:
            raise Refused("ValidationError", "Must specify userName when calling with non-User credentials")
        return caller

    @property
    def group(self) -> Group:
        """The group that `GroupName` names."""
        return self.account.group(self.text("GroupName"))

    @property
    def role(self) -> Role:
        """The role that `RoleName` names."""
        return self.account.role(self.text("RoleName"))

    @property
    def policy(self) -> ManagedPolicy:
        """The managed policy that `PolicyArn` names."""
        return self.account.policy(self.text("PolicyArn"))

    @property
    def principal_kind(self) -> str:
        """Whether the operation is about a User, a Group or a Role."""
        return next((kind for kind in ("Group", "Role") if f"{kind}Name" in self.params), "User")

    @property
    def principal(self) -> User | Group | Role:
        """The user, group or role that the operation is about."""
        match self.principal_kind:
            case "User":
                return self.user
            case "Group":
                return self.group
            case _:
                return self.role

    def page(self, key: str, items: Sequence[_Item], of: Callable[[_Item], object]) -> dict[str, object]:
        """The part of a list that `MaxItems` and `Marker` ask for, each item as `of` writes it."""
        start, size = self.window()
        return {key: [of(item) for item in items[start : start + size]], **_continuation(start + size, len(items))}

    def sectioned(
        self,
        sections: Sequence[str],
        items: Sequence[_Item],
        of: Callable[[_Item], tuple[str, object]],
    ) -> dict[str, object]:
        """As `page`, where one marker leads through several lists: `of` also says which one an item belongs to."""
        start, size = self.window()
        written = [of(item) for item in items[start : start + size]]
        lists = {name: [shape for section, shape in written if section == name] for name in sections}
        return {**lists, **_continuation(start + size, len(items))}

    def window(self) -> tuple[int, int]:
        """Where the page begins, and how long it may be."""
        marker, size = self.optional("Marker") or "0", self.optional("MaxItems") or "100"
        if not marker.isdecimal():
            raise Refused("ValidationError", "Invalid Marker.")
        if not size.isdecimal() or not 1 <= int(size) <= MAX_PAGE:
            too_many = size.isdecimal() and int(size) > MAX_PAGE
            bound = f"less than or equal to {MAX_PAGE}" if too_many else "greater than or equal to 1"
            raise Refused(
                "ValidationError",
                f"1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy constraint: "
                f"Member must have value {bound}",
            )
        return int(marker), int(size)


def _continuation(end: int, total: int) -> dict[str, object]:
    """How a page says whether another follows."""
    return {"IsTruncated": True, "Marker": str(end)} if end < total else {"IsTruncated": False}


Rule = Callable[[Request], None]
Answer = Callable[[Request], Mapping[str, object]]

RULES: dict[str, list[Rule]] = {}
"""Operation to what must hold before it is carried out, in the order in which AWS checks."""

ANSWERS: dict[str, Answer] = {}
"""Operation to the function that carries it out here. What is not in the table is left to moto."""

_RuleT = TypeVar("_RuleT", bound=Rule)
_AnswerT = TypeVar("_AnswerT", bound=Answer)


def rule(*operations: str) -> Callable[[_RuleT], _RuleT]:
    """Register a function that raises `Refused` where AWS would refuse one of these operations."""

    def register(function: _RuleT) -> _RuleT:
        for operation in operations:
            RULES.setdefault(operation, []).append(function)
        return function

    return register


def answer(*operations: str) -> Callable[[_AnswerT], _AnswerT]:
    """Register the function that carries out these operations in moto's stead and says what AWS answers."""

    def register(function: _AnswerT) -> _AnswerT:
        for operation in operations:
            ANSWERS[operation] = function
        return function

    return register
