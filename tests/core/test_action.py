"""Every constructor is checked against botocore's own model of the IAM API, offline."""

import inspect
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from states import READS_S3, S3, policy, user, version

from iamsync.core import action
from iamsync.core.action import Action, Secret
from iamsync.core.model import Attachment, Console

AIKO = user("aiko.sato", path="/people/", tags={"Team": "data"})
DEPLOY = policy("Deploy")

EXAMPLES: dict[str, Action] = {
    "create_policy": action.create_policy(DEPLOY, ()),
    "create_policy_version": action.create_policy_version(DEPLOY, ("words",)),
    "set_default_policy_version": action.set_default_policy_version(DEPLOY, version("v2", READS_S3), ()),
    "delete_policy_version": action.delete_policy_version(DEPLOY, version("v1", READS_S3)),
    "tag_policy": action.tag_policy(DEPLOY, {"a": "b"}),
    "untag_policy": action.untag_policy(DEPLOY, ["a"]),
    "create_user": action.create_user(AIKO),
    "update_user_path": action.update_user_path(AIKO, "/"),
    "tag_user": action.tag_user(AIKO, {"a": ""}),
    "untag_user": action.untag_user(AIKO, ["a"]),
    "attach_user_policy": action.attach_user_policy(
        AIKO, Attachment(policy=S3, via="viewer"), restricts=False, needs=frozenset()
    ),
    "detach_user_policy": action.detach_user_policy(AIKO, S3, restricts=False),
    "create_login_profile": action.create_login_profile(AIKO, Console(), needs=frozenset()),
}


def _constructors() -> dict[str, Callable[..., Any]]:
    functions = inspect.getmembers(action, inspect.isfunction)
    return {name: one for name, one in functions if inspect.signature(one).return_annotation is Action}


def test_every_constructor_has_an_example() -> None:
    assert set(EXAMPLES) == set(_constructors())


@pytest.mark.parametrize("made", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_call_is_one_that_iam_has(made: Action) -> None:
    model = botocore.session.get_session().get_service_model("iam")
    operation = model.operation_model("".join(word.title() for word in made.operation.split("_")))
    params = {key: "secret" if isinstance(value, Secret) else value for key, value in made.params.items()}

    assert operation.input_shape is not None
    report = ParamValidator().validate(params, operation.input_shape)

    assert report.generate_report() == ""


@pytest.mark.parametrize("made", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_user_is_always_named(made: Action) -> None:
    """Without UserName many IAM calls act on the caller itself."""
    if made.subject.startswith("user/"):
        assert made.params["UserName"] == "aiko.sato"


def test_a_password_is_only_named_in_a_plan() -> None:
    made = EXAMPLES["create_login_profile"]

    assert made.params["Password"] is Secret.PASSWORD
    assert made.secret is Secret.PASSWORD


def test_ownership_is_marked_in_the_creating_call() -> None:
    owned = user("aiko.sato", tags={"iamsync:owner": "us"})

    assert action.create_user(owned).params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]
    assert action.create_policy(DEPLOY, ()).params["Tags"] == [{"Key": "iamsync:owner", "Value": "us"}]
