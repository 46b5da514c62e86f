"""Each secret that is ever made is looked for in all that is written and in /proc of all processes: it is only where
its channel has put it. That this test finds what leaks is shown with leaks that are planted.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from deliveries import LEAKS
from openers import age_pair
from shell import write

from faults.forking import Forks
from faults.network import Network

FILES = """version: 1
settings: {owner: us, account_id: "123456789012"}
users:
  aiko: {console: true, deliver: CHANNEL, MORE policies: [aws:IAMUserChangePassword]}
  bo: {access_keys: 2, MORE deliver: CHANNEL}
"""
STORE = '#!/bin/sh\nmkdir -p "$HOME/product"\ncat >> "$HOME/product/store"\n'
OPTIONS = {
    "csv": ("--csv", "product"),
    "age": ("--sealed", "product"),
    "command": ("--delivery-command", "./deliver"),
}
NO_LEAK = ("note", "die before", "die after", "crash before", "crash after")


def forms(secret: str) -> set[bytes]:
    """A secret as it may be written: plain, in the body of a call, in JSON, in base64."""
    encoded = base64.b64encode(secret.encode()).rstrip(b"=")[:-1]
    return {secret.encode(), quote_plus(secret).encode(), secret.replace("/", "\\/").encode(), encoded}


@dataclass(slots=True)
class Watch:
    """The secrets of a run as they pass by on the network, and what all processes show of themselves meanwhile."""

    made: set[str] = field(default_factory=set)
    shown: set[bytes] = field(default_factory=set)

    def answer(self, content: bytes) -> bytes:
        """Note the secret of an access key."""
        self.made |= {one.decode() for one in re.findall(rb"<SecretAccessKey>([^<]+)</SecretAccessKey>", content)}
        return content

    def call(self, _operation: str, params: object) -> None:
        """Note a password; and look at /proc."""
        assert isinstance(params, dict)
        if "Password" in params:
            self.made.add(params["Password"])
        for process in Path("/proc").glob("[0-9]*"):
            for file in ("cmdline", "environ"):
                with suppress(OSError):
                    self.shown.add((process / file).read_bytes())


def found(watch: Watch, folder: Path, said: str) -> Iterator[str]:
    """Where a secret is that it must not be."""
    texts = {"what was printed": said.encode()}
    files = [file for file in folder.rglob("*") if file.is_file() and "product" not in file.parts]
    texts |= {str(file.relative_to(folder)): file.read_bytes() for file in files}
    texts |= {f"/proc ({number})": text for number, text in enumerate(watch.shown)}
    for place, text in texts.items():
        if any(form in text for secret in watch.made for form in forms(secret)):
            yield place


@pytest.fixture
def watched(network: Network, forks: Forks, tmp_path: Path) -> "Watched":
    return Watched(network, forks, tmp_path)


@dataclass(frozen=True, slots=True)
class Watched:
    """An apply that is watched."""

    network: Network
    forks: Forks
    folder: Path

    def leaks(self, channel: str, at_delivery: str) -> tuple[int, int, list[str]]:
        """How an apply ends, how many secrets it makes, and where one is that it must not be."""
        watch = Watch()
        self.network.rewrite, self.network.before_write = watch.answer, watch.call
        more = f"recipients: [{age_pair().public}]," if channel == "age" else ""
        write(self.folder, all=FILES.replace("CHANNEL", channel).replace("MORE ", more))
        (self.folder / "product").mkdir()
        (self.folder / "deliver").write_text(STORE)
        (self.folder / "deliver").chmod(0o755)
        arguments = ("--log-level", "debug", "apply", "--yes", "--parallel", "1", "--journal", "journal.jsonl")
        there = {**self.network.environment, "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        fork = self.forks.start(
            *arguments, *OPTIONS[channel], folder=self.folder, environment=there, at_delivery=at_delivery, debug=True
        )
        code, said = fork.ended()
        self.network.land()
        assert "GetCallerIdentity" in said, "debug it is"
        if (minted := self.folder / "product" / "minted").exists():
            watch.made |= set(minted.read_text().split())
        return code, len(watch.made), sorted(found(watch, self.folder, said))


@pytest.mark.parametrize(
    ("channel", "end"),
    [
        pytest.param(channel, end, marks=() if (channel, end) == ("command", "note") else pytest.mark.slow)
        for channel in OPTIONS
        for end in NO_LEAK
    ],
)
def test_a_secret_is_where_its_channel_has_put_it_and_nowhere_else(watched: Watched, channel: str, end: str) -> None:
    code, made, leaks = watched.leaks(channel, end)

    assert leaks == []
    assert (code == 0, made == 3) == (end == "note", end == "note")
    assert made


@pytest.mark.parametrize(
    "where", [pytest.param(one, marks=() if one == "environment" else pytest.mark.slow) for one in LEAKS]
)
def test_a_leak_that_is_planted_is_found(watched: Watched, where: str) -> None:
    _, made, leaks = watched.leaks("age", f"leak {where}")

    assert made
    expected = {"log": "what was printed", "exception": "what was printed", "file": "debris.txt"}
    expected |= {"journal": "journal.jsonl", "arguments": "/proc", "environment": "/proc"}
    assert any(one.startswith(expected[where]) for one in leaks), leaks
