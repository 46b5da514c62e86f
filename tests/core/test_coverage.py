"""What of an account a snapshot names, by example."""

from collections.abc import Iterable

import pytest
from states import ACCOUNT, S3, arn_of, desired, group, live, policy, user

from iamsync.core.coverage import coverage, everything
from iamsync.core.model import DesiredState, LiveState, User
from iamsync.core.unnamed import is_unnamed, unnamed

OWN, THEIRS = arn_of("Own"), arn_of("Theirs")
POLICIES = (policy("Own"), policy("Theirs", tags={}))


def stranger(name: str, *policies: str, boundary: str | None = None, groups: Iterable[str] = ()) -> User:
    """A user who is not owned."""
    return user(name, *map(arn_of, policies), tags={}, boundary=boundary and arn_of(boundary), groups=groups)  # type: ignore[arg-type]


def names(wanted: DesiredState, found: LiveState) -> set[str]:
    """What is covered, policies by their names."""
    covered = coverage(wanted, found)
    return {*covered.users, *covered.groups, *(found.policies[arn].name for arn in covered.policies)}


@pytest.mark.parametrize(
    ("wanted", "found", "covered"),
    [
        (desired(user("aiko")), live(user("AIKO", tags={}), stranger("eve")), {"AIKO"}),
        (desired(user("aiko")), live(user("gone"), stranger("eve")), {"gone"}),
        (desired(user("a", previous_names=("Old",))), live(stranger("old"), stranger("a")), {"old", "a"}),
        (desired(user("a", groups=["Ops"])), live(group("ops", path="/"), group("others", path="/")), {"ops"}),
        (desired(user("a", added_groups=["ops"])), live(group("ops", path="/")), {"ops"}),
        (desired(user("a", ended_groups=["ops"])), live(group("ops", path="/")), {"ops"}),
        (desired(group("Ops")), live(group("ops", path="/"), stranger("eve", groups=["ops"])), {"ops", "eve"}),
        (desired(), live(group("ours"), group("others", path="/iamsync/them/")), {"ours"}),
        (desired(policy("own")), live(*POLICIES, stranger("eve")), {"Own"}),
        (desired(), live(*POLICIES, stranger("eve", "Own"), stranger("bo", "Theirs")), {"Own", "eve"}),
        (desired(), live(*POLICIES, stranger("eve", boundary="Own")), {"Own", "eve"}),
        (desired(), live(*POLICIES, stranger("eve", "Own", "Theirs")), {"Own", "Theirs", "eve"}),
        (desired(), live(*POLICIES, stranger("eve", "Own", boundary="Theirs")), {"Own", "Theirs", "eve"}),
        (
            desired(),
            live(*POLICIES, group("others", OWN, path="/"), stranger("eve", groups=["others"]), stranger("bo")),
            {"Own", "others", "eve"},
        ),
        (
            desired(),
            live(*POLICIES, user("aiko", groups=["others"]), group("others", THEIRS, path="/"), stranger("bo")),
            {"Own", "Theirs", "others", "aiko"},
        ),
        (desired(user("a", THEIRS)), live(*POLICIES), {"Own", "Theirs"}),
        (desired(user("a", boundary=THEIRS)), live(*POLICIES), {"Own", "Theirs"}),
        (desired(group("g", THEIRS)), live(*POLICIES), {"Own", "Theirs"}),
    ],
)
def test_what_files_name_or_own_and_whoever_has_a_part_in_it_is_covered(
    wanted: DesiredState, found: LiveState, covered: set[str]
) -> None:
    assert names(wanted, found) == covered


def test_only_what_is_named_or_owned_may_change() -> None:
    covered = coverage(desired(user("aiko")), live(*POLICIES, user("aiko"), stranger("eve", "Own", "Theirs")))

    assert (covered.own_users, covered.own_policies) == ({"aiko"}, {OWN})


def test_who_else_has_something_that_is_covered_is_counted() -> None:
    found = live(
        *POLICIES,
        user("aiko", THEIRS, groups=["others"]),
        group("others", path="/"),
        group("more", THEIRS, path="/"),
        stranger("eve", "Theirs", groups=["others"]),
        stranger("bo", boundary="Theirs"),
    )

    covered = coverage(desired(), found)

    assert covered.strangers_with == {THEIRS: 3, "group/others": 1}


def test_everything_is_everything() -> None:
    found = live(*POLICIES, user("aiko", S3), stranger("eve"), group("others", path="/"))

    covered = everything(found)

    assert (covered.users, covered.own_users) == (found.users.keys(), found.users.keys())
    assert (covered.groups, covered.policies) == (found.groups.keys(), found.policies.keys())


def test_a_name_that_is_not_given_is_recognized_whatever_its_case() -> None:
    hashed = unnamed(ACCOUNT, "user", "Aiko")

    assert hashed == unnamed(ACCOUNT, "user", "aiko")
    assert is_unnamed(hashed)
    assert not is_unnamed("aiko")
    assert len({hashed, unnamed(ACCOUNT, "group", "aiko"), unnamed(ACCOUNT, "user", "aik")}) == 3
