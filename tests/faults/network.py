"""What the network and AWS do to calls: a proxy before the sandbox, whose faults a test scripts or leaves to chance."""

import json
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.config import Config
from mypy_boto3_iam import IAMClient

from iamsync import aws
from iamsync.sandbox import Sandbox
from iamsync.sandbox.wire import answer_xml, refusal_xml

STATUS = {"Throttling": 400, "ServiceFailure": 500, "NoSuchEntity": 404, "AccessDenied": 403, "ExpiredToken": 403}
MISSING = {
    "UserName": "The user with name {} cannot be found.",
    "GroupName": "The group with name {} cannot be found.",
    "PolicyArn": "Policy {} does not exist or is not attachable.",
    "PermissionsBoundary": "Scope ARN: {} does not exist or is not attachable.",
}
BULK = "GetAccountAuthorizationDetails"
EMPTY = "after-nothing-"
NEVER_ARRIVED = "reset"
"""Instead of a code: the connection is reset before AWS hears of the call."""

NAMES = ("UserName", "NewUserName", "GroupName", "PolicyName", "PolicyArn", "VersionId", "SerialNumber", "Marker")
"""Parameters that are the same in each run; ids of credentials are not, nor are secrets."""

CREATES = {"CreateUser": "UserName", "CreateGroup": "GroupName", "CreatePolicy": "PolicyName"}


class After(Enum):
    """How the answer to a call gets lost after the call had its effect."""

    RESET = auto()
    SERVER_ERROR = auto()
    SILENCE = auto()
    CUT = auto()
    PAGE = auto()


@dataclass(slots=True, kw_only=True)
class Weather:
    """Faults by chance: the share of all calls that each strikes. The same seed draws the same for the same try of the
    same call, whatever other threads call meanwhile.
    """

    seed: int
    throttled: float = 0.0
    failed: float = 0.0
    """A server error, of which one in two comes after the effect."""
    reset_before: float = 0.0
    reset_after: float = 0.0
    _tries: Counter[str] = field(default_factory=Counter)

    def next(self, operation: str, params: dict[str, str]) -> "str | After":
        """What the next call meets: a code that AWS refuses it with, After the way its answer is lost, or ""."""
        call = " ".join([operation, *(params.get(name, "") for name in NAMES)])
        self._tries[call] += 1
        dice = random.Random(f"{self.seed} {self._tries[call]} {call}")  # noqa: S311 - chance that can be repeated
        faults: list[tuple[float, str | After]] = [
            (self.throttled, "Throttling"),
            (self.failed / 2, "ServiceFailure"),
            (self.failed / 2, After.SERVER_ERROR),
            (self.reset_before, NEVER_ARRIVED),
            (self.reset_after, After.RESET),
        ]
        drawn = dice.random()
        for share, fault in faults:
            drawn -= share
            if drawn < 0:
                return fault
        return ""


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to a call, `times` times: AWS says `code` instead of carrying it out, or its answer is lost `after`
    it. `match` is a regular expression on the operation and its parameters; `skip` lets the first ones through.
    """

    match: str
    code: str = ""
    message: str = "injected"
    after: After | None = None
    times: int = 1
    skip: int = 0

    def strikes(self, operation: str, params: dict[str, str]) -> bool:
        """Whether it is this call's turn."""
        told = " ".join([operation, *(f"{key}={value}" for key, value in params.items())])
        if self.times <= 0 or not re.search(self.match, told):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Write:
    """A write that had its effect."""

    operation: str
    params: dict[str, str]


@dataclass(slots=True)
class Network:
    """The way to the sandbox. Everything may be set while it is open."""

    sandbox: Sandbox
    script: list[Fault] = field(default_factory=list)
    weather: Weather | None = None
    writes_a_second: float = 0.0
    calls_a_second: float = 0.0
    invisible_calls: int = 0
    """How many calls that name what was just made are answered as if it were not there."""
    stale_reads: int = 0
    """How many reads after a write are answered as they were before it, where the same was asked before."""
    empty_pages: bool = False
    """Whether each page of the bulk read is preceded by an empty one, whose marker leads to it."""
    judge: Callable[[str, str], str] = lambda *_: ""
    """What AWS says of an operation and the body of its call if the caller may not make it; "" if the caller may."""
    before_write: Callable[[str, Mapping[str, str]], None] = lambda *_: None
    after_write: Callable[[int], None] = lambda _: None
    after_refusal: Callable[[], object] = lambda: None
    """What happens when the client has got AWS's no."""
    rewrite: Callable[[bytes], bytes] = lambda answer: answer
    """What becomes of AWS's answers on the way."""
    rewrite_request: Callable[[bytes], bytes] = lambda body: body
    """What becomes of the client's calls on the way."""
    meeting: dict[str, threading.Barrier] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)
    _server: "_Server | None" = None
    _tokens: float = 0.0
    _filled: float = 0.0
    _said_missing: dict[str, int] = field(default_factory=dict)
    """What was made, by its name, and how many calls were answered as if it did not exist."""
    _stale_since_write: int = 0
    _answers: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        if not self.closed.is_set():
            self.closed.set()
            self.land()
        self.close()

    def close(self) -> None:
        """Refuse every connection from now on."""
        self.closed.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def land(self) -> None:
        """Come back when every call that was sent has ended, also those that their client did not wait for: one that is
        killed leaves calls under way.
        """
        assert self._server is not None
        with socket.create_connection(
            ("127.0.0.1", self._server.server_port)
        ) as last:  # all before it are accepted before it
            last.shutdown(socket.SHUT_WR)
            last.recv(1)
        self._server.land()

    @property
    def url(self) -> str:
        """The endpoint."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead boto3 through this network to the sandbox."""
        return {**self.sandbox.environment, "AWS_ENDPOINT_URL": self.url}

    def luck(self, operation: str, params: dict[str, str]) -> "str | After":
        """What the weather does to the next call."""
        with self.lock:
            return self.weather.next(operation, params) if self.weather else ""

    def refusal(self, operation: str, params: dict[str, str]) -> str:
        """The code that AWS answers instead of carrying the call out; "" if it does."""
        with self.lock:
            self.sent.append(operation)
            if not self._has_token(operation):
                return "Throttling"
            for fault in self.script:
                if fault.code and fault.strikes(operation, params):
                    return f"{fault.code} {fault.message}"
            missing = self._invisible(operation, params)
            return f"NoSuchEntity {missing}" if missing else ""

    def loss(self, operation: str, params: dict[str, str]) -> After | None:
        """How the answer gets lost, if it does."""
        with self.lock:
            struck = (one.after for one in self.script if one.after and one.strikes(operation, params))
            return next(struck, None)

    def done(self, operation: str, params: dict[str, str], status: int) -> None:
        """Note a call that had its effect."""
        if not is_write(operation) or status != 200:
            return
        with self.lock:
            self.writes.append(Write(operation, params))
            self._stale_since_write = 0
            if operation in CREATES:
                self._said_missing[params[CREATES[operation]]] = 0
            number = len(self.writes)
        self.after_write(number)

    def stale(self, body: bytes, operation: str) -> tuple[int, bytes] | None:
        """An answer from before the last write, for as long as reads lag behind."""
        with self.lock:
            lags = self._stale_since_write < self.stale_reads and not is_write(operation)
            before = self._answers.get(body) if lags and self.writes else None
            self._stale_since_write += before is not None
            return before

    def remember(self, body: bytes, operation: str, answer: tuple[int, bytes]) -> None:
        """Keep an answer to a read."""
        if not is_write(operation):
            with self.lock:
                self._answers[body] = answer

    def _has_token(self, operation: str) -> bool:
        rate = self.calls_a_second or (self.writes_a_second if is_write(operation) else 0.0)
        if not rate:
            return True
        now = time.monotonic()
        self._tokens = min(rate, self._tokens + (now - self._filled) * rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _invisible(self, operation: str, params: dict[str, str]) -> str:
        """What AWS says of the first name in a call that is not visible yet; "" if all are."""
        if not self.invisible_calls or operation in CREATES:
            return ""
        for parameter, words in MISSING.items():
            name = params.get(parameter, "").rpartition("/")[2]
            if self._said_missing.get(name, self.invisible_calls) < self.invisible_calls:
                self._said_missing[name] += 1
                return words.format(params[parameter])
        return ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, network: Network) -> None:
        self.network = network
        self._open: set[Any] = set()
        self._ended = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's signature
        with self._ended:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as above
        super().shutdown_request(request)
        with self._ended:
            self._open.discard(request)
            self._ended.notify_all()

    def land(self) -> None:
        """End each connection after what has been sent on it."""
        with self._ended:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            assert self._ended.wait_for(lambda: not self._open, 600)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        network = self.server.network
        body = network.rewrite_request(self.rfile.read(int(self.headers["Content-Length"])))
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = params.pop("Action", "") or self._without_action  # not every service takes forms
        if denied := network.judge(operation, body.decode()):
            return self._deny(denied)
        luck = network.luck(operation, params)
        refusal = network.refusal(operation, params) or (luck if isinstance(luck, str) else "")
        if refusal == NEVER_ARRIVED:
            return self._hang_up()
        if refusal:
            code, _, message = refusal.partition(" ")
            status = STATUS.get(code, 409)
            self._say(status, refusal_xml(code, message or f"The user with name {code}", status))
            network.after_refusal()
            return None
        if stale := network.stale(body, operation):
            return self._say(*stale)
        if network.empty_pages and operation == BULK and not params.get("Marker", "").startswith(EMPTY):
            return self._say(200, _empty_page(EMPTY + params.get("Marker", "")))
        body = body.replace(EMPTY.encode(), b"")
        if meeting := network.meeting.get(operation):
            meeting.wait(600)
        if is_write(operation):
            network.before_write(operation, params)
        answer = self._forwarded(body)
        network.remember(body, operation, answer)
        network.done(operation, params, answer[0])
        return self._answered(luck if isinstance(luck, After) else network.loss(operation, params), answer)

    def _deny(self, message: str) -> None:
        """Refuse as IAM does, or as the services do that speak JSON."""
        if "form" in self.headers.get("Content-Type", ""):
            return self._say(403, refusal_xml("AccessDenied", message, 403))
        return self._say(403, json.dumps({"__type": "AccessDeniedException", "message": message}).encode())

    @property
    def _without_action(self) -> str:
        return self.headers.get("X-Amz-Target", f"POST {self.path}").rpartition(".")[2]

    def _answered(self, loss: After | None, answer: tuple[int, bytes]) -> None:
        match loss:
            case None:
                self._say(*answer)
            case After.SERVER_ERROR:
                self._say(500, refusal_xml("ServiceFailure", "injected", 500))
            case After.RESET:
                self._hang_up()
            case After.CUT:
                self._say(answer[0], answer[1][:-10])
            case After.PAGE:
                self._say(200, b"<html><body>Sign in to use this network</body></html>")
            case After.SILENCE:
                self.server.network.closed.wait(10)
                self._hang_up()

    def _forwarded(self, body: bytes) -> tuple[int, bytes]:
        address = urlsplit(self.server.network.sandbox.url)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=600)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in {"content-length", "expect"}}
        connection.request("POST", self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, self.server.network.rewrite(content)

    def _say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _hang_up(self) -> None:
        """Reset the connection."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _empty_page(marker: str) -> bytes:
    """An answer that has nothing on it but the way to the next."""
    sections: dict[str, list[object]] = {name: [] for name in ("UserDetailList", "GroupDetailList", "Policies")}
    return answer_xml(BULK, {**sections, "IsTruncated": True, "Marker": marker})


def is_write(operation: str) -> bool:
    """Whether a call changes something."""
    return not operation.startswith(("Get", "List", "POST "))


@pytest.fixture
def network(sandbox: Sandbox) -> Iterator[Network]:
    """A way to the sandbox, without faults as long as none is scripted."""
    with Network(sandbox) as network:
        yield network


@pytest.fixture
def writer(network: Network) -> IAMClient:
    """A client as `aws.writer` makes it."""
    return client(network)


def client(network: Network, *, answer_within: int = 30) -> IAMClient:
    """A client of its own, which waits so many seconds for an answer."""
    here = network.environment
    return aws.open_session().client(
        "iam",
        endpoint_url=network.url,
        region_name="us-east-1",
        aws_access_key_id=here["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=here["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=answer_within, max_pool_connections=16
        ),
    )
