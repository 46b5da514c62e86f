"""Every key of the language, from YAML to values of the core."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iamsync.core.arn import Account, aws_policy_arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Guards, Quotas, Settings, User
from iamsync.delivery import CHANNELS
from iamsync.desired import load
from iamsync.errors import DesiredStateError

ACCOUNT = Account(id="123456789012", partition="aws")
NOW = datetime(2027, 1, 15, tzinfo=UTC)
START = 'version: 1\nsettings: {owner: team, account_id: "123456789012"}\n'
ALLOW = '{Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}'
ALLOWED = Document.parse(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
)


@pytest.fixture
def state(tmp_path: Path) -> "State":
    return State(tmp_path)


class State:
    """Turns YAML into a desired state."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def of(self, yaml: str, *, account: Account = ACCOUNT, now: datetime = NOW, start: str = START) -> DesiredState:
        (self.root / "desired.yaml").write_text(start + yaml, "utf-8")
        return load(self.root).state(account, now)

    def user(self, yaml: str, *, now: datetime = NOW) -> User:
        return self.of(f"users:\n  bob: {yaml}\npolicies: {{P: {{document: {ALLOW}}}}}\n", now=now).users["bob"]


def policies(user: User) -> set[str]:
    return {attachment.policy for attachment in user.attachments}


def test_settings_are_what_the_files_say(state: State) -> None:
    yaml = """version: 1
settings:
  owner: team
  account_id: "123456789012"
  adopt: true
  prune: true
  guards: {max_removals: 5, protected_users: [break-glass-*], required_users: [bob]}
  ignore_tags: [AKIA*, Cost*]
  quotas: {policies_per_user: 20}
users: {bob: {}}
"""
    assert state.of("", start=yaml).settings == Settings(
        owner="team",
        account_id="123456789012",
        adopt=True,
        prune=True,
        guards=Guards(max_removals=5, percent=False, protected_users=("break-glass-*",), required_users=("bob",)),
        ignore_tags=("AKIA*", "Cost*"),
        quotas=Quotas(policies_per_user=20),
    )


def test_settings_that_are_not_written_have_the_defaults_of_the_model(state: State) -> None:
    assert state.of("").settings == Settings(owner="team", account_id="123456789012")


def test_a_policy_is_as_it_is_written(state: State) -> None:
    policy = state.of(
        f"policies:\n  P: {{path: /a/, description: x, tags: {{Team: data}}, document: {ALLOW}}}"
    ).policies[policy_arn(ACCOUNT, "/a/", "P")]
    assert (policy.name, policy.path, policy.description) == ("P", "/a/", "x")
    assert policy.tags == {"Team": "data", "iamsync:owner": "team"}
    assert policy.document == ALLOWED
    assert str(policy.origin) == f"{state.root}/desired.yaml:4"


def test_a_user_without_keys_has_only_the_ownership_tag(state: State) -> None:
    assert state.user("{}") == User(name="bob", tags={"iamsync:owner": "team"})


def test_references_become_arns_of_the_partition_and_account(state: State) -> None:
    gov = Account(id="222222222222", partition="aws-us-gov")
    yaml = f"""policies: {{P: {{path: /x/, document: {ALLOW}}}}}
users: {{bob: {{policies: [P, aws:job-function/Billing]}}}}
"""
    start = "version: 1\nsettings: {owner: team}\n"
    assert policies(state.of(yaml, account=gov, start=start).users["bob"]) == {
        policy_arn(gov, "/x/", "P"),
        aws_policy_arn("aws-us-gov", "job-function/Billing"),
    }


def test_a_set_brings_what_it_includes_and_says_so(state: State) -> None:
    yaml = """policy_sets:
  all: {includes: [some]}
  some: {policies: [aws:ReadOnlyAccess]}
users: {bob: {policy_sets: [all]}}
"""
    (attachment,) = state.of(yaml).users["bob"].attachments
    assert attachment.policy == aws_policy_arn("aws", "ReadOnlyAccess")
    assert attachment.via == "all"
    assert str(attachment.origin) == f"{state.root}/desired.yaml:5"


def test_a_policy_named_directly_and_by_a_set_is_attached_for_the_direct_reason(state: State) -> None:
    yaml = """policy_sets: {some: {policies: [aws:ReadOnlyAccess]}}
users: {bob: {policy_sets: [some], policies: [aws:ReadOnlyAccess]}}
"""
    (attachment,) = state.of(yaml).users["bob"].attachments
    assert (attachment.via, str(attachment.origin)) == (None, f"{state.root}/desired.yaml:4")


def test_a_set_attached_by_a_group_becomes_a_group_that_its_users_are_in(state: State) -> None:
    yaml = """policy_sets: {some: {policies: [aws:ReadOnlyAccess], attach: group}}
users: {bob: {policy_sets: [some]}, ann: {policy_sets: [{name: some, until: 2027-01-01}]}}
"""
    desired = state.of(yaml)
    group = desired.groups["some"]
    assert group.path == "", "it may be adopted, and is then below the owner's path"
    assert {one.policy for one in group.attachments} == {aws_policy_arn("aws", "ReadOnlyAccess")}
    assert desired.users["bob"].added_groups == {"some"}
    assert desired.users["bob"].attachments == frozenset()
    assert desired.users["ann"].added_groups == frozenset()


def test_strangers_are_removed_only_where_that_is_declared(state: State) -> None:
    groups = state.of("groups: {a: {}, b: {strangers: report}, c: {strangers: remove}}\n").groups

    assert [name for name, group in groups.items() if group.removes_strangers] == ["c"]


def test_a_declared_group_has_its_own_policies(state: State) -> None:
    group = state.of(
        f"policy_sets: {{s: {{policies: [aws:SecurityAudit]}}}}\n"
        f"groups: {{g: {{path: /iamsync/team/a/, policies: [aws:ReadOnlyAccess], policy_sets: [s], "
        f"inline_policies: {{i: {ALLOW}}}}}}}"
    ).groups["g"]
    assert group.path == "/iamsync/team/a/"
    assert {one.policy[len("arn:aws:iam::aws:policy/") :] for one in group.attachments} == {
        "ReadOnlyAccess",
        "SecurityAudit",
    }
    assert group.inline == {"i": ALLOWED}


@pytest.mark.parametrize(
    ("grant", "at", "holds"),
    [
        ("{name: P, until: 2027-01-15}", "2027-01-14T23:59:59Z", True),
        ("{name: P, until: 2027-01-15}", "2027-01-15T00:00:00Z", False),
        ("{name: P, from: 2027-01-15}", "2027-01-14T23:59:59Z", False),
        ("{name: P, from: 2027-01-15}", "2027-01-15T00:00:00Z", True),
        ("{name: P, until: 2027-01-15T02:00:00+02:00}", "2027-01-14T23:59:59Z", True),
        ("{name: P, until: 2027-01-15T02:00:00+02:00}", "2027-01-15T00:00:00Z", False),
        ("{name: P}", "2027-01-15T00:00:00Z", True),
    ],
)
def test_a_grant_holds_from_its_first_moment_to_just_before_its_last(
    state: State, grant: str, at: str, *, holds: bool
) -> None:
    user = state.user(f"{{policies: [{grant}]}}", now=datetime.fromisoformat(at))
    assert bool(user.attachments) is holds


def test_a_user_who_expires_is_suspended_from_that_day_on(state: State) -> None:
    day = datetime(2027, 3, 31, tzinfo=UTC)
    assert not state.user("{expires: 2027-03-31}", now=day - timedelta(seconds=1)).suspended
    assert state.user("{expires: 2027-03-31}", now=day).suspended
    assert state.user("{suspended: true}").suspended


def test_groups_are_managed_only_if_they_are_declared(state: State) -> None:
    assert state.user("{}").groups is None
    assert state.user("{groups: []}").groups == frozenset()
    assert state.user("{groups: [a, {name: b, until: 2027-01-01}]}").groups == frozenset({"a"})


def test_groups_that_are_added_leave_others_alone(state: State) -> None:
    added = state.user("{groups: {add: [a, {name: b, until: 2027-01-01}, {name: a, until: 2027-01-01}]}}")

    assert added.groups is None
    assert added.added_groups == {"a"}
    assert added.ended_groups == {"b"}


def test_a_group_of_a_policy_set_is_joined_beside_either_form(state: State) -> None:
    sets = "policy_sets: {some: {attach: group}}\n"
    exact = state.of(f"{sets}users: {{ann: {{policy_sets: [some], groups: [a]}}}}").users["ann"]
    added = state.of(f"{sets}users: {{ann: {{policy_sets: [some], groups: {{add: [a]}}}}}}").users["ann"]

    assert exact.groups == frozenset({"a"})
    assert exact.added_groups == {"some"}
    assert added.groups is None
    assert added.added_groups == {"a", "some"}


def test_a_member_whom_a_group_lists_is_in_it_as_if_the_user_named_it(state: State) -> None:
    users = state.of("""groups:
  ops: {members: [ann, {name: ben, until: 2027-01-01}, eve]}
users: {ann: {}, ben: {groups: {add: [dev]}}, eve: {groups: [OPS]}}
""").users

    assert users["ann"].groups is None
    assert users["ann"].added_groups == {"ops"}
    assert users["ben"].groups is None
    assert users["ben"].added_groups == {"dev"}
    assert users["ben"].ended_groups == {"ops"}
    assert users["eve"].groups == frozenset({"ops"})


def test_a_membership_that_a_group_lists_begins_and_ends(tmp_path: Path) -> None:
    yaml = "groups: {ops: {members: [{name: bob, from: 2027-02-01, until: 2027-03-01}]}}\nusers: {bob: {}}\n"
    (tmp_path / "desired.yaml").write_text(START + yaml, "utf-8")
    declaration = load(tmp_path)

    (ending,) = declaration.expiries(NOW)
    assert (ending.subject, ending.what, str(ending.origin)) == (
        "user/bob",
        "loses group ops",
        f"{tmp_path}/desired.yaml:3",
    )
    (begun,) = declaration.later_states(ACCOUNT, NOW)
    assert begun.users["bob"].added_groups == {"ops"}
    ended = declaration.state(ACCOUNT, datetime(2027, 3, 1, tzinfo=UTC))
    assert ended.ended_grants["bob", "ops"] == ("2027-03-01", ending.origin)


def test_a_password_is_managed_only_if_it_is_declared(state: State) -> None:
    assert state.user("{}").console is None
    console = state.user("{console: true}").console
    assert console is not None
    assert (console.enabled, console.password_reset_required) == (True, True)
    assert (off := state.user("{console: false}").console) is not None
    assert not off.enabled
    assert (set_ := state.user("{console: {password_reset_required: false, deliver: csv}}").console) is not None
    assert (set_.enabled, set_.password_reset_required) == (True, False)


def test_access_keys_are_managed_only_if_they_are_declared(state: State) -> None:
    assert state.user("{}").access_keys is None
    assert (two := state.user("{access_keys: 2}").access_keys) is not None
    assert (two.count, two.rotate_after_days) == (2, None)
    assert (one := state.user("{access_keys: {count: 1, rotate_after: 12w, deliver: csv}}").access_keys) is not None
    assert (one.count, one.rotate_after_days) == (1, 84)


@pytest.fixture
def _pigeon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second delivery channel."""
    monkeypatch.setitem(CHANNELS, "pigeon", CHANNELS["csv"])


@pytest.mark.usefixtures("_pigeon")
@pytest.mark.parametrize(
    ("settings", "aiko", "channels"),
    [
        ("", "{console: true, access_keys: 1}", ("csv", "csv")),
        ("", "{console: {deliver: pigeon}, access_keys: {count: 1, deliver: pigeon}}", ("pigeon", "pigeon")),
        (", delivery: pigeon", "{console: true, access_keys: 1}", ("pigeon", "pigeon")),
        (", delivery: pigeon", "{console: {}, access_keys: {count: 1, deliver: csv}}", ("pigeon", "csv")),
        ("", "{deliver: pigeon, console: true, access_keys: 1}", ("pigeon", "pigeon")),
        ("", "{deliver: pigeon, console: true, access_keys: {count: 1, deliver: csv}}", ("pigeon", "csv")),
        (", delivery: pigeon", "{deliver: csv, console: true, access_keys: 1}", ("csv", "csv")),
        (", delivery: {access_key: pigeon}", "{console: true, access_keys: 1}", ("csv", "pigeon")),
        (", delivery: {password: pigeon}", "{console: true, access_keys: 1}", ("pigeon", "csv")),
    ],
)
def test_a_secret_is_delivered_by_the_channel_of_the_user_or_of_the_settings(
    state: State, settings: str, aiko: str, channels: tuple[str, str]
) -> None:
    start = f"version: 1\nsettings: {{owner: us{settings}}}\n"

    user = state.of(f"users: {{aiko: {aiko}}}\n", start=start).users["aiko"]

    assert user.console is not None
    assert user.access_keys is not None
    assert (user.console.channel, user.access_keys.channel) == channels


@pytest.mark.usefixtures("_pigeon")
def test_an_unknown_channel_is_refused_with_all_that_are_known(state: State) -> None:
    with pytest.raises(DesiredStateError) as refused:
        state.of("users: {bob: {}}\n", start="version: 1\nsettings: {owner: us, delivery: pidgeon}\n")

    (problem,) = refused.value.problems
    assert problem.message.startswith("found pidgeon, expected ")
    assert [name for name in CHANNELS if f'"{name}"' not in problem.message] == []
    assert '; did you mean "pigeon"?' in problem.message


@pytest.mark.usefixtures("_pigeon")
def test_the_channel_of_each_kind_may_be_in_another_file_but_only_once(state: State) -> None:
    (state.root / "more.yaml").write_text("settings: {delivery: {access_key: pigeon}}\n")
    start = "version: 1\nsettings: {owner: us, delivery: %s}\n"

    aiko = state.of("users: {aiko: {access_keys: 1}}\n", start=start % "{password: csv}").users["aiko"]
    with pytest.raises(DesiredStateError) as refused:
        state.of("users: {aiko: {}}\n", start=start % "csv")

    assert aiko.access_keys is not None
    assert aiko.access_keys.channel == "pigeon"
    assert [one.path for one in refused.value.problems] == ["settings.delivery.access_key"]


def test_the_rest_of_a_user_arrives(state: State) -> None:
    user = state.user(
        f"{{path: /p/, permissions_boundary: P, tags: {{Team: data}}, previous_names: [rob], "
        f'inline_policies: {{i: {ALLOW}}}, accounts: ["*"]}}'
    )
    assert user.path == "/p/"
    assert user.boundary == policy_arn(ACCOUNT, "/", "P")
    assert user.tags == {"Team": "data", "iamsync:owner": "team"}
    assert user.previous_names == ("rob",)
    assert user.inline == {"i": ALLOWED}


def test_defaults_hold_where_a_user_says_nothing(state: State) -> None:
    yaml = """version: 1
settings:
  owner: team
  account_id: "123456789012"
  defaults: {user: {path: /people/, permissions_boundary: aws:PowerUserAccess, tags: {Team: data, Cost: "1"}}}
users:
  ann: {}
  bob: {path: /, permissions_boundary: null, tags: {Team: ops}}
"""
    users = state.of("", start=yaml).users
    assert (users["ann"].path, users["ann"].boundary) == ("/people/", aws_policy_arn("aws", "PowerUserAccess"))
    assert users["ann"].tags == {"Team": "data", "Cost": "1", "iamsync:owner": "team"}
    assert (users["bob"].path, users["bob"].boundary) == ("/", None)
    assert users["bob"].tags == {"Team": "ops", "Cost": "1", "iamsync:owner": "team"}


DEFAULTS = """version: 1
settings:
  owner: team
  account_id: "123456789012"
  defaults:
    user:
      policy_sets: [viewer]
      groups: {add: [everybody, {name: late, until: 2027-01-01}]}
      console: {password_reset_required: false}
      access_keys: {count: 1, rotate_after: 90d}
policy_sets: {viewer: {policies: [aws:ReadOnlyAccess]}, other: {policies: [aws:SecurityAudit]}}
"""


def test_defaults_grant_and_give_credentials_where_a_user_says_nothing(state: State) -> None:
    ann = state.of("users: {ann: {}}\n", start=DEFAULTS).users["ann"]

    (attachment,) = ann.attachments
    assert (attachment.policy, attachment.via) == (aws_policy_arn("aws", "ReadOnlyAccess"), "viewer")
    assert ann.groups is None
    assert ann.added_groups == {"everybody"}
    assert ann.ended_groups == {"late"}
    assert ann.console is not None
    assert ann.console.enabled
    assert not ann.console.password_reset_required
    assert str(ann.console.origin) == f"{state.root}/desired.yaml:9"
    assert ann.access_keys is not None
    assert (ann.access_keys.count, ann.access_keys.rotate_after_days) == (1, 90)
    assert str(ann.access_keys.origin) == f"{state.root}/desired.yaml:10"


def test_a_key_of_a_user_replaces_its_default_and_no_other(state: State) -> None:
    yaml = """users:
  own: {policy_sets: [other], groups: [dev], console: true, access_keys: 2}
  none: {policy_sets: [], groups: [], console: false, access_keys: 0}
  alone: {policy_sets: [], groups: {add: []}, console: unmanaged, access_keys: unmanaged}
  part: {groups: [dev]}
"""
    users = state.of(yaml, start=DEFAULTS).users
    own, none, alone, part = (users[name] for name in ("own", "none", "alone", "part"))

    assert policies(own) == {aws_policy_arn("aws", "SecurityAudit")}
    assert (own.groups, own.added_groups) == (frozenset({"dev"}), frozenset())
    assert own.console is not None
    assert own.console.password_reset_required
    assert own.access_keys is not None
    assert (own.access_keys.count, own.access_keys.rotate_after_days) == (2, None)
    assert (policies(none), none.groups) == (set(), frozenset())
    assert none.console is not None
    assert not none.console.enabled
    assert none.access_keys is not None
    assert none.access_keys.count == 0
    assert (policies(alone), alone.groups, alone.added_groups) == (set(), None, frozenset())
    assert (alone.console, alone.access_keys) == (None, None)
    assert policies(part) == {aws_policy_arn("aws", "ReadOnlyAccess")}
    assert part.groups == frozenset({"dev"})
    assert part.console is not None


def test_members_of_a_group_come_beside_a_default_list(state: State) -> None:
    start = DEFAULTS.replace("{add: [everybody, {name: late, until: 2027-01-01}]}", "[everybody]")
    users = state.of("groups: {ops: {members: [ann]}}\nusers: {ann: {}, ben: {}}\n", start=start).users

    assert users["ann"].groups == frozenset({"everybody", "ops"})
    assert users["ben"].groups == frozenset({"everybody"})


ACCOUNTS = """version: 1
settings: {owner: team}
accounts:
  prod: {id: "111111111111", role: deploy/iamsync, external_id: x-1, vars: {bucket: "logs\\"prod"}}
  test: {id: "222222222222", vars: {bucket: logs-test}}
"""
PROD, TEST = (Account(id=digit * 12, partition="aws-cn") for digit in "12")


def test_names_are_filled_in_for_each_account(state: State) -> None:
    yaml = """users:
  bob:
    path: "/{{ account.name }}/"
    tags: {Id: "{{account.id}}", Where: "{{ partition }}"}
"""
    bob = state.of(yaml, account=TEST, start=ACCOUNTS).users["bob"]
    assert bob.path == "/test/"
    assert bob.tags == {"Id": "222222222222", "Where": "aws-cn", "iamsync:owner": "team"}


def test_variables_are_for_every_account_and_those_of_an_account_come_first(state: State) -> None:
    yaml = 'vars: {bucket: logs, team: data}\nusers: {bob: {tags: {A: "{{ vars.bucket }}", B: "{{ vars.team }}"}}}\n'

    alone = state.of(yaml).users["bob"].tags
    there = state.of(yaml, start=ACCOUNTS, account=TEST).users["bob"].tags

    assert (alone["A"], alone["B"]) == ("logs", "data")
    assert (there["A"], there["B"]) == ("logs-test", "data")


def test_names_are_filled_in_in_a_json_document(state: State) -> None:
    (state.root / "P.json").write_text(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", '
        '"Resource": "arn:{{ partition }}:s3:::{{ vars.bucket }}/${aws:username}"}}'
    )
    for account, bucket in ((PROD, 'logs\\"prod'), (TEST, "logs-test")):
        desired = state.of("policies: {P: {document: P.json}}", account=account, start=ACCOUNTS)
        (policy,) = desired.policies.values()
        assert policy.document is not None
        assert f'"arn:aws-cn:s3:::{bucket}/${{aws:username}}"' in policy.document.render()


def test_a_user_is_in_the_accounts_whose_names_fit(state: State) -> None:
    yaml = "users: {bob: {accounts: [pr*]}, ann: {}, eve: {accounts: [test, prod]}}"
    assert set(state.of(yaml, account=PROD, start=ACCOUNTS).users) == {"ann", "bob", "eve"}
    assert set(state.of(yaml, account=TEST, start=ACCOUNTS).users) == {"ann", "eve"}


def test_an_account_that_is_not_declared_is_refused_where_accounts_are(state: State) -> None:
    with pytest.raises(DesiredStateError, match="the account 123456789012 is not among them: prod, test"):
        state.of("users: {}", start=ACCOUNTS)


def test_offline_the_files_say_which_account_is_meant(tmp_path: Path) -> None:
    def offline(yaml: str) -> tuple[Account, ...]:
        (tmp_path / "a.yaml").write_text(yaml)
        return load(tmp_path).offline_accounts

    assert offline(ACCOUNTS) == (Account(id="1" * 12, partition="aws"), Account(id="2" * 12, partition="aws"))
    assert offline(START) == (ACCOUNT,)
    assert offline("version: 1\nsettings: {owner: a}") == (Account(id="000000000000", partition="aws"),)
    chinese = 'users: {bob: {policies: ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]}}'
    assert offline(START + chinese) == (Account(id="123456789012", partition="aws-cn"),)


def test_places_are_as_the_user_typed_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "desired" / "users").mkdir(parents=True)
    (tmp_path / "desired" / "users" / "bob.yaml").write_text(START + "users: {bob: {}}")
    monkeypatch.chdir(tmp_path)
    origin = load(Path("desired")).state(ACCOUNT, NOW).users["bob"].origin
    assert origin is not None
    assert (origin.file, origin.line, origin.column) == ("desired/users/bob.yaml", 3, 9)
