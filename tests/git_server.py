"""Git repositories that a test serves over HTTP on this machine, as a forge would: Git's own `http-backend`, behind a
door that asks for a token, and that can be broken.
"""

import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from surroundings import bare


class GitServer(ThreadingHTTPServer):
    """Serves the repositories below `root`. With a `token`, only to whoever sends it as a password. While it `fails`,
    each request gets that status; with `fails_once_known`, whoever has sent credentials, which the answer then repeats.
    While it `hangs`, an answer begins and does not end. `moved_to` is where it sends everybody instead. `on_request` is
    called before each answer. `seen` are the requests: the path, and user and password.
    """

    daemon_threads = True

    def __init__(self, root: Path, token: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.token = token
        self.fails: HTTPStatus | None = None
        self.fails_once_known: HTTPStatus | None = None
        self.hangs = False
        self.moved_to = ""
        self.seen: list[tuple[str, str]] = []
        self.on_request: Callable[[], None] = lambda: None
        self.hanging = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Where it is; a path of a repository follows."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve a read."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Serve a fetch."""
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _serve(self, body: bytes) -> None:
        server = cast("GitServer", self.server)
        credentials = self._credentials()
        server.seen.append((self.path, credentials))
        server.on_request()
        if server.moved_to:
            return self._answer(HTTPStatus.FOUND, b"", Location=server.moved_to + self.path)
        if server.fails is not None:
            return self._answer(server.fails, b"broken", **{"Content-Type": "text/plain"})
        if server.token and credentials.partition(":")[2] != server.token:
            challenge = {"WWW-Authenticate": 'Basic realm="forge"'}
            return self._answer(HTTPStatus.UNAUTHORIZED, b"", **challenge)
        if server.fails_once_known is not None:
            said = f"who are you, {self.headers.get('Authorization')} {credentials}?"
            return self._answer(server.fails_once_known, said.encode(), **{"Content-Type": "text/plain"})
        if server.hangs and self.command == "POST" and b"command=fetch" in body:
            return self._hang()
        return self._forward(body)

    def _credentials(self) -> str:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        return b64decode(value).decode() if kind == "Basic" else ""

    def _hang(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/x-git-upload-pack-result")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"000dpackfile\n")
        self.wfile.flush()
        server = cast("GitServer", self.server)
        server.hanging.set()
        server.released.wait(60)
        self.close_connection = True

    def _forward(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = bare(
            GIT_PROJECT_ROOT=str(cast("GitServer", self.server).root),
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
            REMOTE_ADDR="127.0.0.1",
        )
        command = ["git", "http-backend"]
        said = subprocess.run(command, input=body, env=environment, stdout=subprocess.PIPE, check=False)
        head, _, content = said.stdout.partition(b"\r\n\r\n")
        fields = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n") if b": " in line)
        status = int(fields.pop("Status", "200").split()[0])
        self._answer(HTTPStatus(status), content, **fields)

    def _answer(self, status: HTTPStatus, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def certificate(folder: Path) -> Path:
    """A new certificate of localhost with its key, in one file, that nobody has reason to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    days = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *days)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    encodings = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file.write_bytes(signed + key.private_bytes(*encodings))
    return file


@contextmanager
def serving(root: Path, token: str = "", certificate: Path | None = None) -> Iterator[GitServer]:
    """A server of the repositories below `root`, until the end of the block; over TLS if it has a certificate."""
    server = GitServer(root, token)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
