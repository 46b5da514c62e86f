"""The options that say where new passwords and access keys go. Each is also an IAMSYNC_* variable."""

from pathlib import Path
from typing import Annotated

import typer

Csv = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="PATH",
        envvar="IAMSYNC_CSV",
        help="Where new credentials are written: a new file, or a folder in which each run creates a file. "
        "The current folder on a terminal; elsewhere it must be named.",
    ),
]
CsvFolder = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="DIR",
        envvar="IAMSYNC_CSV",
        help="Folder for new credentials, in which each cycle that makes some creates a file. "
        "The current folder on a terminal; elsewhere it must be named.",
    ),
]
Sealed = Annotated[
    Path | None,
    typer.Option(
        "--sealed",
        metavar="DIR",
        envvar="IAMSYNC_SEALED",
        help="Folder for sealed files (age), one for each user and run. "
        "The current folder on a terminal; elsewhere it must be named.",
    ),
]
DeliveryCommand = Annotated[
    str | None,
    typer.Option(
        "--delivery-command",
        metavar="PROGRAM",
        envvar="IAMSYNC_DELIVERY_COMMAND",
        help="The program of the delivery channel `command`; it gets JSON on its standard input.",
    ),
]
DeliveryEnv = Annotated[
    list[str] | None,
    typer.Option(
        "--delivery-env",
        metavar="NAME",
        envvar="IAMSYNC_DELIVERY_ENV",
        help="An environment variable that this program gets. Repeatable.",
    ),
]
DeliveryTimeout = Annotated[
    str,
    typer.Option(
        "--delivery-timeout",
        metavar="TIME",
        envvar="IAMSYNC_DELIVERY_TIMEOUT",
        help="How long this program may take: 30s, 2m.",
    ),
]
