"""Each channel, each kind of secret, each fault, between any two steps: the next run ends with one live secret that was
delivered, and none that was not. What was delivered is opened by whoever is meant: from the file alone, or the store.
"""

import csv
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from openers import age_pair
from shell import Iamsync, write

from faults.company import has_password, held_keys, of, password_in
from faults.forking import Forks
from faults.network import After, Fault, Network
from iamsync.delivery.age import recipient
from iamsync.sandbox import Sandbox

Secrets = set[tuple[str, str]]
"""The id of an access key, "" for a password; and the secret."""

AIKO = age_pair()
A_WRITE = r"^(?!Get|List)"
LOST = "Lost-password-1"
"""What a reset replaces."""
STORE = """#!/bin/sh
asked=$(cat)
id=$(printf %s "$asked" | sed 's/.*"delivery": "\\([0-9a-f]*\\)".*/\\1/')
case "$asked" in
  *'"verb": "put"'*) printf %s "$asked" > "$HOME/store/.$id" && mv "$HOME/store/.$id" "$HOME/store/$id" ;;
  *'"verb": "withdraw"'*) rm -f "$HOME/store/$id" ;;
esac
"""


def rows(cells: list[dict[str, str]]) -> Secrets:
    passwords = {("", row["Password"]) for row in cells if row["Password"]}
    return passwords | {(row["Access key ID"], row["Secret access key"]) for row in cells if row["Access key ID"]}


def in_csv(folder: Path) -> Secrets:
    files = [file.read_text().splitlines() for file in (folder / "out").glob("*.csv")]
    return {one for lines in files for one in rows(list(csv.DictReader(lines)))}


def in_age(folder: Path) -> Secrets:
    return {one for file in (folder / "out").glob("*.age") for one in rows(AIKO.rows(file))}


def in_store(folder: Path) -> Secrets:
    put = [json.loads(file.read_text()) for file in (folder / "store").iterdir() if not file.name.startswith(".")]
    return {(one["access_key_id"] or "", one["secret"]) for one in put}


@dataclass(frozen=True, slots=True)
class Way:
    """A channel: where it delivers to, who opens that, and what a user's tag says of it."""

    options: tuple[str, ...]
    opened: Callable[[Path], Secrets]
    noted: str = ""


WAYS = {
    "csv": Way(("--csv", "out"), in_csv),
    "age": Way(("--sealed", "out"), in_age, f"age {recipient(AIKO.public).fingerprint}"),
    "command": Way(("--delivery-command", "./deliver"), in_store, "command"),
}
KINDS = {
    "password": "{console: true, policies: [aws:IAMUserChangePassword], %s}",
    "key": "{access_keys: 1, %s}",
    "rotation": "{access_keys: {count: 1, rotate_after: 90d}, %s}",
    "reset": "{console: true, policies: [aws:IAMUserChangePassword], %s}",
}
WRITES = {"password": 3, "key": 3, "rotation": 4, "reset": 1}
"""How many calls change something when nothing gets in the way."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An account in which one user gets one secret, by one channel; and who may get in the way."""

    way: Way
    kind: str
    network: Network
    folder: Path
    iamsync: Iamsync
    forks: Forks
    old: frozenset[str]
    """The key that a rotation replaces."""

    @property
    def arguments(self) -> tuple[str, ...]:
        command = ("reset-password", "aiko") if self.kind == "reset" else ("apply",)
        return (*command, "--yes", *self.way.options)

    def forked(self, *, file_size: int | None = None, at_delivery: str = "") -> tuple[int, str]:
        """An apply in a process of its own, to its end."""
        there = {**self.network.environment, "HOME": str(self.folder)}
        how = self.forks.start(
            *self.arguments, folder=self.folder, environment=there, file_size=file_size, at_delivery=at_delivery
        )
        ended = how.ended()
        self.network.land()
        return ended

    def assert_nothing_lives_that_was_not_delivered(self) -> Secrets:
        """What is live, the old key of a rotation and the lost password aside."""
        sandbox = self.network.sandbox
        live = {
            (key.access_key_id, key.secret_access_key)
            for key in (held_keys(sandbox, "aiko") if is_there(sandbox) else [])
            if key.status == "Active" and key.access_key_id not in self.old
        }
        if is_there(sandbox) and has_password(of(sandbox), "aiko"):
            live |= {("", password_in(sandbox, "aiko"))} - {("", LOST)}
        assert live <= self.way.opened(self.folder)
        return live

    def assert_finished(self) -> None:
        """One secret is live, and was delivered; nothing is left to do."""
        assert len(self.assert_nothing_lives_that_was_not_delivered()) == 1
        active = {key.access_key_id for key in held_keys(self.network.sandbox, "aiko") if key.status == "Active"}
        assert self.old <= active, "a rotation takes no key in use"
        ended = self.iamsync("plan")
        assert "to create" not in ended.out, ended.out


def is_there(sandbox: Sandbox) -> bool:
    return bool(of(sandbox).list_users()["Users"])


@pytest.fixture
def cell(
    request: pytest.FixtureRequest,
    network: Network,
    forks: Forks,
    iamsync: Iamsync,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Cell:
    """The account before, and the files."""
    channel, kind = request.param
    way, deliver = WAYS[channel], f"deliver: {channel}" + (f", recipients: [{AIKO.public}]" if channel == "age" else "")
    for name, value in {**network.environment, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for folder in ("out", "store"):
        (tmp_path / folder).mkdir()
    (tmp_path / "deliver").write_text(STORE)
    (tmp_path / "deliver").chmod(0o755)
    start = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
    write(tmp_path, all=f"{start}users: {{aiko: {KINDS[kind] % deliver}}}\n")
    iam = of(network.sandbox)
    if kind in {"rotation", "reset"}:
        iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
        if way.noted:
            iam.tag_user(UserName="aiko", Tags=[{"Key": "iamsync:delivery", "Value": way.noted}])
    if kind == "reset":
        iam.attach_user_policy(UserName="aiko", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
        iam.create_login_profile(UserName="aiko", Password=LOST)
    if kind == "rotation":
        iam.create_access_key(UserName="aiko")
        for key in held_keys(network.sandbox, "aiko"):
            key.create_date -= timedelta(days=100)
    old = (
        frozenset(key.access_key_id for key in held_keys(network.sandbox, "aiko"))
        if kind == "rotation"
        else frozenset()
    )
    return Cell(way, kind, network, tmp_path, iamsync, forks, old)


SAMPLE = {("age", "password"), ("command", "rotation"), ("age", "reset")}
"""Of these, some faults are in the default run."""


def cells(*, default: bool = True) -> list[object]:
    """Every channel with every kind; only the sample is in the default run, if anything is."""
    both = [(channel, kind) for channel in WAYS for kind in KINDS]
    return [
        pytest.param(one, id="-".join(one), marks=() if default and one in SAMPLE else pytest.mark.slow) for one in both
    ]


def cells_and_writes(*, sample: int) -> list[object]:
    """The same with each write; of the sample, this one is in the default run."""
    return [
        pytest.param(
            (channel, kind),
            number,
            id=f"{channel}-{kind}-{number}",
            marks=() if (channel, kind) in SAMPLE and number == sample else pytest.mark.slow,
        )
        for channel in WAYS
        for kind in KINDS
        for number in range(1, WRITES[kind] + 1)
    ]


@pytest.mark.parametrize("cell", cells(), indirect=True)
def test_nothing_gets_in_the_way(cell: Cell) -> None:
    ended = cell.iamsync(*cell.arguments)

    assert ended.code == 0, ended.out
    assert len(cell.network.writes) == WRITES[cell.kind]
    assert len(cell.way.opened(cell.folder)) == 1
    cell.assert_finished()


@pytest.mark.parametrize(("cell", "number"), cells_and_writes(sample=3), indirect=["cell"])
def test_killed_after_a_write(cell: Cell, number: int) -> None:
    def kill(made: int) -> None:
        if made == number:
            victims[0].send(signal.SIGKILL)

    cell.network.after_write = kill
    there = {**cell.network.environment, "HOME": str(cell.folder)}
    victims = [cell.forks.start(*cell.arguments, folder=cell.folder, environment=there)]
    code, _ = victims[0].ended()
    cell.network.land()
    cell.network.after_write = lambda _: None
    assert code == -signal.SIGKILL

    again = cell.iamsync(*cell.arguments)

    assert again.code == 0, again.out
    cell.assert_finished()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("cell", cells(), indirect=True)
def test_killed_where_the_secret_is_delivered(cell: Cell, moment: str) -> None:
    code, said = cell.forked(at_delivery=f"die {moment}")
    assert code == -signal.SIGKILL, said

    again = cell.iamsync(*cell.arguments)

    assert again.code == 0, again.out
    cell.assert_finished()


@pytest.mark.parametrize("loss", [After.RESET, After.SERVER_ERROR])
@pytest.mark.parametrize(("cell", "number"), cells_and_writes(sample=2), indirect=["cell"])
def test_an_answer_is_lost(cell: Cell, number: int, loss: After) -> None:
    cell.network.script = [Fault(match=A_WRITE, after=loss, skip=number - 1)]

    ended = cell.iamsync(*cell.arguments)

    assert ended.code == 0, ended.out
    cell.assert_finished()


@pytest.mark.parametrize("cell", cells(), indirect=True)
def test_the_channel_fails(cell: Cell) -> None:
    """The disk is full for whatever a channel writes. What it may try before the first call goes well."""
    code, said = cell.forked(file_size=100)

    assert code == 1, said
    assert "FAILED" in said
    assert cell.assert_nothing_lives_that_was_not_delivered() == set()

    again = cell.iamsync(*cell.arguments)

    assert again.code == 0, again.out
    cell.assert_finished()


@pytest.mark.parametrize("cell", cells(default=False), indirect=True)
def test_aws_refuses_what_would_make_it_live(cell: Cell) -> None:
    """Whatever was delivered is withdrawn."""
    cell.network.script = [Fault(match="^(Create|Update)LoginProfile|^CreateAccessKey", code="LimitExceeded", times=99)]

    ended = cell.iamsync(*cell.arguments)

    assert ended.code == 1, ended.out
    assert cell.way.opened(cell.folder) == set()
    assert cell.assert_nothing_lives_that_was_not_delivered() == set()
    cell.network.script = []
    assert cell.iamsync(*cell.arguments).code == 0
    cell.assert_finished()
