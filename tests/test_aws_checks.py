"""`plan --aws-checks`: what AWS itself says of new and changed documents holds back, or warns, at file and line."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from shell import Iamsync, write

from iamsync.sandbox import Sandbox

HEAD = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
NEW_KIND = HEAD + (
    "policies:\n"
    "  P:\n"
    "    document:\n"
    "      Version: 2012-10-17\n"
    "      Statement:\n"
    "        - {Effect: Allow, Action: 's3:ListBucket', Resource: '*'}\n"
    "        - {Effect: Allow, Action: 'iam:GetUser', Resource: 'arn:aws:iam::*:users/a'}\n"
    "users: {aiko: {policies: [P]}, bo: {}}\n"
)
PASS_ROLE = HEAD + (
    "users:\n"
    "  aiko:\n"
    "    inline_policies:\n"
    "      pass:\n"
    "        Version: 2012-10-17\n"
    "        Statement: {Effect: Allow, Action: 'iam:PassRole',\n"
    "          Resource: '*'}\n"
)


def checks(sandbox: Sandbox) -> int:
    return sum(call.operation == "ValidatePolicy" for call in sandbox.calls)


def test_an_error_holds_the_policy_back_and_who_needs_it(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=NEW_KIND)

    ended = iamsync("plan", "--aws-checks")

    assert ended.code == 3
    assert "AWS finds an error in its document (INVALID_ARN_RESOURCE): IAM resource path must either be" in ended.out
    assert "all.yaml:9" in ended.out
    assert "+ create policy" not in ended.out
    assert "+ user/bo" in ended.out


def test_a_warning_has_file_and_line_and_holds_nothing_back(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=PASS_ROLE)

    ended = iamsync("plan", "--aws-checks")

    assert ended.code == 0
    assert "all.yaml:9:21: user/aiko: Statement[0].Resource: warning: AWS warns (PASS_ROLE_WITH_STAR" in ended.err
    assert checks(sandbox) == 1


def test_the_setting_does_the_same_for_apply(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=NEW_KIND.replace("owner: us", "owner: us, aws_checks: true"))

    assert iamsync("apply", "--yes").code == 3
    assert checks(sandbox) > 0
    assert not any(call.operation == "CreatePolicy" for call in sandbox.calls)


def test_aws_is_not_asked_unless_that_is_wanted(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=PASS_ROLE)

    assert iamsync("plan").code == 0
    assert checks(sandbox) == 0


def test_a_document_that_stays_is_not_checked(iamsync: Iamsync, tmp_path: Path, sandbox: Sandbox) -> None:
    write(tmp_path, all=PASS_ROLE)
    assert iamsync("apply", "--yes").code == 0
    sandbox.forget_calls()

    assert iamsync("plan", "--aws-checks").code == 0
    assert checks(sandbox) == 0


class Denies(BaseHTTPRequestHandler):
    """Access Analyzer, to who may not ask it."""

    def do_POST(self) -> None:
        said = b'{"message": "not you"}'
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(403)
        self.send_header("x-amzn-ErrorType", "AccessDeniedException")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def denying(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Denies) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_ACCESSANALYZER", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


@pytest.mark.usefixtures("denying")
def test_without_the_permission_that_is_said_once_and_nothing_is_held_back(iamsync: Iamsync, tmp_path: Path) -> None:
    more = (
        "  bo: {inline_policies: {q: {Version: 2012-10-17, Statement: {Effect: Deny, Action: 'sqs:*', Resource: '*'}}}}"
    )
    write(tmp_path, all=f"{PASS_ROLE}{more}\n")

    ended = iamsync("plan", "--aws-checks")

    assert ended.code == 0
    assert ended.err.count("access-analyzer:ValidatePolicy is denied: the documents of this plan are not checked") == 1
