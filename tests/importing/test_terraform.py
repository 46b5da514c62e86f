"""`import --from terraform`: a state of 60 users, files, `removed` blocks, and a plan of nothing but adoption."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_iam import IAMClient
from shell import Iamsync

from iamsync.sandbox import Sandbox

Json = dict[str, Any]

ACCOUNT = "arn:aws:iam::123456789012:"
READ = f"{ACCOUNT}policy/data/Read"
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
NAMES = [f"person.{number:02}" for number in range(60)]


def resource(address: str, **values: Any) -> Json:  # noqa: ANN401 - JSON
    kind = re.sub(r"^(module\.\w+\.)*", "", address).partition(".")[0]
    return {"address": address, "mode": "managed", "type": kind, "name": "x", "values": values}


def of_people() -> Iterator[Json]:
    for name in NAMES:
        yield resource(
            f'module.people.aws_iam_user.this["{name}"]',
            name=name,
            path="/people/",
            arn=f"{ACCOUNT}user/people/{name}",
            tags={"Team": "data"},
            tags_all={"Team": "data", "Company": "Example"},
            permissions_boundary=None,
            force_destroy=False,
        )
        for policy in (READ, S3):
            key = f"{name}-{policy[-4:]}"
            yield resource(f'module.people.aws_iam_user_policy_attachment.this["{key}"]', user=name, policy_arn=policy)
        yield resource(f'module.people.aws_iam_user_group_membership.this["{name}"]', user=name, groups=["staff"])


def state() -> Json:
    """What `terraform show -json` prints for these resources."""
    root = [
        resource("aws_iam_policy.read", name="Read", path="/data/", arn=READ, description="Read", policy=DOCUMENT),
        resource("aws_iam_policy.ci", name="Ci", path="/", arn=f"{ACCOUNT}policy/Ci", policy=DOCUMENT),
        resource("aws_iam_role.ci", name="ci", arn=f"{ACCOUNT}role/ci"),
        resource("aws_iam_policy_attachment.both", roles=["ci"], users=["person.00"], groups=[], policy_arn=READ),
        resource("aws_iam_group.staff", name="staff", path="/", arn=f"{ACCOUNT}group/staff"),
        resource("aws_iam_group_policy.logs", group="staff", name="logs", policy=DOCUMENT),
        resource("aws_iam_user_policy.own", user="person.01", name="own", policy=DOCUMENT),
        resource(
            "aws_iam_access_key.old", user="person.02", id="AKIAEXAMPLE", secret="SECRET", ses_smtp_password_v4="S"
        ),
        resource("aws_iam_user_login_profile.one", user="person.03", password="SECRET", encrypted_password="SECRET"),
        resource("aws_s3_bucket.logs", bucket="logs"),
        {**resource("data.aws_iam_user.other", name="other", user="other"), "mode": "data"},
    ]
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": root, "child_modules": [{"resources": list(of_people())}]}},
    }


def make(iam: IAMClient) -> None:
    """The same by calls."""
    iam.create_policy(PolicyName="Read", Path="/data/", Description="Read", PolicyDocument=DOCUMENT)
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="logs", PolicyDocument=DOCUMENT)
    tags = [{"Key": "Team", "Value": "data"}, {"Key": "Company", "Value": "Example"}]
    for name in NAMES:
        iam.create_user(UserName=name, Path="/people/", Tags=tags)  # type: ignore[arg-type]  # a list of such tags
        iam.attach_user_policy(UserName=name, PolicyArn=READ)
        iam.attach_user_policy(UserName=name, PolicyArn=S3)
        iam.add_user_to_group(UserName=name, GroupName="staff")
    iam.put_user_policy(UserName="person.01", PolicyName="own", PolicyDocument=DOCUMENT)


def test_the_first_plan_after_a_migration_of_sixty_users_has_nothing_but_adoption(
    iamsync: Iamsync, sandbox: Sandbox, iam: IAMClient, tmp_path: Path
) -> None:
    make(iam)
    (tmp_path / "state.json").write_text(json.dumps(state()))
    sandbox.forget_calls()

    ended = iamsync("import", "--from", "terraform", "state.json", "--owner", "us")

    assert ended.code == 0, ended.err
    assert sandbox.calls == [], "the state is all that is read"
    files = {file.name: file.read_text() for file in (tmp_path / "desired").rglob("*") if file.is_file()}
    assert "SECRET" not in "".join(files.values())
    assert set(files) == {
        *("iamsync.yaml", "policies.yaml", "policy_sets.yaml", "groups.yaml", "data.yaml"),
        *("Read.json", "removed.tf"),
    }
    assert iamsync("validate", "--strict").code == 0
    plan = iamsync("plan", "--adopt-all")
    assert "adoption changes nothing else: 60 users, 1 group, 1 policy" in plan.out
    assert "0 to create, 62 to change, 0 to remove" in plan.out


def test_removed_blocks_let_go_of_what_is_imported_and_of_nothing_else(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state()))
    assert iamsync("import", "--from", "terraform", "state.json", "--owner", "us").code == 0

    text = (tmp_path / "desired/removed.tf").read_text()

    assert re.findall(r"^  from = (.*)$", text, re.MULTILINE) == [
        "aws_iam_access_key.old",
        "aws_iam_group.staff",
        "aws_iam_group_policy.logs",
        "aws_iam_policy.read",
        "aws_iam_user_login_profile.one",
        "aws_iam_user_policy.own",
        "module.people.aws_iam_user.this",
        "module.people.aws_iam_user_group_membership.this",
        "module.people.aws_iam_user_policy_attachment.this",
    ]
    assert text.count("    destroy = false\n") == 9
    assert "# Not removed, since it is also about what is not imported: aws_iam_policy_attachment.both" in text


def test_an_address_with_an_instance_that_is_not_imported_stays(iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state()))
    assert iamsync("import", "--from", "terraform", "state.json", "--owner", "us", "--user", "person.0*").code == 0

    text = (tmp_path / "desired/removed.tf").read_text()

    assert "from = module.people.aws_iam_user.this\n" not in text
    assert "# Not removed, since it is also about what is not imported: module.people.aws_iam_user.this" in text
    assert "from = aws_iam_access_key.old\n" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "cannot be read as JSON"),
        ("[]", "has no values.root_module"),
        ('{"values": {"root_module": {}}}', "the state has no user, group or policy of IAM"),
    ],
)
def test_a_file_that_is_no_state_is_refused(text: str, words: str, iamsync: Iamsync, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(text)

    ended = iamsync("import", "--from", "terraform", "state.json", "--owner", "us")

    assert ended.code == 1
    assert words in ended.err
    assert not (tmp_path / "desired").exists()
    assert 'cannot import from "pulumi"' in iamsync("import", "--from", "pulumi", "x", "--owner", "us").err
