"""One case: what is live, what is declared, and what iamsync makes of it in words and in calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import yaml
from botocore import xform_name
from laws.model import Iam
from laws.playing import A_ROLE, planned

from casebook.account import ACCOUNT, account
from iamsync import desired
from iamsync.core.action import Action
from iamsync.core.api import Secret
from iamsync.core.arn import Arn
from iamsync.core.guard import Caller, Refusal
from iamsync.core.model import DesiredState
from iamsync.core.plan import Plan
from iamsync.render.line import plain
from iamsync.render.text import plan_lines, refusal_lines

TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A folder with `live.yaml`, `desired/`, and perhaps `run.yaml`: `now`, a moment that is not TODAY; `adopt`,
    `remove_deny` and `allow_removals`, as on the command line; `caller`, who runs it (`user/aiko`).
    """

    live: Iam
    desired: DesiredState
    plan: Plan
    refusals: tuple[Refusal, ...]
    allowed_removals: int | None = None

    @property
    def words(self) -> str:
        """What a person is shown."""
        return f"{plain([*plan_lines(self.plan), *refusal_lines(self.refusals)])}\n"

    @property
    def calls(self) -> str:
        """What AWS would get, a call a line."""
        if self.refusals:
            return "no call: the plan is refused\n"
        return "".join(f"{_call(action)}\n" for action in self.plan.actions) or "no call\n"


def case(folder: Path) -> Case:
    """The case in a folder."""
    file = folder / "run.yaml"
    run = yaml.safe_load(file.read_text()) if file.exists() else {}
    assert not set(run) - {"now", "adopt", "remove_deny", "allow_removals", "caller"}, (
        f"run.yaml: unknown keys in {run}"
    )
    now = datetime.fromisoformat(run["now"]) if "now" in run else TODAY
    state = desired.load(folder / "desired").state(ACCOUNT, now)
    adopted, removed = (frozenset(run.get(key, ())) for key in ("adopt", "remove_deny"))
    state = replace(state, settings=replace(state.settings, adopt_names=adopted, remove_denies=removed))
    live = account(folder / "live.yaml", state.settings.owner)
    live.now = now
    caller = Caller(arn=Arn(f"arn:aws:iam::{ACCOUNT.id}:{run['caller']}")) if "caller" in run else A_ROLE
    allowed = run.get("allow_removals")
    plan, refused = planned(live, state, caller, allowed)
    return Case(live=live, desired=state, plan=plan, refusals=refused, allowed_removals=allowed)


def _call(action: Action) -> str:
    operation = "".join(map(_capitalised, action.operation.split("_")))
    assert xform_name(operation) == action.operation, f"{operation} is not how AWS spells {action.operation}"
    return " ".join([operation, *(f"{name}={_value(name, value)}" for name, value in action.params.items())])


def _capitalised(word: str) -> str:
    return {"ssh": "SSH", "mfa": "MFA"}.get(word, word.capitalize())


def _value(name: str, value: object) -> str:
    match value:
        case Secret():
            return f"<{value.value}>"
        case str() if name == "PolicyDocument":
            return f"<{len(value)} characters, {sha256(value.encode()).hexdigest()[:6]}>"
        case str():
            return value if value and " " not in value else f'"{value}"'
        case bool():
            return str(value).lower()
        case _ if isinstance(value, Sequence):
            return f"[{', '.join(_items(value))}]"
        case _:
            raise TypeError(f"{name}={value!r} is nothing that boto3 takes")


def _items(values: Iterable[object]) -> Iterable[str]:
    for one in values:
        yield f"{one['Key']}={one['Value']}" if isinstance(one, Mapping) else str(one)
