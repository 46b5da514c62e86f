"""What a plan says beside its calls: whom it reaches, and what there was before."""

import json
from pathlib import Path
from typing import Any

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
SQS = "{Version: 2012-10-17, Statement: [{Sid: Queue, Effect: Allow, Action: 'sqs:*', Resource: '*'}]}"


class Account:
    """An account that is brought to one desired state after another."""

    def __init__(self, iamsync: Iamsync, folder: Path) -> None:
        self._iamsync = iamsync
        self._folder = folder

    def has(self, files: str) -> None:
        write(self._folder, all=SETTINGS + files)
        ended = self._iamsync("apply", "--yes", "--csv", "new.csv")
        assert ended.code == 0, ended.out + ended.err

    def plan(self, files: str, *options: str) -> str:
        """The plan in words."""
        write(self._folder, all=SETTINGS + files)
        ended = self._iamsync("plan", *options)
        assert ended.code == 0, ended.out + ended.err
        return ended.out

    def data(self, files: str, *options: str) -> dict[str, Any]:
        """The plan as data."""
        found: dict[str, Any] = json.loads(self.plan(files, "--format", "json", *options))
        return found


@pytest.fixture
def account(iamsync: Iamsync, tmp_path: Path) -> Account:
    return Account(iamsync, tmp_path)


def test_a_first_plan_removes_nothing(account: Account) -> None:
    said = account.plan("users: {bot: {access_keys: 1}}\n")

    assert "2 to create, 1 to change, 0 to remove" in said
    assert "  ~ clear bookkeeping tag iamsync:new-access-key            not declared\n" in said


def test_each_tag_shows_its_old_value_and_its_new_one(account: Account) -> None:
    account.has("users: {aiko: {tags: {Team: data, Floor: '3', Stays: x}}}\n")
    after = "users: {aiko: {tags: {Team: science, Desk: '7', Stays: x}}}\n"

    said, (removed, changed) = account.plan(after), account.data(after)["actions"]

    assert "      tag Floor=3 removed\n" in said
    assert "      tag Desk=7\n      tag Team=data -> science\n" in said
    assert "Stays" not in said
    assert (removed["old"], changed["old"]) == ({"tags": {"Floor": "3"}}, {"tags": {"Team": "data"}})


def test_the_tags_of_a_policy_do_too(account: Account) -> None:
    account.has(f"policies: {{Queue: {{document: {SQS}, tags: {{Team: data}}}}}}\n")

    said = account.plan(f"policies: {{Queue: {{document: {SQS}, tags: {{Team: science}}}}}}\n")

    assert "      tag Team=data -> science\n" in said


@pytest.mark.parametrize("owner", ["users: {aiko: {%s}}\n", "groups: {readers: {%s}}\nusers: {aiko: {}}\n"])
def test_an_inline_policy_that_is_removed_is_shown(account: Account, owner: str) -> None:
    account.has(owner % f"inline_policies: {{queue: {SQS}}}")

    said = account.plan(owner % "")

    assert '      statement "Queue" removed: Allow sqs:* on *\n' in said


def test_a_new_policy_shows_its_description(account: Account) -> None:
    said = account.plan(f"policies: {{Queue: {{document: {SQS}, description: 'Queues: all of them'}}}}\n")

    assert "      path /\n      description Queues: all of them\n" in said


def test_a_new_path_or_name_says_that_the_arn_changes(account: Account) -> None:
    account.has("users: {aiko.suzuki: {path: /people/}}\ngroups: {readers: {}}\n")
    after = (
        "users: {aiko.sato: {path: /data/, previous_names: [aiko.suzuki]}}\n"
        "groups: {readers: {path: /iamsync/us/audit/}}\n"
    )

    said, actions = account.plan(after), account.data(after)["actions"]

    arn = "arn:aws:iam::123456789012"
    assert f"the ARN changes: {arn}:user/people/aiko.suzuki -> {arn}:user/people/aiko.sato\n" in said
    assert f"the ARN changes: {arn}:user/people/aiko.sato -> {arn}:user/data/aiko.sato\n" in said
    assert f"the ARN changes: {arn}:group/iamsync/us/readers -> {arn}:group/iamsync/us/audit/readers\n" in said
    assert [one["old"] for one in actions if one["change"]["kind"] == "move"] == [
        {"path": "/iamsync/us/"},
        {"path": "/people/"},
    ]


@pytest.mark.parametrize(
    ("facet", "summary"),
    [
        ("policies: [%s]", "detach Queue"),
        ("groups: [%s]", "remove from group Queue"),
        ("policy_sets: [%s]", "detach aws:SecurityAudit"),
        ("policy_sets: [%s]", "remove from group some"),
    ],
    ids=["policy", "group", "set", "set-by-group"],
)
def test_a_grant_that_has_ended_names_its_place_and_its_end(account: Account, facet: str, summary: str) -> None:
    name = "some" if "policy_sets" in facet else "Queue"
    attach = "group" if summary.endswith("some") else "direct"
    shared = (
        f"policies: {{Queue: {{document: {SQS}}}}}\ngroups: {{Queue: {{}}}}\n"
        f"policy_sets: {{some: {{policies: [aws:SecurityAudit], attach: {attach}}}}}\n"
    )
    account.has(f"{shared}users:\n  aiko:\n    {facet % name}\n")
    after = f"{shared}users:\n  aiko:\n    {facet % f'{{name: {name}, until: 2026-01-31T18:00:00Z}}'}\n"

    said, (action,) = account.plan(after), account.data(after)["actions"]

    assert f"  - {summary}".ljust(58) + "  desired/all.yaml:8\n      granted until 2026-01-31T18:00:00Z\n" in said
    assert action["notes"] == [{"kind": "ended", "until": "2026-01-31T18:00:00Z"}]
    assert action["declared_at"]["line"] == 8


TRUST = '{"Version": "2012-10-17", "Statement": []}'
HELD = "policies: {{Queue: {{document: {}}}}}\nusers: {{a: {{policies: [Queue]}}, b: {{policies: [Queue]}}, c: {{}}}}\n"
INLINE = (
    "inline_policies: {{all: {{Version: 2012-10-17, Statement: [{{Effect: Allow, Action: '{}', Resource: '*'}}]}}}}"
)
ADMIN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}'


def test_a_changed_policy_says_whom_it_reaches_and_who_else_holds_it(account: Account, iam: IAMClient) -> None:
    account.has(HELD.format(SQS))
    arn = "arn:aws:iam::123456789012:policy/Queue"
    for name in ("x", "bounded", "member"):
        iam.create_user(UserName=name)
    iam.attach_user_policy(UserName="x", PolicyArn=arn)
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=arn)
    iam.create_group(GroupName="theirs")
    iam.attach_group_policy(GroupName="theirs", PolicyArn=arn)
    iam.add_user_to_group(GroupName="theirs", UserName="member")
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="ci", PolicyArn=arn)
    after = HELD.format(SQS.replace("sqs:*", "sqs:Get*"))

    said, (action,) = account.plan(after), account.data(after)["actions"]

    others = ["group/theirs", "role/ci", "user/bounded", "user/member", "user/x"]
    assert f"      reaches 2 declared users; also held by {', '.join(others)}\n" in said
    reach = {"kind": "reach", "declared_users": 2, "others": others, "roles_unknown": False}
    assert action["notes"] == [reach]


def test_where_roles_may_not_be_asked_for_the_plan_says_so_and_goes_on(
    account: Account, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.has(HELD.format(SQS))
    network.script = [Fault(match="ListEntitiesForPolicy", code="AccessDenied")]
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)

    said = account.plan(HELD.format(SQS.replace("sqs:*", "sqs:Get*")))

    assert "      reaches 2 declared users; roles are not known: iam:ListEntitiesForPolicy is denied\n" in said


def test_a_changed_group_says_whom_it_reaches(account: Account, iam: IAMClient) -> None:
    files = "groups: {{readers: {{policies: [{}]}}}}\nusers: {{a: {{groups: [readers]}}, b: {{}}}}\n"
    account.has(files.format("aws:SecurityAudit"))
    iam.create_user(UserName="x")
    iam.add_user_to_group(GroupName="readers", UserName="x")

    said = account.plan(files.format("aws:SecurityAudit, aws:ReadOnlyAccess"))

    assert "      reaches 1 declared user; also held by user/x\n" in said


@pytest.mark.parametrize(
    ("facet", "is_one"),
    [
        ("policies: [aws:AdministratorAccess]", True),
        ("policies: [aws:IAMFullAccess]", True),
        ("policy_sets: [admins]", True),
        (INLINE.format("iam:*"), True),
        ("policies: [aws:PowerUserAccess]", False),
        ("policies: [aws:AdministratorAccess], permissions_boundary: aws:PowerUserAccess", False),
        ("policies: [aws:AdministratorAccess, aws:AWSDenyAll]", False),
        ("policies: [aws:AdministratorAccess], suspended: true", False),
        (INLINE.format("iam:Get*"), False),
    ],
    ids=["all", "iam", "group", "inline", "power", "bounded", "denied", "suspended", "reads"],
)
def test_a_new_administrator_is_marked(account: Account, facet: str, is_one: bool) -> None:  # noqa: FBT001 - the claim
    sets = "policy_sets: {admins: {policies: [aws:AdministratorAccess], attach: group}}\n"
    files = f"{sets}users: {{aiko: {{{facet}}}}}\n"

    said, data = account.plan(files), account.data(files)

    assert ("+ user/aiko  new administrator\n" in said) is is_one
    assert ("! user/aiko becomes an administrator" in said) is is_one
    assert ("administrator, through group/admins\n" in said) is ("policy_sets" in facet)
    assert data["new_administrators"] == (["aiko"] if is_one else [])


def test_new_administrators_are_one_annotation(iamsync: Iamsync, tmp_path: Path) -> None:
    sets = "policy_sets: {admins: {policies: [aws:AdministratorAccess], attach: group}}\n"
    write(tmp_path, all=f"{SETTINGS}{sets}users: {{aiko: {{policy_sets: [admins]}}, bo: {{policy_sets: [admins]}}}}\n")
    both = iamsync("plan", "--annotations", "github")
    write(tmp_path, all=f"{SETTINGS}users: {{aiko: {{policies: [aws:AdministratorAccess]}}, bo: {{}}}}\n")
    one = iamsync("plan", "--annotations", "github")

    assert both.err == (
        "::warning file=desired/all.yaml,line=4,col=9,title=new administrator::"
        "2 items (user/aiko, user/bo): becomes an administrator, through group/admins\n"
    )
    assert one.err == (
        "::warning file=desired/all.yaml,line=3,col=9,title=new administrator::user/aiko becomes an administrator\n"
    )


def test_who_becomes_an_administrator_by_a_policy_that_others_share_is_named(account: Account, iam: IAMClient) -> None:
    account.has(HELD.format(SQS))
    iam.create_user(UserName="x")
    iam.attach_user_policy(UserName="x", PolicyArn="arn:aws:iam::123456789012:policy/Queue")
    after = HELD.format(SQS.replace("sqs:*", "*"))

    said = account.plan(after)

    assert "".join(f"! user/{name} becomes an administrator, through policy/Queue\n" for name in "abx") in said
    account.has(after)
    assert "administrator" not in account.plan(after.replace("c: {}", "c: {tags: {Team: a}}")), "it was one before"


def test_what_is_unmanaged_is_counted_and_named_administrators_first(account: Account, iam: IAMClient) -> None:
    for name in ("by.hand", "root.like", "adopted"):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName="root.like", PolicyName="all", PolicyDocument=ADMIN)
    iam.create_group(GroupName="theirs")
    iam.create_policy(PolicyName="Theirs", PolicyDocument=ADMIN)
    files = f"policies: {{Queue: {{document: {SQS}}}}}\nusers: {{adopted: {{}}}}\n"

    said = account.plan(files, "--adopt", "adopted", "--unmanaged")
    data = account.data(files, "--adopt", "adopted")

    assert "2 unmanaged users, 1 unmanaged policy, 1 unmanaged group left alone." in said
    assert (
        "unmanaged administrators: root.like\nunmanaged users: by.hand\n"
        "unmanaged policies: Theirs\nunmanaged groups: theirs\n"
    ) in said
    assert "unmanaged administrators" not in account.plan(files, "--adopt", "adopted")
    assert data["unmanaged_users"] == 2
    assert data["unmanaged"] == {
        "users": ["by.hand", "root.like"],
        "groups": ["theirs"],
        "policies": ["Theirs"],
        "administrators": ["root.like"],
    }
