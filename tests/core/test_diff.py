from collections.abc import Iterator
from dataclasses import replace

from states import DENIES_IAM, EC2, OURS, READS_S3, S3, allow, arn_of, deny, desired, group, live, policy, user, version

from iamsync.core.action import Action, OldArnNote, Timing
from iamsync.core.deny import DENY_ALL
from iamsync.core.diff import diff as diff_of
from iamsync.core.document import Document
from iamsync.core.model import AccessKey, Attachment, Console, Credentials, DesiredState, LiveState, Origin
from iamsync.core.plan_input import PlanInput
from iamsync.core.verb import Verb
from iamsync.render.actions import details

PASSWORD = Console(enabled=True, password_reset_required=True)
NO_PASSWORD = Console(enabled=False)


def diff(wanted: DesiredState, found: LiveState, known: LiveState | None = None) -> Iterator[Action]:
    return diff_of(PlanInput(desired=wanted, live=found, known=known or found))


def calls(wanted: DesiredState, found: LiveState) -> list[tuple[str, str]]:
    return [(action.operation, action.subject) for action in diff(wanted, found)]


def only(wanted: DesiredState, found: LiveState) -> Action:
    (action,) = diff(wanted, found)
    return action


def test_equal_states_have_no_difference() -> None:
    things = (user("aiko", S3), policy("Deploy"))

    assert calls(desired(*things), live(*things)) == []


def test_a_new_user_is_created_and_then_differs_from_what_that_call_made() -> None:
    wanted = desired(user("aiko", S3, EC2, path="/people/", tags=OURS | {"Team": "data"}, console=PASSWORD))

    assert calls(wanted, live()) == [
        ("create_user", "user/aiko"),
        ("attach_user_policy", "user/aiko"),
        ("attach_user_policy", "user/aiko"),
        ("create_login_profile", "user/aiko"),
    ]


def test_a_new_policy_is_one_call() -> None:
    assert calls(desired(policy("Deploy")), live()) == [("create_policy", "policy/Deploy")]


def test_an_attachment_made_by_hand_is_detached() -> None:
    action = only(desired(user("aiko", S3)), live(user("aiko", S3, EC2)))

    assert (action.operation, action.params["PolicyArn"], action.reason) == ("detach_user_policy", EC2, None)


def test_an_attachment_taken_away_by_hand_comes_back() -> None:
    action = only(desired(user("aiko", S3)), live(user("aiko")))

    assert (action.operation, action.params["PolicyArn"]) == ("attach_user_policy", S3)


def test_which_policy_set_brought_an_attachment_is_no_difference() -> None:
    through_a_set = user("aiko")
    object.__setattr__(through_a_set, "attachments", frozenset({Attachment(policy=S3, via="viewer")}))

    assert calls(desired(through_a_set), live(user("aiko", S3))) == []


def test_a_changed_path_is_an_update() -> None:
    action = only(desired(user("aiko", path="/people/")), live(user("aiko", path="/")))

    assert action.params == {"UserName": "aiko", "NewPath": "/people/"}


def test_tags_that_are_missing_or_differ_are_set_in_one_call() -> None:
    wanted = desired(user("aiko", tags=OURS | {"Team": "data", "Floor": "", "Same": "x"}))
    found = live(user("aiko", tags=OURS | {"Team": "web", "Same": "x"}))

    assert only(wanted, found).params["Tags"] == [{"Key": "Floor", "Value": ""}, {"Key": "Team", "Value": "data"}]


def test_a_tag_nobody_declared_is_removed() -> None:
    action = only(desired(user("aiko")), live(user("aiko", tags=OURS | {"Team": "web"})))

    assert (action.operation, action.params["TagKeys"]) == ("untag_user", ["Team"])


def test_a_tag_key_that_changes_only_in_case_is_removed_before_it_is_set() -> None:
    wanted = desired(user("aiko", tags=OURS | {"team": "data"}))
    found = live(user("aiko", tags=OURS | {"Team": "data"}))

    assert calls(wanted, found) == [("untag_user", "user/aiko"), ("tag_user", "user/aiko")]


def test_the_ownership_tag_in_another_case_stays_in_the_plan_that_sets_it() -> None:
    """User tag keys are one regardless of case: to remove it would remove the mark that has just replaced it."""
    for key in ("IamSync:Owner", "IAMSYNC:OWNER"):
        actions = diff(desired(user("aiko"), adopt=True), live(user("aiko", tags={key: "them", "old": "x"})))

        assert [dict(one.params) for one in actions] == [
            {"UserName": "aiko", "Tags": [{"Key": "iamsync:owner", "Value": "us"}]},
            {"UserName": "aiko", "TagKeys": ["old"]},
        ]


def test_policy_tags_are_compared_like_user_tags() -> None:
    wanted = desired(policy("Deploy", tags=OURS | {"Team": "data"}))
    found = live(policy("Deploy", tags=OURS | {"Floor": "3"}))

    assert calls(wanted, found) == [("untag_policy", "policy/Deploy"), ("tag_policy", "policy/Deploy")]


def test_a_changed_document_is_a_new_default_version_in_words() -> None:
    action = only(desired(policy("Deploy", allow("s3:GetObject"))), live(policy("Deploy", allow("s3:PutObject"))))

    assert action.operation == "create_policy_version"
    assert action.params["SetAsDefault"] is True
    assert any("s3:GetObject" in words for words in details(action))


def test_a_document_that_means_the_same_is_no_difference() -> None:
    assert calls(desired(policy("P", allow("s3:GetObject"))), live(policy("P", allow("S3:getobject")))) == []


def test_a_stored_version_with_the_wanted_text_becomes_the_default_again() -> None:
    versions = {arn_of("P"): (version("v1", READS_S3, default=False), version("v2", DENIES_IAM))}

    action = only(desired(policy("P", READS_S3)), live(policy("P", DENIES_IAM), versions=versions))

    assert (action.operation, action.params["VersionId"]) == ("set_default_policy_version", "v1")


def test_five_versions_lose_the_oldest_that_is_not_the_default_first() -> None:
    stored = tuple(
        version(f"v{number}", allow(f"s3:Get{number}"), default=number == 2) for number in (2, 9, 10, 11, 12)
    )
    found = live(policy("P", allow("s3:Get2")), versions={arn_of("P"): stored})

    first, second = diff(desired(policy("P", allow("s3:New"))), found)

    assert (first.operation, first.params["VersionId"]) == ("delete_policy_version", "v9")
    assert second.operation == "create_policy_version"


def test_a_live_text_that_is_no_document_is_replaced() -> None:
    assert only(desired(policy("P")), live(policy("P", None))).operation == "create_policy_version"


def test_a_password_is_created_only_where_console_is_declared_and_none_exists() -> None:
    def planned(wanted: Console | None, found: Console | None) -> list[tuple[str, str]]:
        return calls(desired(user("aiko", console=wanted)), live(user("aiko", console=found)))

    assert planned(PASSWORD, NO_PASSWORD) == [("create_login_profile", "user/aiko")]
    assert planned(PASSWORD, PASSWORD) == []
    assert planned(None, PASSWORD) == []
    assert planned(None, None) == []


def test_that_the_user_has_set_a_new_password_is_no_drift() -> None:
    obeyed = Console(enabled=True, password_reset_required=False)

    assert calls(desired(user("aiko", console=PASSWORD)), live(user("aiko", console=obeyed))) == []


# --- boundary, inline policies, groups ---


def test_a_boundary_is_set_swapped_and_lifted() -> None:
    assert only(desired(user("a", boundary=S3)), live(user("a"))).operation == "put_user_permissions_boundary"
    assert only(desired(user("a", boundary=S3)), live(user("a", boundary=EC2))).params["PermissionsBoundary"] == S3
    assert only(desired(user("a")), live(user("a", boundary=EC2))).operation == "delete_user_permissions_boundary"


def test_inline_policies_are_exactly_as_declared() -> None:
    wanted = desired(user("a", inline={"new": READS_S3, "changed": READS_S3, "same": READS_S3}))
    found = live(user("a", inline={"changed": DENIES_IAM, "same": READS_S3, "gone": DENIES_IAM}))

    made = [(one.operation, one.params["PolicyName"]) for one in diff(wanted, found)]

    assert made == [("put_user_policy", "changed"), ("put_user_policy", "new"), ("delete_user_policy", "gone")]


def test_an_inline_text_that_cannot_be_read_is_replaced_or_removed() -> None:
    assert only(desired(user("a", inline={"x": READS_S3})), live(user("a", inline={"x": None}))).verb is Verb.CHANGE
    assert only(desired(user("a")), live(user("a", inline={"x": None}))).operation == "delete_user_policy"


def test_memberships_are_added_and_removed() -> None:
    wanted = desired(user("a", groups=["new"]), group("new"))
    found = live(user("a", groups=["old"]), group("new"))

    assert [(one.operation, one.params["GroupName"]) for one in diff(wanted, found)] == [
        ("add_user_to_group", "new"),
        ("remove_user_from_group", "old"),
    ]


def test_a_group_is_made_filled_and_emptied() -> None:
    assert calls(desired(group("g", S3, inline={"x": READS_S3})), live()) == [
        ("create_group", "group/g"),
        ("attach_group_policy", "group/g"),
        ("put_group_policy", "group/g"),
    ]
    assert calls(desired(), live(group("g", S3, inline={"x": READS_S3}))) == [
        ("detach_group_policy", "group/g"),
        ("delete_group_policy", "group/g"),
        ("delete_group", "group/g"),
    ]


# --- renaming, suspending, leaving ---


def test_a_rename_keeps_everything_and_names_the_documents_that_lose_their_user() -> None:
    names_him = Document.parse(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::123456789012:user/old"},
        }
    )
    found = replace(live(), users={"new": user("old", S3)})

    known = live(
        policy("P", names_him, tags={}), user("b", inline={"x": names_him}), group("g", inline={"y": READS_S3})
    )

    (action,) = diff(desired(user("new", S3)), found, known)

    assert action.params == {"UserName": "old", "NewUserName": "new"}
    assert action.notes == (
        OldArnNote(subject="policy/P", old="user/old"),
        OldArnNote(subject="user/b", old="user/old", inline="x"),
    )


def test_a_suspension_cuts_every_way_in_and_remembers_the_active_keys() -> None:
    keys = Credentials(access_keys=(AccessKey(id="AKIA1", active=True), AccessKey(id="AKIA2", active=False)))
    found = live(user("a", S3, console=PASSWORD), credentials={"a": keys})

    made = list(diff(desired(user("a", S3, suspended=True)), found))

    assert [one.operation for one in made] == [
        "put_user_policy",
        "tag_user",
        "update_access_key",
        "delete_login_profile",
    ]
    assert made[1].params["Tags"] == [{"Key": "iamsync:suspended-keys", "Value": "AKIA1"}]
    assert made[2].params["Status"] == "Inactive"
    assert all(one.timing is Timing.FIRST for one in made)


def test_a_suspended_user_whose_access_is_blocked_is_no_drift() -> None:
    off = Credentials(access_keys=(AccessKey(id="AKIA1", active=False),))
    cut = user(
        "a",
        S3,
        tags=OURS | {"iamsync:suspended-keys": "AKIA1"},
        console=NO_PASSWORD,
        inline={"iamsync-suspended": deny("*")},
    )
    stored = replace(cut, inline={"iamsync-suspended": DENY_ALL})

    assert calls(desired(user("a", S3, suspended=True)), live(stored, credentials={"a": off})) == []


def test_lifting_undoes_just_what_the_suspension_did() -> None:
    off = Credentials(access_keys=(AccessKey(id="AKIA1", active=False), AccessKey(id="AKIA2", active=False)))
    tags = OURS | {"iamsync:suspended-keys": "AKIA1"}
    found = live(
        user("a", tags=tags, console=NO_PASSWORD, inline={"iamsync-suspended": DENY_ALL}), credentials={"a": off}
    )

    made = list(diff(desired(user("a", console=PASSWORD)), found))

    assert [one.operation for one in made] == [
        "update_access_key",
        "untag_user",
        "create_login_profile",
        "delete_user_policy",
    ]
    assert (made[0].params["AccessKeyId"], made[0].params["Status"]) == ("AKIA1", "Active")


def test_a_leaver_loses_the_credentials_first_and_then_all_nine_dependents() -> None:
    everything = Credentials(
        access_keys=(AccessKey(id="AKIA1", active=True),),
        mfa_devices=("arn:aws:iam::123456789012:mfa/a", "GAHT12345678"),
        ssh_public_keys=("APKA1",),
        signing_certificates=("CERT1",),
        service_credentials=("ACCA1",),
    )
    leaver = user("a", S3, inline={"x": READS_S3}, groups=["g"], console=PASSWORD, boundary=EC2)

    assert [one.operation for one in diff(desired(), live(leaver, credentials={"a": everything}))] == [
        "update_access_key",
        "delete_login_profile",
        "deactivate_mfa_device",
        "delete_virtual_mfa_device",
        "deactivate_mfa_device",
        "delete_access_key",
        "delete_signing_certificate",
        "delete_ssh_public_key",
        "delete_service_specific_credential",
        "remove_user_from_group",
        "delete_user_policy",
        "detach_user_policy",
        "delete_user",
    ]


def test_a_policy_goes_after_its_versions() -> None:
    stored = (version("v1", DENIES_IAM, default=False), version("v2", READS_S3))
    found = live(policy("P"), versions={arn_of("P"): stored})

    first, second = diff(desired(), found)

    assert (first.operation, first.params["VersionId"]) == ("delete_policy_version", "v1")
    assert second.operation == "delete_policy"


# --- limits ---


def test_at_the_limit_of_attachments_room_is_made_first_by_what_denies_nothing() -> None:
    full = [arn_of(f"P{number}") for number in range(8)] + [arn_of("Allows"), arn_of("Denies")]
    own = [policy("Allows"), policy("Denies", DENIES_IAM), *(policy(f"P{number}") for number in range(8))]
    wanted = desired(user("a", *full[:8], S3), *own)

    made = list(diff(wanted, live(user("a", *full), *own)))

    early = [one for one in made if one.timing is Timing.ROOM]
    assert [one.params["PolicyArn"] for one in early] == [arn_of("Allows")]
    assert early[0].limit == "10 attached policies"
    assert [one.limit for one in made if one not in early] == ["", ""]


def test_reasons_name_the_line_that_somebody_wrote() -> None:
    assert only(desired(user("aiko", line=7)), live()).reason == Origin(file="users.yaml", line=7)
