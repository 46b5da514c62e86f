"""Access keys against the sandbox, over HTTP: delivered at once, and none that works stays with nobody who holds it."""

import json
import logging
import os
from csv import DictReader
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from channels import InMemory, access_key, by, to_file
from faults import After, Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write
from states import ACCOUNT, desired, live, user

from iamsync import live as reading
from iamsync.apply import Patience, apply
from iamsync.core.action import Premise
from iamsync.core.api import Secret
from iamsync.core.arn import Account, Arn
from iamsync.core.model import AccessKeys, Console
from iamsync.core.plan import Plan
from iamsync.core.recent import Recent, settled, written
from iamsync.core.report import Outcome, Report, Status
from iamsync.delivery import Delivery, Destinations, RunContext, credentials_csv
from iamsync.journal import Occasion, opened
from iamsync.sandbox import Sandbox

QUICK = Patience(total=2, first=0.05)
ONE = AccessKeys(count=1)
PLAN = Plan.between(desired(user("aiko", access_keys=ONE)), live())
LEFT_OVER = "iamsync:new-access-key:0a1b2c3d"
SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'


def keys(iam: IAMClient) -> list[str]:
    return [one["AccessKeyId"] for one in iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]]


def rows(csv: Path) -> list[dict[str, str]]:
    return list(DictReader(csv.read_text().splitlines()))


def made(hasty: IAMClient, delivery: Delivery | None) -> Outcome:
    return creation(apply(PLAN, hasty, delivery, patience=QUICK))


def creation(report: Report) -> Outcome:
    """What became of the (first) new key."""
    return next(one for one in report.outcomes if one.action.operation == "create_access_key")


def someone(iam: IAMClient, *, mark: str = "") -> None:
    """The user aiko, who is ours; `mark` is the note of a run that was killed."""
    tags = {"iamsync:owner": "us"} | ({LEFT_OVER: mark} if mark else {})
    iam.create_user(UserName="aiko", Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def key_of_another_run(iam: IAMClient) -> str:
    return iam.create_access_key(UserName="aiko")["AccessKey"]["AccessKeyId"]


def marks(iam: IAMClient) -> list[str]:
    tags = iam.get_user(UserName="aiko")["User"].get("Tags", [])
    return [tag["Value"] for tag in tags if tag["Key"].startswith("iamsync:new-access-key")]


def planned(iam: IAMClient, wanted: AccessKeys | None = ONE) -> Plan:
    state = desired(user("aiko", access_keys=wanted))
    return Plan.between(state, reading.read(iam, state, at_once=1, now=datetime.now(tz=UTC)))


def test_a_key_is_delivered_with_the_columns_of_the_console(hasty: IAMClient, delivery: Delivery, csv: Path) -> None:
    outcome = made(hasty, delivery)

    (row,) = rows(csv)
    assert outcome.status is Status.DONE
    assert [row["Access key ID"]] == keys(hasty) == [outcome.why]
    assert (row["User name"], row["Password"], row["Console login link"]) == ("aiko", "", "https://x")
    assert len(row["Secret access key"]) == 40


def test_the_key_that_is_delivered_works(hasty: IAMClient, delivery: Delivery, csv: Path, sandbox: Sandbox) -> None:
    assert made(hasty, delivery).status is Status.DONE

    (row,) = rows(csv)
    assert hasty.get_access_key_last_used(AccessKeyId=row["Access key ID"])["UserName"] == "aiko"
    assert [call.operation for call in sandbox.calls][:3] == ["CreateUser", "CreateAccessKey", "ListAccessKeys"]


def test_a_password_and_a_key_are_two_rows(hasty: IAMClient, delivery: Delivery, csv: Path) -> None:
    plan = Plan.between(desired(user("aiko", console=Console(), access_keys=AccessKeys(count=2))), live())

    assert apply(plan, hasty, delivery).complete

    assert [bool(row["Password"]) for row in rows(csv)] == [True, False, False]
    assert {row["Access key ID"] for row in rows(csv)} == {"", *keys(hasty)}


def test_a_row_of_a_key_is_flushed_to_the_disk(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)

    delivery.by("").put(access_key("aiko", "AKIA", "s"))

    assert len(flushed) == 1


def test_a_key_that_cannot_be_delivered_is_deleted_at_once(hasty: IAMClient, network: Network) -> None:
    outcome = creation(apply(PLAN, hasty, by(InMemory(full=0))))

    assert outcome.status is Status.FAILED
    assert outcome.why.startswith("aiko: the disk is full: the new access key AKIA")
    assert outcome.why.endswith(" was deleted again")
    assert keys(hasty) == []
    assert [one.operation for one in network.writes] == [
        "CreateUser",
        "CreateAccessKey",
        "DeleteAccessKey",
        "UntagUser",
    ]
    assert marks(hasty) == []


def test_a_key_that_can_neither_be_delivered_nor_deleted_is_named(hasty: IAMClient, network: Network) -> None:
    network.script = [Fault(match="^DeleteAccessKey", code="AccessDenied")]

    outcome = creation(apply(PLAN, hasty, by(InMemory(full=0))))

    (key,) = keys(hasty)
    assert outcome.why.endswith(f"delete access key {key} yourself, it still exists: AccessDenied: injected")
    assert marks(hasty) == ["none"], "the next run deletes it"


def test_without_a_way_to_deliver_no_key_is_made(hasty: IAMClient, network: Network) -> None:
    assert made(hasty, None).status is Status.FAILED
    assert "CreateAccessKey" not in network.sent


@pytest.mark.parametrize("loss", list(After))
def test_of_a_key_whose_answer_was_lost_nothing_is_left(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, loss: After, tmp_path: Path
) -> None:
    network.script = [Fault(match="^CreateAccessKey", after=loss)]
    occasion = Occasion(account=ACCOUNT, caller=Arn("arn:aws:iam::123456789012:user/ci"), plan="x", commit=None)

    with opened(tmp_path / "j.jsonl", occasion) as journal:
        report = apply(PLAN, hasty, delivery, patience=QUICK, journal=journal)

    (row,) = rows(csv)
    assert report.complete, report.outcomes[-1].why
    assert keys(hasty) == [row["Access key ID"]]
    assert "an answer was lost, and nobody holds the key that it named: it was deleted" in creation(report).why
    assert network.sent.count("CreateAccessKey") == 2
    written = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text().splitlines()]
    assert [line["operation"] for line in written if line["event"] == "call"] == [
        "create_user",
        "delete_access_key",
        "create_access_key",
        "untag_user",
    ]


def test_a_key_that_is_there_already_is_not_taken_for_the_lost_one(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam)
    old = key_of_another_run(iam)
    network.script = [Fault(match="^CreateAccessKey", after=After.RESET)]

    report = apply(planned(iam, AccessKeys(count=2)), hasty, delivery, patience=QUICK)

    assert old in keys(hasty)
    assert report.complete
    assert set(keys(hasty)) == {old, *(row["Access key ID"] for row in rows(csv))}


def test_a_key_whose_answer_was_lost_goes_as_soon_as_it_can_be_seen(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    network.stale_reads = 4
    network.script = [Fault(match="^CreateAccessKey", after=After.RESET)]

    outcome = creation(apply(PLAN, hasty, delivery, patience=Patience(total=20, first=0.05)))

    network.stale_reads = 0
    assert outcome.status is Status.DONE, outcome.why
    assert network.writes[-3].operation == "DeleteAccessKey"
    assert [row["Access key ID"] for row in rows(csv)] == keys(hasty)


def test_where_there_is_no_room_for_a_second_key_the_lost_one_is_waited_for(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam)
    old = key_of_another_run(iam)
    network.stale_reads = 4
    network.script = [Fault(match="^CreateAccessKey", after=After.RESET)]

    report = apply(planned(iam, AccessKeys(count=2)), hasty, delivery, patience=Patience(total=20, first=0.05))

    network.stale_reads = 0
    assert report.complete, [one.why for one in report.outcomes]
    assert set(keys(hasty)) == {old, *(row["Access key ID"] for row in rows(csv))}
    assert len(keys(hasty)) == 2


def test_when_no_answer_comes_at_all_no_key_is_left(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    network.script = [Fault(match="^CreateAccessKey", after=After.SERVER_ERROR, times=9)]

    outcome = made(hasty, delivery)

    assert outcome.status is Status.FAILED
    assert outcome.why.endswith("nobody holds the key that it named: the next run looks for it once more")
    assert (keys(hasty), rows(csv), marks(hasty)) == ([], [], ["none"])
    assert network.sent.count("CreateAccessKey") == 4


@pytest.mark.parametrize("loss", [After.RESET, After.SERVER_ERROR])
def test_an_answer_that_is_lost_three_times_is_not_the_end(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path, loss: After
) -> None:
    network.script = [Fault(match="^CreateAccessKey", after=loss, times=3)]

    outcome = made(hasty, delivery)

    assert outcome.status is Status.DONE, outcome.why
    assert [row["Access key ID"] for row in rows(csv)] == keys(hasty)


def test_a_call_that_failed_without_effect_is_made_once_more(
    network: Network, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    network.script = [Fault(match="^CreateAccessKey", code="ServiceFailure")]

    assert made(hasty, delivery).status is Status.DONE
    assert [row["Access key ID"] for row in rows(csv)] == keys(hasty)


def test_a_lost_key_that_cannot_be_looked_for_is_reported(
    network: Network, hasty: IAMClient, delivery: Delivery
) -> None:
    network.script = [
        Fault(match="^CreateAccessKey", after=After.SERVER_ERROR),
        Fault(match="^ListAccessKeys", code="AccessDenied"),
    ]

    outcome = made(hasty, delivery)

    assert outcome.status is Status.FAILED
    assert "the keys cannot be listed: AccessDenied: injected: delete it yourself" in outcome.why


def test_an_invisible_user_is_waited_for(network: Network, hasty: IAMClient, delivery: Delivery) -> None:
    network.invisible_calls = 3

    assert made(hasty, delivery).status is Status.DONE


def test_a_third_key_is_refused_by_aws_and_nothing_is_deleted(
    iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    someone(iam)
    known = frozenset(key_of_another_run(iam) for _ in range(2))
    one_more = replace(PLAN.actions[1], premise=Premise(keys=known))
    alone = replace(PLAN.without([PLAN.actions[0], *PLAN.actions[2:]]), actions=(one_more,))

    (outcome,) = apply(alone, hasty, delivery).outcomes

    assert outcome.error_code == "LimitExceeded"
    assert set(keys(iam)) == known


def test_the_note_is_on_the_user_before_the_key_and_gone_after_it(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    someone(iam)
    old = key_of_another_run(iam)

    assert apply(planned(iam, AccessKeys(count=2)), hasty, delivery).complete

    assert [one.operation for one in network.writes] == ["TagUser", "TagUser", "CreateAccessKey", "UntagUser"]
    claim, note, _, end = (one.params for one in network.writes)
    assert claim["Tags.member.1.Key"] == note["Tags.member.1.Key"] == end["TagKeys.member.1"]
    assert (claim["Tags.member.1.Value"], note["Tags.member.1.Value"]) == ("", old)
    assert marks(iam) == []


def statuses(iam: IAMClient) -> dict[str, str]:
    return {one["AccessKeyId"]: one["Status"] for one in iam.list_access_keys(UserName="aiko")["AccessKeyMetadata"]}


def test_a_key_that_nobody_holds_is_found_by_the_next_run_deactivated_and_another_is_delivered(
    iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam, mark="none")
    stray = key_of_another_run(iam)

    report = apply(planned(iam), hasty, delivery)

    assert report.complete
    (new,) = (row["Access key ID"] for row in rows(csv))
    assert statuses(iam) == {stray: "Inactive", new: "Active"}
    assert marks(iam) == []
    assert planned(iam).actions == ()


def test_it_is_deleted_where_its_room_is_needed(
    iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam, mark="none")
    stray = key_of_another_run(iam)

    assert apply(planned(iam, AccessKeys(count=2)), hasty, delivery).complete

    assert stray not in keys(iam)
    assert statuses(iam) == {row["Access key ID"]: "Active" for row in rows(csv)}


def test_a_forged_note_makes_nobody_lose_a_key_for_good(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    """Whoever may tag the user can write the note; the key is new and unused, but somebody has it."""
    someone(iam)
    theirs = key_of_another_run(iam)
    iam.tag_user(UserName="aiko", Tags=[{"Key": LEFT_OVER, "Value": "none"}])

    assert apply(planned(iam), hasty, delivery).complete

    assert statuses(iam)[theirs] == "Inactive"
    assert "DeleteAccessKey" not in network.sent


def test_where_a_key_has_come_since_the_plan_the_claim_is_withdrawn_and_none_is_made(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    someone(iam)
    plan = planned(iam)
    theirs = key_of_another_run(iam)

    report = apply(plan, hasty, delivery)

    assert report.outcomes[0].why == f"another run has made access key {theirs} since the plan: plan again"
    assert [one.status for one in report.outcomes] == [Status.FAILED, *[Status.SKIPPED] * 3]
    assert [one.operation for one in network.writes] == ["TagUser", "UntagUser"]
    assert (keys(iam), marks(iam)) == ([theirs], [])


def test_a_key_that_another_run_has_delivered_meanwhile_is_not_taken_for_one_that_nobody_holds(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    someone(iam, mark="none")
    theirs = key_of_another_run(iam)
    plan = planned(iam)
    iam.untag_user(UserName="aiko", TagKeys=[LEFT_OVER])

    report = apply(plan, hasty, delivery)

    assert report.outcomes[0].why == "another run has changed the user's access keys since the plan: plan again"
    assert (network.writes, keys(iam)) == ([], [theirs])


def test_a_run_that_makes_keys_already_is_not_waited_for(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    """Even where its tag is the larger one."""
    someone(iam)
    plan = planned(iam)
    theirs = "iamsync:new-access-key:ffffffff"
    iam.tag_user(UserName="aiko", Tags=[{"Key": theirs, "Value": "none"}])

    report = apply(plan, hasty, delivery, patience=QUICK, run_id="00000000")

    assert report.outcomes[0].why == (
        f"another run makes access keys for this user, or was killed while it did (tag {theirs}): "
        "plan again when it has ended"
    )
    assert network.sent.count("GetUser") == 1
    assert (keys(iam), marks(iam)) == ([], ["none"])


@pytest.mark.parametrize(("theirs", "reads"), [("00000000", 1), ("ffffffff", 3)])
def test_of_two_claims_the_smaller_one_waits_and_the_larger_one_is_withdrawn(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, theirs: str, reads: int
) -> None:
    """The other run was killed after its claim: it makes no keys, and the next plan removes its tag."""
    someone(iam)
    plan = planned(iam)
    iam.tag_user(UserName="aiko", Tags=[{"Key": f"iamsync:new-access-key:{theirs}", "Value": ""}])

    report = apply(plan, hasty, delivery, patience=Patience(total=0.2, first=0.1), run_id="88888888")

    assert report.outcomes[0].status is Status.FAILED
    assert network.sent.count("GetUser") == reads
    assert (keys(iam), marks(iam)) == ([], [""])
    assert apply(planned(iam), hasty, delivery, patience=QUICK).complete
    assert marks(iam) == []


def test_a_key_that_comes_beside_the_new_one_is_anothers_and_the_new_one_is_deleted(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam)
    plan = planned(iam)
    theirs: list[str] = []

    def beside(_: int) -> None:
        if network.writes[-1].operation == "CreateAccessKey":
            theirs.append(key_of_another_run(iam))

    network.after_write = beside

    outcome = creation(apply(plan, hasty, delivery, patience=QUICK))

    assert outcome.why.startswith(f"another run has made access key {theirs[0]}: the new access key")
    assert (keys(iam), rows(csv), marks(iam)) == (theirs, [], [])
    assert planned(iam).actions == ()


def test_a_key_that_was_deleted_again_and_cannot_be_withdrawn_is_reported_with_its_place(
    network: Network, iam: IAMClient, hasty: IAMClient
) -> None:
    someone(iam)
    plan = planned(iam)
    network.script = [Fault(match="^ListAccessKeys", code="AccessDenied", skip=1)]

    report = apply(plan, hasty, by(InMemory(withdraws=False)))

    (receipt,) = report.receipts
    assert creation(report).why == (
        "the keys cannot be listed: AccessDenied: injected; the memory cannot be cleared, so the key stays where it "
        f"was delivered, and does not work: the new access key {receipt.key_id} was deleted again; plan again"
    )
    assert (keys(iam), marks(iam)) == ([], [])


def test_the_report_says_which_keys_are_where(iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path) -> None:
    report = apply(Plan.between(desired(user("aiko", access_keys=AccessKeys(count=2))), live()), hasty, delivery)

    assert {(one.user, one.kind, one.place) for one in report.receipts} == {("aiko", Secret.ACCESS_KEY, str(csv))}
    assert sorted(one.key_id for one in report.receipts) == sorted(keys(iam))


def test_a_user_whom_another_run_has_created_gets_no_keys_from_this_one(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery
) -> None:
    someone(iam, mark="none")

    report = apply(PLAN, hasty, delivery)

    assert report.outcomes[0].error_code == "EntityAlreadyExists"
    assert (network.writes, keys(iam), marks(iam)) == ([], [], ["none"])


def test_a_new_key_that_another_run_has_deleted_is_not_reported_as_delivered(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam)
    plan = planned(iam)

    def gone(_: int) -> None:
        if network.writes[-1].operation == "CreateAccessKey":
            iam.delete_access_key(UserName="aiko", AccessKeyId=keys(iam)[0])

    network.after_write = gone

    outcome = creation(apply(plan, hasty, delivery, patience=Patience(total=0.2, first=0.05)))

    assert "is not visible, or another run has deleted it" in outcome.why
    assert rows(csv) == []


def test_a_new_key_beside_which_nothing_can_be_seen_is_taken_back(
    network: Network, iam: IAMClient, hasty: IAMClient, delivery: Delivery, csv: Path
) -> None:
    someone(iam)
    plan = planned(iam)
    network.script = [Fault(match="^ListAccessKeys", code="AccessDenied", skip=1)]

    outcome = creation(apply(plan, hasty, delivery))

    assert outcome.why.startswith("the keys cannot be listed: AccessDenied: injected: the new access key AKIA")
    assert (keys(iam), rows(csv), marks(iam)) == ([], [], [])


def test_the_secret_is_in_the_csv_and_nowhere_else(
    iamsync: Iamsync, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {access_keys: 1}}\n")
    for name in ("", "botocore", "urllib3", "boto3"):
        caplog.set_level(logging.DEBUG, logger=name)

    ended = iamsync("apply", "--yes", "--csv", "new.csv", "--journal", "j.jsonl")

    (row,) = rows(tmp_path / "new.csv")
    secret = row["Secret access key"]
    told = [ended.out, ended.err, caplog.text, (tmp_path / "j.jsonl").read_text()]
    assert ended.code == 0
    assert "GetCallerIdentity" in caplog.text, "debug it is"
    assert [text for text in told if secret in text] == []
    assert row["Access key ID"] in ended.out
    assert "Nothing to do" in iamsync("plan").out


def test_where_no_console_is_known_a_key_is_delivered_without_a_link(iam: IAMClient, tmp_path: Path) -> None:
    isolated = replace(PLAN, account=Account(id="123456789012", partition="aws-iso"))

    run = RunContext(account=isolated.account, iam=iam, destinations=Destinations(csv=tmp_path / "new.csv"))

    with credentials_csv.prepare(run, isolated.actions) as file:
        file.put(access_key("aiko", "AKIA", "secret"))

        assert rows(tmp_path / "new.csv")[0]["Console login link"] == ""


def test_for_a_key_the_password_policy_is_not_asked_for(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {access_keys: 1}}\n")

    assert iamsync("apply", "--yes", "--csv", "new.csv").code == 0

    assert "GetAccountPasswordPolicy" not in [call.operation for call in sandbox.calls]


def test_keys_are_asked_for_only_where_they_are_declared(iam: IAMClient, sandbox: Sandbox) -> None:
    for name in ("aiko", "bo"):
        iam.create_user(UserName=name)
        iam.create_access_key(UserName=name)
    iam.create_access_key(UserName="aiko")
    sandbox.forget_calls()
    wanted = desired(user("aiko", access_keys=AccessKeys(count=2)), user("bo"))

    found = reading.read(iam, wanted, at_once=2, now=datetime.now(tz=UTC))

    assert [call.operation for call in sandbox.calls] == ["GetAccountAuthorizationDetails", "ListAccessKeys"]
    assert set(found.credentials) == {"aiko"}


def test_keys_and_the_use_of_new_ones_are_asked_for_where_an_apply_was_interrupted(
    iam: IAMClient, sandbox: Sandbox
) -> None:
    someone(iam, mark="none")
    key_of_another_run(iam)
    iam.create_user(UserName="bo")
    sandbox.forget_calls()

    reading.read(iam, desired(user("aiko"), user("bo")), at_once=2, now=datetime.now(tz=UTC))

    asked = [call.operation for call in sandbox.calls]
    assert asked == ["GetAccountAuthorizationDetails", "ListAccessKeys", "GetAccessKeyLastUsed"]


def test_a_note_that_somebody_has_spoiled_is_no_note(iam: IAMClient) -> None:
    iam.create_user(UserName="aiko")
    made = iam.create_access_key(UserName="aiko")["AccessKey"]["AccessKeyId"]
    wanted = desired(user("aiko", access_keys=ONE))

    def retired_days(note: str) -> int | None:
        iam.tag_user(UserName="aiko", Tags=[{"Key": "iamsync:retired-key", "Value": note}])
        found = reading.read(iam, wanted, at_once=1, now=datetime(2026, 11, 24, tzinfo=UTC))
        return found.credentials["aiko"].access_keys[0].retired_days

    assert retired_days(f"{made} 2026-11-20") == 4
    assert retired_days(f"{made} 2026-11-30") == 0
    assert [retired_days(note) for note in (made, f"{made} soon", "AKIA 2026-11-20")] == [None, None, None]


def test_a_key_that_a_lagging_read_does_not_show_is_not_made_again() -> None:
    done = tuple(Outcome(action=action, status=Status.DONE) for action in PLAN.actions[1:])
    recent = Recent(writes=written(Report(outcomes=done), 0.0), now=1.0)

    assert settled(PLAN.without(PLAN.actions[:1]), recent).plan.actions == ()


def test_a_key_that_was_delivered_is_not_deactivated_because_a_read_still_shows_the_note(iam: IAMClient) -> None:
    done = tuple(Outcome(action=action, status=Status.DONE) for action in PLAN.actions[1:])
    recent = Recent(writes=written(Report(outcomes=done), 0.0), now=1.0)
    someone(iam, mark="none")
    key_of_another_run(iam)
    plan = planned(iam)

    assert [action.operation for action in plan.actions] == [
        "update_access_key",
        "untag_user",
        "tag_user",
        "tag_user",
        "create_access_key",
        "untag_user",
    ]
    assert settled(plan, recent).plan.actions == ()


def test_a_rotation_goes_from_the_first_step_to_the_last(iam: IAMClient, tmp_path: Path) -> None:
    """Over months: what IAM tells of a key's age and use is moved back instead of waiting."""
    wanted = desired(user("aiko", access_keys=AccessKeys(count=1, rotate_after_days=90)))
    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    start = datetime.now(tz=UTC)
    born: dict[str, int] = {}
    used: dict[str, int] = {}

    def run(day: int) -> list[str]:
        found = reading.read(iam, wanted, at_once=1, now=start + timedelta(days=day))
        (one,) = found.credentials.values()
        aged = [replace(key, age_days=day - born[key.id]) for key in one.access_keys]
        seen = tuple(replace(key, idle_days=day - used[key.id] if key.id in used else None) for key in aged)
        plan = Plan.between(wanted, replace(found, credentials={"aiko": replace(one, access_keys=seen)}))
        with to_file(tmp_path / f"{day}.csv") as delivery:
            assert apply(plan, iam, delivery).complete
        for key_id in keys(iam):
            born.setdefault(key_id, day)
        return [action.operation for action in plan.actions]

    assert run(0) == ["tag_user", "tag_user", "create_access_key", "untag_user"]
    (old,) = keys(iam)
    used[old] = 89
    assert run(89) == []
    assert run(90) == ["tag_user", "tag_user", "create_access_key", "untag_user"]
    (new,) = set(keys(iam)) - {old}
    assert run(91) == []
    used[new], used[old] = 92, 92
    assert run(92) == []
    assert run(93) == ["tag_user", "update_access_key"]
    assert run(99) == []
    assert run(100) == ["delete_access_key", "untag_user"]
    assert keys(iam) == [new]
    assert run(101) == []
