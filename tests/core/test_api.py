"""Every change as a call, checked against botocore's own model of the IAM API, offline."""

import json
from typing import get_args

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from states import DENIES_IAM, OURS, READS_S3, S3, policy, user

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.api import Secret, call_of, secret_by_name
from iamsync.core.change import Change, Entity, Kind, removed_text
from iamsync.core.model import Group
from iamsync.core.verb import Verb, verb_of

AIKO = Entity(Kind.USER, "aiko.sato")
READERS = Entity(Kind.GROUP, "readers")
DEPLOY = policy("Deploy")
OWNED = Entity(Kind.POLICY, DEPLOY.arn)
KEY, DEVICE = "AKIAIOSFODNN7EXAMPLE", "arn:aws:iam::123456789012:mfa/aiko"

EXAMPLES: dict[str, tuple[Change, str, Verb]] = {
    "a user": (to.CreateUser(user(AIKO.id, path="/people/", tags={"Team": "data"})), "create_user", Verb.CREATE),
    "a bounded user": (to.CreateUser(user(AIKO.id, boundary=S3)), "create_user", Verb.CREATE),
    "a group": (to.CreateGroup(Group(name="readers", path="/iamsync/us/")), "create_group", Verb.CREATE),
    "a policy": (to.CreatePolicy(DEPLOY, READS_S3), "create_policy", Verb.CREATE),
    "a user's end": (to.Delete(AIKO), "delete_user", Verb.REMOVE),
    "a group's end": (to.Delete(READERS), "delete_group", Verb.REMOVE),
    "a policy's end": (to.Delete(OWNED, READS_S3), "delete_policy", Verb.REMOVE),
    "a name": (to.Rename("aiko", AIKO.id), "update_user", Verb.CHANGE),
    "a user's path": (to.Move(AIKO, "/", "/people/"), "update_user", Verb.CHANGE),
    "a group's path": (to.Move(READERS, "/", "/iamsync/us/"), "update_group", Verb.CHANGE),
    "a user's tags": (to.SetTags(AIKO, {"a": ""}), "tag_user", Verb.CHANGE),
    "a policy's tags": (to.SetTags(OWNED, OURS), "tag_policy", Verb.CHANGE),
    "a user's tags' end": (to.RemoveTags(AIKO, ("a",)), "untag_user", Verb.REMOVE),
    "bookkeeping's end": (to.RemoveTags(AIKO, ("iamsync:new-access-key:0a1b2c3d",)), "untag_user", Verb.CHANGE),
    "a release": (to.RemoveTags(AIKO, ("iamsync:owner",)), "untag_user", Verb.REMOVE),
    "a policy's tags' end": (to.RemoveTags(OWNED, ("a",)), "untag_policy", Verb.REMOVE),
    "a boundary": (to.SetBoundary(AIKO.id, None, S3), "put_user_permissions_boundary", Verb.CREATE),
    "another boundary": (to.SetBoundary(AIKO.id, DEPLOY.arn, S3), "put_user_permissions_boundary", Verb.CHANGE),
    "a boundary's end": (to.SetBoundary(AIKO.id, S3, None), "delete_user_permissions_boundary", Verb.REMOVE),
    "a user's attachment": (to.Attach(AIKO, S3, "viewer"), "attach_user_policy", Verb.CREATE),
    "a group's attachment": (to.Attach(READERS, S3), "attach_group_policy", Verb.CREATE),
    "a user's attachment's end": (to.Detach(AIKO, S3), "detach_user_policy", Verb.REMOVE),
    "a group's attachment's end": (to.Detach(READERS, S3), "detach_group_policy", Verb.REMOVE),
    "a user's text": (to.PutInline(AIKO, "own", None, READS_S3, is_new=True), "put_user_policy", Verb.CREATE),
    "a group's text": (
        to.PutInline(READERS, "own", READS_S3, DENIES_IAM, is_new=False),
        "put_group_policy",
        Verb.CHANGE,
    ),
    "a user's text's end": (to.DeleteInline(AIKO, "own", READS_S3), "delete_user_policy", Verb.REMOVE),
    "a group's text's end": (to.DeleteInline(READERS, "own", None), "delete_group_policy", Verb.REMOVE),
    "a version": (to.NewVersion(DEPLOY.arn, READS_S3, DENIES_IAM), "create_policy_version", Verb.CHANGE),
    "an old version": (
        to.RestoreVersion(DEPLOY.arn, "v2", READS_S3, DENIES_IAM),
        "set_default_policy_version",
        Verb.CHANGE,
    ),
    "a version's end": (to.DeleteVersion(DEPLOY.arn, "v1", READS_S3), "delete_policy_version", Verb.REMOVE),
    "a membership": (to.Join(AIKO.id, "readers"), "add_user_to_group", Verb.CREATE),
    "a membership's end": (to.Leave(AIKO.id, "readers"), "remove_user_from_group", Verb.REMOVE),
    "a password": (to.CreatePassword(AIKO.id, reset_required=True), "create_login_profile", Verb.CREATE),
    "another password": (to.ReplacePassword(AIKO.id, reset_required=True), "update_login_profile", Verb.CHANGE),
    "a password's end": (to.DeletePassword(AIKO.id), "delete_login_profile", Verb.REMOVE),
    "a key": (to.CreateAccessKey(AIKO.id), "create_access_key", Verb.CREATE),
    "a key that is active": (to.SetKeyStatus(AIKO.id, KEY, active=True), "update_access_key", Verb.CHANGE),
    "a key that is not": (to.SetKeyStatus(AIKO.id, KEY, active=False), "update_access_key", Verb.CHANGE),
    "a key's end": (to.DeleteAccessKey(AIKO.id, KEY), "delete_access_key", Verb.REMOVE),
    "a device that is not active": (to.DeactivateDevice(AIKO.id, DEVICE), "deactivate_mfa_device", Verb.REMOVE),
    "a device's end": (to.DeleteDevice(DEVICE), "delete_virtual_mfa_device", Verb.REMOVE),
    "an SSH key's end": (
        to.DeleteCredential(AIKO.id, to.CredentialKind.SSH_KEY, "APKAIOSFODNN7EXAMPLE"),
        "delete_ssh_public_key",
        Verb.REMOVE,
    ),
    "a certificate's end": (
        to.DeleteCredential(AIKO.id, to.CredentialKind.CERTIFICATE, "A" * 24),
        "delete_signing_certificate",
        Verb.REMOVE,
    ),
    "a service credential's end": (
        to.DeleteCredential(AIKO.id, to.CredentialKind.SERVICE, "ACCA12345ABCDEXAMPLE"),
        "delete_service_specific_credential",
        Verb.REMOVE,
    ),
}


def test_every_kind_of_change_has_an_example() -> None:
    assert {type(change) for change, _, _ in EXAMPLES.values()} == set(get_args(Change))


@pytest.mark.parametrize(("change", "operation", "verb"), EXAMPLES.values(), ids=EXAMPLES)
def test_the_call_is_one_that_iam_has(change: Change, operation: str, verb: Verb) -> None:
    call = call_of(change)
    model = botocore.session.get_session().get_service_model("iam")
    spelled = model.operation_model({xform_name(name): name for name in model.operation_names}[operation])
    params = {key: "secret" if isinstance(value, Secret) else value for key, value in call.params.items()}

    assert (call.operation, verb_of(change)) == (operation, verb)
    assert spelled.input_shape is not None
    assert ParamValidator().validate(params, spelled.input_shape).generate_report() == ""
    assert set(params) <= set(spelled.input_shape.members)


@pytest.mark.parametrize(("change", "operation", "verb"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_user_is_always_named(change: Change, operation: str, verb: Verb) -> None:
    """Without UserName many IAM calls act on the caller itself."""
    del verb
    model = botocore.session.get_session().get_service_model("iam")
    spelled = model.operation_model({xform_name(name): name for name in model.operation_names}[operation])

    assert spelled.input_shape is not None
    if "UserName" in spelled.input_shape.members:
        assert call_of(change).params["UserName"] in {"aiko.sato", "aiko"}


def test_a_password_is_only_named_in_a_plan() -> None:
    action = Action(change=to.CreatePassword("aiko", reset_required=True), subject="user/aiko")

    assert action.params["Password"] is Secret.PASSWORD
    assert action.secret is Secret.PASSWORD
    assert Action(change=to.CreateAccessKey("aiko"), subject="user/aiko").secret is Secret.ACCESS_KEY
    assert Action(change=to.DeletePassword("aiko"), subject="user/aiko").secret is None


@pytest.mark.parametrize(("change", "operation", "verb"), EXAMPLES.values(), ids=EXAMPLES)
def test_every_call_can_be_written_as_json_with_secrets_by_name(change: Change, operation: str, verb: Verb) -> None:
    del operation, verb
    params = call_of(change).params

    decoded = json.loads(json.dumps(dict(params), default=secret_by_name))

    assert decoded == {
        key: {"secret": value.value} if isinstance(value, Secret) else value for key, value in params.items()
    }


def test_ownership_and_boundary_are_part_of_the_creating_call() -> None:
    made = call_of(to.CreateUser(user("aiko.sato", boundary=S3)))

    assert made.params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]
    assert made.params["PermissionsBoundary"] == S3
    assert call_of(EXAMPLES["a policy"][0]).params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]


def test_a_text_of_which_iam_keeps_no_copy_is_known() -> None:
    removed = {name for name, (change, _, _) in EXAMPLES.items() if removed_text(change) is not None}

    assert removed == {"a user's text's end", "a group's text", "a version's end", "a policy's end"}


def test_a_run_has_its_own_id_in_the_tags_that_it_sets_and_removes() -> None:
    name = f"iamsync:new-access-key:{to.THIS_RUN}"
    born = Action(change=to.CreateUser(user("aiko", tags={name: "none", "Team": "data"})), subject="user/aiko")
    gone = Action(change=to.RemoveTags(AIKO, (name, "Team")), subject="user/aiko")

    assert born.in_run("1a").params["Tags"] == [
        {"Key": "Team", "Value": "data"},
        {"Key": "iamsync:new-access-key:1a", "Value": "none"},
    ]
    assert gone.in_run("1a").params == {"UserName": "aiko.sato", "TagKeys": ["iamsync:new-access-key:1a", "Team"]}
    other = Action(change=to.SetTags(AIKO, {"a": "b"}), subject="user/aiko")
    assert other.in_run("1a") is other
