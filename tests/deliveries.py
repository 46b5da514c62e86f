"""What happens to a process where it delivers the first secret: it dies, it crashes, or it leaks the secret."""

import logging
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Leak = Callable[[str], object]

_WAITS = ["sh", "-c", "read line", "sh"]
"""A program that ends when its standard input does."""


def _log(secret: str) -> None:
    logging.getLogger("iamsync.delivery").warning("delivering %s", secret)


def _file(secret: str) -> None:
    Path("debris.txt").write_text(secret)


def _journal(secret: str) -> None:
    with Path("journal.jsonl").open("a") as journal:
        journal.write(f'{{"secret": "{secret}"}}\n')


def _arguments(secret: str) -> None:
    subprocess.Popen([*_WAITS, secret], stdin=subprocess.PIPE)


def _environment(secret: str) -> None:
    subprocess.Popen(_WAITS, stdin=subprocess.PIPE, env={**os.environ, "SECRET": secret})


def _exception(secret: str) -> None:
    raise ValueError(f"cannot deliver {secret}")


LEAKS: dict[str, Leak] = {
    "log": _log,
    "file": _file,
    "journal": _journal,
    "arguments": _arguments,
    "environment": _environment,
    "exception": _exception,
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crash() -> None:
    raise ZeroDivisionError


ENDS: dict[str, Callable[[], None]] = {"die": _die, "crash": _crash}


def install(what: str) -> None:
    """From now on it happens in this process: "die before", "crash after", "leak journal". With "note", nothing does.
    Each secret is noted in `product/minted`, if there is that folder, also one that never works.
    """
    from iamsync import delivery  # noqa: PLC0415 - what takes long to import is there already

    put = delivery._Recorded.put  # noqa: SLF001 - each channel is called through it
    verb, _, how = what.partition(" ")

    def changed(channel: Any, new: Any) -> object:  # noqa: ANN401 - what it takes
        if Path("product").is_dir():
            with Path("product/minted").open("a") as minted:
                minted.write(f"{new.secret}\n")
        if verb == "note":
            return put(channel, new)
        if verb == "leak":
            receipt = put(channel, new)
            LEAKS[how](new.secret)
            return receipt
        if how == "after":
            put(channel, new)
        return ENDS[verb]()

    delivery._Recorded.put = changed  # type: ignore[assignment, method-assign]  # noqa: SLF001 - as above
