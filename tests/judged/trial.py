"""A case of the casebook, from plan to apply, by a role that has the printed policies and no others."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from casebook.account import account
from casebook.case import TODAY
from faults.network import Fault, Network
from laws.model import Iam
from laws.seeding import seed
from moto.iam.models import AccessKeyLastUsed
from mypy_boto3_iam import IAMClient
from shell import Ended, Iamsync

from iamsync import desired
from iamsync.sandbox import Sandbox
from iamsync.sandbox.request import RULES
from judged.authorization import Asked
from judged.grants import without as leaving_out
from judged.judges import Documents, Evaluator, Judge

ROLE = "iamsync-apply"
_OPTIONS = {"adopt": "--adopt", "remove_deny": "--remove-deny", "allow_removals": "--allow-removals"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    ],
}


@dataclass(frozen=True, slots=True)
class State:
    """A folder with `live.yaml`, `desired/` and perhaps `run.yaml`; what the network does to calls; and more files."""

    folder: Path
    script: tuple[Fault, ...] = ()
    more: str = ""

    @property
    def name(self) -> str:
        """The name of the folder, marked if more happens there than the folder says."""
        return f"{self.folder.name}+" if self.script or self.more else self.folder.name


@dataclass(frozen=True, slots=True)
class Trial:
    """How a plan, an apply and another plan ended, which permissions they needed, and which they did not get."""

    documents: Documents
    plan: Ended
    apply: Ended
    again: Ended
    allowed: Sequence[Asked] = field(default=())
    denied: Sequence[Asked] = field(default=())

    @property
    def requests(self) -> set[Asked]:
        """Each permission that was needed and given, once."""
        return {*self.allowed}


class Court:
    """Runs states, each in a sandbox of its own."""

    def __init__(self, iamsync: Iamsync, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._iamsync = iamsync
        self._folder = folder
        self._monkeypatch = monkeypatch

    def tries(self, state: State, evaluator: Evaluator, *, without: str = "") -> Trial:
        """What comes of a state if the role has the printed policies, all actions or all `without` one."""
        run, model = _run_file(state.folder), _model(state)
        documents = leaving_out(self.printed(state), without)
        options = _options(run)
        # Of the quotas of a case only this one: AWS lowers none.
        quotas = {"AttachedPoliciesPerUserQuota": model.quotas["policies_per_user"]}
        with Sandbox(quotas=quotas) as sandbox, Network(sandbox) as network:
            make(model, sandbox)
            network.script = [replace(one) for one in state.script]  # each counts how often it has struck
            with self._signed_in(sandbox, run.get("caller", "")):
                sandbox.tag_index.catch_up()
                judge = network.judge = Judge(sandbox, documents, evaluator)
                self._monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
                plan = self._iamsync("plan", "--aws-checks", *options)
                apply = self._iamsync("apply", "--yes", "--csv", "csv", *options)
                again = self._iamsync("plan", *options)
        assert judge.broken == []
        return Trial(documents, plan, apply, again, tuple(judge.allowed), tuple(judge.denied))

    def printed(self, state: State) -> Documents:
        """The policies that `iamsync permissions` prints for a state, whose files lie in `desired` from then on."""
        settings, moment = desired.load(state.folder / "desired").settings, _moment(state)
        self._lay_out(state, names_account=settings.account_id is not None)
        for module in ("account", "permissions"):
            self._monkeypatch.setattr(import_module(f"iamsync.cli.{module}"), "now", lambda: moment)
        adopted = [word for name in _run_file(state.folder).get("adopt", ()) for word in ("--adopt", name)]
        ended = self._iamsync("permissions", "apply", "--role", ROLE, *adopted)
        assert ended.code == 0, ended.err
        return list(json.loads(ended.out)["policies"].values())

    def _lay_out(self, state: State, *, names_account: bool) -> None:
        copied = self._folder / "desired"
        shutil.rmtree(copied, ignore_errors=True)
        shutil.rmtree(self._folder / "csv", ignore_errors=True)
        (self._folder / "csv").mkdir()
        shutil.copytree(state.folder / "desired", copied)
        if not names_account:
            (copied / "account.yaml").write_text('settings: {account_id: "123456789012"}\n')
        if state.more:
            (copied / "more.yaml").write_text(state.more)

    @contextmanager
    def _signed_in(self, sandbox: Sandbox, caller: str) -> Iterator[None]:
        """Who runs iamsync: a session of the role, or a user (`user/tools/ci`)."""
        iam = of(sandbox)
        if caller:
            key = iam.create_access_key(UserName=caller.rpartition("/")[2])["AccessKey"]
            secrets = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        else:
            role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
            session = boto3.client("sts", endpoint_url=sandbox.url, **_ANYBODY).assume_role(
                RoleArn=role, RoleSessionName="ci"
            )["Credentials"]
            secrets = {
                "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"],
            }
        with self._monkeypatch.context() as here:
            for name, value in secrets.items():
                here.setenv(name, value)
            yield


_ANYBODY: Any = {
    "region_name": "us-east-1",
    "aws_access_key_id": "sandbox",
    "aws_secret_access_key": "sandbox",
}


def of(sandbox: Sandbox | Network) -> IAMClient:
    """A client that goes to the sandbox directly, or through a network."""
    client: IAMClient = boto3.client("iam", endpoint_url=sandbox.url, **_ANYBODY)
    return client


def make(model: Iam, sandbox: Sandbox) -> None:
    """The account of a case, with the ids and ages of its access keys. Some of it no call could make: so no rule of the
    sandbox is asked.
    """
    rules = dict(RULES)
    RULES.clear()
    try:
        seed(model, of(sandbox))
    finally:
        RULES.update(rules)
    accounts = sandbox._accounts  # noqa: SLF001 - no call makes a key older, gives it an id or leaves a device behind
    with accounts.in_moto():
        held = accounts.account("123456789012", "aws")
        for serial in model.free_mfa_devices:
            held.backend.create_virtual_mfa_device(serial.rpartition("/")[2], "/")
        for user in model.users.values():
            for key, (number, status) in zip(held.user(user.name).access_keys, user.access_keys.items(), strict=True):
                held.backend.access_keys.pop(key.access_key_id, None)
                key.access_key_id, key.status = number, status
                held.backend.access_keys[number] = key
                key.create_date = model.now - timedelta(days=user.key_ages.get(number, 0))
                if number in user.key_uses:
                    used = model.now - timedelta(days=user.key_uses[number])
                    key.last_used = AccessKeyLastUsed(used, "iam", "us-east-1")


def _moment(state: State) -> datetime:
    run = _run_file(state.folder)
    return datetime.fromisoformat(run["now"]) if "now" in run else TODAY


def _model(state: State) -> Iam:
    model = account(state.folder / "live.yaml", desired.load(state.folder / "desired").settings.owner)
    model.now = _moment(state)
    return model


def _run_file(folder: Path) -> dict[str, Any]:
    file = folder / "run.yaml"
    return yaml.safe_load(file.read_text()) if file.exists() else {}


def _options(run: dict[str, Any]) -> list[str]:
    """What `run.yaml` says, as options of plan and apply."""
    values = {name: one if isinstance(one, list) else [one] for name, one in run.items() if name in _OPTIONS}
    return [word for name, several in values.items() for one in several for word in (_OPTIONS[name], str(one))]
