"""An account with a little in it, and a way to say that AWS refuses."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient

Refuses = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def document() -> str:
    """A policy document that IAM takes."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def alice(iam: IAMClient) -> str:
    """A user with nothing."""
    iam.create_user(UserName="alice")
    return "alice"


@pytest.fixture
def readers(iam: IAMClient) -> str:
    """A group with nothing."""
    iam.create_group(GroupName="readers")
    return "readers"


@pytest.fixture
def policy(iam: IAMClient, document: str) -> str:
    """A customer-managed policy that nobody uses."""
    return iam.create_policy(PolicyName="Reading", PolicyDocument=document)["Policy"]["Arn"]


@pytest.fixture
def role(iam: IAMClient) -> str:
    """A role with nothing."""
    principal = {"AWS": "arn:aws:iam::123456789012:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="deployer",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return "deployer"


@pytest.fixture
def refuses(iam: IAMClient) -> Refuses:
    """How AWS says no: the call inside the block is refused with that code, those words and the code's HTTP status."""
    model = iam.meta.service_model
    errors = [shape.metadata.get("error", {}) for shape in map(model.shape_for, model.shape_names)]
    statuses = {"AccessDenied": 403, **{error["code"]: error["httpStatusCode"] for error in errors if error}}

    @contextmanager
    def refuses(code: str, words: str = "") -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        response = caught.value.response
        assert response["Error"]["Code"] == code
        assert words in response["Error"]["Message"]
        assert response["ResponseMetadata"]["HTTPStatusCode"] == statuses.get(code, 400)

    return refuses
