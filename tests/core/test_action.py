"""Every constructor is checked against botocore's own model of the IAM API, offline."""

import inspect
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from states import DENIES_IAM, OURS, READS_S3, S3, policy, user, version

from iamsync.core.action import THIS_RUN, Action, Secret, Shift, TextChange, credentials, groups, policies, users
from iamsync.core.model import Attachment, Console, Group

AIKO = user("aiko.sato", path="/people/", tags={"Team": "data"})
DEPLOY = policy("Deploy")
READERS = Group(name="readers", path="/iamsync/us/")
NOTHING = Shift()
NEEDS: frozenset[str] = frozenset()
VIEW = Attachment(policy=S3, via="viewer")
CHANGE = TextChange(is_new=True, old=None, new=READS_S3, words=(), shift=NOTHING)

EXAMPLES: dict[str, Action] = {
    "create_policy": policies.create_policy(DEPLOY, READS_S3, ()),
    "create_policy_version": policies.create_policy_version(DEPLOY, READS_S3, differences=("words",), shift=NOTHING),
    "set_default_policy_version": policies.set_default_policy_version(
        DEPLOY, version("v2", READS_S3), differences=(), shift=NOTHING
    ),
    "delete_policy_version": policies.delete_policy_version(DEPLOY.arn, "Deploy", version("v1", READS_S3), "why"),
    "tag_policy": policies.tag_policy(DEPLOY, {"a": "b"}),
    "adopt_policy": policies.adopt_policy(DEPLOY, OURS),
    "untag_policy": policies.untag_policy(DEPLOY, ["a"]),
    "delete_policy": policies.delete_policy(DEPLOY, needs=NEEDS),
    "create_user": users.create_user(AIKO),
    "rename_user": users.rename_user(AIKO, "aiko", ()),
    "update_user_path": users.update_user_path(AIKO, "/", ()),
    "tag_user": users.tag_user(AIKO, {"a": ""}),
    "mark_user": users.mark_user(AIKO, OURS, "adopt"),
    "untag_user": users.untag_user(AIKO, ["a"]),
    "put_user_permissions_boundary": users.put_user_permissions_boundary(
        AIKO, S3, old=None, shift=NOTHING, needs=NEEDS
    ),
    "delete_user_permissions_boundary": users.delete_user_permissions_boundary(AIKO, S3),
    "attach_user_policy": users.attach_user_policy(AIKO, VIEW, shift=NOTHING, needs=NEEDS),
    "detach_user_policy": users.detach_user_policy(AIKO, S3, shift=NOTHING),
    "put_user_policy": users.put_user_policy(AIKO, "own", CHANGE),
    "delete_user_policy": users.delete_user_policy(AIKO, "own", old=READS_S3, shift=NOTHING),
    "add_user_to_group": users.add_user_to_group(AIKO, "readers", shift=NOTHING, needs=NEEDS),
    "remove_user_from_group": users.remove_user_from_group(AIKO, "readers", shift=NOTHING),
    "delete_user": users.delete_user(AIKO),
    "create_login_profile": credentials.create_login_profile(AIKO, Console(), needs=NEEDS),
    "delete_login_profile": credentials.delete_login_profile(AIKO, "why"),
    "deactivate_access_key": credentials.deactivate_access_key(AIKO, "AKIAIOSFODNN7EXAMPLE", "why"),
    "create_access_key": credentials.create_access_key(AIKO, "why", known=frozenset(), needs=NEEDS),
    "activate_access_key": credentials.activate_access_key(AIKO, "AKIAIOSFODNN7EXAMPLE", needs=NEEDS),
    "delete_access_key": credentials.delete_access_key(AIKO, "AKIAIOSFODNN7EXAMPLE"),
    "deactivate_mfa_device": credentials.deactivate_mfa_device(AIKO, "arn:aws:iam::123456789012:mfa/aiko"),
    "delete_virtual_mfa_device": credentials.delete_virtual_mfa_device(AIKO, "arn:aws:iam::123456789012:mfa/aiko"),
    "delete_ssh_public_key": credentials.delete_ssh_public_key(AIKO, "APKAIOSFODNN7EXAMPLE"),
    "delete_signing_certificate": credentials.delete_signing_certificate(AIKO, "A" * 24),
    "delete_service_specific_credential": credentials.delete_service_specific_credential(AIKO, "ACCA12345ABCDEXAMPLE"),
    "create_group": groups.create_group(READERS),
    "update_group_path": groups.update_group_path(READERS, "/iamsync/us/old/"),
    "attach_group_policy": groups.attach_group_policy(READERS, VIEW, shift=NOTHING, needs=NEEDS),
    "detach_group_policy": groups.detach_group_policy(READERS, S3, shift=NOTHING),
    "put_group_policy": groups.put_group_policy(READERS, "own", CHANGE),
    "delete_group_policy": groups.delete_group_policy(READERS, "own", old=DENIES_IAM, shift=NOTHING),
    "delete_group": groups.delete_group(READERS, needs=NEEDS),
}
ABOUT_THE_DEVICE_ALONE = {"delete_virtual_mfa_device"}


def _constructors() -> dict[str, Callable[..., Any]]:
    functions = [
        one
        for module in (policies, users, credentials, groups)
        for one in inspect.getmembers(module, inspect.isfunction)
    ]
    return {
        name: one
        for name, one in functions
        if inspect.signature(one).return_annotation is Action and not name.startswith("_")
    }


def test_every_constructor_has_an_example() -> None:
    assert set(EXAMPLES) == set(_constructors())


@pytest.mark.parametrize("made", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_call_is_one_that_iam_has(made: Action) -> None:
    model = botocore.session.get_session().get_service_model("iam")
    operations = {xform_name(name): name for name in model.operation_names}
    operation = model.operation_model(operations[made.operation])
    params = {key: "secret" if isinstance(value, Secret) else value for key, value in made.params.items()}

    assert operation.input_shape is not None
    report = ParamValidator().validate(params, operation.input_shape)

    assert report.generate_report() == ""
    assert set(params) <= set(operation.input_shape.members)


@pytest.mark.parametrize("made", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_user_is_always_named(made: Action) -> None:
    """Without UserName many IAM calls act on the caller itself."""
    if made.subject.startswith("user/") and made.operation not in ABOUT_THE_DEVICE_ALONE:
        assert made.params["UserName"] in {"aiko.sato", "aiko"}


def test_a_password_is_only_named_in_a_plan() -> None:
    made = EXAMPLES["create_login_profile"]

    assert made.params["Password"] is Secret.PASSWORD
    assert made.secret is Secret.PASSWORD


def test_ownership_and_boundary_are_part_of_the_creating_call() -> None:
    made = users.create_user(user("aiko.sato", boundary=S3))

    assert made.params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]
    assert made.params["PermissionsBoundary"] == S3
    assert EXAMPLES["create_policy"].params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]


def test_what_a_call_destroys_is_kept_in_it() -> None:
    assert EXAMPLES["delete_user_policy"].removed == READS_S3.render()
    assert EXAMPLES["delete_policy_version"].removed == READS_S3.render()
    assert EXAMPLES["delete_group_policy"].removed == DENIES_IAM.render()


def test_a_run_has_its_own_id_in_the_tags_that_it_sets_and_removes() -> None:
    name = f"iamsync:new-access-key:{THIS_RUN}"
    born = users.create_user(user("aiko", tags={name: "none", "Team": "data"}))
    gone = users.untag_user(AIKO, [name, "Team"])

    assert born.in_run("1a").params["Tags"] == [
        {"Key": "Team", "Value": "data"},
        {"Key": "iamsync:new-access-key:1a", "Value": "none"},
    ]
    assert gone.in_run("1a").params == {"UserName": "aiko.sato", "TagKeys": ["iamsync:new-access-key:1a", "Team"]}
    assert born.tag_keys == gone.tag_keys == {name, "Team"}
    assert EXAMPLES["tag_user"].in_run("1a") is EXAMPLES["tag_user"]
