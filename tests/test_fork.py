"""Plans of pull requests from forks: what an untrusted job has left is shown, and commands nothing."""

import io
import zipfile

import pytest
from github import BOT, FORK, FORK_COMMENT, PLAN, Api, after_run
from markdown_it import MarkdownIt
from repository import AIKO, BO, Repository, in_shell

from iamsync.sandbox import Sandbox

MARKER = "<!-- iamsync on a fork -->"


def archive(text: bytes, name: str = "plan.txt", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as entries:
        entries.writestr(name, text)
    return file.getvalue()


def fenced(body: str) -> str:
    """What of a comment is code; all the rest is text of ours, without a link, an image or HTML."""
    first, _, rest = body.partition("\n")
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(rest)
    (code,) = [one for one in blocks if one.type == "fence"]
    assert first == MARKER
    assert {one.type for one in blocks} <= {"paragraph_open", "paragraph_close", "inline", "fence"}
    spans = [child.type for one in blocks for child in one.children or ()]
    assert set(spans) <= {"text", "strong_open", "strong_close", "code_inline"}
    return code.content


def test_the_plan_is_shown_by_one_comment_which_the_next_push_updates(repository: Repository, api: Api) -> None:
    pull = api.open_pull("")
    for users, policy in ((AIKO, "AmazonS3ReadOnlyAccess"), (AIKO + BO, "AmazonEC2ReadOnlyAccess")):
        head = repository.commit(users)
        untrusted = repository.job(comment="false")
        assert untrusted.run(*PLAN) == 0
        pull["head"]["sha"] = head
        api.keep(head, untrusted.temp / "plan.txt", fork=True)

        trusted = repository.job(after_run(head), command="comment")
        assert trusted.run(FORK_COMMENT) == 0, trusted.log
        (comment,) = api.comments
        assert comment["user"]["login"] == BOT
        assert f"+ attach aws:{policy}" in fenced(comment["body"])
        assert f"for commit `{head}`" in comment["body"]
        assert "A job that this pull request can change has made the text: it is no proof." in comment["body"]
    assert api.writes == ["POST", "PATCH"]


def test_a_fork_is_planned_from_the_snapshot_of_main_without_credentials(
    repository: Repository, api: Api, sandbox: Sandbox
) -> None:
    repository.commit(AIKO)
    taken = in_shell(
        "iamsync apply && mkdir .main && iamsync snapshot --out .main/live.json", repository.folder, sandbox
    )
    assert taken.returncode == 0, taken.stderr
    head = repository.commit(AIKO + BO)
    sandbox.forget_calls()

    untrusted = repository.job(live=".main/live.json", comment="false")
    untrusted.environment = {}
    assert untrusted.run(*PLAN) == 0, untrusted.log
    api.open_pull(head)
    api.keep(head, untrusted.temp / "plan.txt", fork=True)
    assert repository.job(after_run(head), command="comment").run(FORK_COMMENT) == 0

    assert sandbox.calls == []
    shown = fenced(api.comments[0]["body"])
    assert "+ attach aws:AmazonEC2ReadOnlyAccess" in shown
    assert "aiko" not in shown, "the snapshot has this user already"


@pytest.mark.parametrize(
    ("users", "code", "words"),
    [(AIKO, 0, "desired is valid: 1 user, 0 policies."), ("  aiko: {polices: []}\n", 1, 'unknown key "polices"')],
)
def test_without_a_snapshot_what_validate_finds_is_shown(
    users: str, code: int, words: str, repository: Repository, api: Api
) -> None:
    head = repository.commit(users)
    untrusted = repository.job(command="validate")
    assert untrusted.run(*PLAN) == code
    api.open_pull(head)
    api.keep(head, untrusted.temp / "plan.txt", fork=True)

    assert repository.job(after_run(head), command="comment").run(FORK_COMMENT) == 0

    assert words in fenced(api.comments[0]["body"])
    assert ("::error file=desired/all.yaml,line=4" in untrusted.log) is bool(code)


HEAD = "c0ffee"


@pytest.fixture
def commented(api: Api, repository: Repository) -> "Commented":
    repository.commit(AIKO)
    return Commented(api, repository)


class Commented:
    """The comment on a pull request whose job has left something."""

    def __init__(self, api: Api, repository: Repository) -> None:
        self._api, self._repository = api, repository

    def __call__(self, content: bytes) -> str:
        self._api.open_pull(HEAD)
        self._api.keep_archive(HEAD, content, fork=True)
        job = self._repository.job(after_run(HEAD), command="comment")
        assert job.run(FORK_COMMENT) == 0, job.log
        return str(self._api.comments[0]["body"])


@pytest.mark.parametrize(
    "text",
    [
        "@security-team please approve",
        "```\n@security-team\n````\n# Approved",
        "![x](https://example.com/x.png) <img src=x> <!-- iamsync plan 0123 -->",
        "</details><h1>approved</h1>",
        "/close\n/merge",
        "a\u202eb \x1b[31m \x00 ##[error]x",
        "``` ` `` ```````",
        "\n\n\n[x]: https://example.com\n[x]",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_nothing_of_the_text_is_obeyed(text: str, commented: Commented) -> None:
    body = commented(archive(text.encode()))

    code = fenced(body)
    assert len(code.splitlines()) == len(text.splitlines())
    assert body.count("<!--") == 1
    assert all(one.isprintable() for one in body.replace("\n", ""))


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are(commented: Commented) -> None:
    assert "plan \ufffd" in fenced(commented(archive(b"plan \xff")))


@pytest.mark.parametrize("line", ["x" * 99, "\x00" * 20])
def test_a_long_text_ends_where_a_comment_does(line: str, commented: Commented) -> None:
    body = commented(archive(f"{line}\n".encode() * 400_000))

    assert 50_000 < len(body) <= 65_000
    assert body.endswith("The text is limited to 60,000 characters: see the log of the job.")
    assert fenced(body)


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        archive(b"x", name="other.txt"),
        archive(b"x", compression=zipfile.ZIP_LZMA),
        archive(b"x" * 1000)[:-40],
        archive(b"x" * 99)[:40] + b"\xff" * 4 + archive(b"x" * 99)[44:],
        archive(bytes(range(256)) * 20_000, compression=zipfile.ZIP_STORED),
        archive(b"`" * 30_000),
    ],
    ids=["no archive", "no plan", "other compression", "torn", "corrupt", "too large", "only fence"],
)
def test_what_cannot_be_shown_is_said_and_nothing_of_it_shown(content: bytes, commented: Commented) -> None:
    body = commented(content)

    assert body.splitlines() == [
        MARKER,
        f"**iamsync** for commit `{HEAD}` of a fork: there is nothing to show. See its checks.",
    ]


def test_a_job_that_has_left_no_plan_is_said(repository: Repository, api: Api) -> None:
    repository.commit(AIKO)
    api.open_pull(HEAD)

    assert repository.job(after_run(HEAD), command="comment").run(FORK_COMMENT) == 0

    assert "there is nothing to show" in api.comments[0]["body"]


@pytest.mark.parametrize("what", ["no pull request", "newer head", "other fork", "other base", "push", "no fork"])
def test_only_the_pull_request_of_the_commit_gets_a_comment(what: str, repository: Repository, api: Api) -> None:
    repository.commit(AIKO)
    event = after_run(HEAD)
    if what != "no pull request":
        pull = api.open_pull("decaf" if what == "newer head" else HEAD)
        if what == "other fork":
            pull["head"]["repo"]["id"] = FORK + 1
        if what == "other base":
            pull["base"]["ref"] = "release"
    if what == "push":
        event["workflow_run"]["event"] = "push"
    if what == "no fork":
        event["workflow_run"]["head_repository"] = None
    api.keep_archive(HEAD, archive(b"plan"), fork=True)

    job = repository.job(event, command="comment")

    assert job.run(FORK_COMMENT) == 0
    assert "No open pull request has this commit as its head: nothing is shown." in job.log
    assert api.writes == []


def test_a_comment_that_begins_like_ours_is_left_alone(commented: Commented, api: Api) -> None:
    api.add_comment("stranger", f"{MARKER}\napproved")

    commented(archive(b"plan"))

    assert [one["user"]["login"] for one in api.comments] == ["stranger", BOT]
    assert api.comments[0]["body"] == f"{MARKER}\napproved"
