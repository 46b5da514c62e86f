"""A Deny that nobody declares and that is not owned is a responder's: it stays until a person removes it."""

from dataclasses import replace

import pytest
from states import DENIES_IAM as DENY
from states import EC2, OURS, READS_S3, S3, allow, arn_of, deny, desired, group, live, policy, user

from iamsync.core import quota
from iamsync.core.action import Action
from iamsync.core.arn import Arn, aws_policy_arn
from iamsync.core.change import Attach, DeleteAccessKey, PutInline
from iamsync.core.deny import DENY_ALL, SUSPENDED_POLICY
from iamsync.core.document import Document
from iamsync.core.model import AccessKey, AccessKeys, Console, Credentials, DesiredState, LiveState, User
from iamsync.core.plan import Plan
from iamsync.core.scope import Note, with_new_names
from iamsync.core.scope.denies import deny_faults, kept_denies
from iamsync.core.tags import SUSPENDED_KEYS_TAG
from iamsync.render.actions import summary
from iamsync.render.annotations import of_notes
from iamsync.render.line import plain
from iamsync.render.text import plan_lines

QUARANTINE = aws_policy_arn("aws", "AWSCompromisedKeyQuarantineV3")
DENY_EVERYTHING = aws_policy_arn("aws", "AWSDenyAll")
OPTIONS = "--remove-deny user/eve:Stop --remove-deny user/eve"
STOP = policy("Stop", DENY, tags={})
NO_PASSWORD = Console(enabled=False)
PASSWORD = Console()
NOBODY_HAS_A_KEY = {"eve": Credentials()}
ONE_KEY = {"eve": Credentials(access_keys=(AccessKey(id="AKIA1", active=True),))}


def planned(wanted: DesiredState, found: LiveState, allowed: int | None = None) -> Plan:
    return Plan.between(wanted, found, allowed_removals=allowed)


def done(plan: Plan) -> list[str]:
    return [f"{one.subject}: {summary(one)}" for one in plan.actions]


def waiting(plan: Plan) -> list[str]:
    return [summary(one) for held in plan.held_back for one in held.actions]


def said(plan: Plan) -> list[str]:
    return [f"{note.subject} {note.text}" for note in plan.warnings]


def eve(*attachments: Arn, **inline: Document) -> User:
    return user("eve", *attachments, inline=inline, console=NO_PASSWORD)


@pytest.mark.parametrize(
    ("found", "option"),
    [
        (eve(arn_of("Stop")), "policy Stop; to remove them: --remove-deny user/eve:Stop"),
        (eve(stop=DENY), "inline policy stop; to remove them: --remove-deny user/eve:stop"),
        (eve(DENY_EVERYTHING), "policy aws:AWSDenyAll; to remove them: --remove-deny user/eve:aws:AWSDenyAll"),
        (
            eve(arn_of("Stop"), Stop=DENY),
            f"policy {arn_of('Stop')}, inline policy Stop; to remove them: {OPTIONS}:{arn_of('Stop')}",
        ),
    ],
)
def test_it_stays_and_is_reported_with_the_command_that_removes_it(found: User, option: str) -> None:
    plan = planned(desired(user("eve")), live(found, STOP))

    assert done(plan) == []
    assert plan.held_back == (), "alone it is a note"
    (note,) = said(plan)
    assert note.startswith(
        "user/eve has undeclared Denies, which stay, and the user gets no new password or access key"
    )
    assert sorted(note.split(": ", 1)[1].replace(";", ",").split(", ")) == sorted(option.replace(";", ",").split(", "))


def test_it_stays_on_a_group_that_is_adopted() -> None:
    wanted = desired(group("ops", S3))
    found = live(group("ops", S3, EC2, arn_of("Stop"), path="/teams/", inline={"stop": DENY}), STOP)

    plan = planned(replace(wanted, settings=replace(wanted.settings, adopt=True)), found)

    assert [one for one in done(plan) if "detach" in one or "delete" in one] == [
        "group/ops: detach aws:AmazonEC2ReadOnlyAccess"
    ]
    assert any("has undeclared Denies, which stay: policy Stop, inline policy stop" in one for one in said(plan))


def test_it_stays_on_a_group_too() -> None:
    plan = planned(desired(group("ops", S3)), live(group("ops", S3, EC2, arn_of("Stop"), inline={"stop": DENY}), STOP))

    options = "--remove-deny group/ops:Stop --remove-deny group/ops:stop"
    assert done(plan) == ["group/ops: detach aws:AmazonEC2ReadOnlyAccess"]
    assert said(plan) == [
        f"group/ops has undeclared Denies, which stay: policy Stop, inline policy stop; to remove them: {options}"
    ]


@pytest.mark.parametrize(
    ("found", "drift"),
    [
        (eve(S3), "detach aws:AmazonS3ReadOnlyAccess"),
        (eve(arn_of("Mixed")), "detach Mixed"),
        (eve(arn_of("Ours")), "detach Ours"),
        (eve(arn_of("Odd")), "detach Odd"),
        (eve(mixed=Document.parse({"Statement": [*DENY.statements[:0], DENY.statements[0].as_json(),
                                                 READS_S3.statements[0].as_json()]})), "delete inline policy mixed"),
        (user("eve", inline={"odd": None}), "delete inline policy odd"),
        (user("eve", inline={SUSPENDED_POLICY: DENY_ALL}), "delete inline policy iamsync-suspended"),
    ],
)  # fmt: skip
def test_what_grants_is_unreadable_or_is_ours_is_drift_as_ever(found: User, drift: str) -> None:
    both = Document.parse({"Statement": [DENY.statements[0].as_json(), READS_S3.statements[0].as_json()]})
    policies = (policy("Mixed", both, tags={}), policy("Ours", DENY), policy("Odd", None, tags={}))

    assert done(planned(desired(user("eve")), live(found, *policies))) == [f"user/eve: {drift}"]


def test_a_policy_of_another_owner_is_not_ours_and_one_that_is_adopted_is() -> None:
    theirs = policy("Stop", DENY, tags={"iamsync:owner": "security"})
    found = live(eve(arn_of("Stop")), STOP)

    assert done(planned(desired(user("eve")), live(eve(arn_of("Stop")), theirs))) == []
    assert done(planned(desired(user("eve"), policy("Stop", DENY)), found)) == [], "declared, and left alone"
    assert "user/eve: detach Stop" in done(planned(desired(user("eve"), policy("Stop", DENY), adopt=True), found))


def test_it_is_removed_by_name_for_one_run_and_all_others_stay() -> None:
    found = live(eve(arn_of("Stop"), DENY_EVERYTHING, stop=DENY), STOP)

    def removed(*names: str) -> list[str]:
        return done(planned(desired(user("eve"), remove_denies=names), found))

    assert removed("user/eve:stop") == ["user/eve: delete inline policy stop"]
    assert removed("user/eve:Stop") == removed(f"user/eve:{arn_of('Stop')}") == ["user/eve: detach Stop"]
    assert removed("user/eve:aws:AWSDenyAll") == ["user/eve: detach aws:AWSDenyAll"]
    assert removed("user/bo:stop", "group/eve:stop", "stop") == []


def test_the_setting_makes_it_drift_but_for_what_aws_has_put_there() -> None:
    found = live(eve(QUARANTINE, arn_of("Stop"), stop=DENY), group("ops", arn_of("Stop")), STOP)

    plan = planned(desired(user("eve"), group("ops"), denies_kept=False), found)

    assert sorted(done(plan)) == [
        "group/ops: detach Stop",
        "user/eve: delete inline policy stop",
        "user/eve: detach Stop",
    ]
    (note,) = said(plan)
    assert note.startswith("user/eve AWS HAS QUARANTINED THIS USER")
    assert "--remove-deny user/eve:aws:AWSCompromisedKeyQuarantineV3" in note


def test_a_user_who_has_one_gets_no_new_password_or_key_and_all_else() -> None:
    wanted = desired(user("eve", S3, console=PASSWORD, access_keys=AccessKeys(count=1)))

    plan = planned(wanted, live(eve(EC2, stop=DENY), credentials=NOBODY_HAS_A_KEY))

    assert done(plan) == [
        "user/eve: attach aws:AmazonS3ReadOnlyAccess",
        "user/eve: detach aws:AmazonEC2ReadOnlyAccess",
    ]
    assert {"create console password", "create access key"} <= {*waiting(plan)}
    assert "gets no new password or access key" in plan.held_back[0].text
    assert said(plan) == [], "said once, where something waits"


def test_nor_is_a_key_deleted_to_make_room_for_one_that_waits() -> None:
    keys = (AccessKey(id="AKIA1", active=True, idle_days=0), AccessKey(id="AKIA2", active=False, idle_days=30))
    wanted = desired(user("eve", access_keys=AccessKeys(count=2)))
    credentials = {"eve": Credentials(access_keys=keys)}

    free, denied = (planned(wanted, live(one, credentials=credentials)) for one in (user("eve"), eve(stop=DENY)))

    assert any(isinstance(one.change, DeleteAccessKey) for one in free.actions)
    assert done(denied) == []


def test_a_user_of_whom_the_last_one_is_removed_gets_the_password_afterwards() -> None:
    wanted = desired(user("eve", console=PASSWORD), remove_denies=["user/eve:stop"])

    assert done(planned(wanted, live(eve(stop=DENY)))) == [
        "user/eve: delete inline policy stop",
        "user/eve: create console password",
    ]
    still = planned(wanted, live(eve(arn_of("Stop"), stop=DENY), STOP))
    assert (done(still), waiting(still)) == (["user/eve: delete inline policy stop"], ["create console password"])


def test_one_on_a_group_keeps_nobody_from_a_password() -> None:
    wanted = desired(user("eve", groups=["ops"], console=PASSWORD), group("ops"))
    found = live(user("eve", groups=["ops"], console=NO_PASSWORD), group("ops", inline={"stop": DENY}))

    assert done(planned(wanted, found)) == ["user/eve: create console password"]


def test_a_boundary_that_only_denies_is_not_concerned() -> None:
    assert done(planned(desired(user("eve")), live(user("eve", boundary=arn_of("Stop")), STOP))) == [
        "user/eve: remove boundary Stop"
    ]


def test_a_user_who_is_pruned_loses_it_last_just_before_the_end() -> None:
    leaver = user("eve", S3, arn_of("Stop"), inline={"a-stop": DENY, "go": READS_S3}, groups=["ops"], console=PASSWORD)
    keys = {
        "eve": Credentials(access_keys=ONE_KEY["eve"].access_keys, mfa_devices=("GAKT",), ssh_public_keys=("APKA",))
    }

    plan = planned(desired(user("bo"), prune=True), live(user("bo"), leaver, group("ops"), STOP, credentials=keys))

    of_eve = [one for one in plan.actions if one.subject == "user/eve"]
    assert [summary(one) for one in of_eve[-3:]] == ["delete inline policy a-stop", "detach Stop", "delete user"]
    for one in of_eve[-3:-1]:
        needed = plan.graph.needs[plan.actions.index(one)]
        assert {plan.actions.index(other) for other in of_eve[:-3]} <= needed, "all else must have been done"


def test_nor_does_it_go_before_a_policy_whose_new_text_allows() -> None:
    leaver = user("eve", arn_of("P"), inline={"stop": DENY}, console=NO_PASSWORD)
    wanted = desired(user("bo"), policy("P", READS_S3), prune=True)

    plan = planned(wanted, live(user("bo"), leaver, policy("P", DENY)))

    of_eve = [summary(one) for one in plan.actions if one.subject == "user/eve"]
    assert of_eve == ["detach P", "delete inline policy stop", "delete user"]


def test_over_the_limit_of_removals_a_leaver_and_a_group_keep_it() -> None:
    leaver = user("eve", S3, QUARANTINE, inline={"stop": DENY}, console=NO_PASSWORD)
    found = live(user("bo"), user("cy"), leaver, group("ops", S3, arn_of("Stop")), STOP)

    plan = planned(desired(user("bo"), user("cy"), prune=True), found, allowed=0)

    assert done(plan) == [
        "user/eve: inline policy iamsync-suspended",
        "group/ops: detach aws:AmazonS3ReadOnlyAccess",
        "user/eve: detach aws:AmazonS3ReadOnlyAccess",
    ]


def test_a_suspension_comes_and_goes_beside_it_and_its_own_deny_is_known_as_ours() -> None:
    suspended = user("eve", suspended=True)
    cut = user("eve", DENY_EVERYTHING, inline={SUSPENDED_POLICY: DENY_ALL, "stop": DENY}, console=NO_PASSWORD)

    begun = planned(desired(suspended), live(eve(DENY_EVERYTHING, stop=DENY)))
    lifted = planned(desired(user("eve")), live(cut))

    assert done(begun) == ["user/eve: inline policy iamsync-suspended"]
    assert done(lifted) == ["user/eve: delete inline policy iamsync-suspended"]


def test_a_suspension_ends_though_the_new_password_and_key_wait() -> None:
    wanted = desired(user("eve", console=PASSWORD, access_keys=AccessKeys(count=2)))
    tags = {**OURS, SUSPENDED_KEYS_TAG: "AKIA1"}
    cut = user("eve", tags=tags, inline={SUSPENDED_POLICY: DENY_ALL, "stop": DENY}, console=NO_PASSWORD)
    off = {"eve": Credentials(access_keys=(AccessKey(id="AKIA1", active=False),))}

    plan = planned(wanted, live(cut, credentials=off))

    assert done(plan) == [
        "user/eve: activate access key AKIA1 again",
        "user/eve: clear bookkeeping tag iamsync:suspended-keys",
        "user/eve: delete inline policy iamsync-suspended",
    ]
    assert {"create console password", "create access key"} <= {*waiting(plan)}


def test_a_suspension_outranks_denies_that_fill_every_quota() -> None:
    stops = [policy(f"Stop{number}", DENY, tags={}) for number in range(10)]
    full = deny(*(f"s3:GetObject{number:04}" for number in range(119)))
    assert full.size + DENY_ALL.size > 2048
    found = user("eve", *(one.arn for one in stops), inline={"full": full}, console=PASSWORD)

    plan = planned(desired(user("eve", suspended=True)), live(found, *stops), allowed=1)
    again = planned(desired(user("eve")), live(replace(found, boundary=DENY_EVERYTHING, console=NO_PASSWORD), *stops))

    assert done(plan) == ["user/eve: boundary aws:AWSDenyAll", "user/eve: delete console password"]
    assert done(again) == ["user/eve: remove boundary aws:AWSDenyAll"]


def test_at_the_limit_of_policies_it_counts_and_room_is_made_by_others() -> None:
    nine = [policy(f"P{number}") for number in range(9)]
    wanted = desired(user("eve", S3, *(one.arn for one in nine[1:])), *nine)

    plan = planned(wanted, live(eve(arn_of("Stop"), *(one.arn for one in nine)), STOP, *nine))

    assert done(plan) == ["user/eve: detach P0", "user/eve: attach aws:AmazonS3ReadOnlyAccess"]


def crowded(wanted: DesiredState, found: LiveState) -> list[Note]:
    denies, plan = kept_denies(wanted, with_new_names(wanted, found)), planned(wanted, found)
    return [*quota.exceeded(plan, found, {}, denies), *quota.crowded_out(plan, denies)]


def test_where_it_fills_the_quota_of_policies_the_plan_says_so() -> None:
    ten = [policy(f"P{number}") for number in range(10)]
    wanted = desired(user("eve", *(one.arn for one in ten)), *ten)

    (note,) = crowded(wanted, live(eve(arn_of("Stop"), *(one.arn for one in ten[1:])), STOP, *ten))

    assert note.text.startswith("would have 11 attached policies, AWS allows 10 (AttachedPoliciesPerUserQuota)")
    assert note.text.endswith("; or remove undeclared Denies, which count: --remove-deny user/eve:Stop")


def test_who_gets_another_name_has_no_more_room() -> None:
    """What a user has under the old name counts as well: attached policies and characters of inline policies."""
    ten = [policy(f"P{number}") for number in range(10)]
    own, stop = (make(*(f"s3:GetObject{number:04}" for number in range(70))) for make in (allow, deny))
    eva = replace(user("eva", *(one.arn for one in ten), inline={"own": own}), previous_names=("eve",))
    before = user("eve", arn_of("Stop"), *(one.arn for one in ten[1:]), inline={"stop": stop})

    attached, inline = crowded(desired(eva, *ten), live(before, STOP, *ten))

    assert attached.text.startswith("would have 11 attached policies, AWS allows 10")
    assert inline.text.startswith(f"would have {own.size + stop.size} characters of inline policies, AWS allows 2048")
    assert {attached.subject, inline.subject} == {"user/eva"}


@pytest.mark.parametrize("kind", ["user", "group"])
def test_where_it_fills_the_characters_of_inline_policies_the_plan_says_so_and_the_text_waits(kind: str) -> None:
    half = allow(*(f"s3:GetObject{number:04}" for number in range(70 if kind == "user" else 180)))
    stop = deny(*(f"s3:GetObject{number:04}" for number in range(70 if kind == "user" else 180)))
    make = user if kind == "user" else group
    wanted, found = desired(make("eve", inline={"own": half})), live(make("eve", inline={"stop": stop}))

    (note,) = crowded(wanted, found)
    held = Plan.between(wanted, found, holds={note.subject: note})

    assert note.text == (
        f"would have {half.size + stop.size} characters of inline policies, AWS allows "
        f"{2048 if kind == 'user' else 5120}: declare less; or remove undeclared Denies, which count: "
        f"--remove-deny {kind}/eve:stop"
    )
    assert (done(held), waiting(held)) == ([], ["inline policy own"])


def test_a_declared_deny_for_which_there_is_no_room_waits_too_and_is_not_refused_by_aws() -> None:
    half, stop = (deny(*(f"{name}:Get{number:04}" for number in range(110))) for name in ("s3", "sqs"))
    wanted, found = desired(user("eve", inline={"own": half})), live(user("eve", inline={"stop": stop}))

    (note,) = crowded(wanted, found)

    assert not any(isinstance(one.change, PutInline) for one in _held(wanted, found, note))


def _held(wanted: DesiredState, found: LiveState, note: Note) -> tuple[Action, ...]:
    return Plan.between(wanted, found, holds={note.subject: note}).actions


def test_who_gets_the_password_again_still_waits_where_something_else_is_in_the_way_too() -> None:
    """The narrow reason does not narrow another."""
    wanted = desired(user("eve", S3, console=PASSWORD))
    other = {"user/eve": Note(subject="user/eve", text="something else")}

    plan = Plan.between(wanted, live(eve(stop=DENY)), holds=other)

    assert not any(isinstance(one.change, Attach) for one in plan.actions)


def test_a_name_that_fits_none_is_an_error_that_lists_what_there_is() -> None:
    found = live(eve(arn_of("Stop"), stop=DENY), user("bo"), user("cy", inline={"stop": DENY}, tags={}), STOP)

    def faults(*names: str) -> list[str]:
        return [*deny_faults(desired(user("eve"), user("bo"), user("cy"), remove_denies=names), found)]

    both = "--remove-deny user/eve:Stop, --remove-deny user/eve:stop"
    assert faults("user/eve:stop", "user/eve:Stop", f"user/eve:{arn_of('Stop')}") == []
    assert faults("user/eve:stopp") == [
        f"--remove-deny user/eve:stopp fits no undeclared Deny; those on user/eve: {both}"
    ]
    assert faults("eve:stop", "user/cy:stop") == [
        f"--remove-deny eve:stop fits no undeclared Deny; those of declared users and groups: {both}",
        f"--remove-deny user/cy:stop fits no undeclared Deny; those of declared users and groups: {both}",
    ]
    nothing = desired(user("bo"), remove_denies=["user/bo:x"])
    assert [*deny_faults(nothing, live(user("bo")))] == [
        "--remove-deny user/bo:x fits no undeclared Deny; those of declared users and groups: none"
    ]


def test_a_renamed_user_keeps_it_and_is_named_by_the_new_name() -> None:
    wanted = desired(user("eve", previous_names=("ava",)))

    plan = planned(wanted, live(replace(eve(arn_of("Stop")), name="ava"), STOP))

    assert done(plan) == ["user/eve: rename ava -> eve"]
    assert "--remove-deny user/eve:Stop" in said(plan)[0]


def test_an_adopted_user_keeps_it() -> None:
    plan = planned(desired(user("eve"), adopt=True), live(replace(eve(S3, stop=DENY), tags={})))

    assert done(plan) == [
        "user/eve: adopt: set the ownership tag on this existing user",
        "user/eve: detach aws:AmazonS3ReadOnlyAccess",
    ]


def test_nobody_who_is_left_alone_is_reported() -> None:
    plan = planned(
        desired(user("bo"), user("cy")), live(eve(stop=DENY), replace(eve(stop=DENY), name="cy", tags={}), user("bo"))
    )

    assert not [one for one in said(plan) if "Denies" in one]


def test_a_name_that_is_no_word_of_a_shell_is_quoted_in_the_command() -> None:
    (note,) = said(planned(desired(user("eve")), live(user("eve", inline={"x; rm -rf ~": DENY}))))

    assert note.endswith("--remove-deny 'user/eve:x; rm -rf ~'")


def test_many_who_have_the_same_one_are_a_line_and_an_annotation() -> None:
    names = ["ava", "bo", "cy", "dan", "eve"]
    plan = planned(desired(*map(user, names)), live(*(user(name, inline={"stop": DENY}) for name in names)))

    (line,) = [one for one in plain(plan_lines(plan)).splitlines() if "Denies" in one]
    (annotation,) = of_notes(plan)

    assert line.startswith("! 5 users: has undeclared Denies")
    assert "--remove-deny user/NAME:stop: ava, bo, cy, dan, eve" in line
    assert annotation.message.startswith("5 items (user/ava, ")
