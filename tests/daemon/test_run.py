"""`iamsync run` as a process, asked over HTTP: health, page, webhook, pause; and what it refuses to start with."""

import hmac
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import pytest
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write
from surroundings import bare

from iamsync.cli.loop_options import Address, address
from iamsync.sandbox import Sandbox

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'
AIKO = SETTINGS + "users: {aiko: {policies: [aws:AmazonS3ReadOnlyAccess]}}\n"
TOKEN = "a-token-of-some-length"
SECRET = "a-secret-of-some-length"


class Running:
    """`iamsync run --every 1h` with all its doors."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.messages: Queue[str] = Queue()
        self._hook = HTTPServer(("127.0.0.1", 0), self._hook_handler())
        threading.Thread(target=self._hook.serve_forever, daemon=True).start()
        (folder / "token").write_text(TOKEN)
        (folder / "secret").write_text(SECRET)
        (folder / "urls").write_text(f"json://127.0.0.1:{self._hook.server_address[1]}/\n")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "iamsync", "run", "--every", "1h", "--pause-file", "paused"),
                *("--metrics-address", "0", "--status-address", "0"),
                *("--token-file", "token", "--webhook-secret-file", "secret", "--notify-file", "urls"),
            ],
            cwd=folder,
            env=bare(AWS_EC2_METADATA_DISABLED="true", **sandbox.environment),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.metrics, self.site = (urlsplit(str(self.line("listening")["url"])).port for _ in range(2))

    def _hook_handler(self) -> type[BaseHTTPRequestHandler]:
        messages = self.messages

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                messages.put(f"{body['title']}\n{body['message']}")
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as it is named there
                pass

        return Hook

    def line(self, event: str = "cycle") -> dict[str, object]:
        """The next line of that kind in the log."""
        assert self.process.stderr is not None
        while True:
            fields: dict[str, object] = json.loads(self.process.stderr.readline())
            if fields["event"] == event:
                return fields

    def ask(self, port: int | None, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str]:
        """The answer of the loop."""
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body, {key.replace("_", "-"): one for key, one in headers.items()})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._hook.shutdown()
        self._hook.server_close()


@pytest.fixture
def running(tmp_path: Path, sandbox: Sandbox) -> Iterator[Running]:
    write(tmp_path, all=AIKO)
    one = Running(tmp_path, sandbox)
    yield one
    one.close()


def test_a_loop_can_be_watched_pushed_and_paused(running: Running, iam: IAMClient, tmp_path: Path) -> None:
    first = running.line()
    bearer = f"Bearer {TOKEN}"
    assert first["result"] == "applied"
    assert running.ask(running.metrics, "/healthz") == (200, "ok\n")
    assert running.ask(running.metrics, "/readyz") == (200, "ok\n")
    assert (
        'iamsync_aws_calls_total{operation="CreateUser",outcome="ok",service="iam"} 1.0'
        in (running.ask(running.metrics, "/metrics")[1])
    )
    assert running.ask(running.site, "/")[0] == 401
    assert "user/aiko: create user" in running.ask(running.site, "/", Authorization=bearer)[1]
    assert running.messages.get(timeout=60).startswith("iamsync 123456789012: 2 changed\nchanged: user/aiko: ")

    write(tmp_path, more="users: {bo: {}}\n")
    signature = "sha256=" + hmac.new(SECRET.encode(), b"{}", sha256).hexdigest()
    assert running.ask(running.site, "/webhook", "POST", "{}", X_Hub_Signature_256="sha256=00")[0] == 401
    assert running.ask(running.site, "/webhook", "POST", "{}", X_Hub_Signature_256=signature)[0] == 202
    second = running.line()
    assert (second["result"], second["done"]) == ("applied", 1)

    assert running.ask(running.site, "/pause", "POST", "we look", Authorization=bearer) == (200, "paused\n")
    paused = running.line()
    assert "(we look)" in str(paused["paused"])
    write(tmp_path, more="users: {bo: {suspended: true}, cy: {}}\n")
    assert running.ask(running.site, "/resume", "POST", Authorization="Bearer no")[0] == 401
    running.process.send_signal(signal.SIGHUP)
    third = running.line()
    assert third["held_back"] == ["user/cy"]
    assert iam.list_user_policies(UserName="bo")["PolicyNames"] == ["iamsync-suspended"]
    assert running.ask(running.site, "/resume", "POST", Authorization=bearer)[0] == 200
    assert running.line()["result"] == "applied"
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"aiko", "bo", "cy"}

    running.process.terminate()
    assert running.process.wait(60) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--status-address", "0.0.0.0:0"], "others can reach that address: protect the page with --token-file"),
        (["--status-address", "nowhere"], '"nowhere" is no address: write ADDRESS:PORT'),
        (["--metrics-address", "127.0.0.1:99999"], "is no address"),
        (["--token-file", "token"], "must hold a secret of 16 to 4096 characters"),
        (["--token-file", "gone", "--status-address", "0"], "the secret in gone cannot be read (No such file or"),
        (["--webhook-secret-file", "secret"], "it needs --status-address"),
        (["--notify-file", "urls"], "urls:1: this is no URL of apprise"),
        (["--metrics-address", "no.such.host.invalid:1"], "no.such.host.invalid:1 cannot be listened on"),
    ],
)
def test_what_cannot_be_started_is_refused_before_the_first_cycle(
    iamsync: Iamsync, sandbox: Sandbox, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "token").write_text("short")
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "urls").write_text("hidden-secret")
    write(tmp_path, all=AIKO)

    ended = iamsync("run", *arguments)

    assert ended.code == 1
    assert said in ended.err
    assert "hidden" not in ended.err
    assert sandbox.calls == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8080", Address("127.0.0.1", 8080)),
        (":8080", Address("127.0.0.1", 8080)),
        ("0.0.0.0:9464", Address("0.0.0.0", 9464)),  # noqa: S104 - nothing listens there
        ("[::1]:0", Address("::1", 0)),
        ("localhost:80", Address("localhost", 80)),
    ],
)
def test_a_port_alone_is_on_this_machine(text: str, expected: Address) -> None:
    assert address(text) == expected
