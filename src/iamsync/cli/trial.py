"""The commands for trying things out: `sandbox`, `demo`."""

import threading
from typing import Annotated

import typer
from rich.text import Text

from iamsync.cli.options import DONE
from iamsync.cli.talk import note, say


def sandbox(
    port: Annotated[int, typer.Option(envvar="IAMSYNC_SANDBOX_PORT", help="The port; 0 takes a free one.")] = 5000,
    host: Annotated[
        str, typer.Option(envvar="IAMSYNC_SANDBOX_HOST", help="The address: only a loopback one is accepted.")
    ] = "127.0.0.1",
) -> int:
    """Start a fake AWS on this machine, for trying things out."""
    from iamsync.sandbox import Sandbox  # noqa: PLC0415 - an extra that production does without

    try:
        with Sandbox(port=port, host=host) as running:
            here = running.environment
            say(Text(f"export AWS_ENDPOINT_URL={here.pop('AWS_ENDPOINT_URL')}"))
            say(Text("export " + " ".join(f"{name}={value}" for name, value in here.items())))
            note(Text("A fake AWS is up, empty, and gone when this ends (Ctrl-C). Paste the two lines into a shell."))
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return DONE


def demo() -> int:
    """Tell the whole story once, against a fake AWS, in a temporary folder."""
    from iamsync.demo import tell  # noqa: PLC0415 - needs the sandbox, an extra

    tell(say)
    return DONE
