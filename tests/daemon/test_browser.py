"""The status page in a real browser: nothing on it runs, nothing leaves it, and it fits a phone and the dark.

It needs Debian's `chromium` and PyPI's `playwright`; where they are not installed, it is skipped. With
IAMSYNC_WRITE_SCREENSHOT=1 it writes docs/status.png.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import hostile
import pytest
from cycle_results import APPLIED, CONTESTED, FAILED, IN_SYNC, NOW, PAUSED, REFUSED, after, cycle
from states import EC2, S3, desired, live, user

from iamsync.core.arn import Arn
from iamsync.core.hold import HeldBack
from iamsync.core.model import Origin
from iamsync.core.plan import Plan
from iamsync.daemon.board import Seen
from iamsync.daemon.http.server import Server
from iamsync.daemon.http.site import Doors, Site
from iamsync.daemon.http.webhook import Bell
from iamsync.daemon.page import page
from iamsync.daemon.result import Result
from iamsync.daemon.status import LoopStatus
from iamsync.desired.expiries import Expiry

pytestmark = pytest.mark.slow
playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MARKUP = (
    "<script>document.title='run'</script><img src=http://127.0.0.1:1/x onerror=\"document.title='run'\">"
    "<style>*{display:none}</style>"
)
PHONE = {"width": 360, "height": 740}
SCREENSHOT = Path(__file__).parents[2] / "docs" / "status.png"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def served(status: LoopStatus) -> Server:
    """The site of a loop with this status."""
    site = Site(lambda: Seen(status=status), Doors(), wake=lambda: None, bell=Bell(lambda: None))
    return Server("127.0.0.1", 0, site)


def hostile_status(text: str) -> LoopStatus:
    held = HeldBack(subject=f"user/{text}", text=text, origin=Origin(file=text, line=1), actions=APPLIED.planned)
    worst = cycle(
        Result.PENDING,
        held_back=(held,),
        orphans=(text,),
        reasons=(text,),
        commit=text,
        expiries=(Expiry(at=NOW + timedelta(days=1), subject=text, what=text, origin=held.origin),),
    )
    return after([worst, replace(worst, result=Result.ERROR)])


@pytest.mark.parametrize("text", [MARKUP, hostile.ALL, "W" * 3000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_script_runs_no_request_leaves_and_it_fits_a_phone(browser: Any, text: str, scheme: str) -> None:  # noqa: ANN401 - playwright has no types where it is not installed
    asked, spoken = list[str](), list[str]()
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    tab = context.new_page()
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: spoken.append(message.text))
    tab.on("dialog", lambda dialog: spoken.append(dialog.message))
    with served(hostile_status(text)) as server:
        home = f"http://127.0.0.1:{server.port}/"
        tab.goto(home)
        tab.wait_for_load_state("networkidle")

        assert set(asked) <= {home, f"{home}favicon.ico"}
        assert [one for one in spoken if "favicon" not in one and "404" not in one] == []
        assert tab.title().startswith("iamsync: ")
        assert tab.locator("script, img, link, iframe, form, input").count() == 0
        assert tab.locator("h1").is_visible()
        width = tab.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], "nothing is wider than the screen"
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, background[4:-1].split(","))) < 200) == (scheme == "dark")
    context.close()


@pytest.mark.parametrize("status", [after([one]) for one in (IN_SYNC, APPLIED, FAILED, PAUSED, REFUSED, CONTESTED)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(browser: Any, status: LoopStatus, scheme: str) -> None:  # noqa: ANN401 - as above
    """By the rule of WCAG 2.2 for text (1.4.3): 4.5 to 1."""
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    with served(status) as server:
        tab.goto(f"http://127.0.0.1:{server.port}/")
        pairs = tab.evaluate(
            """() => [...document.querySelectorAll('h1,h2,p,dt,dd,li,span,footer')].map(one => {
                let ground = one;
                while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
                return [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor];
            })"""
        )
    context.close()

    assert pairs
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def contrast(first: str, second: str) -> float:
    """Of two colors as a browser writes them: rgb(28, 35, 48)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(part) / 255 for part in color[4:-1].split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def a_normal_day() -> LoopStatus:
    """A loop as it is on a day on which something waits."""
    added = Plan.between(desired(user("ben.okafor", EC2, line=12)), live()).actions
    repaired = Plan.between(desired(user("aiko.sato", S3, line=4)), live(user("aiko.sato", EC2))).actions
    held = HeldBack(
        subject="user/chloe.martin",
        text="exists and is not owned: adopt the user with --adopt chloe.martin, or remove it from the files",
        origin=Origin(file="desired/users/chloe.yaml", line=3),
        actions=added[:1],
    )
    caller = Arn("arn:aws:sts::123456789012:assumed-role/iamsync/loop")
    about: dict[str, Any] = {
        "commit": "8d1f0c6be1a94cd7a1e4a1a8a4f03d2f77b1c0de",
        "caller": caller,
        "managed": 41,
        "unmanaged_users": 3,
    }
    quiet = cycle(Result.IN_SYNC, suspended=1, **about)
    first = cycle(Result.APPLIED, *added, **about)
    drifted = replace(cycle(Result.APPLIED, *repaired, **about), drifted=repaired)
    expiries = (
        Expiry(
            at=NOW + timedelta(days=2, hours=7),
            subject="user/ben.okafor",
            what="loses policy set billing",
            origin=Origin(file="desired/users/ben.yaml", line=14),
        ),
        Expiry(
            at=NOW + timedelta(days=36),
            subject="user/dana.kim",
            what="is suspended",
            origin=Origin(file="desired/users/dana.yaml", line=2),
        ),
    )
    return after([first, *[quiet] * 9, drifted, replace(quiet, held_back=(held,), expiries=expiries)])


@pytest.mark.skipif("IAMSYNC_WRITE_SCREENSHOT" not in os.environ, reason="writes a file")
def test_the_screenshot_is_of_a_normal_day(browser: Any) -> None:  # noqa: ANN401 - as above
    context = browser.new_context(viewport={"width": 980, "height": 600}, device_scale_factor=1.5)
    tab = context.new_page()
    status = a_normal_day()
    tab.set_content(page(status, NOW + timedelta(minutes=56), (status.next_by or 0) - 240))
    tab.screenshot(path=SCREENSHOT, full_page=True)
    context.close()
