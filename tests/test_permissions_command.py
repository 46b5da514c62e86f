"""`iamsync permissions`: what is printed is what IAM, CloudFormation and Terraform take."""

import json
from pathlib import Path

import pytest
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write

DESIRED = ("--desired", str(STORY))


def test_a_role_for_plans_reads_and_is_for_pull_requests(iamsync: Iamsync) -> None:
    ended = iamsync("permissions", "plan", *DESIRED, "--github", "acme/access")

    printed = json.loads(ended.out)
    (policy,) = printed["policies"].values()
    assert ended.code == 0
    actions = [action for one in policy["Statement"] for action in one["Action"]]
    others = [one for one in actions if not one.startswith(("iam:Get", "iam:List"))]
    assert others == ["access-analyzer:ValidatePolicy", "tag:GetResources"]
    (trust,) = printed["trust_policy"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:acme/access:pull_request",
    }
    assert "IAM cannot narrow the reads" in ended.err


@pytest.mark.parametrize(
    ("option", "command", "key", "subject"),
    [
        ("--github", "apply", "token.actions.githubusercontent.com:sub", "repo:acme/access:ref:refs/heads/prod"),
        ("--gitlab", "run", "gitlab.com:sub", "project_path:acme/access:ref_type:branch:ref:prod"),
        ("--gitlab", "plan", "gitlab.com:sub", "project_path:acme/access:ref_type:branch:ref:*"),
    ],
)
def test_the_trust_is_of_one_repository_and_branch(
    option: str, command: str, key: str, subject: str, iamsync: Iamsync
) -> None:
    ended = iamsync("permissions", command, *DESIRED, option, "acme/access", "--branch", "prod")

    (trust,) = json.loads(ended.out)["trust_policy"]["Statement"]
    assert {**trust["Condition"]["StringEquals"], **trust["Condition"].get("StringLike", {})}[key] == subject


def test_a_job_with_an_environment_has_that_in_its_token(iamsync: Iamsync) -> None:
    """GitHub Docs, "OpenID Connect reference", "Filtering for a specific environment"."""
    ended = iamsync("permissions", "apply", *DESIRED, "--github", "acme/access", "--environment", "production")

    (trust,) = json.loads(ended.out)["trust_policy"]["Statement"]
    subject = trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subject == "repo:acme/access:environment:production"


def test_iam_takes_the_policies_and_the_role(iamsync: Iamsync, iam: IAMClient) -> None:
    printed = json.loads(iamsync("permissions", "apply", *DESIRED, "--github", "acme/access").out)

    arns = [
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        for name, document in printed["policies"].items()
    ]
    iam.create_role(RoleName="iamsync-apply", AssumeRolePolicyDocument=json.dumps(printed["trust_policy"]))
    for arn in arns:
        iam.attach_role_policy(RoleName="iamsync-apply", PolicyArn=arn)


def test_cloudformation_has_the_same_policies_and_a_role(iamsync: Iamsync) -> None:
    arguments = ("permissions", "apply", *DESIRED, "--github", "acme/access")
    plain, template = (json.loads(iamsync(*arguments, *more).out) for more in ((), ("--format", "cloudformation")))

    resources = template["Resources"]
    policies = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::IAM::ManagedPolicy"]
    assert {one["ManagedPolicyName"]: one["PolicyDocument"] for one in policies} == plain["policies"]
    assert resources["Role"]["Properties"]["AssumeRolePolicyDocument"] == plain["trust_policy"]
    assert resources["Role"]["Properties"]["ManagedPolicyArns"] == [
        {"Ref": name} for name in resources if name != "Role"
    ]


def test_terraform_has_the_same_policies_and_a_role(iamsync: Iamsync) -> None:
    arguments = ("permissions", "apply", *DESIRED, "--github", "acme/access")
    plain, form = (json.loads(iamsync(*arguments, *more).out) for more in ((), ("--format", "terraform")))

    resources = form["resource"]
    policies = resources["aws_iam_policy"]
    assert {one["name"]: json.loads(one["policy"].replace("$${", "${")) for one in policies.values()} == plain[
        "policies"
    ]
    assert json.loads(resources["aws_iam_role"]["iamsync_apply"]["assume_role_policy"]) == plain["trust_policy"]
    assert resources["aws_iam_role_policy_attachment"].keys() == policies.keys()


def test_the_own_role_and_its_boundary_are_denied(iamsync: Iamsync) -> None:
    boundary = "arn:aws:iam::123456789012:policy/Bound"
    ended = iamsync("permissions", "run", *DESIRED, "--role", "reconciler", "--boundary", boundary)

    statements = [one for policy in json.loads(ended.out)["policies"].values() for one in policy["Statement"]]
    (own,) = (one for one in statements if one["Sid"] == "NeverOwnRole")
    assert own["Effect"] == "Deny"
    assert own["Resource"] == ["arn:aws:iam::123456789012:role/reconciler", boundary]


FUTURE = """\
version: 1
settings: {owner: us, account_id: "123456789012"}
policy_sets: {audit: {policies: [aws:SecurityAudit]}}
users:
  aiko:
    policies: [{name: aws:AmazonS3ReadOnlyAccess, from: 2999-01-01}, {name: aws:ReadOnlyAccess, until: 2001-01-01}]
    policy_sets: [{name: audit, from: 2998-01-01, until: 2998-02-01}]
    groups: {add: [{name: billing, from: 2999-01-01}]}
"""


def test_a_grant_that_begins_later_needs_no_other_role_then(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=FUTURE)

    statements = [
        one
        for policy in json.loads(iamsync("permissions", "run").out)["policies"].values()
        for one in policy["Statement"]
    ]

    (attach,) = (one for one in statements if one.get("Action") == "iam:AttachUserPolicy")
    assert attach["Condition"]["ArnEquals"]["iam:PolicyARN"] == [
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        "arn:aws:iam::aws:policy/SecurityAudit",
    ]
    (join,) = (one for one in statements if "iam:AddUserToGroup" in one.get("Action", ()))
    assert "arn:aws:iam::123456789012:group/billing" in join["Resource"]


def test_more_policies_than_a_role_can_have_are_said(iamsync: Iamsync, tmp_path: Path) -> None:
    users = "\n".join(f"  user{number}: {{path: /{'a' * 400}/{number}/}}" for number in range(150))
    write(tmp_path, all=f'version: 1\nsettings: {{owner: us, account_id: "123456789012"}}\nusers:\n{users}\n')

    ended = iamsync("permissions", "apply")

    number = len(json.loads(ended.out)["policies"])
    assert number > 10
    assert f"These are {number} policies. A role can have 10" in ended.err


def test_without_an_account_there_is_nothing_to_name(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all="version: 1\nsettings: {owner: us}\nusers: {aiko: {}}\n")

    ended = iamsync("permissions", "plan")

    assert (ended.code, ended.out) == (1, "")
    assert "set settings.account_id in the files" in ended.err


def test_two_repositories_or_an_unknown_format_are_refused(iamsync: Iamsync) -> None:
    both = iamsync("permissions", "plan", *DESIRED, "--github", "a/b", "--gitlab", "a/b")
    unknown = iamsync("permissions", "plan", *DESIRED, "--format", "yaml")

    assert (both.code, unknown.code) == (1, 1)
    assert "name one of --github and --gitlab" in both.err
    assert "use json, cloudformation, terraform" in unknown.err
