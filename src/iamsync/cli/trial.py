"""The commands for trying things out: `sandbox`, `demo`."""

import threading
from typing import Annotated

import typer

from iamsync.cli.options import DONE
from iamsync.render import screen
from iamsync.render.line import Line, line


def sandbox(
    port: Annotated[
        int, typer.Option("--port", envvar="IAMSYNC_SANDBOX_PORT", help="The port; 0 takes a free one.")
    ] = 5000,
    host: Annotated[
        str,
        typer.Option("--host", envvar="IAMSYNC_SANDBOX_HOST", help="The address: only a loopback one is accepted."),
    ] = "127.0.0.1",
) -> int:
    """Start a fake AWS on this machine, for trying things out."""
    from iamsync.sandbox import Sandbox  # noqa: PLC0415 - an extra that production does without

    try:
        with Sandbox(port=port, host=host) as started:
            screen.result(_for_shell(started.environment))
            words = (
                "A fake AWS is up, empty, and gone when this ends (Ctrl-C). Paste the lines above into another shell."
            )
            screen.message([line(words)])
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return DONE


def _for_shell(environment: dict[str, str]) -> list[Line]:
    """What sets the environment in a POSIX shell."""
    endpoint, *others = (f"{name}={value}" for name, value in environment.items())
    return [line(f"export {endpoint}"), line(f"export {' '.join(others)}")]


def demo() -> int:
    """Show the whole story once, against a fake AWS, in a temporary folder."""
    from iamsync.demo import tell  # noqa: PLC0415 - needs the sandbox, an extra

    tell(screen.result)
    return DONE
