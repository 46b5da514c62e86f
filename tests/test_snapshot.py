"""Snapshots: a plan without credentials and without a call, and all that is wrong with a file."""

import json
import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hostile import ALL, commands, controls
from jsonschema import Draft202012Validator
from mypy_boto3_iam import IAMClient
from shell import Ended, Iamsync, write

from iamsync.core.inert import inert_json
from iamsync.core.operations import READS
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:IAMUserChangePassword], console: true}}\n"
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
LIVE = "live.json"
SCHEMA = json.loads((Path(__file__).parent.parent / "iamsync.plan.schema.json").read_text("utf-8"))


def without_aws(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Neither credentials nor an endpoint, and what there is of configuration is wrong."""
    for name in sandbox.environment:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "there-is-none")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no address")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null/none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    sandbox.forget_calls()


def an_account(iam: IAMClient) -> None:
    """Something of everything: owned, declared and somebody else's."""
    text = json.dumps(DOCUMENT)
    ours = [{"Key": "iamsync:owner", "Value": "us"}]
    for name, tags in (("aiko", ours), ("gone", ours), ("eve", []), ("mallory", [])):
        iam.create_user(UserName=name, Tags=tags)  # type: ignore[arg-type]
    iam.create_group(GroupName="auditors")
    iam.create_group(GroupName="others")
    own = iam.create_policy(PolicyName="Own", PolicyDocument=text, Tags=ours)["Policy"]["Arn"]  # type: ignore[arg-type]
    iam.create_policy(PolicyName="Theirs", PolicyDocument=text)
    iam.attach_user_policy(UserName="eve", PolicyArn=own)
    iam.attach_user_policy(UserName="mallory", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    for name in ("aiko", "mallory"):
        iam.add_user_to_group(UserName=name, GroupName="auditors")
    iam.create_access_key(UserName="aiko")
    iam.create_login_profile(UserName="aiko", Password="Correct-horse-7")
    iam.put_user_policy(UserName="aiko", PolicyName="inline", PolicyDocument=text)


FILES = SETTINGS.replace('"123456789012"}', '"123456789012", prune: true}') + (
    "policies:\n"
    "  Own: {document: {Version: 2012-10-17, Statement: {Effect: Allow, Action: 's3:Get*', Resource: '*'}}}\n"
    "users: {aiko: {policies: [Own], groups: [auditors], console: true, access_keys: 1}, bo: {policies: [Own]}}\n"
)


@pytest.mark.parametrize("more", [[], ["--all"]], ids=["of the files", "all"])
def test_a_plan_from_a_snapshot_is_the_plan_and_asks_nobody(
    more: list[str], iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_account(iam)
    sandbox.forget_calls()
    write(tmp_path, all=FILES)
    taken = iamsync("snapshot", "--out", LIVE, *more)
    by_aws = json.loads(iamsync("plan", "--format", "json").out)
    assert (taken.code, taken.err) == (0, "")
    assert not [call for call in sandbox.calls if (call.service, call.operation) not in READS]
    without_aws(monkeypatch, sandbox)

    planned = iamsync("plan", "--live", LIVE, "--format", "json")

    assert (planned.code, planned.err, sandbox.calls) == (0, "", [])
    found = json.loads(planned.out)
    snapshot = found["snapshot"]
    assert snapshot["taken"].startswith(json.loads(Path(LIVE).read_text())["taken"][:10])
    assert by_aws["snapshot"] is None
    assert len(found["actions"]) > 5
    if more:
        assert snapshot["unknown"] == []
        assert {**found, "snapshot": None} == by_aws
    else:
        assert len(snapshot["unknown"]) == 2
        names = {name: [one for one in found["unmanaged"][name] if one[0] != "#"] for name in found["unmanaged"]}
        assert names == {"users": ["eve"], "groups": ["auditors"], "policies": [], "administrators": []}
        left = ("snapshot", "unmanaged")
        assert {key: found[key] for key in found if key not in left} == {
            key: by_aws[key] for key in by_aws if key not in left
        }


def test_a_snapshot_names_only_what_the_files_have_to_do_with(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=FILES)

    ended = iamsync("snapshot", "--out", LIVE)

    assert ended.out == (
        "Snapshot of account 123456789012: 3 of 4 users, 1 of 2 groups, 1 of 2 policies. Written to live.json.\n"
    )
    text = Path(LIVE).read_text()
    assert "mallory" not in text
    assert "others" not in text
    assert "Theirs" not in text
    assert json.loads(text)["unnamed"]["administrators"] == 1


def test_a_snapshot_holds_no_secret_and_only_its_owner_reads_it(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("apply", "--yes", "--csv", str(tmp_path / "new.csv")).code == 0
    secret = iam.create_access_key(UserName="aiko")["AccessKey"]["SecretAccessKey"]
    password = (tmp_path / "new.csv").read_text().splitlines()[1].split(",")[1]
    Path(LIVE).write_text("")
    Path(LIVE).chmod(0o666)

    assert iamsync("snapshot", "--out", LIVE).code == 0

    text = Path(LIVE).read_text()
    assert secret not in text
    assert password not in text
    assert stat.S_IMODE(Path(LIVE).stat().st_mode) == 0o600


def test_two_snapshots_of_the_same_account_differ_in_the_moment_only(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    an_account(iam)
    write(tmp_path, all=FILES)
    for name in ("a.json", "b.json"):
        assert iamsync("snapshot", "--out", name).code == 0

    first, second = (Path(name).read_text().splitlines() for name in ("a.json", "b.json"))
    changed = [one.split(":")[0].strip() for one, other in zip(first, second, strict=True) if one != other]

    assert set(changed) <= {'"taken"', '"seal"'}


def age(path: Path, **by: int) -> None:
    change(path, taken=(datetime.now(UTC) - timedelta(**by)).isoformat().replace("+00:00", "Z"))


def change(path: Path, **values: object) -> None:
    """Change the file, and make the seal again, as an attacker would."""
    content = {**json.loads(path.read_text()), **values}
    sealed = {key: content[key] for key in content if key not in {"kind", "version", "tool", "seal"}}
    path.write_text(json.dumps({**content, "seal": sha256(inert_json(sealed).encode()).hexdigest()}))


def test_every_form_of_a_plan_says_how_old_the_snapshot_is(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    age(Path(LIVE), days=3, hours=4, minutes=5)
    taken = datetime.fromisoformat(json.loads(Path(LIVE).read_text())["taken"]).isoformat(timespec="seconds")
    forms = ("text", "markdown", "sh", "json")
    files = [part for form in forms for part in ("--format", form, "-o", form)]

    planned = iamsync("plan", "--live", LIVE, *files)

    assert planned.code == 0
    text, markdown, script, data = (Path(form).read_text() for form in forms)
    words = f"Not read from the account, but from a snapshot of it, taken {taken}, 3 days 4 hours ago."
    assert words in text.splitlines()
    assert words in markdown.splitlines()
    assert f"# {words}" in script.splitlines()
    snapshot = json.loads(data)["snapshot"]
    assert (snapshot["taken"], snapshot["unknown"]) == (taken, [])
    assert 0 <= snapshot["age_seconds"] - timedelta(days=3, hours=4, minutes=5).total_seconds() < 3600
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(data))] == []


def test_the_names_that_are_only_counted_are_no_part_of_the_text(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    an_account(iam)
    write(tmp_path, all=FILES)
    assert iamsync("snapshot", "--out", LIVE).code == 0

    planned = iamsync("plan", "--live", LIVE, "--unmanaged")

    assert "unmanaged users: eve, 1 that the snapshot does not name\n" in planned.out
    assert "2 unmanaged users, 1 unmanaged policy, 2 unmanaged groups left alone" in planned.out
    assert (
        "The snapshot does not have: the names of unmanaged users, groups and policies that the files have nothing to "
        "do with; which of these users are administrators or quarantined by AWS.\n"
    ) in planned.out
    assert "#" not in planned.out.replace("\n", "")


# --- what is not in it ---

NOT_THERE = "refused: not in the snapshot{}: take a new snapshot from these files, or one with --all\n"


NEED_MORE = {
    "users: {mallory: {}}": ", but in the account: user/mallory",
    "users: {Mallory: {}}": ", but in the account: user/mallory",
    "users: {dara: {previous_names: [mallory]}}": ", but in the account: user/mallory",
    "users: {aiko: {groups: [others]}}": ", but in the account: group/others",
    "users: {aiko: {groups: {add: [Others]}}}": ", but in the account: group/others",
    "groups: {others: {}}": ", but in the account: group/others",
    "users: {aiko: {policies: ['arn:aws:iam::123456789012:policy/Theirs']}, mallory: {}}": (
        ", but in the account: policy/theirs, user/mallory"
    ),
    "users: {eve: {console: true}}": ": password and access keys of user/eve",
    "groups: {auditors: {}}": ", but in the account: members of group/auditors",
}


def test_files_that_need_more_are_refused(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    sandbox.forget_calls()

    for more, what in NEED_MORE.items():
        write(tmp_path, all=SETTINGS.replace("owner: us", "owner: us, adopt: true") + more + "\n")
        ended = iamsync("plan", "--live", LIVE)

        assert (ended.code, ended.out, sandbox.calls) == (3, "", [])
        assert ended.err == NOT_THERE.format(what)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    assert iamsync("plan", "--live", LIVE).err == iamsync("plan").err


def test_a_user_who_is_new_is_planned(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    write(
        tmp_path,
        all=AIKO,
        more="users: {chen: {policies: [aws:IAMUserChangePassword], console: true, groups: [auditors]}}\n",
    )

    planned = iamsync("plan", "--live", LIVE, "--format", "json")

    assert json.loads(planned.out)["digest"] == json.loads(iamsync("plan", "--format", "json").out)["digest"]


def test_a_policy_that_others_have_is_planned_only_with_them(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    an_account(iam)
    theirs = "arn:aws:iam::123456789012:policy/Theirs"
    iam.attach_user_policy(UserName="aiko", PolicyArn=theirs)
    iam.attach_user_policy(UserName="mallory", PolicyArn=theirs)
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    write(tmp_path, all=AIKO, more=f"policies: {{Theirs: {{document: {json.dumps(DOCUMENT)}}}}}\n")

    ended = iamsync("plan", "--live", LIVE)

    assert (ended.code, ended.err) == (
        3,
        NOT_THERE.format(", but in the account: users and groups that have policy/Theirs"),
    )


def test_other_owners_have_other_snapshots(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    assert iamsync("snapshot", "--out", "all.json", "--all").code == 0
    write(tmp_path, all=AIKO.replace("owner: us", "owner: them"))

    ended = iamsync("plan", "--live", LIVE)

    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "refused: other owner: the snapshot is for files of owner us, and these are of them: take a new snapshot from "
        "these files, or one with --all\n"
    )
    assert iamsync("plan", "--live", "all.json").code == 0


# --- bad files ---


def test_a_snapshot_of_another_account(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    write(tmp_path, all=AIKO.replace("123456789012", "222222222222"))

    ended = iamsync("plan", "--live", LIVE)

    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "refused: wrong account: the files are for account 222222222222, the snapshot is of 123456789012: take one of "
        "that account, or correct settings.account_id\n"
    )


def test_a_snapshot_from_the_future(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    age(Path(LIVE), hours=-1)

    ended = iamsync("plan", "--live", LIVE)

    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("refused: snapshot from the future: live.json was taken at ")
    assert ended.err.endswith(": check the clocks, then take a new one (iamsync snapshot --out FILE)\n")


AGAIN = "take a new one (iamsync snapshot --out FILE)\n"


NO_SNAPSHOTS = {
    "": "is no snapshot that iamsync wrote",
    "[]": "is no snapshot that iamsync wrote",
    "{}": "is no snapshot that iamsync wrote",
    "\udcff": "is no snapshot that iamsync wrote",
    "[" * 100_000: "is no snapshot that iamsync wrote",
    '{"kind": "iamsync plan", "version": 1, "seal": ""}': "is no snapshot that iamsync wrote",
    '{"kind": "iamsync snapshot", "version": 1, "seal": ""}': "is no snapshot that iamsync wrote",
    '{"kind": "iamsync snapshot", "version": 2, "seal": ""}': "has version 2 of snapshots, and this iamsync (",
    '{"kind": "iamsync snapshot", "version": "::error::", "seal": ""}': 'has version "::error::" of snapshots',
}


def test_what_is_no_snapshot_is_one_sentence(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    for text, words in NO_SNAPSHOTS.items():
        Path(LIVE).write_bytes(text.encode("utf-8", "surrogateescape"))

        assert_error(iamsync("plan", "--live", LIVE), words)
    assert sandbox.calls == []


def assert_error(ended: Ended, words: str) -> None:
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {LIVE} {words}")
    assert ended.err.endswith(AGAIN)
    assert ended.err.count("\n") == 1


def test_a_file_that_is_not_there(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)

    ended = iamsync("plan", "--live", LIVE)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: the snapshot live.json cannot be read (No such file or directory)\n"


def test_an_edit_is_found(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    text = Path(LIVE).read_text()
    for old, new in (('"aiko"', '"akio"'), ('"active": true', '"active": false'), ("s3:*", "s3:Get*")):
        assert old in text
        Path(LIVE).write_text(text.replace(old, new))

        assert_error(iamsync("plan", "--live", LIVE), "has been changed since iamsync wrote it")


EMPTY_POLICY = {"description": "", "tags": {}, "versions": [], "used_by": [], "unnamed_holders": 0}
OTHER_SHAPES: list[dict[str, object]] = [
    {"taken": "2026-01-01T00:00:00"},
    {"taken": 1},
    {"taken": "0001-01-01T00:00:00+12:00"},
    {
        "policies": {
            "arn:aws:s3:::x": {"description": "", "tags": {}, "versions": [], "used_by": [], "unnamed_holders": 0}
        }
    },
    {"account": "222222222222"},
    {"partition": "aws-cn"},
    {"caller": "arn"},
    {"users": []},
    {"users": {"aiko": None}},
    {"new": 1},
    {"quotas": {"UsersQuota": "many"}},
]


def test_a_sealed_file_of_another_shape_is_refused(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    text = Path(LIVE).read_text()
    for values in OTHER_SHAPES:
        Path(LIVE).write_text(text)
        change(Path(LIVE), **values)

        ended = iamsync("plan", "--live", LIVE)

        assert (ended.code, ended.out) == (1, ""), values
        assert ended.err.startswith(f"error: {LIVE} ")
        assert ended.err.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_sentence(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    Path(LIVE).write_text("before")

    for place in ("missing/live.json", "desired", "/dev/full", "live.json/x"):
        ended = iamsync("snapshot", "--out", place)

        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"error: the snapshot cannot be written to {place}")
        assert ended.err.count("\n") == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desired", LIVE]
    assert Path(LIVE).read_text() == "before"


def test_a_plan_from_a_snapshot_that_cannot_be_written_is_one_sentence(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0

    for option in (["-o", "missing/plan"], ["--out", "missing/plan"]):
        ended = iamsync("plan", "--live", LIVE, *option)

        assert ended.code == 1
        assert ended.err.startswith("error: ")
        assert ended.err.count("\n") == 1


def test_a_symbolic_link_stays_one(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=AIKO)
    Path("link.json").symlink_to("real.json")

    assert iamsync("snapshot", "--out", "link.json").code == 0

    assert Path("link.json").is_symlink()
    assert iamsync("plan", "--live", "real.json").code == 0


def test_nothing_in_a_snapshot_commands_a_screen(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=FILES)
    assert iamsync("snapshot", "--out", LIVE, "--all").code == 0
    users = json.loads(Path(LIVE).read_text())["users"]
    aiko = users["aiko"]
    forms = ("text", "json", "markdown", "sh")
    files = [part for form in forms for part in ("--format", form, "-o", form)]
    for text in (ALL, "\n::add-mask::b"):
        changed = {**aiko, "path": text, "tags": {**aiko["tags"], text: text}}
        change(Path(LIVE), users={**users, text: aiko, "aiko": changed})

        ended = iamsync("plan", "--live", LIVE, "--unmanaged", *files)

        assert "Traceback" not in ended.err
        for output in (ended.out, ended.err, *(Path(form).read_text() for form in forms)):
            assert controls(output) == []
            assert commands(output) == []


def test_only_plan_takes_a_snapshot(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=AIKO)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    sandbox.forget_calls()

    for command in (["apply", "--yes"], ["run"], ["release", "aiko"]):
        ended = iamsync(*command, "--live", LIVE)

        assert (ended.code, sandbox.calls) == (1, [])
        assert "No such option" in ended.err


def test_access_analyzer_is_not_asked(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient) -> None:
    an_account(iam)
    write(tmp_path, all=FILES.replace("prune: true", "aws_checks: true"))
    assert iamsync("snapshot", "--out", LIVE).code == 0
    sandbox.forget_calls()

    planned = iamsync("plan", "--live", LIVE)

    assert (planned.code, sandbox.calls) == (0, [])
    assert "what Access Analyzer finds in new and changed policy documents (aws_checks)" in planned.out
    refused = iamsync("plan", "--live", LIVE, "--aws-checks")
    assert (refused.code, refused.out) == (1, "")
    assert "--aws-checks asks AWS, and --live does not" in refused.err


def test_a_plan_from_a_snapshot_is_applied_if_the_account_leads_to_it(
    iamsync: Iamsync, tmp_path: Path, iam: IAMClient
) -> None:
    an_account(iam)
    write(tmp_path, all=FILES)
    assert iamsync("snapshot", "--out", LIVE).code == 0
    assert iamsync("plan", "--live", LIVE, "--out", "plan.iamsync").code == 0

    applied = iamsync("apply", "plan.iamsync", "--csv", str(tmp_path / "new.csv"))

    assert (applied.code, applied.err.count("refused")) == (0, 0)
    assert iamsync("plan", "--detailed-exitcode").code == 0
    stale = iamsync("plan", "--live", LIVE, "--out", "plan.iamsync")
    assert stale.code == 0
    assert iamsync("apply", "plan.iamsync", "--csv", str(tmp_path / "more.csv")).code == 3
