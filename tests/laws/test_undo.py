"""The laws of `undo`: declared as it is, an account stays so; and a run that is taken back has changed nothing."""

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from mypy_boto3_iam import IAMClient

from iamsync import live
from iamsync.core.change import Change, DeleteAccessKey, RemoveTags, SetKeyStatus, SetTags, removed_text, tag_keys
from iamsync.core.model import NOWHERE, LiveState, Settings, user_subject
from iamsync.core.plan import Plan
from iamsync.core.plan_data import old_data
from iamsync.core.tags import OWNER_TAG, is_own_tag
from iamsync.core.undo import Made, as_it_is, undone
from laws.model import Iam
from laws.model.client import Client
from laws.model.records import UserRecord
from laws.pairs import Pair, pairs
from laws.playing import planned, play, sent
from laws.rights import parsed
from laws.strategies import accounts
from laws.universe import ACCOUNT, US

lawful = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def marks(iam: Iam) -> LiveState:
    return live.read_marks(cast("IAMClient", Client(iam)), ACCOUNT, at_once=1)


def made(plan: Plan) -> list[Made]:
    """The calls as the journal of the run has them."""
    return [
        Made(
            operation=one.operation,
            params=sent(one),
            old=old_data(one.old),
            removed=removed.render() if (removed := removed_text(one.change)) else "",
            verb=one.verb.value,
        )
        for one in plan.actions
    ]


@settings(lawful, max_examples=40)
@given(accounts())
def test_declared_as_it_is_an_account_stays_as_it_is(iam: Iam) -> None:
    stays_as_it_is(iam)


@pytest.mark.slow
@settings(lawful, max_examples=500)
@given(accounts())
def test_so_do_many_more(iam: Iam) -> None:
    stays_as_it_is(iam)


def stays_as_it_is(iam: Iam) -> None:
    plan, _ = planned(iam, as_it_is(marks(iam), Settings(owner=US)))
    assert [one for one in plan.actions if not _is_cleaning(one.change)] == []


def _is_cleaning(change: Change) -> bool:
    """Whether a change is about what an interrupted run has left: its notes, and an access key that nobody holds."""
    is_of_notes = isinstance(change, SetTags | RemoveTags) and all(map(is_own_tag, tag_keys(change)))
    return is_of_notes or isinstance(change, SetKeyStatus | DeleteAccessKey)


@settings(lawful, max_examples=40)
@given(pairs())
def test_a_run_that_is_taken_back_has_changed_nothing(pair: Pair) -> None:
    is_taken_back(pair)


@pytest.mark.slow
@settings(lawful, max_examples=500)
@given(pairs())
def test_so_have_many_more(pair: Pair) -> None:
    is_taken_back(pair)


def is_taken_back(pair: Pair) -> None:
    before, desired = pair
    plan, refused = planned(before, desired)
    if refused:
        return
    iam = before.copy()
    play(iam, plan.actions)
    way = undone(made(plan), marks(iam), replace(desired.settings, guards=replace(desired.settings.guards)), NOWHERE)
    back, _ = planned(iam, way.wanted, allowed_removals=1000)
    play(iam, back.actions)  # IAM refuses no call, or this raises
    excused = {note.subject for note in way.notes} | {held.subject for held in back.held_back} | {"journal"}
    for name, user in before.users.items():
        if user.tags.get(OWNER_TAG) == US and user_subject(name) not in excused:
            assert shown(iam.users[name]) == shown(user), name


def shown(user: UserRecord) -> dict[str, object]:
    """What of a user an undo restores."""
    return {
        "path": user.path,
        "tags": {key: value for key, value in user.tags.items() if not is_own_tag(key)},
        "boundary": user.boundary,
        "attached": user.attached,
        "inline": {name: parsed(text) for name, text in user.inline.items()},
        "groups": user.groups,
    }
