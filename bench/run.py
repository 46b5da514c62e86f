"""iamsync beside the floor (`floor.py`), both through a long wire to the sandbox: calls, wall, CPU, memory.

Seconds of one machine say nothing on another; the ratios of iamsync to the floor, measured in the same run, do.
"""
# ruff: noqa: INP001, T201 - a script, and what it prints is what it is for

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import boto3
import company

from iamsync.sandbox import Sandbox

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
LARGE = 1_000
TOOLS = ("floor", "iamsync")
REPEATED = ("noop", "drift")
"""Tasks that leave the account as it was, so that they can be measured again at once."""
TITLES = {"start": "plan", "create": "create", "noop": "no-op", "drift": "1 % drift", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost."""

    calls: int
    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured: so many users, that many milliseconds away."""

    users: int
    latency: int


Costs = dict[tuple[Place, str, str], list[Cost]]


class Bench:
    """One sandbox, and the processes that are measured against it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.costs: Costs = {}

    def measure(self, place: Place, *, cycles: int, repeats: int) -> None:
        """From the empty account to the empty account, with each tool in turn."""
        company.write_folder(self.folder / "all", place.users)
        company.write_keeper_alone(self.folder / "keeper")
        with self._wire(place.latency) as port:
            for cycle in range(cycles):
                for tool in TOOLS:
                    self.sandbox.reset()
                    self._one(place, tool, "create", port)
                    if tool == TOOLS[-1]:
                        for task in REPEATED:
                            self._in_turns(place, task, port, 1 if cycle else repeats)
                    self._one(place, tool, "delete", port)
                    self._only_the_keeper_is_left(tool)

    def start(self, repeats: int) -> None:
        """What it costs to begin: a plan of the keeper alone, for an account that is empty and stays so."""
        company.write_keeper_alone(self.folder / "keeper")
        with self._wire(0) as port:
            self.sandbox.reset()
            self._in_turns(Place(0, 0), "start", port, repeats)

    def _in_turns(self, place: Place, task: str, port: int, repeats: int) -> None:
        """Each tool once, and again: a machine is faster in one minute than in the next; no ratio must show that."""
        for _ in range(repeats):
            for tool in TOOLS:
                self._one(place, tool, task, port)

    def _one(self, place: Place, tool: str, task: str, port: int) -> None:
        if task == "drift":
            self._disturb(place.users)
        self.sandbox.forget_calls()
        cost = self._cost(self._command(tool, task, place.users), port)
        self.costs.setdefault((place, task, tool), []).append(cost)
        print(f"{place.users:5} users {place.latency:3} ms  {task:7} {tool:8} {cost}", file=sys.stderr, flush=True)

    def _command(self, tool: str, task: str, users: int) -> list[str]:
        if tool == "floor":
            return [sys.executable, str(HERE / "floor.py"), task, str(users)]
        if task == "start":
            return [sys.executable, "-m", "iamsync", "plan", "--desired", str(self.folder / "keeper")]
        if task == "noop":
            return [sys.executable, "-m", "iamsync", "plan", "--desired", str(self.folder / "all")]
        folder = self.folder / ("keeper" if task == "delete" else "all")
        options = ["--yes", "--csv", str(folder.parent), "--desired", str(folder)]
        command = [sys.executable, "-m", "iamsync", "apply", *options]
        return [*command, "--allow-removals", str(users * 2)] if task == "delete" else command

    def _cost(self, command: list[str], port: int) -> Cost:
        environment = {
            "PATH": os.environ["PATH"],
            **self.sandbox.environment,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }
        timed = [sys.executable, str(HERE / "stopwatch.py"), *command]
        ended = subprocess.run(timed, env=environment, capture_output=True, text=True, check=True, cwd=self.folder)  # noqa: S603 - our own
        cost = json.loads(ended.stdout.splitlines()[-1])
        if cost["code"]:
            raise SystemExit(f"{' '.join(command)} ended with {cost['code']}:\n{ended.stderr}")
        return Cost(len(self.sandbox.calls), cost["wall"], cost["cpu"], cost["peak"])

    def _disturb(self, users: int) -> None:
        iam = self._client()
        for one in company.drifted(users):
            name = company.users(users)[one]
            iam.detach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::aws:policy/{company.AWS_POLICIES[0]}")

    def _only_the_keeper_is_left(self, tool: str) -> None:
        iam = self._client()
        left = [one["UserName"] for one in iam.list_users()["Users"]]
        others = [*iam.list_groups()["Groups"], *iam.list_policies(Scope="Local")["Policies"]]
        if left != [company.KEEPER] or others:
            raise SystemExit(f"{tool} left behind: {left[:5]} {others[:5]}")

    def _client(self) -> "boto3.client":
        return boto3.client(
            "iam",
            endpoint_url=self.sandbox.url,
            region_name="us-east-1",
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",  # noqa: S106 - the sandbox lets everybody in
        )

    @contextmanager
    def _wire(self, latency: int) -> Iterator[int]:
        port = self.sandbox.url.rpartition(":")[2]
        command = [sys.executable, str(HERE / "wire.py"), port, str(latency)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
            try:
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                yield int(process.stdout.readline())
            finally:
                process.terminate()


def page(costs: Costs, how: str) -> str:
    """RESULTS.md."""
    lines = [
        "# iamsync beside the floor",
        "",
        "Written by `bench/run.py`. The floor is `floor.py`: a straight-line boto3 script with 8 threads that makes",
        "the same calls and decides nothing. Each user has 3 tags, 3 attachments and a group; there are N/10 policies",
        "of our own and 5 groups. Medians; the ratios are iamsync to the floor in the same run.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}. {how}",
        "",
        "| Users | Latency | Task | Runs | Calls | Floor's | Wall s | Floor's | Wall | CPU s | CPU | Peak MB | Peak |",
        "|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for (place, task, tool), ours in costs.items():
        if tool == "iamsync":
            lines.append(_row(place, task, ours, costs[place, task, "floor"]))
    return "\n".join(lines) + "\n"


def _row(place: Place, task: str, ours: list[Cost], floors: list[Cost]) -> str:
    us, floor = _median(ours), _median(floors)
    cells = [
        f"{place.users:,}",
        f"{place.latency} ms",
        TITLES[task],
        str(len(ours)),
        f"{us.calls:,}",
        f"{floor.calls:,}",
        f"{us.wall:.2f}",
        f"{floor.wall:.2f}",
        f"{us.wall / floor.wall:.2f} x",
        f"{us.cpu:.2f}",
        f"{us.cpu / floor.cpu:.2f} x",
        f"{us.peak:.0f}",
        f"{us.peak / floor.peak:.2f} x",
    ]
    return f"| {' | '.join(cells)} |"


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        calls=round(median(one.calls for one in costs)),
        wall=median(one.wall for one in costs),
        cpu=median(one.cpu for one in costs),
        peak=median(one.peak for one in costs),
    )


def _machine() -> str:
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    name = cpu.partition(":")[2].strip() or platform.machine()
    return f"{os.cpu_count()} cores of {name}, {platform.system()}, Python {platform.python_version()}"


def _kept() -> str:
    """The part of RESULTS.md that other scripts measured."""
    _, heading, rest = RESULTS.read_text().partition("\n# Planning beside an earlier version\n")
    return heading + rest


def main() -> None:
    """Measure, and write RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run of 10 and 100 users, printed and not written")
    parser.add_argument("--users", type=int, nargs="+", default=[10, 100, LARGE])
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 50], metavar="MS")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--large-runs", type=int, default=5, help=f"creations and deletions of {LARGE:,} users and more"
    )
    parser.add_argument("--note", default="Nothing else ran.", help="what a reader must know of this run")
    asked = parser.parse_args()
    users, runs = ([10, 100], 1) if asked.quick else (asked.users, asked.runs)
    with TemporaryDirectory() as name, Sandbox() as sandbox:
        bench = Bench(sandbox, Path(name))
        bench.start(runs)
        for number in users:
            for latency in asked.latency:
                cycles = asked.large_runs if number >= LARGE else runs
                bench.measure(Place(number, latency), cycles=cycles, repeats=max(1, runs - cycles + 1))
                if not asked.quick:
                    RESULTS.write_text(page(bench.costs, asked.note) + _kept())
    print(page(bench.costs, asked.note))


if __name__ == "__main__":
    main()
