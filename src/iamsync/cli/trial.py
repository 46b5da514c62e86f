"""The commands for trying things out: `sandbox`, `demo`."""

import threading
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer

from iamsync.cli.options import DONE
from iamsync.render import screen
from iamsync.render.line import Line, line
from iamsync.signals import reported_at_once


class Example(StrEnum):
    """What the account of a sandbox can hold at first."""

    COMPANY = "company"


def sandbox(
    port: Annotated[
        int, typer.Option("--port", envvar="IAMSYNC_SANDBOX_PORT", help="The port; 0 takes a free one.")
    ] = 5000,
    host: Annotated[
        str,
        typer.Option("--host", envvar="IAMSYNC_SANDBOX_HOST", help="The address: only a loopback one is accepted."),
    ] = "127.0.0.1",
    *,
    example: Annotated[
        Example | None,
        typer.Option(
            "--example",
            envvar="IAMSYNC_SANDBOX_EXAMPLE",
            help="What the account holds at first: company, 40 users in an account that has grown by hand. "
            "[default: nothing]",
        ),
    ] = None,
    export: Annotated[
        bool,
        typer.Option(
            "--export",
            envvar="IAMSYNC_SANDBOX_EXPORT",
            help='Start nothing; print what points a shell at the running sandbox: eval "$(iamsync sandbox --export)".',
        ),
    ] = False,
) -> int:
    """Run a fake AWS on this machine, to try iamsync without an account."""
    from iamsync.sandbox import Sandbox, running  # noqa: PLC0415 - an extra that production does without

    if export:
        screen.result(_for_shell(running(host, port)))
        return DONE
    try:
        with Sandbox(port=port, host=host) as started:
            if example is Example.COMPANY:
                started.add_company()
            screen.result(_for_shell(started.environment))
            content = "with a company of 40 users" if example else "empty"
            words = (
                f"A fake AWS is up, {content}, and gone when this ends (Ctrl-C). "
                "Paste the lines above into another shell."
            )
            screen.message([line(words)])
            ended = threading.Event()
            with reported_at_once(lambda _: ended.set()):
                ended.wait()
    except KeyboardInterrupt:
        pass
    return DONE


def _for_shell(environment: dict[str, str]) -> list[Line]:
    """What sets the environment in a POSIX shell, and unsets what would lead elsewhere."""
    endpoint, *others = (f"{name}={value}" for name, value in environment.items())
    unset = f"unset {' '.join(_ELSEWHERE)}"
    return [line(f"export {endpoint}"), line(f"export {' '.join(others)}"), line(unset)]


_ELSEWHERE = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""Variables that a shell set up for a real account may have, and that go before the sandbox's or must not reach it."""


def demo(
    *,
    loop: Annotated[
        bool,
        typer.Option(
            "--loop", envvar="IAMSYNC_DEMO_LOOP", help="Run the loop with its status page instead, until Ctrl-C."
        ),
    ] = False,
) -> int:
    """Play the example of the README once, against a fake AWS, in a temporary folder."""
    from iamsync.demo import loop as demo_loop  # noqa: PLC0415 - needs the sandbox, an extra
    from iamsync.demo import tell  # noqa: PLC0415 - as above

    if loop:
        demo_loop.play(_at_once)
    else:
        tell(screen.result)
    return DONE


def _at_once(lines: Iterable[Line]) -> None:
    """Show lines while more are to come, also where stdout is no terminal."""
    screen.result(lines)
    screen.flush()
