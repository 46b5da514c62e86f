"""Whatever is in a file, looking at it ends soon, with a report and in little memory."""

import subprocess
import sys
import textwrap
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iamsync.core.model import DesiredState
from iamsync.desired import load
from iamsync.errors import DesiredStateError

NOW = datetime(2027, 1, 15, tzinfo=UTC)
START = "version: 1\nsettings: {owner: team}\n"
MOST_SECONDS = 2
MOST_MEGABYTES = 300
LARGE = 990_000


def numbered(line: str, count: int, head: str = "", tail: str = "") -> str:
    return START + head + "".join(line.format(i=i, j=i + 1) for i in range(count)) + tail


LARGE_FILES = {
    "brackets": START + "[" * LARGE,
    "dashes": START + "- " * (LARGE // 2),
    "questions": START + "? " * (LARGE // 2),
    "one-letter-items": START + "users: [" + "a," * (LARGE // 2) + "]",
    "wrong-items": START + "policy_sets: {s: {policies: [" + "[]," * 45_000 + "]}}",
    "unknown-keys": numbered("userz{i}: 1\n", 40_000),
    "keys-twice": START + "users:\n" + " u: {}\n" * 45_000,
    "users-without-keys": numbered(" u{i}: {{}}\n", 45_000, "users:\n"),
    "bad-names": numbered(" 'u {i}': {{}}\n", 45_000, "users:\n"),
    "unknown-policies": numbered(" u{i}: {{policies: [aws:AmazonS3Foo{i}ReadOnly]}}\n", 15_000, "users:\n"),
    "names-that-differ-in-case": numbered(" uU{i}: {{}}\n Uu{i}: {{}}\n", 22_000, "users:\n"),
    "a-circle-of-sets": numbered(
        " s{i}: {{includes: [s{j}]}}\n", 16_000, "policy_sets:\n", " s16000: {includes: [s0]}"
    ),
    "sets-of-one-large-set": numbered(
        " s{i}: {{includes: [b]}}\n", 8_000, f"policy_sets:\n b: {{policies: [{'aws:X,' * 20_000}]}}\n"
    ),
    "braces": START + "users: {bob: {tags: {a: '" + "{{ x }}" * 120_000 + "'}}}",
    "aliases": numbered(" u{i}: *a\n", 9_000, "users:\n a: &a {tags: {b: c, d: e}}\n"),
    "one-long-text": START + "users: {bob: {tags: {a: " + "x" * LARGE + "}}}",
    "control-characters": START + "\x01" * LARGE,
}


@pytest.mark.parametrize("name", LARGE_FILES)
def test_a_megabyte_of_anything_is_judged_in_two_seconds_and_300_megabytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LARGE_FILES[name], "utf-8")
    program = textwrap.dedent(
        f"""
        import gc, re, time
        from pathlib import Path
        from iamsync.__main__ import CALM
        from iamsync.cli import main
        gc.set_threshold(*CALM)
        begin = time.process_time()
        main(["validate", "--desired", {str(tmp_path)!r}])
        seconds = time.process_time() - begin
        # Not getrusage: that begins with the peak of the process that this one was forked from.
        peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]
        print(seconds, int(peak) / 1024)
        """
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, finished.stdout.splitlines()[-1].split())
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


def test_five_thousand_users_in_200_files_are_judged_in_three_seconds(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{START}policy_sets: {{viewer: {{policies: [aws:ReadOnlyAccess]}}}}\n")
    for number in range(200):
        users = "".join(
            f"  u{number}.{one}:\n    path: /people/\n    policy_sets: [viewer]\n    tags: {{Team: data, No: {one}}}\n"
            "    console: {password_reset_required: true, deliver: csv}\n"
            for one in range(25)
        )
        (tmp_path / f"u{number}.yaml").write_text(f"users:\n{users}")
    begin = perf_counter()
    declaration = load(tmp_path)
    assert len(declaration.state(declaration.offline_account, NOW).users) == 5000
    assert perf_counter() - begin < 3


def judged(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_bytes(content)
        try:
            declaration = load(Path(folder))
            declaration.state(declaration.offline_account, NOW)
        except DesiredStateError as error:
            problems = error.problems
            str(error).encode()
        else:
            return
    assert problems
    assert all(problem.origin.line >= 1 and problem.origin.column >= 1 for problem in problems)


SPELLINGS = r"""
version settings owner users policies policy_sets groups accounts tags path document includes attach inline_policies
console access_keys expires Version Statement Effect Allow Action Resource bob viewer aws:ReadOnlyAccess 1 true no ~
{{ account.id }} 2027-01-01 *a &a << !!str /a/ - ? | > ' " # % @ ` : , [ ] { } -- --- ... \
"""
WORDS = st.sampled_from(SPELLINGS.split())


@given(st.binary(max_size=2000))
@settings(deadline=None)
def test_any_bytes_end_with_a_report_or_success(content: bytes) -> None:
    judged(content)


@given(st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\n  ", "\n    ", " ", ": "])), max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_words_of_the_language_end_with_a_report_or_success(words: list[str]) -> None:
    judged("".join(words).encode())


DATA = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, DATA, max_size=5))
@settings(deadline=None, max_examples=300)
def test_any_shape_of_values_ends_with_a_report_or_success(data: dict[str, object]) -> None:
    judged(yaml.safe_dump(data, allow_unicode=True).encode())


POLICY = {"document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*"}}}
ENTRIES: list[dict[str, object]] = [
    {"version": 1},
    {"settings": {"owner": "team"}},
    {"settings": {"prune": True, "guards": {"max_removals": 5}}},
    {"settings": {"guards": {"protected_users": ["root-*"]}, "defaults": {"user": {"tags": {"A": "1"}}}}},
    {"settings": {"defaults": {"user": {"tags": {"B": "2"}, "path": "/people/"}}}},
    {"policies": {"P": POLICY}},
    {"policies": {"Q": POLICY}},
    {"policy_sets": {"a": {"policies": ["P"], "includes": ["b"]}}},
    {"policy_sets": {"b": {"policies": ["Q", "aws:ReadOnlyAccess"], "attach": "group"}}},
    {"groups": {"g": {"policies": ["Q"]}}},
    {"users": {"bob": {"policy_sets": ["a", "b"], "policies": ["P"]}}},
    {"users": {"ann": {"groups": ["g"], "permissions_boundary": "Q", "tags": {"A": "3"}}}},
]


def state_of(files: list[list[dict[str, object]]]) -> DesiredState:
    with TemporaryDirectory() as folder:
        for number, entries in enumerate(files):
            whole: dict[str, Any] = {}
            for entry in entries:
                for section, value in entry.items():
                    merge(whole, section, value)
            (Path(folder) / f"{number}.yaml").write_text(yaml.safe_dump(whole))
        declaration = load(Path(folder))
        return declaration.state(declaration.offline_account, NOW)


def merge(whole: dict[str, Any], key: str, value: object) -> None:
    if isinstance(value, dict) and key in whole:
        for inner, one in value.items():
            merge(whole[key], inner, one)
    else:
        whole[key] = deepcopy(value)


@given(st.permutations(ENTRIES), st.lists(st.integers(0, 5), min_size=len(ENTRIES), max_size=len(ENTRIES)))
@settings(deadline=None)
def test_any_division_into_files_in_any_order_says_the_same(entries: list[dict[str, object]], into: list[int]) -> None:
    files = [[entry for entry, file in zip(entries, into, strict=True) if file == number] for number in range(6)]
    assert state_of([file for file in files if file]) == state_of([ENTRIES])
