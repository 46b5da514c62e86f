"""The tags of many policies from AWS's index: one call instead of one for each policy, and never believed when
something would be changed or reported.
"""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from faults.network import After, Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, Logged, write

from iamsync import aws, live
from iamsync.core.operations import READS
from iamsync.daemon.cycle import Cycles
from iamsync.errors import OperationRefused
from iamsync.sandbox import Sandbox
from iamsync.source import Folder

MANY = live.FEW + 2
LOOK = Counter(GetCallerIdentity=1, GetAccountAuthorizationDetails=1)
ALL = Counter(ListPolicyTags=MANY)
INDEX = Counter(GetResources=1)
DENY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
ARN = "arn:aws:iam::123456789012:policy/Own%02d"


def files(policies: int = MANY, users: int = 1, *, each: str = "{policies: [Own00]}", settings: str = "") -> str:
    document = (
        "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b%02d/*'}]}"
    )
    own = "\n".join(
        f"  Own{number:02}: {{tags: {{Team: a}}, document: {document % number}}}" for number in range(policies)
    )
    people = "\n".join(f"  user{number:04}: {each}" for number in range(users))
    head = f'version: 1\nsettings: {{owner: us, account_id: "123456789012"{settings}}}\n'
    return f"{head}policies:\n{own}\nusers:\n{people}\n"


Applied = Callable[[str], None]
Planned = Callable[[], tuple[str, Counter[str]]]


@pytest.fixture
def applied(iamsync: Iamsync, tmp_path: Path) -> Applied:
    """Brings the account there."""

    def apply(text: str) -> None:
        write(tmp_path, all=text)
        ended = iamsync("apply", "--yes", "--csv", ".")
        assert ended.code == 0, ended.out + ended.err

    return apply


@pytest.fixture
def planned(iamsync: Iamsync, sandbox: Sandbox) -> Planned:
    """What a plan says, and what it called."""

    def plan() -> tuple[str, Counter[str]]:
        sandbox.forget_calls()
        ended = iamsync("plan")
        return ended.out + ended.err, Counter(call.operation for call in sandbox.calls)

    return plan


@pytest.mark.parametrize(("users", "pages"), [(20, 1), pytest.param(1000, 2, marks=pytest.mark.slow)])
def test_a_plan_with_nothing_to_do_costs_a_handful_of_calls_with_a_hundred_policies(
    applied: Applied, planned: Planned, users: int, pages: int
) -> None:
    applied(files(100, users))

    said, made = planned()

    assert "Nothing to do" in said
    assert made == Counter(GetCallerIdentity=1, GetAccountAuthorizationDetails=pages, GetResources=1)
    assert made.total() <= 6


def test_the_index_is_read_to_its_last_page(applied: Applied, planned: Planned) -> None:
    applied(files(101))

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + Counter(GetResources=2)


def test_the_index_is_read_while_the_bulk_read_is_made(
    applied: Applied, planned: Planned, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(files())
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    both = threading.Barrier(2)
    network.meeting = {"GetResources": both, "GetAccountAuthorizationDetails": both}

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + INDEX


def test_policies_that_only_the_account_has_are_looked_up_after_the_bulk_read(
    applied: Applied, planned: Planned, tmp_path: Path
) -> None:
    """With `prune`, all policies matter."""
    applied(files())
    write(tmp_path, all=files(1, settings=", prune: true, guards: {max_removals: 50}"))

    said, made = planned()

    assert f"0 to change, {MANY - 1} to remove" in said
    assert made["GetResources"] == 1


def test_a_few_policies_are_asked_one_by_one(applied: Applied, planned: Planned) -> None:
    applied(files(live.FEW))

    assert planned()[1] == LOOK + Counter(ListPolicyTags=live.FEW)


def test_the_index_is_asked_where_iam_is_wherever_the_session_is(
    applied: Applied, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    applied(files())

    assert planned()[1] == LOOK + INDEX


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_a_client_of_the_index_is_in_the_region_of_the_partitions_iam_and_only_reads(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, partition: str, region: str
) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)

    client = aws.tagging(boto3.Session(), partition)

    assert client is not None
    assert client.meta.region_name == region
    assert ("resourcegroupstaggingapi", "TagResources") not in READS
    with pytest.raises(OperationRefused, match="TagResources"):
        client.tag_resources(ResourceARNList=[ARN % 0], Tags={"iamsync:owner": "us"})
    assert sandbox.calls == []


def test_a_partition_whose_iam_is_nowhere_we_know_has_no_index() -> None:
    assert aws.tagging(boto3.Session(), "aws-iso") is None


def test_without_the_permission_each_policy_is_asked(applied: Applied, planned: Planned, sandbox: Sandbox) -> None:
    applied(files())
    sandbox.tag_index.close()

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + INDEX + ALL


@pytest.mark.parametrize("loss", [After.PAGE, After.RESET, After.SERVER_ERROR, After.CUT])
def test_an_index_that_gives_no_answer_is_done_without(
    applied: Applied, planned: Planned, network: Network, monkeypatch: pytest.MonkeyPatch, loss: After
) -> None:
    applied(files())
    monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
    network.script = [Fault(match="^GetResources", after=loss, times=9)]

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + INDEX + ALL, "it is tried once"


def test_a_policy_that_the_index_does_not_mention_is_asked(
    applied: Applied, planned: Planned, sandbox: Sandbox
) -> None:
    applied(files())
    sandbox.tag_index.leave_out(ARN % 3, ARN % 5)

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + INDEX + Counter(ListPolicyTags=2)


def test_an_index_that_has_heard_of_no_policy_yet_proves_nothing(
    applied: Applied, planned: Planned, sandbox: Sandbox
) -> None:
    sandbox.tag_index.fall_behind()
    applied(files())

    said, made = planned()

    assert "Nothing to do" in said
    assert made == LOOK + INDEX + ALL


def test_a_tag_that_was_removed_by_hand_is_seen_though_nothing_else_has_changed(
    applied: Applied, planned: Planned, iam: IAMClient
) -> None:
    applied(files())
    iam.untag_policy(PolicyArn=ARN % 3, TagKeys=["iamsync:owner"])

    said, made = planned()

    assert "exists, not owned" in said
    assert made == LOOK + INDEX + ALL, "what is reported is what IAM says"


def test_a_tag_that_was_removed_by_hand_is_found_before_anything_is_changed(
    applied: Applied, iamsync: Iamsync, sandbox: Sandbox, iam: IAMClient
) -> None:
    """The index is late: by it, the policy is still ours, and its text would be put right."""
    applied(files())
    sandbox.tag_index.fall_behind()
    iam.untag_policy(PolicyArn=ARN % 3, TagKeys=["iamsync:owner"])
    iam.create_policy_version(PolicyArn=ARN % 3, PolicyDocument=DENY, SetAsDefault=True)

    ended = iamsync("apply", "--yes", "--csv", ".")

    assert "exists, not owned" in ended.out
    assert iam.get_policy(PolicyArn=ARN % 3)["Policy"]["DefaultVersionId"] == "v2"
    assert len(iam.list_policy_versions(PolicyArn=ARN % 3)["Versions"]) == 2


def test_a_policy_that_somebody_else_has_taken_over_is_not_changed_on_what_the_index_remembers(
    applied: Applied, sandbox: Sandbox, iam: IAMClient
) -> None:
    """Under prune, one that is no longer declared would be deleted."""
    settings = ", prune: true, guards: {max_removals: 50}"
    applied(files(MANY + 1, settings=settings))
    sandbox.tag_index.fall_behind()
    taken = ARN % MANY
    iam.tag_policy(PolicyArn=taken, Tags=[{"Key": "iamsync:owner", "Value": "them"}])

    applied(files(MANY, settings=settings))

    assert iam.get_policy(PolicyArn=taken)["Policy"]["Arn"] == taken


def test_a_late_index_hides_a_tag_only_as_long_as_there_is_nothing_to_do(
    applied: Applied, planned: Planned, sandbox: Sandbox, iam: IAMClient
) -> None:
    """As a loop does not see it that remembers the tags."""
    applied(files())
    sandbox.tag_index.fall_behind()
    iam.untag_policy(PolicyArn=ARN % 3, TagKeys=["iamsync:owner"])

    assert "Nothing to do" in planned()[0]

    iam.detach_user_policy(UserName="user0000", PolicyArn=ARN % 0)
    said, made = planned()
    assert "exists, not owned" in said
    assert made == LOOK + INDEX + ALL


def test_a_policy_that_only_the_index_still_has_is_created_again(
    applied: Applied, planned: Planned, sandbox: Sandbox, iam: IAMClient
) -> None:
    applied(files())
    sandbox.tag_index.fall_behind()
    iam.delete_policy(PolicyArn=ARN % 3)

    said, made = planned()

    assert "Own03" in said
    assert "create policy" in said
    assert made == LOOK + INDEX + Counter(ListPolicyTags=MANY - 1)


def test_other_tags_are_compared_by_the_index_and_put_right_by_what_iam_tells(
    applied: Applied, planned: Planned, sandbox: Sandbox, iam: IAMClient
) -> None:
    applied(files())
    sandbox.tag_index.fall_behind()
    iam.tag_policy(PolicyArn=ARN % 3, Tags=[{"Key": "Team", "Value": "b"}])
    assert "Nothing to do" in planned()[0]

    sandbox.tag_index.catch_up()
    said, made = planned()

    assert "set tags" in said
    assert made == LOOK + INDEX + ALL


def test_a_loop_remembers_what_the_index_said_and_changes_nothing_on_it(
    applied: Applied, sandbox: Sandbox, iam: IAMClient, tmp_path: Path, logged: Logged
) -> None:
    applied(files())
    sandbox.tag_index.fall_behind()
    iam.untag_policy(PolicyArn=ARN % 3, TagKeys=["iamsync:owner"])
    cycles = Cycles(Folder(tmp_path / "desired"), boto3.Session(), csv=tmp_path)

    def next_cycle() -> tuple[str, Counter[str]]:
        sandbox.forget_calls()
        cycles.next()
        (line,) = logged()
        return str(line["result"]), Counter(call.operation for call in sandbox.calls)

    assert next_cycle() == ("in sync", LOOK + INDEX)
    assert next_cycle() == ("in sync", LOOK)
    iam.create_policy_version(PolicyArn=ARN % 3, PolicyDocument=DENY, SetAsDefault=True)
    assert next_cycle() == ("pending", LOOK + ALL)
    assert iam.get_policy(PolicyArn=ARN % 3)["Policy"]["DefaultVersionId"] == "v2"


def test_a_plan_that_changes_something_reads_everything_else_once(
    applied: Applied, planned: Planned, iam: IAMClient
) -> None:
    """It costs what it did without the index, and the one call that asks the index."""
    user = "{console: true, policies: [Own00, aws:IAMUserChangePassword]}"
    applied(files(users=3, each=user))
    iam.detach_user_policy(UserName="user0000", PolicyArn=ARN % 0)

    said, made = planned()

    assert "attach Own00" in said
    assert made - Counter(GetAccountPasswordPolicy=1) == LOOK + INDEX + ALL + Counter(GetLoginProfile=3)
