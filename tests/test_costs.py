"""What a cycle costs, counted at the wire: a handful of calls, however many users; what costs more costs it only for
the users concerned.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from botocore import xform_name
from laws.model import GroupRecord, Iam, PolicyRecord, UserRecord, VersionRecord
from laws.seeding import seed
from laws.universe import AWS_POLICIES, DOCUMENTS
from moto.core.utils import utcnow
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync.core.tags import OWNER_TAG
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"%s}\n'
PRUNE = ", prune: true, guards: {max_removals: 50}"
GUARD = "Guard: {document: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: 's3:Put*', Resource: '*'}]}}"
HANDFUL = Counter({"GetCallerIdentity": 1, "GetAccountAuthorizationDetails": 1})
A_LOOK_AT_A_LEAVER = Counter(
    GetLoginProfile=1,
    ListAccessKeys=1,
    ListMFADevices=1,
    ListSSHPublicKeys=1,
    ListSigningCertificates=1,
    ListServiceSpecificCredentials=1,
)
USERS = 40


def with_everything_that_costs_nothing(*more: str, settings: str = "") -> str:
    """Users with groups, boundaries, inline policies, grants for a time, tags, direct attachments and sets."""
    inline = "{queue: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}}"
    facets = (
        "permissions_boundary: aws:PowerUserAccess, groups: [readers], tags: {Team: a}, expires: 2099-01-01, "
        "policies: [{name: aws:SecurityAudit, until: 2099-01-01}, {name: aws:ReadOnlyAccess, from: 2099-01-01}], "
        f"policy_sets: [viewer], inline_policies: {inline}"
    )
    users = [f"  user{number:02}: {{{facets}}}" for number in range(USERS)]
    return (
        SETTINGS % settings
        + f"policies: {{{GUARD}}}\n"
        + "policy_sets: {viewer: {policies: [Guard, aws:AmazonS3ReadOnlyAccess], attach: group}}\n"
        + "groups: {readers: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
        + "\n".join(["users:", *users, *more])
        + "\n"
    )


@pytest.fixture
def costs(iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path) -> "Costs":
    """Counts the calls of a cycle that has nothing to do."""
    return Costs(iamsync, sandbox, tmp_path)


class Costs:
    """What a cycle calls."""

    def __init__(self, iamsync: Iamsync, sandbox: Sandbox, folder: Path) -> None:
        self._iamsync = iamsync
        self._sandbox = sandbox
        self._folder = folder

    def of(self, files: str) -> Counter[str]:
        """All calls of a cycle after the one that brought the account there."""
        write(self._folder, all=files)
        first = self._iamsync("apply", "--yes", "--csv", ".")
        assert first.code == 0, first.out + first.err
        self._sandbox.forget_calls()
        second = self._iamsync("apply", "--yes", "--csv", ".")
        assert "Nothing to do" in second.out, second.out
        return self.made

    @property
    def made(self) -> Counter[str]:
        """The calls by operation."""
        return Counter(call.operation for call in self._sandbox.calls)


def test_groups_boundaries_inline_policies_and_grants_for_a_time_cost_nothing(costs: Costs) -> None:
    """Three calls for 40 users: the third is the tags of the one policy of our own, which no bulk answer holds."""
    assert costs.of(with_everything_that_costs_nothing()) == HANDFUL + Counter(ListPolicyTags=1)


def test_a_console_costs_one_call_for_each_user_who_declares_it(costs: Costs) -> None:
    made = costs.of(
        with_everything_that_costs_nothing("  who.signs.in: {console: true, policies: [aws:IAMUserChangePassword]}")
    )

    assert made == HANDFUL + Counter(ListPolicyTags=1, GetLoginProfile=1)


def test_a_password_that_must_be_claimed_costs_another_call_when_its_time_is_over(
    costs: Costs, iamsync: Iamsync, sandbox: Sandbox
) -> None:
    files = SETTINGS % "" + "users: {aiko: {console: {claim_within: 7d}, policies: [aws:IAMUserChangePassword]}}\n"
    assert costs.of(files) == HANDFUL + Counter(GetLoginProfile=1)
    with sandbox._accounts.in_moto():  # noqa: SLF001 - no API makes a password older, or signs in
        account = sandbox._accounts.account("123456789012", "aws")  # noqa: SLF001
        user = account.user("aiko")
        account.passwords_created[user.id] = utcnow() - timedelta(days=8)
        user.password_last_used = utcnow()  # type: ignore[assignment]  # moto says None
    sandbox.forget_calls()

    assert "Nothing to do" in iamsync("apply", "--yes", "--csv", ".").out

    assert costs.made == HANDFUL + Counter(GetLoginProfile=1, GetUser=1)


def test_access_keys_cost_one_call_for_each_user_who_declares_them_and_a_new_one_four_writes(
    costs: Costs, iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert costs.of(with_everything_that_costs_nothing("  bot: {access_keys: 1}")) == HANDFUL + Counter(
        ListPolicyTags=1, ListAccessKeys=1
    )
    write(tmp_path, all=with_everything_that_costs_nothing("  bot: {access_keys: 2}"))
    sandbox.forget_calls()

    assert iamsync("apply", "--yes", "--csv", "second.csv").code == 0

    writes = [call.operation for call in sandbox.calls if not is_read(call.operation)]
    assert writes == ["TagUser", "TagUser", "CreateAccessKey", "UntagUser"]
    assert costs.made["ListAccessKeys"] == 3, "for the plan, before the note, after the key"
    assert costs.made["GetUser"] == 2, "after the claim, and before the key: is it still that user?"


def test_a_new_user_is_born_with_the_note_so_that_a_key_costs_two_writes(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    write(tmp_path, all=SETTINGS % "" + "users: {bot: {access_keys: 1}}\n")

    assert iamsync("apply", "--yes", "--csv", ".").code == 0

    writes = [call.operation for call in sandbox.calls if not is_read(call.operation)]
    assert writes == ["CreateUser", "CreateAccessKey", "UntagUser"]


def test_an_undeclared_deny_costs_the_tags_of_its_policy(
    costs: Costs, iam: IAMClient, iamsync: Iamsync, tmp_path: Path
) -> None:
    """An inline policy costs nothing, one policy on several users costs one call."""
    write(tmp_path, all=SETTINGS % "" + "users: {aiko: {}, bo: {}}\n")
    assert iamsync("apply", "--yes").code == 0
    text = DOCUMENTS[2].render()
    arn = iam.create_policy(PolicyName="Stop", PolicyDocument=text)["Policy"]["Arn"]
    for name in ("aiko", "bo"):
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
        iam.put_user_policy(UserName=name, PolicyName="stop", PolicyDocument=text)

    assert costs.of(SETTINGS % "" + "users: {aiko: {}, bo: {}}\n") == HANDFUL + Counter(ListPolicyTags=1)


def test_a_suspension_costs_two_calls_for_each_suspended_user(costs: Costs) -> None:
    made = costs.of(with_everything_that_costs_nothing("  away: {suspended: true}", "  ill: {suspended: true}"))

    assert made == HANDFUL + Counter(ListPolicyTags=1, GetLoginProfile=2, ListAccessKeys=2)


def test_pruning_with_nobody_to_prune_costs_the_tags_of_every_customer_managed_policy(
    costs: Costs, iam: IAMClient
) -> None:
    for number in range(4):
        iam.create_policy(PolicyName=f"Theirs{number}", PolicyDocument=DOCUMENTS[1].render())

    made = costs.of(with_everything_that_costs_nothing(settings=PRUNE))

    assert made == HANDFUL + Counter(ListPolicyTags=5)


def test_a_leaver_costs_six_reads_and_all_leavers_together_one(
    costs: Costs, iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    costs.of(with_everything_that_costs_nothing("  leaver1: {}", "  leaver2: {}"))
    write(tmp_path, all=with_everything_that_costs_nothing(settings=PRUNE))
    sandbox.forget_calls()

    assert iamsync("plan").code == 0

    looks = A_LOOK_AT_A_LEAVER + A_LOOK_AT_A_LEAVER
    assert costs.made == HANDFUL + looks + Counter(ListPolicyTags=1, ListVirtualMFADevices=1)


def test_a_policy_that_goes_costs_one_read_of_who_uses_it(
    costs: Costs, iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    old = "Old: {document: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}"
    costs.of(with_everything_that_costs_nothing().replace(f"{{{GUARD}}}", f"{{{GUARD}, {old}}}"))
    write(tmp_path, all=with_everything_that_costs_nothing(settings=PRUNE))
    sandbox.forget_calls()

    assert iamsync("plan").code == 0

    assert costs.made == HANDFUL + Counter(ListPolicyTags=2, ListEntitiesForPolicy=1)


def test_a_policy_whose_text_changes_costs_one_read_of_who_has_it(
    costs: Costs, iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path
) -> None:
    costs.of(with_everything_that_costs_nothing())
    write(tmp_path, all=with_everything_that_costs_nothing().replace("s3:Put*", "s3:Delete*"))
    sandbox.forget_calls()

    assert iamsync("plan").code == 0

    assert costs.made == HANDFUL + Counter(ListPolicyTags=1, ListEntitiesForPolicy=1)


def test_fifty_leavers_with_all_nine_dependents_cost_the_calls_of_the_plan_and_none_is_refused(
    iamsync: Iamsync, sandbox: Sandbox, iam: IAMClient, tmp_path: Path
) -> None:
    leavers = [f"leaver-{number:02}" for number in range(50)]
    seed(an_account_of(leavers), iam)
    write(tmp_path, all=SETTINGS % PRUNE + "users: {stays: {}}\n")
    sandbox.forget_calls()

    ended = iamsync("apply", "--yes", "--csv", ".", "--journal", "j.jsonl")

    writes = Counter(xform_name(call.operation) for call in sandbox.calls if not is_read(call.operation))
    reads = Counter(call.operation for call in sandbox.calls if is_read(call.operation))
    assert ended.code == 0, ended.out
    assert "0 failed, 0 skipped" in ended.out
    assert writes == Counter({name: 50 * times for name, times in EACH.items()}) + Counter(create_user=1)
    assert f"Applied: {writes.total()} done" in ended.out, "every call is one of the plan, and AWS took each at once"
    assert '"attempts": 2' not in (tmp_path / "j.jsonl").read_text()
    looks = Counter(dict.fromkeys(A_LOOK_AT_A_LEAVER, 50))
    assert reads == HANDFUL + looks + Counter(
        ListVirtualMFADevices=1, ListPolicyTags=1, GetUser=50, GetAccountSummary=reads["GetAccountSummary"]
    ), "one GetUser before the first deletion of each: is it still that user?"
    left = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert [user["UserName"] for user in left] == ["stays"]
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


EACH = Counter(
    update_access_key=1,
    delete_login_profile=1,
    deactivate_mfa_device=2,
    delete_virtual_mfa_device=1,
    delete_access_key=2,
    delete_signing_certificate=1,
    delete_ssh_public_key=1,
    delete_service_specific_credential=1,
    remove_user_from_group=1,
    delete_user_policy=1,
    detach_user_policy=2,
    delete_user=1,
)
"""The writes for one leaver."""


def is_read(operation: str) -> bool:
    return operation.startswith(("Get", "List"))


def an_account_of(leavers: list[str]) -> Iam:
    """Users who have one of everything that DeleteUser wants gone before, and two of some."""
    account = Iam()
    guard = f"arn:aws:iam::{account.account.id}:policy/Guard"
    account.policies = {
        guard: PolicyRecord(
            arn=guard,
            name="Guard",
            path="/",
            description="",
            tags={},
            versions=[VersionRecord(id="v1", document=DOCUMENTS[1].render(), is_default=True)],
            next_version=2,
        )
    }
    account.groups = {"readers": GroupRecord(name="readers")}
    account.users = {name: _who_has_everything(name, guard) for name in leavers}
    return account


def _who_has_everything(name: str, policy: str) -> UserRecord:
    return UserRecord(
        name=name,
        id=name,
        tags={OWNER_TAG: "us"},
        boundary=AWS_POLICIES[0],
        attached={AWS_POLICIES[1], policy},
        inline={"queue": DOCUMENTS[1].render()},
        groups={"readers"},
        password=True,
        access_keys={"a": "Active", "b": "Inactive"},
        mfa={f"arn:aws:iam::123456789012:mfa/{name}", f"arn:aws:iam::123456789012:u2f/user/{name}/default"},
        ssh_keys={"a"},
        certificates={"a"},
        service_credentials={"a": "Active"},
    )
