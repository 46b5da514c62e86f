from states import DENIES_IAM, EC2, OURS, READS_S3, S3, allow, arn_of, deny, desired, live, policy, user, version

from iamsync.core.action import Action
from iamsync.core.diff import diff
from iamsync.core.model import Attachment, Console, DesiredState, LiveState

PASSWORD = Console(enabled=True, password_reset_required=True)
NO_PASSWORD = Console(enabled=False)


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

    assert (action.operation, action.params["PolicyArn"], action.reason) == ("detach_user_policy", EC2, "not declared")


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


def test_policy_tags_are_compared_like_user_tags() -> None:
    wanted = desired(policy("Deploy", tags=OURS | {"Team": "data"}))
    found = live(policy("Deploy", tags=OURS | {"Floor": "3"}))

    assert calls(wanted, found) == [("untag_policy", "policy/Deploy"), ("tag_policy", "policy/Deploy")]


def test_a_changed_document_is_a_new_default_version_in_words() -> None:
    action = only(desired(policy("Deploy", allow("s3:GetObject"))), live(policy("Deploy", allow("s3:PutObject"))))

    assert action.operation == "create_policy_version"
    assert action.params["SetAsDefault"] is True
    assert any("s3:GetObject" in words for words in action.details)


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


def test_a_password_waits_for_every_policy_of_its_user() -> None:
    wanted = desired(user("aiko", arn_of("Guard"), S3, console=PASSWORD), policy("Guard", DENIES_IAM))

    password = next(action for action in diff(wanted, live()) if action.operation == "create_login_profile")

    assert password.needs == {"policy/Guard"}


def test_an_attachment_restricts_when_either_text_carries_a_deny() -> None:
    guard = arn_of("Guard")

    def restricts(new: object, old: object) -> bool:
        wanted = desired(user("aiko", guard), policy("Guard", new))  # type: ignore[arg-type]
        found = live(user("aiko"), policy("Guard", old))  # type: ignore[arg-type]
        return next(one.restricts for one in diff(wanted, found) if one.operation == "attach_user_policy")

    assert restricts(DENIES_IAM, READS_S3)
    assert restricts(READS_S3, DENIES_IAM)
    assert restricts(READS_S3, None)
    assert not restricts(READS_S3, allow("ec2:*"))


def test_the_aws_policies_that_only_deny_restrict() -> None:
    wanted = desired(user("aiko", arn_of("Guard")), policy("Guard", deny("s3:*")))
    everything = user("aiko", arn_of("Guard"))
    deny_all = next(iter(user("x", S3.replace("AmazonS3ReadOnlyAccess", "AWSDenyAll")).attachments))  # type: ignore[arg-type]
    found = live(user("aiko", arn_of("Guard"), deny_all.policy), policy("Guard", deny("s3:*")))

    assert everything.attachments < found.users["aiko"].attachments
    assert only(wanted, found).restricts


def test_reasons_name_the_line_that_somebody_wrote() -> None:
    assert only(desired(user("aiko", line=7)), live()).reason == "users.yaml:7"
