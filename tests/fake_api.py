"""An HTTP API on loopback that speaks JSON. What it answers is decided by the API that it stands for."""

import json
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, object]
"""A status, and JSON or bytes; of 302, the address."""


class FakeApi:
    """It runs until it is closed. `writes` are the methods of all requests that wrote."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                status, answer = api.answer(self.command, self.path, body, self.headers)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", str(answer))
                    answer = b""
                self.end_headers()
                self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - as http.server calls them

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any, headers: Message) -> Answer:  # noqa: ANN401 - JSON
        """What it says to one request."""
        raise NotImplementedError
