"""What is answered: health, the page, webhooks, pause. Functions from a request to a response."""

import base64
import hmac
import threading
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import pytest
from cycle_results import APPLIED, BEGUN, CLOCK, DOWN, HELD, IN_SYNC, after

from iamsync.daemon.board import Seen
from iamsync.daemon.http.exchange import Handler, Request, Response
from iamsync.daemon.http.probes import probes
from iamsync.daemon.http.secret import SecretFileError, secret_in
from iamsync.daemon.http.site import Doors, Site
from iamsync.daemon.http.webhook import REMEMBERED, Bell, Deliveries
from iamsync.daemon.page import POLICY
from iamsync.daemon.status import LoopStatus

TOKEN = "a-token-of-some-length"
SECRET = b"a-secret-of-some-length"
BODY = b'{"ref": "refs/heads/main"}'


def get(handle: Handler, path: str, method: str = "GET", body: bytes = b"", /, **headers: str) -> Response:
    named = {"host": "localhost:8080"} | {key.replace("_", "-"): value for key, value in headers.items()}
    return handle(Request(method=method, path=path, headers=named, body=body))


def probing(status: LoopStatus, clock: float = CLOCK) -> Handler:
    return probes(lambda: Seen(status=status), lambda: clock)


@pytest.mark.parametrize(
    ("status", "clock", "healthy", "ready"),
    [
        (BEGUN, CLOCK, 200, 503),
        (after([IN_SYNC]), CLOCK + 300, 200, 200),
        (after([IN_SYNC]), CLOCK + 1000, 503, 503),
        (after([IN_SYNC, DOWN]), CLOCK + 600, 200, 200),
        (after([DOWN]), CLOCK + 300, 200, 503),
    ],
)
def test_probes_say_how_the_loop_is(status: LoopStatus, clock: float, healthy: int, ready: int) -> None:
    handle = probing(status, clock)

    assert [get(handle, path).status for path in ("/healthz", "/readyz")] == [healthy, ready]


def test_the_address_of_machines_has_nothing_else() -> None:
    handle = probing(after([APPLIED, HELD]))

    assert {get(handle, path).status for path in ("/", "/webhook", "/pause", "/metrics/", "/..")} == {404}
    assert get(handle, "/metrics", "POST").status == 405
    assert "iamsync_cycles_total" in get(handle, "/metrics").body
    everything = "".join(get(handle, path).body for path in ("/healthz", "/readyz", "/metrics"))
    assert "aiko" not in everything
    assert "123456789012" not in everything


def test_a_flood_makes_the_metrics_once_a_second() -> None:
    made, clock = [], [100.0]

    def seen() -> Seen:
        made.append(1)
        return Seen(status=BEGUN)

    handle = probes(seen, lambda: clock[0])
    for _ in range(100):
        get(handle, "/metrics")
    assert len(made) == 1
    clock[0] += 1
    get(handle, "/metrics")
    assert len(made) == 2


class At:
    """A site with all its doors, and what it does."""

    def __init__(self, folder: Path) -> None:
        self.woken = 0
        self.counted: Counter[str] = Counter()
        self.pause_file = folder / "paused"
        (folder / "token").write_text(f"{TOKEN}\n")
        (folder / "secret").write_bytes(SECRET + b"\n")
        self.doors = Doors(token=folder / "token", webhook_secret=folder / "secret", pause_file=self.pause_file)
        self.handle = self.site(self.doors)

    def site(self, doors: Doors) -> Site:
        """Another site that wakes the same loop."""
        bell = Bell(self.wake, spacing=0.0)
        return Site(lambda: Seen(status=after([HELD])), doors, wake=self.wake, bell=bell, count=self.count)

    def wake(self) -> None:
        self.woken += 1

    def count(self, ended: str) -> None:
        self.counted[ended] += 1


@pytest.fixture
def at(tmp_path: Path) -> At:
    return At(tmp_path)


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


def test_the_page_needs_the_token(at: At) -> None:
    for given in (f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN)):
        response = get(at.handle, "/", authorization=given)
        assert (response.status, response.headers["Content-Security-Policy"]) == (200, POLICY)
        assert "user/bo: the quota is full" in response.body
    for given in ("", "Bearer ", f"Bearer {TOKEN}x", "Basic !!!", basic(""), f"Digest {TOKEN}", "Bearer \xff\u2028"):
        response = get(at.handle, "/", authorization=given)
        assert (response.status, response.headers["WWW-Authenticate"][:5]) == (401, "Basic")
        assert "bo" not in response.body
    assert get(at.handle, "/", host="anywhere.example", authorization=f"Bearer {TOKEN}").status == 200


def test_without_a_token_the_page_is_for_this_machine_by_its_own_name(at: At) -> None:
    """A browser that was made to believe that evil.example is this machine sends evil.example."""
    handle = at.site(Doors())

    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"):
        assert get(handle, "/", host=host).status == 200
    for host in ("evil.example", "evil.example:8080", "", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "[", ":"):
        assert get(handle, "/", host=host).status == 421


def test_a_door_without_a_key_is_closed(at: At) -> None:
    handle = at.site(Doors(pause_file=at.pause_file))

    assert {get(handle, path, "POST").status for path in ("/webhook", "/pause", "/resume", "/x")} == {404}
    assert get(at.site(Doors(token=at.doors.token)), "/pause", "POST", authorization=f"Bearer {TOKEN}").status == 404


def test_a_token_can_be_rotated_and_one_that_cannot_be_read_opens_nothing(at: At) -> None:
    assert at.doors.token
    at.doors.token.write_text("another-token-of-some-length")
    assert get(at.handle, "/", authorization=f"Bearer {TOKEN}").status == 401
    assert get(at.handle, "/", authorization="Bearer another-token-of-some-length").status == 200
    for content in ("", "short", "x" * 5000):
        at.doors.token.write_text(content)
        assert get(at.handle, "/", authorization=f"Bearer {content}").status == 401
        with pytest.raises(SecretFileError, match="must hold a secret of 16 to 4096 characters"):
            secret_in(at.doors.token)
    at.doors.token.unlink()
    assert get(at.handle, "/", authorization=f"Bearer {TOKEN}").status == 401


def test_pause_and_resume_need_a_bearer_token_and_start_a_cycle(at: At) -> None:
    bearer = f"Bearer {TOKEN}"

    paused = get(at.handle, "/pause", "POST", b"incident\n42", authorization=bearer)

    assert (paused.status, paused.body, at.pause_file.read_text(), at.woken) == (200, "paused\n", "incident 42", 1)
    resumed = get(at.handle, "/resume", "POST", authorization=bearer)
    assert (resumed.body, at.pause_file.exists(), at.woken) == ("resumed\n", False, 2)
    for given in ("", "Bearer wrong-token-of-some-length", basic(TOKEN)):
        assert get(at.handle, "/pause", "POST", authorization=given).status == 401
    assert get(at.handle, "/pause", authorization=bearer).status == 405
    assert (at.pause_file.exists(), at.woken) == (False, 2)


def test_a_pause_file_that_cannot_be_made_is_reported(at: At) -> None:
    handle = at.site(Doors(token=at.doors.token, pause_file=at.pause_file / "below" / "nothing"))

    said = get(handle, "/pause", "POST", authorization=f"Bearer {TOKEN}")

    assert (said.status, at.woken) == (500, 0)
    assert "the pause file cannot be changed (No such file or directory)" in said.body


def signed(body: bytes = BODY, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, sha256).hexdigest()


def delivered(handle: Callable[[Request], Response], body: bytes = BODY, /, **headers: str) -> HTTPStatus:
    return get(handle, "/webhook", "POST", body, **headers).status


def test_whoever_has_the_secret_starts_a_cycle(at: At) -> None:
    assert delivered(at.handle, x_github_event="push", x_github_delivery="1", x_hub_signature_256=signed()) == 202
    assert delivered(at.handle, x_gitlab_event="Push Hook", x_gitlab_token=SECRET.decode()) == 202
    assert delivered(at.handle, x_signature=signed()) == 202
    assert delivered(at.handle, x_signature=signed()) == 202, "the same body may be sent twice and meant"
    assert (at.woken, at.counted) == (4, {"accepted": 4})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_hub_signature_256": signed(secret=b"another-secret-of-some-length")},
        {"x_hub_signature_256": signed(b"another body")},
        {"x_hub_signature_256": ""},
        {"x_hub_signature_256": signed().upper()},
        {"x_hub_signature_256": "sha256=\u00e9\u2028"},
        {"x_hub_signature_256": "sha1=" + "0" * 40, "x_gitlab_token": SECRET.decode()},
        {"x_gitlab_token": ""},
        {"x_gitlab_token": SECRET.decode() + "x"},
        {"x_signature": signed().removeprefix("sha256=")},
        {"authorization": f"Bearer {TOKEN}"},
    ],
)
def test_what_is_not_signed_starts_nothing(at: At, headers: dict[str, str]) -> None:
    assert delivered(at.handle, **headers) == 401
    assert (at.woken, at.counted) == (0, {"refused": 1})


def test_a_delivery_is_accepted_once(at: At) -> None:
    github = {"x_github_event": "push", "x_hub_signature_256": signed()}

    first = delivered(at.handle, x_github_delivery="1", **github)
    again = delivered(at.handle, x_github_delivery="1", **github)
    renamed = delivered(at.handle, x_github_delivery="2", **github)
    other = delivered(at.handle, b"{}", x_github_event="push", x_github_delivery="3", x_hub_signature_256=signed(b"{}"))
    gitlab = [delivered(at.handle, x_gitlab_event_uuid="9", x_gitlab_token=SECRET.decode()) for _ in range(2)]

    assert (first, again, renamed, other, gitlab) == (202, 200, 200, 202, [202, 200])
    assert at.counted == {"accepted": 3, "repeated": 3}


def test_what_was_refused_blocks_no_delivery_of_the_same_id(at: At) -> None:
    assert delivered(at.handle, x_github_delivery="1") == 401
    assert delivered(at.handle, x_github_delivery="1", x_hub_signature_256=signed()) == 202


def test_only_so_many_deliveries_are_remembered() -> None:
    deliveries = Deliveries()

    assert all(deliveries.is_new((str(number),)) for number in range(3 * REMEMBERED))
    assert not deliveries.is_new((str(3 * REMEMBERED - 1),))
    assert len(deliveries._seen) == REMEMBERED  # noqa: SLF001 - the bound is what is tested


def test_webhooks_that_come_close_wake_the_loop_now_and_once_at_the_end_of_the_spacing() -> None:
    woken = threading.Semaphore(0)
    bell = Bell(woken.release, spacing=0.2)

    for _ in range(1000):
        bell.ring()

    assert woken.acquire(timeout=60)
    assert woken.acquire(timeout=60), "the last delivery is followed by a look"


def test_far_fewer_cycles_than_webhooks() -> None:
    woken = Counter[str]()
    bell = Bell(lambda: woken.update(["once"]), spacing=3600.0)

    for _ in range(1000):
        bell.ring()

    assert woken["once"] == 1


def test_a_secret_that_is_gone_is_no_reason_to_accept_anything(at: At) -> None:
    assert at.doors.webhook_secret
    at.doors.webhook_secret.unlink()

    assert delivered(at.handle, x_hub_signature_256=signed(secret=b"")) == 503
    assert at.woken == 0
