"""`iamsync history`: what journals say, and what is not a line of one."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from faults import Fault, Network
from hypothesis import given
from hypothesis import strategies as st
from shell import STORY, Iamsync, write

from iamsync import history
from iamsync.errors import JournalError
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
READ = SETTINGS + "users: {aiko: {policies: [aws:ReadOnlyAccess]}, bo: {}}\n"
BASE: dict[str, Any] = {
    "time": "2026-11-17T10:00:00.000+00:00",
    "run": "0a1b2c3d",
    "version": "0.1.0",
    "account": "123456789012",
    "caller": "arn:aws:sts::123456789012:assumed-role/ci/job",
    "plan": "f" * 64,
    "commit": "c" * 40,
}


def sent(number: int, subject: str = "user/aiko", **more: object) -> dict[str, Any]:
    params = {"UserName": "aiko", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    what = {"subject": subject, "verb": "create", "reason": "desired/all.yaml:3"}
    return {
        **BASE,
        "event": "sent",
        "call": number,
        **what,
        "operation": "attach_user_policy",
        "params": params,
        **more,
    }


def called(number: int, subject: str = "user/aiko", **more: object) -> dict[str, Any]:
    return sent(number, subject, **{"event": "call", "result": "done", "why": "", "error": "", **more})


def ended(result: str = "applied", **more: object) -> dict[str, Any]:
    return {**BASE, "event": "run", "result": result, "why": "", "done": 1, "failed": 0, "held_back": 0, **more}


def journal(folder: Path, *lines: object, name: str = "j.jsonl") -> str:
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (folder / name).write_bytes(b"\n".join(texts) + b"\n")
    return name


def test_what_was_done_to_whom_why_and_by_whom(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=READ)
    for _ in range(3):
        assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 0

    shown = iamsync("history", "--journal", "j.jsonl").out

    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "applied" in lines[0]
    assert lines[1].startswith("by arn:aws:")
    assert lines[1].endswith("account 123456789012")
    assert sorted(lines[3:6]) == [
        "user/aiko attach aws:ReadOnlyAccess desired/all.yaml:3",
        "user/aiko create user desired/all.yaml:3",
        "user/bo create user desired/all.yaml:3",
    ]
    assert lines[-1] == "1 run, 3 calls; 2 runs had nothing to do."


def test_of_the_story_every_call_has_words_and_no_secret_is_shown(iamsync: Iamsync, tmp_path: Path) -> None:
    story = ("--desired", str(STORY))
    assert iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "j.jsonl", *story).code == 0
    passwords = [line.split(",")[1] for line in (tmp_path / "new.csv").read_text().splitlines()[1:]]

    for form in ("text", "json"):
        shown = iamsync("history", "--journal", "j.jsonl", "--format", form).out
        assert [one for one in passwords if one in shown] == []
    assert "{" not in iamsync("history", "--journal", "j.jsonl").out, "no name of a parameter is left"


@pytest.mark.parametrize("subject", ["user/aiko", "aiko", "USER/AIKO", "user/a*"])
def test_of_one_subject_only_its_calls_are_shown(subject: str, iamsync: Iamsync, tmp_path: Path) -> None:
    other = {**BASE, "run": "other"}
    name = journal(
        tmp_path, called(1), called(2, "user/bo"), ended(), {**called(1, "user/bo"), **other}, {**ended(), **other}
    )

    found = json.loads(iamsync("history", subject, "--journal", name, "--format", "json").out)

    assert [(run["run"], [call["subject"] for call in run["calls"]]) for run in found["runs"]] == [
        ("0a1b2c3d", ["user/aiko"])
    ]


def test_since_a_time(iamsync: Iamsync, tmp_path: Path) -> None:
    early = {"run": "early", "time": "2026-11-16T23:59:59.999+00:00"}
    later = {"run": "later", "time": "2026-11-17T01:00:00.000+01:00"}
    name = journal(tmp_path, {**called(1), **early}, {**ended(), **early}, {**called(1), **later}, {**ended(), **later})

    found = json.loads(iamsync("history", "--journal", name, "--format", "json", "--since", "2026-11-17").out)
    wrong = iamsync("history", "--journal", name, "--since", "yesterday")

    assert [run["run"] for run in found["runs"]] == ["later"]
    assert (wrong.code, "a date like 2027-03-31" in wrong.err) == (1, True)


def test_a_call_without_an_answer_may_have_had_its_effect(iamsync: Iamsync, tmp_path: Path) -> None:
    name = journal(tmp_path, sent(1), called(1), sent(2))

    shown = iamsync("history", "--journal", name).out
    found = json.loads(iamsync("history", "--journal", name, "--format", "json").out)

    assert "without an end" in shown
    assert "UNKNOWN user/aiko  attach aws:ReadOnlyAccess" in shown
    assert "it may have had its effect" in shown
    assert [call["result"] for call in found["runs"][0]["calls"]] == ["done", "unknown"]
    assert found["runs"][0]["result"] is None


def test_a_failure_has_its_reason(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=READ)
    with Network(sandbox, [Fault(match="CreateUser", code="AccessDenied", message="not you", times=9)]) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 1

    shown = iamsync("history", "--journal", "j.jsonl").out

    assert "FAILED user/aiko  create user" in shown
    assert "AccessDenied: not you" in shown


def test_a_refused_run_is_shown_though_it_called_nothing(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=SETTINGS.replace("123456789012", "210987654321") + "users: {aiko: {}}\n")
    assert iamsync("apply", "--yes", "--journal", "j.jsonl").code == 3

    shown = iamsync("history", "--journal", "j.jsonl").out

    assert "refused" in shown
    assert "by nobody known, account not known" in shown


def test_runs_of_several_files_are_in_the_order_of_their_times(iamsync: Iamsync, tmp_path: Path) -> None:
    new = {"run": "new", "time": "2026-11-18T00:00:00+00:00"}
    journal(tmp_path, {**called(1), **new}, ended(), called(2), name="j.jsonl")
    journal(tmp_path, called(1), name="j.jsonl.1")

    found = json.loads(iamsync("history", "--journal", "j.jsonl", "--journal", "j.jsonl.1", "--format", "json").out)

    assert [run["run"] for run in found["runs"]] == ["0a1b2c3d", "new"]
    assert [call["call"] for call in found["runs"][0]["calls"]] == [2, 1], "as they were read"


NO_LINES: dict[str, tuple[object, str]] = {
    "half a line": (json.dumps(called(1)).encode()[:200], "not JSON"),
    "bytes": (b"\xff\xfe\x00\x01", "not JSON"),
    "a list": ([1, 2], "expected an object"),
    "a text": ("x", "expected an object"),
    "another program's": ({"level": "info", "msg": "hello"}, "Field required"),
    "another event": ({**BASE, "event": "login"}, "event: "),
    "no time": ({**called(1), "time": "yesterday"}, "time: "),
    "a time without a zone": ({**called(1), "time": "2026-11-17T10:00:00"}, "time: "),
    "a number for a text": ({**called(1), "subject": 7}, "subject: "),
    "no parameters": ({**called(1), "params": None}, "params: "),
    "nested deeply": (b"[" * 100_000, "not JSON"),
    "a number that is too long": (b'{"call": ' + b"9" * 10_000 + b"}", "not JSON"),
    "a line without an end": (b"x" * (history.MOST_BYTES + 5), "longer than any line"),
}


@pytest.mark.parametrize("line", NO_LINES)
def test_what_is_no_line_of_a_journal_is_reported_and_skipped(line: str, iamsync: Iamsync, tmp_path: Path) -> None:
    wrong, why = NO_LINES[line]
    name = journal(tmp_path, called(1), wrong, called(2), ended())

    shown = iamsync("history", "--journal", name, "--format", "json")

    found = json.loads(shown.out)
    assert [call["call"] for call in found["runs"][0]["calls"]] == [1, 2]
    assert [(one["file"], one["line"]) for one in found["unreadable"]] == [(name, 2)]
    assert why in found["unreadable"][0]["why"]
    assert f"warning: {name}:2: " in shown.err


def test_of_many_such_lines_the_first_are_named(iamsync: Iamsync, tmp_path: Path) -> None:
    name = journal(tmp_path, called(1), *[b"x"] * 50)

    shown = iamsync("history", "--journal", name)

    assert shown.code == 0
    assert "45 more lines cannot be read" in shown.err


@pytest.mark.parametrize("content", [b"x\n" * 3, b"x\n" * 5000, b"\x7fELF\x00" * 99, b'{"event": "run"}\n'])
def test_a_file_that_is_no_journal_is_refused(content: bytes, iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_bytes(content)

    shown = iamsync("history", "--journal", "j.jsonl")

    assert (shown.code, shown.out) == (1, "")
    assert "is no journal of iamsync" in shown.err


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_an_error(name: str, iamsync: Iamsync) -> None:
    shown = iamsync("history", "--journal", name)

    assert (shown.code, shown.out) == (1, "")
    assert "cannot be read" in shown.err


def test_an_empty_journal_is_a_journal(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "j.jsonl").write_bytes(b"")

    assert iamsync("history", "--journal", "j.jsonl").out == "0 runs, 0 calls.\n"


HOSTILE = "\x1b[2J\u202e::error::x\n##vso[task]x\r::set-output"


def test_text_of_a_journal_commands_no_screen(iamsync: Iamsync, tmp_path: Path) -> None:
    whole = dict.fromkeys(("run", "caller", "commit", "plan", "account", "version"), HOSTILE)
    params = {HOSTILE: HOSTILE, "UserName": HOSTILE, "PolicyArn": HOSTILE, "Tags": [{"Key": HOSTILE, "Value": HOSTILE}]}
    name = journal(
        tmp_path,
        {**called(1, HOSTILE, why=HOSTILE, reason=HOSTILE, result=HOSTILE, params=params), **whole},
        {**called(2, operation=HOSTILE), **whole},
        {**called(3, operation="tag_user", params=params), **whole},
        {**ended(HOSTILE, why=HOSTILE), **whole},
        {"event": HOSTILE},
    )

    for form in ("text", "json"):
        ended_ = iamsync("history", "--journal", name, "--format", form)
        assert ended_.code == 0
        for shown in (ended_.out, ended_.err):
            assert not {"\x1b", "\u202e", "\r"}.intersection(shown)
            assert "##vso[" not in shown
            assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


@given(
    st.lists(
        st.one_of(st.binary(max_size=80), st.recursive(st.none() | st.integers() | st.text(), st.lists)), max_size=5
    )
)
def test_whatever_is_in_the_file_there_is_a_history_or_an_error(lines: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = journal(Path(folder), called(1), *lines)
        try:
            found = history.read([Path(folder) / name])
        except JournalError:
            return
    assert [call.call for run in found.runs for call in run.calls.values()] == [1]
