"""The command that shows the built-in policies."""

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import ValidationError

from iamsync.builtin import NAMES, Builtin
from iamsync.builtin import builtin as named
from iamsync.cli.options import DONE
from iamsync.core.validate import shown
from iamsync.desired.builtins import BuiltinEntry
from iamsync.desired.substitute import filled
from iamsync.render import screen
from iamsync.render.formats import json_lines
from iamsync.render.line import Line, line


def builtin(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="The built-in policy to print; without a name, all are listed.")
    ] = "",
    *,
    partition: Annotated[
        str,
        typer.Option(
            "--partition",
            metavar="NAME",
            envvar="IAMSYNC_PARTITION",
            help="The partition of the account: aws, aws-cn, aws-us-gov.",
        ),
    ] = "aws",
    network: Annotated[
        list[str] | None,
        typer.Option(
            "--network",
            metavar="CIDR",
            envvar="IAMSYNC_NETWORK",
            help="A network for deny-outside-network. Repeatable.",
        ),
    ] = None,
    vpc: Annotated[
        list[str] | None,
        typer.Option("--vpc", metavar="ID", envvar="IAMSYNC_VPC", help="A VPC for deny-outside-network. Repeatable."),
    ] = None,
) -> int:
    """List the built-in policies, or print the document of one."""
    if not name:
        screen.result(_list())
        return DONE
    if name not in NAMES:
        raise typer.BadParameter(f'no built-in policy "{name}": use {", ".join(NAMES)}')
    known = named(name)
    given = {key: values for key, values in (("networks", network), ("vpcs", vpc)) if values}
    for key in given.keys() - known.parameters.keys():
        raise typer.BadParameter(f"{name} takes no {key}", param_hint=f"--{key.removesuffix('s')}")
    for key, is_required in known.parameters.items():
        if is_required and key not in given:
            raise typer.BadParameter(f"{name} needs {key}", param_hint=f"--{key.removesuffix('s')}")
    try:
        BuiltinEntry.model_validate({"builtin": name, **given})
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"found {shown(str(first['input']))}, expected {first['msg']}") from None
    screen.result(json_lines(_in(partition, known.document(given))))
    return DONE


def _in(partition: str, value: object) -> object:
    """The document with its partition filled in."""
    match value:
        case str():
            return filled(value, {"partition": partition})
        case list():
            return [_in(partition, one) for one in value]
        case dict():
            return {key: _in(partition, one) for key, one in value.items()}
        case _:
            return value


def _list() -> Iterator[Line]:
    width = max(map(len, NAMES))
    for known in map(named, NAMES):
        yield line(f"{known.name:{width}}  revision {known.revision} of {known.date}{_parameters(known)}")
        yield line(f"{'':{width}}  {known.description}")


def _parameters(known: Builtin) -> str:
    words = [f"{name}{'' if is_required else ' (optional)'}" for name, is_required in known.parameters.items()]
    return f"; takes {', '.join(words)}" if words else ""
