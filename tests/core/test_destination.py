"""Where secrets go is noted in a tag, and who changes it is seen: the run that learns of it makes no secret."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from states import OURS, desired, live, user

from iamsync.core.change import CreateAccessKey, CreatePassword, CreateUser, Minting, RemoveTags, SetTags
from iamsync.core.model import AccessKey, AccessKeys, Console, Credentials, User
from iamsync.core.plan import Plan
from iamsync.core.risk import Risk
from iamsync.core.tags import DELIVERY_TAG, HOLD_TAG

OLD, NEW = "age SHA256:old", "age SHA256:new"


def aiko(destination: str | None, **more: object) -> User:
    base = user("aiko", console=Console(), access_keys=AccessKeys(count=1))
    return replace(base, destination=destination, **more)  # type: ignore[arg-type]  # what a test says of a user


def there(tags: Mapping[str, str], **more: object) -> User:
    base = user("aiko", tags={**OURS, **tags}, console=Console(enabled=False), access_keys=None)
    return replace(base, id="AIDA", **more)  # type: ignore[arg-type]  # as above


def plan(wanted: User, found: User | None, keys: tuple[AccessKey, ...] = ()) -> Plan:
    credentials = {found.name: Credentials(access_keys=keys)} if found else {}
    return Plan.between(desired(wanted), live(*([found] if found else []), credentials=credentials))


def mints(one: Plan) -> list[type]:
    return [type(action.change) for action in one.actions if isinstance(action.change, Minting)]


def tag_of(one: Plan) -> list[str | None]:
    """What becomes of the tag, by the actions of the plan."""
    found: list[str | None] = []
    for action in one.actions:
        match action.change:
            case CreateUser(created) if DELIVERY_TAG in created.tags:
                found.append(created.tags[DELIVERY_TAG])
            case SetTags(_, tags) if DELIVERY_TAG in tags:
                found.append(tags[DELIVERY_TAG])
            case RemoveTags(_, keys) if DELIVERY_TAG in keys:
                found.append(None)
            case _:
                pass
    return found


BOTH = [CreatePassword, CreateAccessKey]


@pytest.mark.parametrize("destination", ["", NEW])
def test_a_new_user_gets_the_secrets_at_once(destination: str) -> None:
    made = plan(aiko(destination), None)

    assert (mints(made), tag_of(made)) == (BOTH, [destination] if destination else [])
    assert (made.held_back, made.warnings) == ((), ())


@pytest.mark.parametrize(
    ("noted", "declared"),
    [({}, ""), ({DELIVERY_TAG: NEW}, NEW)],
    ids=["the default channel is not noted", "noted by an earlier run"],
)
def test_a_user_whose_secrets_go_where_they_went_gets_them(noted: Mapping[str, str], declared: str) -> None:
    made = plan(aiko(declared), there(noted))

    assert (mints(made), tag_of(made), made.warnings) == (BOTH, [], ())


@pytest.mark.parametrize(
    ("noted", "declared", "tag", "words"),
    [
        ({DELIVERY_TAG: OLD}, NEW, [NEW], f"go to {NEW}, no longer to {OLD}"),
        ({}, NEW, [NEW], f"go to {NEW}, no longer to the default channel"),
        ({DELIVERY_TAG: OLD}, "", [None], f"go to the default channel, no longer to {OLD}"),
    ],
    ids=["another recipient", "first sealed, or the tag was removed", "no longer sealed"],
)
def test_the_run_that_learns_of_a_change_makes_no_secret_and_the_next_one_does(
    noted: Mapping[str, str], declared: str, tag: list[str | None], words: str
) -> None:
    found = there(noted)
    first = plan(aiko(declared), found)

    assert (mints(first), tag_of(first)) == ([], tag)
    (held,) = first.held_back
    assert {type(action.change) for action in held.actions} >= set(BOTH)
    assert (words in held.text, first.warnings) == (True, ()), "it is said once"
    noting = [number for number, action in enumerate(first.actions) if action.subject == "user/aiko"]
    assert [Risk.DELIVERY in first.risks[number] for number in noting] == [True]

    tags = {key: value for key, value in {**found.tags, DELIVERY_TAG: declared}.items() if value}
    second = plan(aiko(declared), replace(found, tags=tags))
    assert (mints(second), tag_of(second), second.held_back) == (BOTH, [], ())


def test_old_and_new_are_in_the_data_of_the_plan() -> None:
    (action,) = plan(aiko(NEW), there({DELIVERY_TAG: OLD})).as_data()["actions"]

    assert (action["old"]["tags"], action["change"]["tags"]) == ({DELIVERY_TAG: OLD}, {DELIVERY_TAG: NEW})
    assert action["risks"] == ["delivery"]


def test_a_rotation_waits_and_takes_nothing_from_the_user() -> None:
    wanted = aiko(NEW, console=None, access_keys=AccessKeys(count=1, rotate_after_days=90))
    old = AccessKey(id="AKIAOLD", active=True, age_days=100, idle_days=0)

    first = plan(wanted, there({DELIVERY_TAG: OLD}, console=None), (old,))

    assert [type(action.change) for action in first.actions] == [SetTags]
    assert tag_of(first) == [NEW]


def test_a_revocation_does_not_wait() -> None:
    gone = aiko(NEW, suspended=True)
    first = plan(gone, there({DELIVERY_TAG: OLD}, console=Console()), (AccessKey(id="AKIA", active=True),))

    operations = [action.operation for action in first.actions]
    assert {"put_user_policy", "update_access_key", "delete_login_profile"} <= set(operations)
    assert first.held_back == ()


def test_a_change_is_noted_though_nothing_is_due() -> None:
    """So that it is seen when it is made, and not months later when a key is due."""
    found = there({DELIVERY_TAG: OLD}, console=Console())

    made = plan(aiko(NEW), found, (AccessKey(id="AKIA", active=True, age_days=1, idle_days=0),))

    assert (tag_of(made), made.held_back, len(made.warnings)) == ([NEW], (), 1)


def test_what_is_noted_stays_while_no_secret_is_declared() -> None:
    """To leave out credentials for one run does not make iamsync forget where they went."""
    made = plan(aiko(None, console=None, access_keys=None), there({DELIVERY_TAG: OLD}))

    assert (made.actions, made.warnings) == ((), ())


def test_a_user_who_is_renamed_keeps_what_is_noted() -> None:
    wanted = replace(aiko(NEW), name="aiko.sato", previous_names=("aiko",))

    made = plan(wanted, there({DELIVERY_TAG: OLD}))

    assert (mints(made), tag_of(made)) == ([], [NEW])


def test_a_user_on_hold_gets_no_note_either() -> None:
    made = plan(aiko(NEW), there({DELIVERY_TAG: OLD, HOLD_TAG: "why"}))

    assert (mints(made), tag_of(made)) == ([], [])


@pytest.mark.parametrize(("number", "noted"), [(48, [NEW]), (49, [])])
def test_without_room_for_the_tag_nothing_is_made_and_the_plan_says_why(number: int, noted: list[str]) -> None:
    """`aws:` tags do not count, those that settings ignore do."""
    others = {f"AKIA{one}": "a key" for one in range(number)} | {f"aws:{one}": "a stack" for one in range(5)}

    made = plan(aiko(NEW), there(others))

    assert (mints(made), tag_of(made)) == ([], noted)
    (held,) = made.held_back
    assert ("AWS allows 50 tags, remove one" in held.text) == (not noted)
