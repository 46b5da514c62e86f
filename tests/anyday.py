"""The suite where and when nobody wrote it: on other days, in other zones and languages, in any order, on a busy
machine.

`make test-anyday` runs it under each condition, or under CONDITION=name; `make test-anyday QUICK=commit` runs a part of
it under one condition, both chosen by a commit's hash, so that a commit has one result. Everything drawn by chance
depends on a seed, which is printed and may be given again as SEED=number.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from math import ceil
from pathlib import Path

PROJECT = Path(__file__).parent.parent
ONE_IN = 10
"""Of the tests that touch the machine (see `conftest`), a quick run takes one in so many."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When and where the suite runs, and beside what."""

    name: str
    begins: datetime | None = None
    """The moment at which the clock starts; from there on it goes as fast as any. None is today."""
    zone: str = "UTC"
    offset: str = "+0000"
    """Of that zone at that moment: where a machine has no time zones, it would be UTC without a word."""
    language: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022
    busy_loops: int = 0

    def __str__(self) -> str:
        when = f"{self.begins:%Y-%m-%d %H:%M:%S} UTC" if self.begins else "today"
        beside = f", beside {self.busy_loops} busy loops" if self.busy_loops else ""
        return f"{self.name}: {when}, TZ={self.zone}, {dict(self.language)}, umask {self.umask:03o}{beside}"


CONDITIONS = (
    Condition(
        name="leap-day",
        begins=datetime(2028, 2, 29, 20, tzinfo=UTC),  # where it is tomorrow already, by half an hour
        zone="Asia/Kolkata",
        offset="+0530",
        umask=0o000,
    ),
    Condition(
        name="new-year",
        begins=datetime(2027, 12, 31, 23, 59, 50, tzinfo=UTC),
        language={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},  # Python itself would take UTF-8
        umask=0o077,
    ),
    Condition(
        name="winter-time",
        begins=datetime(2033, 11, 6, 5, 59, 50, tzinfo=UTC),  # ten seconds later the clock is set back by an hour
        zone="America/New_York",
        offset="-0400",
    ),
    Condition(name="busy", busy_loops=3),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite as the arguments say; 1 if it failed under any condition."""
    asked = _parser().parse_args(arguments)
    seed = asked.seed if asked.seed is not None else secrets.randbelow(2**32)
    conditions = [one for one in CONDITIONS if asked.condition in {None, one.name}]
    more = ["--hypothesis-profile", "chance", "--hypothesis-seed", str(seed)]
    if asked.quick:
        seed = int(asked.quick[:8], 16)
        conditions = [CONDITIONS[seed % len(CONDITIONS)]]
        more = ["--one-in", str(ONE_IN)]
    results: dict[str, str] = {}
    for condition in conditions:
        _say(f"== {condition}; seed {seed}")
        if hindrance := _hindrance(condition):
            results[condition.name] = f"NOT RUN, NOTHING IS TESTED: {hindrance}"
        elif code := _ended(condition, seed, more):
            again = f"QUICK={asked.quick}" if asked.quick else f"CONDITION={condition.name} SEED={seed}"
            results[condition.name] = f"FAILED ({code}); again with make test-anyday {again}"
        else:
            results[condition.name] = "passed"
    for name, result in results.items():
        _say(f"== {name}: {result}")
    # No commit is to blame for a machine that has no such clock; who asks for a condition by hand wants it tested.
    fine = ("passed", "NOT RUN") if asked.quick else ("passed",)
    return int(not all(result.startswith(fine) for result in results.values()))


def _ended(condition: Condition, seed: int, more: Sequence[str]) -> int:
    """The exit code of the suite under a condition."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider"]
    in_any_order = ["-p", "randomly", "--randomly-seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder, _busy(condition.busy_loops):
        # Its own folder: what another run made today looks years old on another day, and pytest clears what is old.
        environment = {**os.environ, **_surroundings(condition), "TMPDIR": folder}
        _check(condition, environment)
        whole = [*command, *in_any_order, *more]
        return subprocess.run(whole, cwd=PROJECT, env=environment, umask=condition.umask, check=False).returncode


def _hindrance(condition: Condition) -> str:
    """Why this machine cannot make the condition; "" if it can."""
    if condition.begins and find_spec("libfaketime") is None:
        return "its clock needs libfaketime, which is there for Linux on x86-64 only"
    if condition.zone != "UTC" and not (Path(os.environ.get("TZDIR", "/usr/share/zoneinfo")) / condition.zone).exists():
        return f"this machine does not know the time zone {condition.zone}: install the package tzdata"
    return ""


def _surroundings(condition: Condition) -> dict[str, str]:
    return {"TZ": condition.zone, **condition.language, **(_clock(condition.begins) if condition.begins else {})}


def _clock(begins: datetime) -> dict[str, str]:
    """A clock that is ahead by so many seconds, for a process and all its children; the monotonic one is left alone."""
    package = find_spec("libfaketime")
    assert package
    assert package.origin
    return {
        "LD_PRELOAD": str(Path(package.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"),
        "FAKETIME": f"{ceil((begins - datetime.now(tz=UTC)).total_seconds()):+}",
        "FAKETIME_CACHE_DURATION": "1000000",
        "DONT_FAKE_MONOTONIC": "1",
    }


def _check(condition: Condition, environment: Mapping[str, str]) -> None:
    """Raises SystemExit if a child does not find the condition, for then nothing would be tested."""
    look = "import time; print(int(time.time()), time.strftime('%z'))"
    told = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True)
    seconds, offset = told.stdout.split()
    found = datetime.fromtimestamp(int(seconds), tz=UTC)
    begins = condition.begins or found
    if not begins <= found < begins + timedelta(hours=1) or offset != condition.offset:
        raise SystemExit(
            f"{condition.name}: a child finds {found:%Y-%m-%d %H:%M:%S}, offset {offset}; expected "
            f"{begins:%Y-%m-%d %H:%M:%S}, offset {condition.offset}: libfaketime or tzdata does not do its work"
        )


@contextmanager
def _busy(loops: int) -> Iterator[None]:
    """While this holds, and this process is there, so many processes are busy with nothing."""
    command = [sys.executable, "-c", f"import os\nwhile os.getppid() == {os.getpid()}: pass"]
    running = [subprocess.Popen(command) for _ in range(loops)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--condition", choices=[one.name for one in CONDITIONS])
    parser.add_argument("--seed", type=int)
    parser.add_argument("--quick", metavar="COMMIT")
    return parser


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - for who ran it


if __name__ == "__main__":
    sys.exit(main())
