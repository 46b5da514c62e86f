"""Saved plans: a file that says what was reviewed, so that `apply` makes that plan or none.

The file decides nothing: `apply` makes the plan again, from the files and the live account, and compares the digests.
Whoever can write the file can only make `apply` refuse, or apply what it would plan anyway. So it holds no secret and
needs no signature; and what a person allowed for this plan only (`--adopt`) is given to `apply` again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from iamsync import __version__
from iamsync.core.arn import Account
from iamsync.core.inert import inert_json
from iamsync.core.plan import digest_of
from iamsync.core.reviewed import ReviewedCall
from iamsync.errors import OutputError, PlanFileError

VERSION: Final = 1
_KIND: Final = "iamsync plan"
_MOST_BYTES: Final = 256 * 1024 * 1024
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_AGAIN: Final = "make a new plan and have it reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """What was planned, for whom, and from what: `files` is a hash of the files' texts. `adopt`, `remove_denies` and
    `removals` are what a person allowed for the plan; `only` which part of it was meant.
    """

    account: Account
    owner: str
    digest: str
    calls: tuple[ReviewedCall, ...]
    created: datetime
    caller: str
    commit: str | None
    files: str
    adopt: frozenset[str] = frozenset()
    remove_denies: frozenset[str] = frozenset()
    removals: int | None = None
    only: tuple[str, ...] = ()


def write(saved: SavedPlan, path: Path) -> None:
    """Write a plan to a file, which is replaced. Raises OutputError."""
    content = _content(saved)
    try:
        path.write_text(inert_json({**content, "seal": _seal(content)}, indent=1) + "\n", "utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"the plan cannot be written to {path} ({why})") from error


def read(path: Path) -> SavedPlan:
    """The plan in a file. Raises PlanFileError if it cannot be read, is none, or has been changed."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise PlanFileError(f"the plan {path} cannot be read ({why})") from error
    head = _checked(_Head, text, path)
    if head.version != VERSION:
        words = f"{path} has version {head.version} of saved plans, and this iamsync ({__version__}) reads {VERSION}"
        raise PlanFileError(f"{words}: {_AGAIN}")
    whole = _checked(_File, text, path)
    saved = _saved(whole)
    if whole.seal != _seal(_content(saved)) or saved.digest != _digest(saved):
        raise PlanFileError(f"{path} has been changed since iamsync wrote it: {_AGAIN}")
    return saved


def refusals(saved: SavedPlan, path: Path, *, now: datetime, max_age: timedelta) -> Iterator[str]:
    """Why a plan is not applied now, whatever the account is like."""
    if saved.created > now + _CLOCKS_DIFFER:
        yield f"plan from the future: {path} was made at {_shown(saved.created)}: check the clocks, then {_AGAIN}"
    elif now - saved.created > max_age:
        yield f"old plan: {path} was made at {_shown(saved.created)}, longer ago than --max-age allows: {_AGAIN}"


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


class _Head(BaseModel):
    """What every version of the file has."""

    model_config = ConfigDict(strict=True)

    kind: Literal["iamsync plan"]
    version: int


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    subject: str
    words: str
    call: list[Any]


class _File(_Head):
    model_config = ConfigDict(strict=True, extra="forbid")

    tool: str
    created: AwareDatetime
    caller: str
    commit: str | None
    files: str
    account: str
    partition: str
    owner: str
    digest: str
    adopt: list[str]
    remove_denies: list[str]
    allow_removals: int | None
    only: list[str]
    calls: list[_Entry]
    seal: str


_Model = TypeVar("_Model", bound=BaseModel)


def _checked(model: type[_Model], text: bytes, path: Path) -> _Model:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise PlanFileError(f"{path} is no plan that iamsync saved: {_AGAIN} (plan --out FILE)") from error


def _saved(file: _File) -> SavedPlan:
    return SavedPlan(
        account=Account(id=file.account, partition=file.partition),
        owner=file.owner,
        digest=file.digest,
        calls=tuple(ReviewedCall(subject=one.subject, words=one.words, call=one.call) for one in file.calls),
        created=file.created,
        caller=file.caller,
        commit=file.commit,
        files=file.files,
        adopt=frozenset(file.adopt),
        remove_denies=frozenset(file.remove_denies),
        removals=file.allow_removals,
        only=tuple(file.only),
    )


def _content(saved: SavedPlan) -> dict[str, object]:
    """The file without its seal."""
    return {
        "kind": _KIND,
        "version": VERSION,
        "tool": __version__,
        "created": saved.created.isoformat(),
        "caller": saved.caller,
        "commit": saved.commit,
        "files": saved.files,
        "account": saved.account.id,
        "partition": saved.account.partition,
        "owner": saved.owner,
        "digest": saved.digest,
        "adopt": sorted(saved.adopt),
        "remove_denies": sorted(saved.remove_denies),
        "allow_removals": saved.removals,
        "only": list(saved.only),
        "calls": [{"subject": one.subject, "words": one.words, "call": one.call} for one in saved.calls],
    }


def _seal(content: dict[str, object]) -> str:
    return sha256(inert_json(content).encode()).hexdigest()


def _digest(saved: SavedPlan) -> str:
    calls: Sequence[Sequence[object]] = [one.call for one in saved.calls]
    return digest_of(saved.account, saved.owner, calls)
