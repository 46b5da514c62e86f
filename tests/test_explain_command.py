"""`iamsync explain`: each value of a user with the way to it, who wrote that, and what is pending in the account."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import STORY, Iamsync, write

from iamsync import blame, desired
from iamsync.core.arn import short_name
from iamsync.core.model import DesiredState
from iamsync.core.operations import READS
from iamsync.desired.reasons import Explained, What
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
NOW = datetime(2027, 1, 15, tzinfo=UTC)
RIGHT = Path(__file__).parent / "bad_desired" / "right"
COMPANY = Path(__file__).parent / "faults" / "company" / "desired"


def values(explained: Explained, *kinds: What) -> set[str]:
    return {one.value for one in explained.reasons if one.what in kinds and one.is_in_force}


def folders() -> Iterator[Path]:
    yield STORY
    yield COMPANY
    yield from sorted(RIGHT.glob("*.yaml"))


@pytest.mark.parametrize("folder", list(folders()), ids=lambda path: "-".join(path.parts[-2:]))
def test_the_reasons_are_for_what_the_plan_gives_and_for_nothing_else(folder: Path, tmp_path: Path) -> None:
    if folder.is_file():
        shutil.copy(folder, tmp_path / "case.yaml")
        if "# alone" not in folder.read_text("utf-8"):
            shutil.copy(RIGHT.parent / "base.yaml", tmp_path / "base.yaml")
        folder = tmp_path
    declaration = desired.load(folder)
    for account in declaration.offline_accounts:
        state: DesiredState = declaration.state(account, NOW)
        for name, user in state.users.items():
            explained = declaration.why(name, account, NOW)
            assert explained is not None
            groups = {group.casefold() for group in {*(user.groups or ()), *user.added_groups}}
            assert values(explained, What.ATTACHMENT) == {short_name(one.policy) for one in user.attachments}
            assert values(explained, What.TAG) == {f"{key}={value}" for key, value in user.tags.items()}
            assert {one.casefold() for one in values(explained, What.GROUP)} == groups
            assert values(explained, What.INLINE) >= set(user.inline)
            assert values(explained, What.BOUNDARY) - {""} == ({short_name(user.boundary)} if user.boundary else set())
            assert (values(explained, What.PATH) or {"/"}) == {user.path}
            assert bool(values(explained, What.SUSPENDED, What.EXPIRES)) is user.suspended
            assert all(step.origin.line for one in explained.reasons for step in one.way)


FILES = SETTINGS.replace(
    "owner: us",
    "owner: us, defaults: {user: {path: /people/, tags: {Team: all}, permissions_boundary: aws:PowerUserAccess}}",
) + (
    "policy_sets:\n"
    "  base: {policies: [aws:ReadOnlyAccess]}\n"
    "  wide:\n"
    "    includes: [base]\n"
    "    policies: [aws:AmazonS3ReadOnlyAccess]\n"
    "  grouped: {attach: group, policies: [aws:SecurityAudit]}\n"
    "groups:\n"
    "  ops:\n"
    "    policies: [aws:job-function/Billing]\n"
    "    policy_sets: [base]\n"
    "users:\n"
    "  aiko:\n"
    "    policies: [aws:ReadOnlyAccess]\n"
    "    policy_sets:\n"
    "    - wide\n"
    "    - grouped\n"
    "    - {name: base, from: 2099-01-01}\n"
    "    groups: {add: [{name: OPS, until: 2099-03-31}, {name: gone, until: 2020-01-01}]}\n"
)


def test_each_way_is_shown_with_its_steps_places_and_times(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=FILES)

    lines = [" ".join(line.split()) for line in iamsync("explain", "user/AIKO", "--offline").out.splitlines()]

    assert lines == [
        "user/aiko desired/all.yaml:14",
        "path /people/ (settings.defaults.user) desired/all.yaml:2",
        "tag Team=all (settings.defaults.user) desired/all.yaml:2",
        "tag iamsync:owner=us (settings.owner) desired/all.yaml:2",
        "permissions boundary aws:PowerUserAccess (settings.defaults.user) desired/all.yaml:2",
        "policy aws:ReadOnlyAccess",
        "user aiko names it desired/all.yaml:15",
        "and also:",
        "user aiko has policy set wide desired/all.yaml:17",
        "policy set wide includes base desired/all.yaml:6",
        "policy set base lists it desired/all.yaml:4",
        "policy aws:AmazonS3ReadOnlyAccess",
        "user aiko has policy set wide desired/all.yaml:17",
        "policy set wide lists it desired/all.yaml:7",
        "member of group grouped desired/all.yaml:18",
        "through a group: aws:SecurityAudit",
        "user aiko has policy set grouped desired/all.yaml:18",
        "policy set grouped lists it desired/all.yaml:8",
        "policy aws:ReadOnlyAccess, not yet: from 2099-01-01",
        "user aiko has policy set base desired/all.yaml:19",
        "policy set base lists it desired/all.yaml:4",
        "member of group OPS, until 2099-03-31 desired/all.yaml:20",
        "through a group: aws:job-function/Billing, until 2099-03-31",
        "user aiko is in group OPS desired/all.yaml:20",
        "group ops lists it desired/all.yaml:11",
        "through a group: aws:ReadOnlyAccess, until 2099-03-31",
        "user aiko is in group OPS desired/all.yaml:20",
        "group ops has policy set base desired/all.yaml:12",
        "policy set base lists it desired/all.yaml:4",
        "member of group gone, ended 2020-01-01 desired/all.yaml:20",
        "left alone, because no file declares it: the console password",
        "left alone, because no file declares it: access keys",
        "left alone, because no file declares it: every other membership in a group",
    ]


def test_a_membership_that_a_group_lists_is_explained_by_the_group(iamsync: Iamsync, tmp_path: Path) -> None:
    yaml = (
        "groups:\n"
        "  ops:\n"
        "    policies: [aws:ReadOnlyAccess]\n"
        "    members:\n"
        "    - {name: aiko, until: 2099-03-31}\n"
        "users: {aiko: {}}\n"
    )
    write(tmp_path, all=SETTINGS + yaml)

    lines = [" ".join(line.split()) for line in iamsync("explain", "user/aiko", "--offline").out.splitlines()]

    assert lines[2:6] == [
        "member of group ops, until 2099-03-31 (group ops lists the user as a member) desired/all.yaml:7",
        "through a group: aws:ReadOnlyAccess, until 2099-03-31",
        "group ops lists the user as a member desired/all.yaml:7",
        "group ops lists it desired/all.yaml:5",
    ]


def test_defaults_are_explained_by_their_place(iamsync: Iamsync, tmp_path: Path) -> None:
    yaml = (
        "version: 1\n"
        "settings:\n"
        "  owner: us\n"
        "  account_id: '123456789012'\n"
        "  defaults:\n"
        "    user:\n"
        "      policy_sets: [base]\n"
        "      groups: {add: [all]}\n"
        "      console: true\n"
        "      access_keys: 1\n"
        "policy_sets: {base: {policies: [aws:ReadOnlyAccess]}}\n"
        "users:\n"
        "  aiko: {access_keys: unmanaged}\n"
    )
    write(tmp_path, all=yaml)

    lines = [" ".join(line.split()) for line in iamsync("explain", "user/aiko", "--offline").out.splitlines()]

    assert lines[2:] == [
        "policy aws:ReadOnlyAccess",
        "settings.defaults.user has policy set base desired/all.yaml:7",
        "policy set base lists it desired/all.yaml:11",
        "member of group all (settings.defaults.user) desired/all.yaml:8",
        "console password (settings.defaults.user) desired/all.yaml:9",
        "left alone, because no file declares it: access keys",
        "left alone, because no file declares it: every other membership in a group",
    ]


def test_what_is_pending_and_held_back_is_shown_and_nothing_is_written(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, iam: IAMClient
) -> None:
    write(tmp_path, all=SETTINGS + "users: {aiko: {policies: [aws:ReadOnlyAccess], groups: [none]}, bo: {}}\n")

    iam.create_user(UserName="aiko", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    iam.attach_user_policy(UserName="aiko", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    sandbox.forget_calls()

    pending = iamsync("explain", "aiko")

    assert pending.code == 0
    assert "pending: detach aws:AdministratorAccess" in pending.out
    assert "held back: " in pending.out
    assert "waits: add to group none" in pending.out
    assert pending.out.splitlines()[-1] == "Account 123456789012: 1 call pending, 1 item held back."
    assert "create user" not in pending.out, "that is about another user"
    assert [call.operation for call in sandbox.calls if (call.service, call.operation) not in READS] == []
    iam.create_user(UserName="bo", Tags=[{"Key": "iamsync:owner", "Value": "us"}])
    assert iamsync("explain", "bo").out.splitlines()[-1] == "Account 123456789012: as declared."


def test_a_refused_run_says_so(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    iam.create_user(UserName="break-glass")
    guards = "guards: {required_users: [aiko]}"
    write(tmp_path, all=SETTINGS.replace("owner: us", f"owner: us, {guards}") + "users: {bo: {}}\n")

    assert "refused: " in iamsync("explain", "bo").out


def test_as_json_it_has_the_same(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=FILES)

    found = json.loads(iamsync("explain", "user/aiko", "--format", "json").out)

    assert (found["subject"], found["account"]["id"]) == ("user/aiko", "123456789012")
    assert found["left_alone"] == ["console", "access_keys", "groups"]
    assert next(one["change"]["kind"] for one in found["account"]["pending"]) == "create_user"
    included = next(one for one in found["reasons"] if len(one["way"]) == 3 and one["what"] == "attachment")
    assert (included["value"], included["in_force"], included["from"], included["until"]) == (
        "aws:ReadOnlyAccess",
        True,
        None,
        None,
    )
    assert [(step["by"], step["name"], step["names"]) for step in included["way"]] == [
        ("user", "aiko", "wide"),
        ("include", "wide", "base"),
        ("policy_set", "base", None),
    ]
    assert included["way"][0]["declared_at"] == {"file": "desired/all.yaml", "line": 17, "column": 7, "since": None}
    assert json.loads(iamsync("explain", "user/aiko", "--offline", "--format", "json").out)["account"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user/aik",), 'no file declares user/aik; did you mean "aiko"?'),
        (("policy/aiko",), "write user/NAME"),
        (("user/x\x1b[2J",), "no file declares user/x\\x1b[2J"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    arguments: tuple[str, ...], words: str, iamsync: Iamsync, tmp_path: Path
) -> None:
    write(tmp_path, all=FILES)

    ended = iamsync("explain", "--offline", *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert words in ended.err


def test_without_credentials_the_way_around_is_shown(
    iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, all=FILES)
    with Network(
        sandbox, [Fault(match="GetCallerIdentity", code="InvalidClientTokenId", message="no", times=99)]
    ) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        ended = iamsync("explain", "aiko")

    assert (ended.code, ended.out) == (1, "")
    assert "explain --offline explains the files alone" in ended.err


# ---- who wrote a line ----


class Repository:
    """A Git repository with one file, whose commits have authors and days of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "desired" / "all.yaml"
        self.file.parent.mkdir(parents=True)
        self._commits = 0
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, author: str = "Kim <kim@example.org>") -> str:
        name, _, email = author.partition(" <")
        day = f"2026-11-{self._commits % 28 + 1:02}T12:00:00+00:00"
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email.strip(">"),
            "GIT_AUTHOR_DATE": day,
            "GIT_COMMITTER_NAME": "c",
            "GIT_COMMITTER_EMAIL": "c@example.org",
            "GIT_COMMITTER_DATE": f"{1_800_000_000 + self._commits} +0000",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, text: str, author: str = "Kim <kim@example.org>", message: str = "Change") -> str:
        self.file.write_text(text, "utf-8")
        self._commits += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, author=author)
        return self.git("rev-parse", "HEAD")

    def blamed(self) -> dict[int, str]:
        """By Git itself."""
        lines = self.git("blame", "-s", "-l", "--root", "--abbrev=40", "desired/all.yaml").splitlines()
        return {number: line.split()[0] for number, line in enumerate(lines, 1)}

    def found(self) -> dict[int, str]:
        count = len(self.file.read_text("utf-8").splitlines())
        found = blame.authored((str(self.file), number) for number in range(1, count + 1))
        return {number: author.commit for (_, number), author in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_blame_is_that_of_git(seed: int, tmp_path: Path) -> None:
    """On random histories with branches that are merged; each line is unique, so that there is one right answer."""
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    repository, fresh = Repository(tmp_path), iter(range(10_000))
    repository.commit("".join(f"line {next(fresh)}\n" for _ in range(12)))
    for _ in range(4):
        repository.git("checkout", "-q", "-b", f"side{next(fresh)}")
        repository.commit(_changed(repository.file.read_text(), chance, fresh, half=0))
        side = repository.git("rev-parse", "HEAD")
        repository.git("checkout", "-q", "main")
        repository.commit(_changed(repository.file.read_text(), chance, fresh, half=1))
        repository.git("merge", "-q", "--no-ff", "-m", "Merge", side)

    assert repository.found() == repository.blamed()


def _changed(text: str, chance: random.Random, fresh: Iterator[int], *, half: int) -> str:
    """The text with lines changed, removed or added: in its first third or in its last, so that merges are clean."""
    lines = text.splitlines(keepends=True)
    third = len(lines) // 3
    start = 0 if half == 0 else 2 * third
    place = start + chance.randrange(max(1, third - 1))
    lines[place : place + chance.randrange(2)] = [f"line {next(fresh)}\n" for _ in range(chance.randrange(1, 3))]
    return "".join(lines)


def test_each_place_has_its_commit_day_and_author(iamsync: Iamsync, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    first = repository.commit(SETTINGS + "users:\n  aiko:\n    path: /a/\n", message="Begin\n\nAt last")
    second = repository.commit(SETTINGS + "users:\n  aiko:\n    path: /b/\n", "Léa ::x <lea@example.org>", "Move aiko")
    repository.file.write_text(SETTINGS + "# new\nusers:\n  aiko:\n    path: /b/\n    tags: {A: b}\n")

    shown = iamsync("explain", "aiko", "--offline").out
    found = json.loads(iamsync("explain", "aiko", "--offline", "--format", "json").out)

    assert found["declared_at"]["since"] == {
        "commit": first,
        "author": "Kim <kim@example.org>",
        "date": "2026-11-02",
        "summary": "Begin",
    }
    path, tag, _ = found["reasons"]
    assert path["way"][0]["declared_at"]["since"]["commit"] == second
    assert path["way"][0]["declared_at"]["since"]["author"] == "Léa ::x <lea@example.org>"
    assert tag["way"][0]["declared_at"]["since"]["commit"] is None
    assert f"{second[:9]} 2026-11-03 Léa ::x" in shown
    assert "desired/all.yaml:7  not committed" in shown


def test_names_of_authors_command_no_screen(iamsync: Iamsync, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit(SETTINGS + "users:\n  aiko: {}\n", "Eve\x1b[2J##vso[x]\u202e <e@example.org>")

    shown = iamsync("explain", "aiko", "--offline").out

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "##vso[" not in shown
    assert "Eve\\x1b[2J" in shown


def test_lines_with_ends_of_another_system_are_the_same_lines(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    first = repository.commit("a\nb\n")
    repository.file.write_bytes(b"a\r\nb\r\n")

    assert repository.found() == {1: first, 2: first}


def test_of_a_shallow_clone_the_oldest_lines_are_of_unknown_age(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "whole")
    repository.commit("a\nb\n")
    repository.commit("a\nB\n")
    newest = repository.commit("a\nB\nc\n")
    repository.git("clone", "-q", "--depth", "2", (tmp_path / "whole").as_uri(), str(tmp_path / "clone"))
    repository.file = tmp_path / "clone" / "desired" / "all.yaml"

    assert repository.found() == {3: newest}


@pytest.mark.parametrize("harm", ["no repository", "an empty one", "no objects", "a file for a folder", "a link"])
def test_where_git_knows_nothing_the_rest_is_explained(harm: str, iamsync: Iamsync, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit(SETTINGS + "users:\n  aiko: {}\n")
    if harm == "no repository":
        shutil.rmtree(tmp_path / ".git")
    if harm == "an empty one":
        shutil.rmtree(tmp_path / ".git")
        repository.git("init", "-q")
    elif harm == "no objects":
        shutil.rmtree(tmp_path / ".git" / "objects")
        (tmp_path / ".git" / "objects").mkdir()
    elif harm == "a file for a folder":
        shutil.rmtree(tmp_path / ".git")
        (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    elif harm == "a link":
        shutil.move(tmp_path / ".git", tmp_path / "other")
        (tmp_path / ".git").symlink_to(tmp_path / "nowhere")

    ended = iamsync("explain", "aiko", "--offline")

    assert ended.code == 0
    assert ended.out.splitlines()[0].split() == ["user/aiko", "desired/all.yaml:4"]
