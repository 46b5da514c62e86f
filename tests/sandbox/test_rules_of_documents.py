"""Policy documents that IAM does not take, and those that moto would not."""

import json
from collections.abc import Mapping

import pytest
from mypy_boto3_iam import IAMClient
from small_account import Refuses

from iamsync.core.document import Document, DocumentError
from iamsync.core.document_rules import faults


def policy_of(statement: Mapping[str, object] | None = None, **elements: object) -> str:
    """A document with one statement, in which a few elements are different."""
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    whole = {"Version": "2012-10-17", "Statement": [{**allow, **(statement or {})}], **elements}
    return json.dumps(whole, ensure_ascii=False)


SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
VERSION = "Policy document must be version 2012-10-17 or greater."
STATEMENT = '"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]'

REFUSED = {
    "no JSON": ("{", SYNTAX),
    "no object": ("[]", SYNTAX),
    "a key twice": (f'{{"Version": "2012-10-17", "Version": "2012-10-17", {STATEMENT}}}', SYNTAX),
    "a key twice, deeper": (policy_of().replace('"Effect"', '"Effect": "Deny", "Effect"'), SYNTAX),
    "an unknown element": (policy_of(Statements=[]), SYNTAX),
    "a statement that is text": (policy_of(Statement="*"), SYNTAX),
    "no statement": ('{"Version": "2012-10-17"}', SYNTAX),
    "not a number": (policy_of({"Condition": {"NumericEquals": {"s3:max-keys": float("nan")}}}), SYNTAX),
    "an unknown operator": (policy_of({"Condition": {"StringIs": {"aws:username": "x"}}}), SYNTAX),
    "a condition key in two cases": (
        policy_of({"Condition": {"Bool": {"aws:SecureTransport": "true", "aws:securetransport": "false"}}}),
        SYNTAX,
    ),
    "an unknown version": (policy_of(Version="2026-01-01"), SYNTAX),
    "effect in lower case": (policy_of({"Effect": "allow"}), LEGACY),
    "effect unknown": (policy_of({"Effect": "Perhaps"}), SYNTAX),
    "a bad date": (policy_of({"Condition": {"DateLessThan": {"aws:CurrentTime": "soon-ish"}}}), LEGACY),
    "version after a lone statement": (
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}, "Version": "2012-10-17"}',
        LEGACY,
    ),
    "a principal": (policy_of({"Principal": "*"}), "Policy document should not specify a principal."),
    "a NotPrincipal": (policy_of({"NotPrincipal": "*"}), "Policy document should not specify a principal."),
    "a Sid with a hyphen": (policy_of({"Sid": "allow-list"}), "Statement IDs (SID) must be alpha-numeric."),
    "a Sid of other letters": (policy_of({"Sid": "é"}), "Statement IDs (SID) must be alpha-numeric."),
    "a Sid twice": (
        policy_of(Statement=[{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}] * 2),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    "an action of nobody": (policy_of({"Action": "GetObject"}), "Actions/Conditions must be prefaced by a vendor"),
    "no action": (
        policy_of(Statement=[{"Effect": "Allow", "Resource": "*"}]),
        "Policy statement must contain actions.",
    ),
    "no resource": (
        policy_of(Statement=[{"Effect": "Allow", "Action": "*"}]),
        "Policy statement must contain resources.",
    ),
    "an ARN of another partition": (policy_of({"Resource": "arn:aws-cn:s3:::b"}), 'Partition "aws-cn" is not valid'),
    "an ARN of an unknown partition": (policy_of({"Resource": "arn:aws-x:s3:::b"}), 'Partition "aws-x" is not valid'),
    "a region of IAM": (policy_of({"Resource": "arn:aws:iam:us-east-1::user/a"}), "cannot contain region information"),
    "a region of a bucket": (policy_of({"Resource": "arn:aws:s3:us-east-1::b"}), "cannot contain region information"),
    "an account of eleven digits": (policy_of({"Resource": "arn:aws:iam::12345678901:user/a"}), '"12345678901" is not'),
    "letters for an account": (policy_of({"Resource": "arn:aws:sqs:eu-west-1:ACCOUNT-ID:q"}), '"ACCOUNT-ID" is not'),
    "a variable for an account": (policy_of({"Resource": "arn:aws:iam::${aws:userid}:user/a"}), LEGACY),
    "a variable for a region": (policy_of({"Resource": "arn:aws:sqs:${aws:RequestedRegion}:*:a"}), LEGACY),
    "an unknown resource of IAM": (policy_of({"Resource": "arn:aws:iam::*:users/a"}), "IAM resource path must either"),
    "a date of the thirteenth month": (
        policy_of({"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-13-01"}}}),
        LEGACY,
    ),
    "a resource that is no ARN": (policy_of({"Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
}

TAKEN = {
    "a number": policy_of({"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}),
    "a list of numbers": policy_of({"Condition": {"NumericEquals": {"s3:max-keys": [1, 2.5]}}}),
    "a Boolean": policy_of({"Condition": {"Bool": {"aws:SecureTransport": True}}}),
    "a list of Booleans": policy_of({"Condition": {"Bool": {"aws:SecureTransport": [True, False]}}}),
    "an epoch for a date": policy_of({"Condition": {"DateLessThan": {"aws:CurrentTime": 1893456000}}}),
    "a lone statement": '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": "*", "Resource": "*"}}',
    "version after a list": f'{{{STATEMENT}, "Version": "2012-10-17"}}',
    "an empty condition": policy_of({"Condition": {}}),
    "an empty Sid, twice": policy_of(
        Statement=[{"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*"}] * 2,
    ),
    "an Id": policy_of(Id="x-y"),
    "no version": f"{{{STATEMENT}}}",
    "an old version": policy_of(Version="2008-10-17"),
    "any partition": policy_of({"Resource": ["arn:*:s3:::b", "arn:aws*:s3:::b"]}),
    "new kinds of IAM's resources": policy_of({"Resource": ["arn:aws:iam::*:u2f/*", "arn:aws:iam::*:*"]}),
    "regions of S3": policy_of(
        {"Resource": ["arn:aws:s3:eu-west-1:*:accesspoint/a", "arn:aws:s3:*:*:access-grants/default"]}
    ),
    "a pattern of accounts": policy_of({"Resource": "arn:aws:iam::1234*:user/a"}),
    "the account of the principal": policy_of({"Resource": "arn:*:kms:*:${aws:PrincipalAccount}:key/*"}),
    "a date without seconds": policy_of({"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-31T19:20+01:00"}}}),
    "Latin letters": policy_of({"Resource": "arn:aws:s3:::é"}),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_a_malformed_document_is_refused(iam: IAMClient, alice: str, refuses: Refuses, text: str, words: str) -> None:
    with refuses("MalformedPolicyDocument", words):
        iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=text)


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_an_unusual_document_is_taken(iam: IAMClient, alice: str, text: str) -> None:
    iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=text)
    assert iam.get_user_policy(UserName=alice, PolicyName="own")["PolicyDocument"] == json.loads(text)


def test_letters_beyond_latin_are_refused(iam: IAMClient, alice: str, refuses: Refuses) -> None:
    with refuses("ValidationError", "policyDocument"):
        iam.put_user_policy(UserName=alice, PolicyName="own", PolicyDocument=policy_of({"Resource": "arn:aws:s3:::愛"}))


@pytest.mark.parametrize("text", [f"{{{STATEMENT}}}", policy_of(Version="2008-10-17")])
def test_a_new_managed_policy_is_of_the_new_version(iam: IAMClient, policy: str, refuses: Refuses, text: str) -> None:
    with refuses("MalformedPolicyDocument", VERSION):
        iam.create_policy(PolicyName="P", PolicyDocument=text)
    with refuses("MalformedPolicyDocument", VERSION):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=text)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-iso-e", "aws-iso-f"])
def test_each_partition_has_its_own_arns(partition: str) -> None:
    fault = [*faults(json.loads(policy_of({"Resource": f"arn:{partition}:s3:::b"})), partition)]
    assert fault == []


@pytest.mark.parametrize("text", [text for text, _ in REFUSED.values()], ids=REFUSED)
def test_iamsync_refuses_what_the_sandbox_refuses(text: str) -> None:
    """What AWS may have come to know since, and a Version that follows a lone Statement, which is sent in order."""
    try:
        assert Document.parse(text) is not None
    except DocumentError:
        return
    found = list(faults(json.loads(text), "aws"))
    assert found or text.startswith('{"Statement": {')
    assert all(not one.warning or "IAM resource" in one.message for one in found)


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_iamsync_takes_what_the_sandbox_takes(text: str) -> None:
    if "Id" in json.loads(text):
        return  # of resource policies; IAM takes it, and iamsync says that it means nothing
    Document.parse(text)
    assert [one for one in faults(json.loads(text), "aws") if not one.warning] == []


@pytest.mark.usefixtures("readers", "role")
def test_every_document_is_checked(iam: IAMClient, policy: str, refuses: Refuses) -> None:
    bad = policy_of({"Principal": "*"})
    with refuses("MalformedPolicyDocument"):
        iam.create_policy(PolicyName="P", PolicyDocument=bad)
    with refuses("MalformedPolicyDocument"):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=bad)
    with refuses("MalformedPolicyDocument"):
        iam.put_group_policy(GroupName="readers", PolicyName="own", PolicyDocument=bad)
    with refuses("MalformedPolicyDocument"):
        iam.put_role_policy(RoleName="deployer", PolicyName="own", PolicyDocument=bad)
