"""An apply as a function: of the answers that it got so far, to what it does next."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError
from channels import by
from mypy_boto3_iam import IAMClient

from iamsync.apply import Patience, apply
from iamsync.core.plan import Plan
from iamsync.core.receipt import Receipt
from iamsync.core.report import Report
from iamsync.delivery import NewCredential
from iamsync.errors import DeliveryError
from interleavings.account import NAME, Answer

PAUSE = "pause"
DELIVERY = "delivery"

Answers = tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a run is: `asks` is the operation that it is about to call, PAUSE, DELIVERY, or "" when it has ended.

    `before` is what it asked last. `delivered` are the keys that it has delivered and not taken back.
    """

    asks: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    delivered: frozenset[str] = frozenset()
    report: Report | None = None


class Run:
    """One apply of a plan. It has an id, by which runs that meet are in an order."""

    def __init__(self, run_id: str, plan: Plan) -> None:
        self.id = run_id
        self._plan = plan
        self._known: dict[Answers, Position] = {}

    def after(self, answers: Answers) -> Position:
        """Where it is when it has got these answers."""
        if answers not in self._known:
            self._known[answers] = self._played(answers)
        return self._known[answers]

    def _played(self, answers: Answers) -> Position:
        talk = _Talk(answers)
        try:
            report = apply(
                self._plan, talk.client(), by(_Channel(talk)), parallel=1, patience=_Patience(talk), run_id=self.id
            )
        except _Asks as asks:
            *_, before, _ = ("", *talk.asked)
            return Position(asks=asks.what, params=asks.params, before=before, delivered=frozenset(talk.delivered))
        return Position(delivered=frozenset(talk.delivered), report=report)


class _Asks(BaseException):
    """What the run asks has no answer yet."""

    def __init__(self, what: str, params: Mapping[str, Any]) -> None:
        self.what = what
        self.params = params


class NoSuchEntity(ClientError):
    """What boto3 raises by that name."""


class _Talk:
    """What a run asks, and the answers that are known."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.asked: list[str] = []
        self.delivered: set[str] = set()

    def ask(self, what: str, params: Mapping[str, Any] | None = None) -> Answer:
        """The answer. Raises _Asks if it is not known."""
        self.asked.append(what)
        if len(self.asked) > len(self._answers):
            raise _Asks(what, params or {})
        return self._answers[len(self.asked) - 1]

    def client(self) -> IAMClient:
        """A client of IAM."""
        events = SimpleNamespace(register_first=_nothing, unregister=_nothing)
        operations = {name: self._operation(name) for name in _SHAPES}
        return cast(
            "IAMClient",
            SimpleNamespace(
                **operations,
                get_paginator=lambda name: SimpleNamespace(paginate=lambda **params: [operations[name](**params)]),
                exceptions=SimpleNamespace(NoSuchEntityException=NoSuchEntity),
                meta=SimpleNamespace(events=events),
            ),
        )

    def _operation(self, name: str) -> Callable[..., object]:
        def call(**params: object) -> object:
            how, *rest = self.ask(name, params)
            if how == "ok":
                return _SHAPES[name](rest[0])
            code, message = rest
            kind = NoSuchEntity if code == "NoSuchEntity" else ClientError
            status = 500 if code == "ServiceFailure" else 400
            response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise kind(cast("Any", response), name)

        return call


def _user(tags: Iterable[tuple[str, str]]) -> object:
    return {"User": {"UserName": NAME, "Path": "/", "Tags": [{"Key": key, "Value": value} for key, value in tags]}}


def _keys(ids: Iterable[str]) -> object:
    return {"AccessKeyMetadata": [{"AccessKeyId": one} for one in ids]}


def _new_key(made: str) -> object:
    return {"AccessKey": {"AccessKeyId": made, "SecretAccessKey": f"the secret of {made}"}}


def _nothing(*_: object) -> object:
    return {}


_SHAPES: Mapping[str, Callable[[Any], object]] = {
    "create_access_key": _new_key,
    "create_user": _nothing,
    "delete_access_key": _nothing,
    "get_user": _user,
    "list_access_keys": _keys,
    "tag_user": _nothing,
    "update_access_key": _nothing,
    "untag_user": _nothing,
}
"""From what an answer says to what boto3 makes of it."""


class _Patience(Patience):
    """Pauses that end when the walk says so."""

    __slots__ = ("_talk",)
    _talk: _Talk

    def __init__(self, talk: _Talk) -> None:
        object.__setattr__(self, "_talk", talk)

    def pauses(self) -> Iterator[float]:
        """None lasts: between two calls of a run, the walk lets anything happen."""
        while self._talk.ask(PAUSE)[0] == "ok":
            yield 0.0


class _Channel:
    """Keeps what is delivered."""

    def __init__(self, talk: _Talk) -> None:
        self._talk = talk

    def put(self, new: NewCredential) -> Receipt:
        assert (new.user, new.secret) == (NAME, f"the secret of {new.key_id}")
        if self._talk.ask(DELIVERY)[0] == "error":
            raise DeliveryError(f"{new.user}: the disk is full")
        self._talk.delivered.add(new.key_id)
        return Receipt(channel="", user=new.user, kind=new.kind, place="", key_id=new.key_id)

    def withdraw(self, receipt: Receipt) -> None:
        assert receipt.user == NAME
        self._talk.delivered.remove(receipt.key_id)
