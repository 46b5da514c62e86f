"""Members that groups list: the same memberships as those that users name."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from iamsync.core.arn import Account
from iamsync.core.model import DesiredState
from iamsync.desired import load

ACCOUNT = Account(id="123456789012", partition="aws")
START = 'version: 1\nsettings: {owner: team, account_id: "123456789012"}\n'
USERS, GROUPS = ("ann", "ben", "eve"), ("ops", "dev")
TIMES = ("", ", until: 2027-01-01", ", from: 2027-01-01", ", from: 2026-01-01, until: 2027-06-01")
MOMENTS = tuple(datetime(year, month, 1, tzinfo=UTC) for year in (2025, 2026, 2027) for month in (2, 7))

Memberships = Mapping[tuple[str, str], tuple[str, str]]
"""By user and group: the time as written, and who says it (`user`, `group` or `both`)."""

memberships = st.dictionaries(
    st.tuples(st.sampled_from(USERS), st.sampled_from(GROUPS)),
    st.tuples(st.sampled_from(TIMES), st.sampled_from(("user", "group", "both"))),
)


def text(memberships: Memberships, *, as_said: bool) -> str:
    """The files: each membership where it is said, or all at the users."""
    of_users: dict[str, list[str]] = {name: [] for name in USERS}
    of_groups: dict[str, list[str]] = {name: [] for name in GROUPS}
    for (user, group), (time, by) in memberships.items():
        if by != "group" or not as_said:
            of_users[user].append(f"{{name: {group}{time}}}")
        if by != "user" and as_said:
            of_groups[group].append(f"{{name: {user}{time}}}")
    users = ", ".join(f"{name}: {{groups: {{add: [{', '.join(names)}]}}}}" for name, names in of_users.items())
    groups = ", ".join(f"{name}: {{members: [{', '.join(names)}]}}" for name, names in of_groups.items())
    return f"{START}groups: {{{groups}}}\nusers: {{{users}}}\n"


def states(yaml: str) -> list[DesiredState]:
    with TemporaryDirectory() as folder:
        (Path(folder) / "desired.yaml").write_text(yaml, "utf-8")
        declaration = load(Path(folder))
        return [declaration.state(ACCOUNT, moment) for moment in MOMENTS]


@given(memberships)
def test_it_makes_no_difference_whether_users_or_groups_name_a_membership(memberships: Memberships) -> None:
    for here, there in zip(
        states(text(memberships, as_said=True)), states(text(memberships, as_said=False)), strict=True
    ):
        assert here.users == there.users
        assert here.groups == there.groups
        assert {key: at for key, (at, _) in here.ended_grants.items()} == {
            key: at for key, (at, _) in there.ended_grants.items()
        }
