"""One Lease of Kubernetes (coordination.k8s.io/v1), read and written over REST with the service account of the pod.

https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ says what a pod is given for that.
"""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final

from iamsync.errors import IamsyncError

GIVEN_HERE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds the token, the namespace and the certificate authority."""

_LARGEST: Final = 1 << 20
"""Bytes of an answer."""

_ROLE: Final = "deploy/kubernetes/ha/role.yaml has the Role"

Object = dict[str, Any]
"""An object of Kubernetes, as JSON."""


class Unavailable(IamsyncError):
    """The API server cannot be reached, or does not let us."""


class Taken(IamsyncError):
    """Somebody else has changed the lease since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The API server, and the folder of the service account with which it is asked. `timeout` is in seconds, for each
    step of a request.
    """

    host: str
    port: int
    account: Path = GIVEN_HERE
    timeout: float = 5.0

    def ask(self, method: str, path: str, body: Object | None = None) -> tuple[int, Object]:
        """The status and the JSON of an answer. The token is read for each request, because Kubernetes rotates it.

        Raises Unavailable.
        """
        try:
            token = self.text("token")
            trust = ssl.create_default_context(cafile=self.account / "ca.crt")
            trust.verify_flags &= ~ssl.VERIFY_X509_STRICT  # many clusters have older certificates
            connection = HTTPSConnection(self.host, self.port, timeout=self.timeout, context=trust)
            try:
                headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
                headers |= {"Content-Type": "application/json"} if body is not None else {}
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                text = answer.read(_LARGEST)
            finally:
                connection.close()
            return answer.status, _object(text)
        except (OSError, HTTPException, ValueError) as error:
            why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise Unavailable(f"the Kubernetes API server {self.host} cannot be reached ({why})") from None

    def text(self, name: str) -> str:
        """What a file of the service account holds. Raises OSError, or ValueError if it is no text."""
        return (self.account / name).read_text("ascii").strip()


def _object(text: bytes) -> Object:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseObject:
    """The Lease of a name in a namespace. Its methods raise Unavailable, and Taken where somebody else was faster."""

    server: Server
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    def read(self) -> Object | None:
        """The Lease; None if there is none."""
        status, answer = self.server.ask("GET", f"{self._all}/{self.name}")
        return None if status == HTTPStatus.NOT_FOUND else self._lease(status, answer, "get")

    def create(self, spec: Mapping[str, object]) -> None:
        """Make the Lease."""
        metadata = {"name": self.name, "namespace": self.namespace}
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": dict(spec)}
        self._lease(*self.server.ask("POST", self._all, body), "create")

    def update(self, lease: Object, spec: Mapping[str, object]) -> None:
        """Write the Lease, if it is still as it was read: its resourceVersion says so."""
        body = {**lease, "spec": dict(spec)}
        self._lease(*self.server.ask("PUT", f"{self._all}/{self.name}", body), "update")

    @property
    def _all(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"

    def _lease(self, status: int, answer: Object, verb: str) -> Object:
        match status:
            case HTTPStatus.OK | HTTPStatus.CREATED if isinstance(answer.get("metadata"), dict):
                return answer
            case HTTPStatus.CONFLICT:
                raise Taken(f"another replica has just changed the lease {self}")
            case HTTPStatus.UNAUTHORIZED:
                words = f"the API server does not accept the token in {self.server.account}"
                raise Unavailable(f"{words}: does the pod run with its service account (automountServiceAccountToken)?")
            case HTTPStatus.FORBIDDEN if verb == "create":
                words = f"there is no lease {self}, and the service account may not create it"
                needed = "apply deploy/kubernetes/ha/lease.yaml, or allow the verb create on leases"
                raise Unavailable(f"{words}: {needed} (coordination.k8s.io)")
            case HTTPStatus.FORBIDDEN:
                needed = "its Role needs the verbs get and update on this one of leases (coordination.k8s.io)"
                raise Unavailable(f"the service account may not {verb} the lease {self}: {needed}; {_ROLE}")
            case HTTPStatus.NOT_FOUND:
                words = f"the API server knows no lease {self} to {verb}"
                raise Unavailable(f"{words}: is there a namespace {self.namespace}, and was the lease just deleted?")
            case _:
                raise Unavailable(f"the API server answers {status} to {verb} of the lease {self}")
