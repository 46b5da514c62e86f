"""The lease of `run`: its options, and what is asked of Kubernetes for it."""

import os
import socket
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from iamsync.daemon.kubernetes import GIVEN_HERE, LeaseObject, Server
from iamsync.daemon.lease import DURATION, Lease

LeaseName = Annotated[
    str | None,
    typer.Option(
        "--lease",
        metavar="NAME",
        envvar="IAMSYNC_LEASE",
        help="Write only while holding this Lease of Kubernetes. Other replicas are on standby.",
    ),
]
ServiceAccount = Annotated[
    Path,
    typer.Option(
        "--service-account",
        metavar="DIR",
        envvar="IAMSYNC_SERVICE_ACCOUNT",
        help="Where --lease finds token, namespace and ca.crt.",
    ),
]
LeaseSeconds = Annotated[
    int,
    typer.Option(
        "--lease-seconds",
        metavar="N",
        min=3,
        envvar="IAMSYNC_LEASE_SECONDS",
        help="Seconds without a renewal after which another replica may take the lease.",
    ),
]

HERE = GIVEN_HERE
SECONDS = DURATION
_OPTION = "--lease"


def lease_of(name: str | None, account: Path, duration: int) -> Lease | None:
    """The lease of that name in the namespace of this pod; None without a name. Raises BadParameter."""
    if name is None:
        return None
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port.isdigit():
        words = "it needs a pod of Kubernetes: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"
        raise typer.BadParameter(words, param_hint=_OPTION)
    server = Server(host=host, port=int(port), account=account)
    try:
        namespace, _, _ = server.text("namespace"), server.text("token"), server.text("ca.crt")
    except (OSError, ValueError) as error:
        words = f"the service account cannot be read ({error}): set automountServiceAccountToken: true for the pod"
        raise typer.BadParameter(words, param_hint=_OPTION) from None
    stored = LeaseObject(server=server, namespace=namespace, name=name)
    return Lease(stored, f"{socket.gethostname()}_{uuid4()}", duration=duration)
