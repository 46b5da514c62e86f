"""What is read of single users and policies: nothing without a reason. The laws show that it suffices."""

from dataclasses import replace

import pytest
from states import OURS, S3, arn_of, desired, live, policy, user

from iamsync.core.keys import note_tag
from iamsync.core.model import AccessKeys, Console, User
from iamsync.core.reads import Reads, reads
from iamsync.core.tags import SUSPENDED_KEYS_TAG

NOTHING = Reads(last_used={})
AIKO = frozenset({"aiko"})
ONE_KEY = AccessKeys(count=1)
WAS_SUSPENDED = user("aiko", tags=OURS | {SUSPENDED_KEYS_TAG: "AKIA1"})
INTERRUPTED = user("aiko", tags=OURS | {note_tag("0a1b2c3d"): "none"})


@pytest.mark.parametrize(
    ("declared", "found", "expected"),
    [
        (user("aiko", S3), user("aiko"), NOTHING),
        (user("aiko", console=Console()), user("aiko"), replace(NOTHING, passwords=AIKO)),
        (user("aiko", access_keys=ONE_KEY), user("aiko"), replace(NOTHING, keys=AIKO, last_used={"aiko": ONE_KEY})),
        (user("aiko", suspended=True), user("aiko"), replace(NOTHING, passwords=AIKO, keys=AIKO)),
        (
            user("aiko", suspended=True, access_keys=ONE_KEY),
            user("aiko"),
            replace(NOTHING, passwords=AIKO, keys=AIKO),
        ),
        (user("aiko"), WAS_SUSPENDED, replace(NOTHING, passwords=AIKO, keys=AIKO)),
        (user("aiko"), INTERRUPTED, replace(NOTHING, keys=AIKO, last_used={"aiko": None})),
    ],
)
def test_a_declared_user_is_read_only_as_far_as_the_declaration_and_the_tags_ask(
    declared: User, found: User, expected: Reads
) -> None:
    assert reads(desired(declared), live(found)) == expected


def test_a_user_who_is_renamed_is_read_under_the_name_in_iam() -> None:
    wanted = desired(user("aiko.sato", console=Console(), previous_names=("aiko",)), prune=True)

    assert reads(wanted, live(user("aiko"))) == replace(NOTHING, passwords=AIKO)
    assert reads(replace(wanted, users={}), live(user("aiko"))).everything == AIKO, "not renamed: deleted"


def test_all_credentials_and_the_uses_of_a_policy_are_read_only_before_a_deletion() -> None:
    found = live(user("aiko"), user("theirs", tags={}), policy("Old"), policy("Theirs", tags={}))

    assert reads(desired(), found) == NOTHING
    assert reads(desired(prune=True), found) == Reads(
        passwords=AIKO, keys=AIKO, last_used={}, everything=AIKO, used_by=frozenset({arn_of("Old")}), spare_mfa=True
    )


def test_spare_mfa_devices_are_read_only_for_a_new_user_or_a_deletion() -> None:
    assert not reads(desired(user("aiko")), live(user("aiko"), user("left"))).spare_mfa
    assert reads(desired(user("aiko")), live()).spare_mfa
