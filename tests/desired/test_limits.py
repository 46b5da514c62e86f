"""Whatever is in a file, looking at it ends with a report, in little memory; twice as much is twice as much to do."""

from collections.abc import Callable
from copy import deepcopy
from cProfile import Profile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from faults import Forks
from hypothesis import given, settings
from hypothesis import strategies as st

from iamsync.cli import main
from iamsync.core.model import DesiredState
from iamsync.desired import load
from iamsync.errors import DesiredStateError

NOW = datetime(2027, 1, 15, tzinfo=UTC)
START = "version: 1\nsettings: {owner: team}\n"
MOST_MEGABYTES = 300
A_MEGABYTE = 990_000


def numbered(line: str, count: int, head: str = "", tail: str = "") -> str:
    return START + head + "".join(line.format(i=i, j=i + 1) for i in range(count)) + tail


def a_large_set(count: int) -> str:
    head = f"policy_sets:\n b: {{policies: [{'aws:X,' * (count * 5 // 2)}]}}\n"
    return numbered(" s{i}: {{includes: [b]}}\n", count, head)


LARGE_FILES: dict[str, tuple[Callable[[int], str], int]] = {
    "brackets": (lambda n: START + "[" * n, A_MEGABYTE),
    "dashes": (lambda n: START + "- " * n, A_MEGABYTE // 2),
    "questions": (lambda n: START + "? " * n, A_MEGABYTE // 2),
    "one-letter-items": (lambda n: START + "users: [" + "a," * n + "]", A_MEGABYTE // 2),
    "wrong-items": (lambda n: START + "policy_sets: {s: {policies: [" + "[]," * n + "]}}", 45_000),
    "unknown-keys": (lambda n: numbered("userz{i}: 1\n", n), 40_000),
    "keys-twice": (lambda n: START + "users:\n" + " u: {}\n" * n, 45_000),
    "users-without-keys": (lambda n: numbered(" u{i}: {{}}\n", n, "users:\n"), 45_000),
    "bad-names": (lambda n: numbered(" 'u {i}': {{}}\n", n, "users:\n"), 45_000),
    "unknown-policies": (
        lambda n: numbered(" u{i}: {{policies: [aws:AmazonS3Foo{i}ReadOnly]}}\n", n, "users:\n"),
        15_000,
    ),
    "names-that-differ-in-case": (lambda n: numbered(" uU{i}: {{}}\n Uu{i}: {{}}\n", n, "users:\n"), 22_000),
    "a-circle-of-sets": (
        lambda n: numbered(" s{i}: {{includes: [s{j}]}}\n", n, "policy_sets:\n", f" s{n}: {{includes: [s0]}}"),
        16_000,
    ),
    "sets-of-one-large-set": (a_large_set, 8_000),
    "braces": (lambda n: START + "users: {bob: {tags: {a: '" + "{{ x }}" * n + "'}}}", 120_000),
    "aliases": (lambda n: numbered(" u{i}: *a\n", n, "users:\n a: &a {tags: {b: c, d: e}}\n"), 9_000),
    "one-long-text": (lambda n: START + "users: {bob: {tags: {a: " + "x" * n + "}}}", A_MEGABYTE),
    "control-characters": (lambda n: START + "\x01" * n, A_MEGABYTE),
}
"""Files that are nearly as large as a file may be: how one of n parts is written, and how many parts a megabyte has."""


def validation_of(text: str, folder: Path) -> Callable[[], object]:
    folder.mkdir()
    (folder / "a.yaml").write_text(text, "utf-8")
    return lambda: main(["validate", "--desired", str(folder)])


def steps(of: Callable[[], object]) -> int:
    """How many functions are called, Python's own as well: what a machine has to do, however busy it is."""
    profile = Profile()
    profile.runcall(of)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("name", LARGE_FILES)
def test_twice_as_much_of_anything_is_twice_as_much_to_do(name: str, tmp_path: Path) -> None:
    written, count = LARGE_FILES[name]
    once = steps(validation_of(written(count // 32), tmp_path / "once"))
    twice = steps(validation_of(written(count // 16), tmp_path / "twice"))

    assert twice < 2.1 * once


@pytest.mark.parametrize("name", LARGE_FILES)
def test_a_megabyte_of_anything_is_judged_in_300_megabytes(name: str, tmp_path: Path, forks: Forks) -> None:
    written, count = LARGE_FILES[name]
    (tmp_path / "a.yaml").write_text(written(count), "utf-8")

    fork = forks.start("validate", "--desired", ".", folder=tmp_path, environment={})
    code, said = fork.ended()

    assert code in {0, 1}
    assert "Traceback" not in said
    assert fork.megabytes < MOST_MEGABYTES


def test_four_times_the_users_and_files_are_four_times_as_much_to_do(tmp_path: Path) -> None:
    def loading_of(files: int) -> Callable[[], object]:
        folder = tmp_path / str(files)
        folder.mkdir()
        (folder / "a.yaml").write_text(f"{START}policy_sets: {{viewer: {{policies: [aws:ReadOnlyAccess]}}}}\n")
        for number in range(files):
            users = "".join(
                f"  u{number}.{one}:\n    path: /people/\n    policy_sets: [viewer]\n"
                f"    tags: {{Team: data, No: {one}}}\n    console: {{password_reset_required: true, deliver: csv}}\n"
                for one in range(25)
            )
            (folder / f"u{number}.yaml").write_text(f"users:\n{users}")

        def loaded() -> None:
            declaration = load(folder)
            assert len(declaration.state(declaration.offline_account, NOW).users) == 25 * files

        return loaded

    assert steps(loading_of(80)) < 4.2 * steps(loading_of(20))


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
    assert all(problem.origin.line >= 0 and problem.origin.column >= 1 for problem in problems)


SPELLINGS = r"""
version settings owner users policies policy_sets groups accounts tags path document includes attach inline_policies
console access_keys expires Version Statement Effect Allow Action Resource bob viewer aws:ReadOnlyAccess 1 true no ~
{{ account.id }} 2027-01-01 *a &a << !!str /a/ - ? | > ' " # % @ ` : , [ ] { } -- --- ... \
"""
WORDS = st.sampled_from(SPELLINGS.split())


@given(st.binary(max_size=2000))
def test_any_bytes_end_with_a_report_or_success(content: bytes) -> None:
    judged(content)


@given(st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\n  ", "\n    ", " ", ": "])), max_size=60))
@settings(max_examples=300)
def test_any_words_of_the_language_end_with_a_report_or_success(words: list[str]) -> None:
    judged("".join(words).encode())


DATA = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, DATA, max_size=5))
@settings(max_examples=300)
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
def test_any_division_into_files_in_any_order_says_the_same(entries: list[dict[str, object]], into: list[int]) -> None:
    files = [[entry for entry, file in zip(entries, into, strict=True) if file == number] for number in range(6)]
    assert state_of([file for file in files if file]) == state_of([ENTRIES])
