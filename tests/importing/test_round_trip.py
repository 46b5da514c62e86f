"""Any account: its files are valid, plan nothing but adoption, and expand to exactly what is attached."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamsync.core.arn import Arn
from iamsync.core.model import LiveState
from iamsync.importing import Selection
from iamsync.importing.sets import expanded, shares
from importing.accounts import AWS, accounts
from importing.round_trip import assert_nothing_but_adoption, import_into

divisions = st.sampled_from(("tag:Team", "path", "group", "user"))


def round_trip(live: LiveState, by: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "desired")
        what = import_into(root, live, by=by)
        left_out = {subject.partition("/")[2] for subject in what.notes if subject.startswith("user/")}
        assert what.count("users") == len(live.users) - len(left_out)
        if what.count("users") + what.count("groups") + what.count("policies"):
            assert_nothing_but_adoption(root, live)
        before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
        import_into(root, live, by=by)
        assert {file: file.read_bytes() for file in root.rglob("*") if file.is_file()} == before


def in_two_imports(live: LiveState, by: str) -> None:
    """Some users first, then everything: each line of the first import is still there, in its order."""
    first = Selection(users=tuple(sorted(live.users)[::2]))
    with TemporaryDirectory() as folder:
        root = Path(folder, "desired")
        import_into(root, live, first, by)
        before = {file: file.read_text("utf-8").splitlines() for file in root.rglob("*") if file.is_file()}
        import_into(root, live, by=by)
        for file, lines in before.items():
            rest = iter(file.read_text("utf-8").splitlines())
            assert all(line in rest for line in lines)
        if declares_something(root):
            assert_nothing_but_adoption(root, live)


def declares_something(root: Path) -> bool:
    files = (file.read_text("utf-8") for file in root.rglob("*.yaml"))
    return any(f"\n{section}:" in f"\n{text}" for text in files for section in ("users", "groups", "policies"))


@settings(max_examples=8)
@given(accounts(), divisions)
def test_a_second_import_keeps_each_line_and_adds_the_rest(live: LiveState, by: str) -> None:
    in_two_imports(live, by)


@pytest.mark.slow
@settings(max_examples=300)
@given(accounts(), divisions)
def test_three_hundred_times_a_second_import_keeps_each_line(live: LiveState, by: str) -> None:
    in_two_imports(live, by)


@settings(max_examples=15)
@given(accounts(), divisions)
def test_some_random_accounts_are_imported_and_adopted(live: LiveState, by: str) -> None:
    round_trip(live, by)


DEFAULTS = """version: 1

settings:
  owner: us
  defaults:
    user:
      policy_sets: [all]
      groups: {add: [everybody]}
      console: true
      access_keys: 1

policy_sets:
  all: {policies: [aws:SecurityAudit]}
"""


@settings(max_examples=8)
@given(accounts(), divisions)
def test_into_a_folder_with_defaults_users_are_imported_without_them(live: LiveState, by: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "desired")
        root.mkdir()
        (root / "settings.yaml").write_text(DEFAULTS, "utf-8")
        import_into(root, live, by=by)
        assert_nothing_but_adoption(root, live)


@pytest.mark.slow
@settings(max_examples=300)
@given(accounts(), divisions)
def test_three_hundred_random_accounts_are_imported_and_adopted(live: LiveState, by: str) -> None:
    round_trip(live, by)


@settings(max_examples=40)
@given(
    st.dictionaries(st.text("abc", min_size=1), st.frozensets(st.sampled_from(AWS)), max_size=8),
    st.dictionaries(st.text("xyz", min_size=1), st.frozensets(st.sampled_from(AWS)), max_size=3),
)
def test_sets_expand_to_exactly_what_is_attached(
    attached: dict[str, frozenset[Arn]], present: dict[str, frozenset[Arn]]
) -> None:
    shared = shares(attached, dict.fromkeys(attached, "team"), present, ())

    assert {user: expanded(one, {**present, **shared.sets}) for user, one in shared.of_users.items()} == attached
    assert shared.sets.keys().isdisjoint(present)
