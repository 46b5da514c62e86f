"""Any account: its files are valid, plan nothing but adoption, and expand to exactly what is attached."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamsync.core.arn import Arn
from iamsync.core.model import LiveState
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


@settings(max_examples=15)
@given(accounts(), divisions)
def test_some_random_accounts_are_imported_and_adopted(live: LiveState, by: str) -> None:
    round_trip(live, by)


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
