"""The loop, as a process: one line a cycle, nothing ends it but a signal, and a signal ends it at once."""

import gc
import json
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, tzinfo
from itertools import count, takewhile
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, ClassVar, Self

import boto3
import pytest
from faults import Fault, Network
from hearing import Ask, send_here
from moto.iam.models import iam_backends
from mypy_boto3_iam import IAMClient
from shell import Logged, write
from surroundings import bare

from iamsync import aws
from iamsync.aws.rate import Rate
from iamsync.core.arn import Arn
from iamsync.core.report import Outcome
from iamsync.daemon.cycle import KEPT_FOR, Cycles, Memory
from iamsync.daemon.loop import Loop
from iamsync.reconcile import Means
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

if TYPE_CHECKING:
    from _typeshed import TraceFunction

AIKO = (
    'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
    "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
)
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


class Running:
    """`iamsync run` in a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], every: str = "1s") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "iamsync", "run", "--every", every],
            cwd=folder,
            env=bare(AWS_EC2_METADATA_DISABLED="true", **environment),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> dict[str, object]:
        """The next line of a cycle; those of single actions are left out."""
        assert self.process.stderr is not None
        while True:
            fields: dict[str, object] = json.loads(self.process.stderr.readline())
            if fields["event"] != "action":
                return fields

    def end_with(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=600)


@pytest.fixture
def loop(sandbox: Sandbox, tmp_path: Path) -> Iterator[Running]:
    write(tmp_path, all=AIKO)
    running = Running(tmp_path, sandbox.environment)
    yield running
    running.process.kill()
    running.process.communicate()


@pytest.fixture
def hourly(sandbox: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A loop that comes to its second cycle in an hour: what ends it before was heard in the pause."""
    write(tmp_path, all=AIKO)
    running = Running(tmp_path, sandbox.environment, every="1h")
    yield running
    running.process.kill()
    running.process.communicate()


def test_each_cycle_leaves_one_line_and_repairs_what_was_done_by_hand(loop: Running, iam: IAMClient) -> None:
    first, second = loop.line(), loop.line()
    iam.detach_user_policy(UserName="aiko", PolicyArn=S3)
    third = loop.line()
    while third["result"] == "in sync":
        third = loop.line()

    assert (first["event"], first["result"], first["done"]) == ("cycle", "applied", 2)
    assert (second["result"], second["done"]) == ("in sync", 0)
    assert (third["result"], third["done"]) == ("applied", 1)
    assert iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_pause_between_two_cycles(hourly: Running, number: signal.Signals) -> None:
    hourly.line()

    hourly.end_with(number)

    assert hourly.process.returncode == 0


def test_a_signal_ends_a_read_that_gets_no_answer(tmp_path: Path) -> None:
    """Which is given up after five tries of a minute each, and the next cycle would read again."""
    write(tmp_path, all=AIKO)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        }
        stuck = Running(tmp_path, environment)
        connection, _ = silent.accept()
        with connection:
            stuck.end_with(signal.SIGTERM)
    assert stuck.process.returncode == 0


def test_a_signal_that_is_too_late_for_the_writes_ends_the_loop_all_the_same(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged, ask_to_stop: Ask
) -> None:
    for name, value in network.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    network.after_write = lambda number: ask_to_stop(signal.SIGTERM) if number == 2 else None

    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)

    with pytest.raises(KeyboardInterrupt):
        cycles.next()

    assert cycles.last is not None
    assert cycles.last.report.signalled

    assert [(line["result"], line["done"]) for line in logged()] == [("applied", 2)]


def test_bad_files_and_a_dead_endpoint_do_not_end_the_loop(tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all="users: [")
    running = Running(tmp_path, sandbox.environment)
    try:
        broken = running.line()
        write(tmp_path, all=AIKO)
        recovered = running.line()
        while recovered["result"] == "error":
            recovered = running.line()
    finally:
        running.process.kill()
        running.process.communicate()

    assert broken["result"] == "error"
    assert "desired/all.yaml" in str(broken["why"])
    assert recovered["result"] == "applied"


def test_without_the_folder_for_secrets_none_is_made_until_it_is_back(
    tmp_path: Path, sandbox: Sandbox, iam: IAMClient, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO.replace("aiko: {", "aiko: {access_keys: 1, "))
    folder = tmp_path / "secrets"

    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=folder)

    cycles.next()

    (missing,) = logged()
    assert missing["held_back"] == ["user/aiko"]
    assert not folder.exists()
    assert iam.list_users()["Users"] == []

    folder.mkdir()
    cycles.next()

    (back,) = logged()
    assert back["result"] == "applied"
    assert [str(file) for file in folder.iterdir()] == [back["secrets_in"]]


@pytest.mark.parametrize("call", ["GetCallerIdentity", "CreateUser"])
def test_credentials_that_expired_are_read_again(call: str, network: Network, iam: IAMClient, tmp_path: Path) -> None:
    def sign_in(name: str) -> None:
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        credentials.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n")

    credentials, journal = tmp_path / "credentials", tmp_path / "j.jsonl"
    sign_in("before")
    write(tmp_path, all=AIKO)
    network.script = [Fault(match=call, code="ExpiredToken", times=1000)]
    here = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "IAMSYNC_JOURNAL": str(journal)}
    running = Running(tmp_path, {"AWS_ENDPOINT_URL": network.url, **here})
    try:
        expired = running.line()
        sign_in("after")
        running.line(), running.line()  # the second began after that
        network.script = []
        recovered = running.line()
        while recovered["result"] != "applied":
            recovered = running.line()
    finally:
        running.process.kill()
        running.process.communicate()

    assert "xpired" in f"{expired.get('why')} {expired.get('failures')}"
    assert "repeat" not in str(expired)
    callers = [json.loads(line)["caller"] for line in journal.read_text().splitlines()]
    assert callers[-1] == "arn:aws:iam::123456789012:user/after"


def test_a_new_session_calls_at_the_rate_that_the_old_one_has_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    old = aws.open_session()

    new = aws.renewed(old)
    monkeypatch.setenv("AWS_PROFILE", "gone")

    assert new is not old
    assert aws.rate_of(new) is aws.rate_of(old)
    assert aws.renewed(new) is new, "which says in its next cycle what is wrong"


def test_a_refusal_is_logged_and_the_loop_goes_on(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO.replace("123456789012", "999999999999"))

    Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path).next()

    assert [line["result"] for line in logged()] == ["refused"]


def key_of_account(sandbox: Sandbox, account_id: str) -> str:
    """An access key of somebody in another account of the sandbox."""
    with sandbox._accounts.in_moto():  # noqa: SLF001 - a client of that account needs the key first
        there = iam_backends[account_id]["aws"]
        there.create_user("us-east-1", "stranger")
        return str(there.create_access_key("stranger").access_key_id)


def test_the_loop_stays_in_the_account_of_its_first_cycle(
    tmp_path: Path, network: Network, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in {**sandbox.environment, "AWS_ENDPOINT_URL": network.url}.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all="version: 1\nsettings: {owner: us}\nusers: {aiko: {}}\n")
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)
    cycles.next()

    network.script = [Fault(match="GetCallerIdentity", code="ExpiredToken", times=1)]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_of_account(sandbox, "210987654321"))
    cycles.next()
    sandbox.forget_calls()
    cycles.next()

    first, expired, other = logged()
    assert (expired["result"], expired["account"]) == ("error", "123456789012")
    assert (first["account"], first["caller"]) == ("123456789012", "arn:aws:sts::123456789012:user/moto")
    assert (other["result"], other["account"]) == ("refused", "123456789012")
    assert other["why"] == (
        "changed account: the loop began in account 123456789012, and the credentials are for 210987654321 now: "
        "give it those of 123456789012, or start it again to work in 210987654321"
    )
    assert [call.operation for call in sandbox.calls] == ["GetCallerIdentity"]


def test_while_something_is_held_back_no_cycle_says_in_sync(
    tmp_path: Path, sandbox: Sandbox, iam: IAMClient, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    iam.create_user(UserName="aiko")
    write(tmp_path, all=AIKO)

    Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path).next()

    (line,) = logged()
    assert (line["result"], line["level"], line["held_back"]) == ("pending", "WARNING", ["user/aiko"])


def test_what_is_attached_by_hand_again_and_again_is_detached_again_and_again(
    tmp_path: Path, sandbox: Sandbox, iam: IAMClient, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)
    cycles.next()

    for _ in range(3):
        iam.attach_user_policy(UserName="aiko", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        cycles.next()
        (attached,) = iam.list_attached_user_policies(UserName="aiko")["AttachedPolicies"]
        assert attached["PolicyName"] == "AmazonS3ReadOnlyAccess"

    assert {line["result"] for line in logged()} == {"applied"}


def test_a_quarantined_user_is_shouted_about_in_every_cycle(
    tmp_path: Path, sandbox: Sandbox, iam: IAMClient, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)
    cycles.next()
    iam.attach_user_policy(UserName="aiko", PolicyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2")

    logged()
    cycles.next()

    (line,) = logged()
    assert (line["result"], line["level"]) == ("in sync", "WARNING")
    assert "QUARANTINED" in str(line["warnings"])


def test_the_calls_of_all_cycles_take_turns_at_one_rate(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO)
    moments = iter(moment / 20 for moment in range(21))
    rate = Rate(lambda: next(moments, 1.0))
    for number in range(20):
        rate.answered(accepted=number % 2 == 0, again=number % 2 == 1)  # nine calls a second are what remains

    session = boto3.Session()
    monkeypatch.setitem(aws._RATES, session, rate)  # noqa: SLF001 - with a clock of ours

    Cycles(Folder(tmp_path / "desired"), session, csv=tmp_path).next()

    assert rate.turn() == pytest.approx(4 / 9), "two reads and two writes have been made"


DOCUMENT = "{document: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:%s*', Resource: '*'}]}}"
TWO_POLICIES = (
    'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
    f"policies:\n  Read: {DOCUMENT % 'Get'}\n  Write: {DOCUMENT % 'Put'}\n"
    "users: {aiko: {policies: [Read]}}\n"
)
READ = "arn:aws:iam::123456789012:policy/Read"


@pytest.fixture
def next_cycle(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> Callable[[], tuple[str, int]]:
    """One more cycle of a loop; its result, and how many ListPolicyTags it called."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=TWO_POLICIES)
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)

    def one() -> tuple[str, int]:
        sandbox.forget_calls()
        cycles.next()
        (line,) = logged()
        return str(line["result"]), sum(call.operation == "ListPolicyTags" for call in sandbox.calls)

    return one


def test_a_quiet_cycle_asks_for_no_policys_tags_again(next_cycle: Callable[[], tuple[str, int]]) -> None:
    assert next_cycle() == ("applied", 0), "there was none yet"
    assert next_cycle() == ("in sync", 2)
    assert [next_cycle() for _ in range(3)] == [("in sync", 0)] * 3


def test_nothing_is_changed_on_tags_that_an_earlier_cycle_read(
    next_cycle: Callable[[], tuple[str, int]], iam: IAMClient
) -> None:
    assert [next_cycle()[0], next_cycle()[0]] == ["applied", "in sync"]
    iam.untag_policy(PolicyArn=READ, TagKeys=["iamsync:owner"])
    other = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
    iam.create_policy_version(PolicyArn=READ, PolicyDocument=other, SetAsDefault=True)

    result, asked = next_cycle()

    assert (result, asked) == ("pending", 2), "it is no longer ours"
    assert iam.get_policy(PolicyArn=READ)["Policy"]["DefaultVersionId"] == "v2"
    assert next_cycle() == ("pending", 2), "while something is held back, each cycle looks whether it still is"


def test_drift_is_repaired_in_the_cycle_that_sees_it(next_cycle: Callable[[], tuple[str, int]], iam: IAMClient) -> None:
    assert [next_cycle()[0], next_cycle()[0]] == ["applied", "in sync"]
    iam.detach_user_policy(UserName="aiko", PolicyArn=READ)

    assert next_cycle() == ("applied", 2)
    assert [next_cycle(), next_cycle()] == [("in sync", 2), ("in sync", 0)]


def test_the_tags_of_policies_are_not_trusted_without_end() -> None:
    memory = Memory(policy_tags={Arn(READ): {"iamsync:owner": "us"}}, read_at=100)

    assert memory.known_at(100 + KEPT_FOR - 1).policy_tags == memory.policy_tags
    assert memory.known_at(100 + KEPT_FOR).policy_tags == {}


def test_a_tag_that_changes_by_hand_is_seen_when_the_hour_is_over(
    next_cycle: Callable[[], tuple[str, int]], iam: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [next_cycle()[0], next_cycle()[0]] == ["applied", "in sync"]
    iam.tag_policy(PolicyArn=READ, Tags=[{"Key": "Team", "Value": "x"}])
    assert next_cycle() == ("in sync", 0)

    monkeypatch.setattr("iamsync.daemon.cycle.KEPT_FOR", 0.0)

    assert next_cycle() == ("applied", 2)


def test_a_bug_in_an_apply_is_logged_with_the_place_of_what_was_delivered(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    write(tmp_path, all=AIKO.replace("aiko: {", "aiko: {access_keys: 1, "))

    def bug(outcome: Outcome) -> None:
        if outcome.action.operation == "create_access_key":
            raise ZeroDivisionError("a bug")

    Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path, means=Means(listener=bug)).next()

    (line,) = logged()
    (file,) = tmp_path.glob("*.csv")
    why = f"ZeroDivisionError: a bug; new passwords and access keys are in {file}"
    assert (line["result"], line["why"]) == ("error", why)


def test_a_bug_does_not_end_the_loop(tmp_path: Path, logged: Logged) -> None:
    Cycles(None, boto3.Session(), csv=tmp_path).next()  # type: ignore[arg-type]

    assert [line["result"] for line in logged()] == ["error"]


class LocalTime(datetime):
    """A clock on the wall, as `schedule` reads it: it is set by hand, and for winter."""

    shown: ClassVar[datetime]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:  # noqa: ARG003 - the signature is datetime's
        """What it shows."""
        return cls.combine(cls.shown.date(), cls.shown.time())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[LocalTime]:
    """The clock on the wall, which moves only by hand."""
    monkeypatch.setattr(LocalTime, "shown", datetime(2033, 11, 6, 1, 59, 50), raising=False)  # noqa: DTZ001 - as above
    monkeypatch.setattr("schedule.datetime", SimpleNamespace(datetime=LocalTime, timedelta=timedelta))
    return LocalTime


class HandWound(Loop):
    """A loop whose pauses are over at once, unless the test says what happens in one."""

    def __init__(self, tick: Callable[[], object], *, in_a_pause: Callable[[float], object]) -> None:
        super().__init__(tick, every=300)
        self.pauses: list[float] = []
        self._in_a_pause = in_a_pause

    def _pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self._in_a_pause(seconds)
        return super()._pause(0)


@pytest.mark.parametrize("hours", [0, -1, 1])
@pytest.mark.parametrize("in_the_pause", [True, False])
def test_cycles_are_spread_around_the_interval_whatever_is_done_to_the_clock(
    clock: type[LocalTime], hours: int, *, in_the_pause: bool
) -> None:
    ticks = 0

    def set_clock() -> None:
        clock.shown += timedelta(hours=hours)

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks > 20:
            raise KeyboardInterrupt
        clock.shown += timedelta(seconds=7)
        if not in_the_pause:
            set_clock()

    def sleep(seconds: float) -> None:
        assert len(looping.pauses) == ticks + 1, "a pause is followed by a cycle"
        clock.shown += timedelta(seconds=seconds)
        if in_the_pause:
            set_clock()

    looping = HandWound(tick, in_a_pause=sleep)

    looping.run()

    at_once, *pauses = looping.pauses
    assert (at_once, len(pauses)) == (0, 20)
    assert all(270 <= pause <= 330 for pause in pauses), pauses
    assert len(set(pauses)) > 1


def test_what_a_cycle_leaves_behind_is_gone_before_the_next() -> None:
    left: list[weakref.ref[Running]] = []

    def tick() -> None:
        one = Running.__new__(Running)
        one.process = one  # type: ignore[assignment]  # a circle, as clients are
        left.append(weakref.ref(one))

    def look(_: float) -> None:
        assert [one() for one in left] == [None] * len(left)
        if left:
            looping.stop()

    looping = HandWound(tick, in_a_pause=look)
    gc.disable()
    try:
        looping.run()
    finally:
        gc.enable()

    assert left


YEAR = 365 * 24 * 3600


def test_a_loop_that_is_woken_begins_its_next_cycle_and_then_waits_again() -> None:
    ticks = 0
    begun = threading.Semaphore(0)

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        begun.release()

    looping = Loop(tick, every=YEAR)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(looping.run)
        begun.acquire()
        for _ in range(3):
            looping.wake()
            begun.acquire()
        looping.stop()
        running.result()

    assert ticks == 4


def test_however_often_it_is_woken_during_a_cycle_one_follows_and_none_overlaps() -> None:
    inside, most, ticks = 0, 0, 0

    def tick() -> None:
        nonlocal inside, most, ticks
        inside, ticks = inside + 1, ticks + 1
        most = max(most, inside)
        if ticks == 1:
            with ThreadPoolExecutor(8) as pool:
                for _ in range(100):
                    pool.submit(looping.wake)
        else:
            looping.stop()
        inside -= 1

    looping = Loop(tick, every=YEAR)
    looping.run()

    assert (ticks, most) == (2, 1)


def test_a_loop_that_is_stopped_before_it_begins_makes_no_cycle() -> None:
    looping = Loop(lambda: pytest.fail("a cycle"), every=YEAR)
    looping.stop()

    looping.run()


@pytest.mark.usefixtures("main_thread_waits_on")
def test_a_signal_that_comes_just_before_the_pause_ends_it() -> None:
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1

    def send_in_the_pause() -> None:
        in_the_pause.wait()
        send_here(signal.SIGINT)

    class Telling(Loop):
        def _pause(self, seconds: float) -> bool:
            if seconds:
                in_the_pause.set()
            return super()._pause(seconds)

    in_the_pause = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(send_in_the_pause)
        Telling(tick, every=YEAR).run()

    assert ticks == 1


@pytest.fixture(autouse=True)
def _nothing_old_to_collect() -> Iterator[None]:
    """The loop collects garbage between two cycles, and need not look in what other tests have left."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("ask", [Loop.wake, Loop.stop])
def test_a_signal_handler_may_wake_and_stop_it_at_any_moment(ask: Callable[[Loop], None]) -> None:
    """The loop is interrupted at its first line, at its second and so on, in the thread that runs it."""

    def interrupted_at(line: int) -> int:
        """How many cycles there were."""
        ticks = lines = 0

        def trace(frame: FrameType, event: str, _: object) -> "TraceFunction":
            nonlocal lines
            if event == "line" and frame.f_globals["__name__"] in {"iamsync.daemon.loop", "threading", "queue"}:
                lines += 1
                if lines == line:
                    ask(looping)
            return trace

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            if ticks == 2:
                looping.stop()
            else:
                looping.wake()

        looping = Loop(tick, every=YEAR)
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            looping.run()
        finally:
            sys.settrace(before)
        return ticks if lines >= line else -1

    ticks = list(takewhile(lambda number: number >= 0, map(interrupted_at, count(1))))

    assert len(ticks) > 10
    assert ticks == ([2] * len(ticks) if ask is Loop.wake else sorted(ticks))
