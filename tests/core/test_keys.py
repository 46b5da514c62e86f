"""Which step is due for a user's access keys. The stories of tests/cases tell the rest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from states import user

from iamsync.core.deny import DENY_ALL, SUSPENDED_POLICY
from iamsync.core.iam_limits import ACCESS_KEYS
from iamsync.core.keys import Do, Step, Wait, WaitReason, due, next_steps, note_tag, noted, whose_use_matters
from iamsync.core.model import AccessKey, AccessKeys, User
from iamsync.core.tags import SUSPENDED_KEYS_TAG

ROTATED = AccessKeys(count=1, rotate_after_days=90)


def key(name: str, age: int, idle: int | None = None, *, active: bool = True, retired: int | None = None) -> AccessKey:
    return AccessKey(id=name, active=active, age_days=age, idle_days=idle, retired_days=retired)


def steps(wanted: AccessKeys, *keys: AccessKey) -> list[tuple[Do, str]]:
    found = (step for step in next_steps(wanted, keys) if isinstance(step, Step))
    return [(step.do, step.key.id if step.key else "") for step in found]


def waits(wanted: AccessKeys, *keys: AccessKey) -> list[Wait]:
    return [step for step in next_steps(wanted, keys) if isinstance(step, Wait)]


@pytest.mark.parametrize(
    ("count", "keys", "expected"),
    [
        (1, [], [(Do.CREATE, "")]),
        (2, [], [(Do.CREATE, ""), (Do.CREATE, "")]),
        (1, [key("a", 1)], []),
        (2, [key("a", 1)], [(Do.CREATE, "")]),
        (2, [key("a", 1), key("b", 1)], []),
        (1, [key("a", 1, active=False)], [(Do.CREATE, "")]),
        (1, [key("a", 1, active=False), key("b", 2, active=False)], [(Do.MAKE_ROOM, "b"), (Do.CREATE, "")]),
        (
            2,
            [key("a", 1, active=False), key("b", 2, active=False)],
            [(Do.MAKE_ROOM, "b"), (Do.MAKE_ROOM, "a"), (Do.CREATE, ""), (Do.CREATE, "")],
        ),
        (0, [], []),
        (0, [key("a", 1), key("b", 2, active=False)], [(Do.DEACTIVATE, "a"), (Do.DELETE, "b"), (Do.DELETE, "a")]),
    ],
)
def test_there_are_as_many_as_declared(count: int, keys: list[AccessKey], expected: list[tuple[Do, str]]) -> None:
    assert steps(AccessKeys(count=count), *keys) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([key("a", 89)], []),
        ([key("a", 90)], [(Do.CREATE, "")]),
        ([key("a", 90, 0), key("b", 0)], []),
        ([key("a", 90, 0), key("b", 0, 0)], []),
        ([key("a", 90, 1), key("b", 0, 0)], [(Do.RETIRE, "a")]),
        ([key("a", 90), key("b", 0, 0)], [(Do.RETIRE, "a")]),
        ([key("a", 90, 50), key("b", 0)], []),
        ([key("a", 89, 50), key("b", 0, 0)], []),
        ([key("a", 95, 6, active=False), key("b", 5, 0)], []),
        ([key("a", 95, 7, active=False), key("b", 5, 0)], [(Do.DELETE, "a")]),
        ([key("a", 95, 20, active=False, retired=6), key("b", 5, 0)], []),
        ([key("a", 95, 20, active=False, retired=7), key("b", 5, 0)], [(Do.DELETE, "a")]),
        ([key("a", 95, 3, active=False, retired=7), key("b", 5, 0)], []),
        ([key("a", 5, active=False), key("b", 4, 0)], []),
        ([key("a", 7, active=False), key("b", 4, 0)], [(Do.DELETE, "a")]),
        ([key("a", 9, 8, active=False), key("b", 40, 0)], []),
        ([key("a", 9, 8, active=False), key("b", 90, 0)], [(Do.MAKE_ROOM, "a"), (Do.CREATE, "")]),
        ([key("a", 99, 2, active=False), key("b", 90, 0)], []),
        ([key("a", 6, active=False)], [(Do.CREATE, "")]),
        ([key("a", 7, active=False)], [(Do.DELETE, "a"), (Do.CREATE, "")]),
        ([key("a", 9, 8, active=False), key("b", 9, 1, active=False)], [(Do.DELETE, "a"), (Do.CREATE, "")]),
    ],
)
def test_a_rotation_takes_one_step_at_a_time(keys: list[AccessKey], expected: list[tuple[Do, str]]) -> None:
    assert steps(ROTATED, *keys) == expected


@pytest.mark.parametrize(
    ("wanted", "keys", "reason", "limit"),
    [
        (ROTATED, [key("a", 95, 2), key("b", 5)], WaitReason.SUCCESSOR_UNUSED, 90),
        (ROTATED, [key("a", 95, 0), key("b", 5, 0)], WaitReason.STILL_IN_USE, 90),
        (ROTATED, [key("b", 90, 0), key("a", 89, 2, active=False)], WaitReason.NO_ROOM, 90),
        (AccessKeys(count=1), [key("a", 9, 1), key("b", 5)], WaitReason.TOO_MANY, 1),
    ],
)
def test_what_waits_is_known_with_its_keys(
    wanted: AccessKeys, keys: list[AccessKey], reason: WaitReason, limit: int
) -> None:
    assert waits(wanted, *keys) == [Wait(reason=reason, keys=tuple(keys), limit=limit)]


@pytest.mark.parametrize("wanted", [AccessKeys(count=0), AccessKeys(count=2), ROTATED, AccessKeys(count=1)])
def test_the_last_use_is_asked_for_only_where_something_depends_on_it(wanted: AccessKeys) -> None:
    def matters(*keys: AccessKey) -> bool:
        asked = whose_use_matters(wanted, keys, {})
        assert asked in ([], keys), "all or none"
        return bool(asked)

    assert not matters(key("a", 99))
    assert matters(key("a", 99), key("b", 1)) is (wanted.count == 1)
    assert matters(key("a", 99, active=False), key("b", 1)) is (wanted is ROTATED)
    assert matters(key("a", 99, active=False)) is (wanted is ROTATED)


def test_the_last_use_is_asked_for_of_each_key_that_came_since_an_interrupted_apply() -> None:
    keys, interrupted = [key("a", 9), key("b", 0)], {note_tag("0a1b2c3d"): noted(["a"])}

    assert whose_use_matters(None, keys, interrupted) == [keys[1]]
    assert whose_use_matters(None, keys, {note_tag("0a1b2c3d"): ""}) == [], "a claim accuses no key"


KEYS = st.lists(
    st.builds(
        key,
        st.sampled_from(["a", "b"]),
        st.sampled_from([0, 8, 100]),
        st.sampled_from([None, 0, 8]),
        active=st.booleans(),
    ),
    max_size=2,
    unique_by=lambda one: one.id,
)
DECLARED = st.sampled_from([None, AccessKeys(count=0), AccessKeys(count=1), AccessKeys(count=2), ROTATED])


def marked(*there: str) -> User:
    """A live user for whom a key was being made beside these."""
    return user("aiko", tags={note_tag("1"): noted(there), note_tag("2"): ""})


def about(do: Do, *steps: Step | Wait) -> set[str]:
    return {step.key.id for step in steps if isinstance(step, Step) and step.do is do and step.key}


def of_others(steps: list[Step | Wait], strays: set[str]) -> list[Step | Wait]:
    return [step for step in steps if isinstance(step, Wait) or step.key is None or step.key.id not in strays]


@given(keys=KEYS, there=st.sets(st.sampled_from(["a", "b", "c"])), wanted=DECLARED, suspended=st.booleans())
def test_what_came_since_the_note_and_was_never_used_is_deactivated_and_deleted_only_for_its_room(
    keys: list[AccessKey], there: set[str], wanted: AccessKeys | None, *, suspended: bool
) -> None:
    declared = user("aiko", access_keys=wanted, suspended=suspended)

    steps = due(declared, marked(*there), keys)

    strays = {one.id for one in keys if one.id not in there and one.idle_days is None}
    off = about(Do.DEACTIVATE_STRAY, *steps) | about(Do.RETIRE_STRAY, *steps)
    deleted = about(Do.DELETE_STRAY, *steps)
    assert (off | deleted, off & deleted) == (strays, set())
    kept = [one for one in keys if one.id not in strays]
    assert of_others(steps, strays) == due(declared, user("aiko"), kept), "the others count like any"
    new = sum(isinstance(step, Step) and step.do is Do.CREATE for step in steps)
    gone = about(Do.DELETE, *steps) | about(Do.MAKE_ROOM, *steps)
    assert not deleted or len({one.id for one in keys} - gone - deleted) + new == ACCESS_KEYS, "its room is needed"


@given(keys=KEYS, wanted=DECLARED, spoiled=st.sampled_from([{}, {note_tag("1"): ""}, {note_tag("1"): " "}]))
def test_without_a_note_or_with_a_claim_nothing_is_a_stray(
    keys: list[AccessKey], wanted: AccessKeys | None, spoiled: dict[str, str]
) -> None:
    steps = due(user("aiko", access_keys=wanted), user("aiko", tags=spoiled), keys)

    by_a_note = (Do.DEACTIVATE_STRAY, Do.RETIRE_STRAY, Do.DELETE_STRAY)
    assert not set.union(*(about(do, *steps) for do in by_a_note))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([key("a", 0, active=False)], []),
        ([key("a", 6, active=False), key("old", 20, 0)], []),
        ([key("a", 7, active=False), key("old", 20, 0)], []),
        ([key("a", 20, active=False), key("old", 7, 0)], [(Do.DELETE, "a")]),
        ([key("a", 20, active=False, retired=6), key("old", 7, 0)], []),
        ([key("a", 20, 7, active=False), key("old", 7, 0)], [(Do.DELETE, "a")]),
        ([key("a", 20), key("old", 7, 0)], [(Do.RETIRE_STRAY, "a")]),
        ([key("a", 7)], [(Do.RETIRE_STRAY, "a")]),
        ([key("a", 7, active=False)], [(Do.DELETE, "a")]),
        ([key("a", 7), key("old", 90, 0)], [(Do.DELETE_STRAY, "a")]),
    ],
)
def test_a_rotation_deletes_a_stray_like_any_key_a_week_after_it_went_off(
    keys: list[AccessKey], expected: list[tuple[Do, str]]
) -> None:
    found = due(user("aiko", access_keys=ROTATED), marked("old"), keys)

    ends = (Do.RETIRE_STRAY, Do.DELETE_STRAY, Do.DELETE, Do.MAKE_ROOM)
    assert [(do, one) for do in ends for one in about(do, *found)] == expected


def test_a_note_made_during_a_suspension_loses_nobody_the_key_that_its_end_would_bring_back() -> None:
    suspended = replace(
        user("aiko", tags={note_tag("1"): noted([]), SUSPENDED_KEYS_TAG: "a"}), inline={SUSPENDED_POLICY: DENY_ALL}
    )

    found = due(user("aiko", access_keys=ROTATED), suspended, [key("a", 20, active=False)])

    assert [(one.do, one.key.id if one.key else "") for one in found if isinstance(one, Step)] == [
        (Do.RETIRE_STRAY, "a"),
        (Do.CREATE, ""),
    ]


def afterwards(keys: list[AccessKey], steps: list[Step | Wait]) -> list[AccessKey]:
    """The keys when the steps are done."""
    gone = about(Do.DELETE, *steps) | about(Do.DELETE_STRAY, *steps) | about(Do.MAKE_ROOM, *steps)
    retired = about(Do.RETIRE, *steps) | about(Do.RETIRE_STRAY, *steps)
    off = retired | about(Do.DEACTIVATE, *steps) | about(Do.DEACTIVATE_STRAY, *steps)
    stay = [
        replace(
            one,
            active=one.active and one.id not in off,
            retired_days=0 if one.id in retired else one.retired_days,
        )
        for one in keys
        if one.id not in gone
    ]
    new = sum(isinstance(step, Step) and step.do is Do.CREATE for step in steps)
    return [*stay, *(key(f"new{number}", 0) for number in range(new))]


@given(keys=KEYS, there=st.sets(st.sampled_from(["a", "b", "c"])), wanted=DECLARED, suspended=st.booleans())
def test_when_the_steps_are_done_and_the_notes_gone_no_other_step_is_due(
    keys: list[AccessKey], there: set[str], wanted: AccessKeys | None, *, suspended: bool
) -> None:
    declared = user("aiko", access_keys=wanted, suspended=suspended)

    done = afterwards(keys, due(declared, marked(*there), keys))

    assert len(done) <= ACCESS_KEYS
    assert [step for step in due(declared, user("aiko"), done) if isinstance(step, Step)] == []


def test_where_nobody_looked_nothing_is_done() -> None:
    assert due(user("aiko", access_keys=AccessKeys(count=1)), marked(), None) == []


def test_it_is_noted_that_there_is_no_key() -> None:
    assert noted([]) == "none"
    assert noted(["b", "a"]) == "a b"
