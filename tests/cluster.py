"""The API server of a cluster, as far as a Lease needs it, over HTTPS on loopback; and what a pod is given."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from git_server import certificate

from iamsync.daemon.kubernetes import LeaseObject, Server

LEASES = "/apis/coordination.k8s.io/v1/namespaces/iamsync/leases"
TOKEN = "a-token-of-the-service-account"


class Cluster:
    """It runs until it is closed. `leases` are what it holds, by name. It answers with the status in `answers` to the
    methods there, and to nobody while it is `gone`. `before_put` is called before each update is looked at.
    """

    def __init__(self, folder: Path) -> None:
        self.leases: dict[str, dict[str, Any]] = {"loop": {"metadata": {"name": "loop", "resourceVersion": "1"}}}
        self.answers: dict[str, int] = {}
        self.gone = False
        self.asked: list[str] = []
        self.before_put: Callable[[], None] = lambda: None
        self.account = folder / "account"
        self.account.mkdir()
        (self.account / "token").write_text(f"{TOKEN}\n")
        (self.account / "namespace").write_text("iamsync")
        pem = certificate(self.account)
        (self.account / "ca.crt").write_text(pem.read_text().partition("-----BEGIN PRIVATE")[0])
        self._versions = 1
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that was killed
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
                if cluster.gone:
                    self.close_connection = True
                    return
                allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
                status, answer = cluster.answer(self.command, self.path, body) if allowed else (401, {})
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815 - as http.server calls them

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as it is named there
                pass

        return Handler

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:  # noqa: ANN401 - JSON
        """As the API reference of Lease v1 has it."""
        self.asked.append(method)
        if method in self.answers:
            return self.answers[method], {"kind": "Status"}
        if method == "PUT":
            self.before_put()
        name = path.removeprefix(LEASES).removeprefix("/")
        with self._lock:
            if not path.startswith(LEASES) or (method != "POST" and name not in self.leases):
                return 404, {"kind": "Status"}
            if method == "GET":
                return 200, deepcopy(self.leases[name])
            name = body["metadata"]["name"]
            if method == "POST" and name in self.leases:
                return 409, {"kind": "Status"}
            if method == "PUT" and body["metadata"]["resourceVersion"] != self.version(name):
                return 409, {"kind": "Status"}
            return (201 if method == "POST" else 200), self._store(name, body)

    def _store(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        self._versions += 1
        self.leases[name] = {**body, "metadata": {**body["metadata"], "resourceVersion": str(self._versions)}}
        return deepcopy(self.leases[name])

    def change(self, **spec: object) -> None:
        """Somebody changes the spec."""
        with self._lock:
            lease = self.leases["loop"]
            self._store("loop", {**lease, "spec": {**lease.get("spec", {}), **spec}})

    def version(self, name: str) -> str:
        """The resourceVersion of a lease."""
        return str(self.leases[name]["metadata"]["resourceVersion"])

    @property
    def spec(self) -> dict[str, Any]:
        """What the lease says."""
        spec: dict[str, Any] = self.leases["loop"].get("spec", {})
        return spec

    @property
    def stored(self) -> LeaseObject:
        """The lease as a client sees it."""
        server = Server(host="localhost", port=self._server.server_port, account=self.account)
        return LeaseObject(server=server, namespace="iamsync", name="loop")

    @property
    def environment(self) -> dict[str, str]:
        """What a pod of this cluster is given."""
        return {
            "KUBERNETES_SERVICE_HOST": "localhost",
            "KUBERNETES_SERVICE_PORT": str(self._server.server_port),
            "IAMSYNC_SERVICE_ACCOUNT": str(self.account),
        }

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with an empty lease named loop, in a folder of its own."""
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()
