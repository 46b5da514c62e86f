"""iamsync in a process of its own that begins at once: forked from one that has imported everything already.

A process can be killed, and it can be short of disk; neither can be played inside the process of the tests.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(slots=True, kw_only=True)
class Fork:
    """A process that runs `iamsync` with some arguments."""

    pid: int
    _server: "subprocess.Popen[str]"

    def ended(self) -> tuple[int, str]:
        """Its exit code, which is negative for a signal, and what it said on stdout and stderr, when it has ended."""
        assert self._server.stdout is not None
        code, said = json.loads(self._server.stdout.readline())
        return code, said


class Forks:
    """Where the processes come from. One at a time."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def start(
        self, *arguments: str, folder: Path, environment: Mapping[str, str], file_size: int | None = None
    ) -> Fork:
        """Begin `iamsync` in a folder; with `file_size`, no file can grow beyond that."""
        order = {"arguments": arguments, "folder": str(folder), "environment": dict(environment), "size": file_size}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Fork(pid=int(self._server.stdout.readline()), _server=self._server)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The process from which all others are forked."""
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={"PATH": os.environ["PATH"]}) as server:
        yield Forks(server)
        server.terminate()


def _serve() -> None:
    """For each order on stdin: fork, say the child's pid, and then how it ended."""
    import iamsync.cli  # noqa: F401, PLC0415 - what takes long is done once, before any fork

    for line in sys.stdin:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            _be_iamsync(json.loads(line), into)
        os.close(into)
        print(child, flush=True)  # noqa: T201 - this is the protocol
        with open(out, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor, no path
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), said]), flush=True)  # noqa: T201


def _be_iamsync(order: Mapping[str, object], out: int) -> None:
    from iamsync.cli import main  # noqa: PLC0415 - imported before the fork

    arguments = order["arguments"]
    assert isinstance(arguments, list)
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.update(order["environment"])  # type: ignore[call-overload]  # what the test wrote
        os.chdir(str(order["folder"]))
        if isinstance(size := order["size"], int):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        code = main(arguments)
        sys.stdout.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
