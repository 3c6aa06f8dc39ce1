"""A detector server on loopback whose manners can be switched."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

Answer: TypeAlias = "Callable[[Received], bytes]"

NOTHING = b'{"boxes": [], "scores": [], "classes": []}'


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes
    connection: int
    """Which connection it came on, from 0."""


@dataclass(slots=True)
class Manners:
    """How the server behaves; tests change it while it runs."""

    answer: Answer = lambda _received: NOTHING
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    """Before the answer."""
    raw: bytes | None = None
    """Sent in place of an HTTP answer; the connection is closed after it."""
    drip_s: float | None = None
    """Pause after each byte of the body, or of `raw`."""
    close_after: bool = False
    """Close the connection after each answer without announcing it."""
    received: list[Received] = field(default_factory=list)
    n_connections: int = 0


class DetectorServer(ThreadingHTTPServer):
    """Serves until closed, each connection in a thread."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, manners: Manners, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.manners = manners
        self._tls = tls

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, address = self.socket.accept()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 20

    def setup(self) -> None:
        super().setup()
        self._manners.n_connections += 1
        self._connection_index = self._manners.n_connections - 1

    @property
    def _manners(self) -> Manners:
        assert isinstance(self.server, DetectorServer)
        return self.server.manners

    def do_POST(self) -> None:
        manners = self._manners
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.path, headers, body, self._connection_index)
        manners.received.append(received)
        time.sleep(manners.wait_s)
        if manners.raw is not None:
            self._write(manners.raw)
            self.close_connection = True
            return
        content = manners.answer(received)
        self.send_response(manners.status)
        for name, value in {"Content-Length": str(len(content)), **manners.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self._write(content)
        self.close_connection = self.close_connection or manners.close_after

    def _write(self, content: bytes) -> None:
        drip_s = self._manners.drip_s
        if drip_s is None:
            self.wfile.write(content)
            return
        for position in range(len(content)):
            self.wfile.write(content[position : position + 1])
            time.sleep(drip_s)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing goes to stderr."""


@contextmanager
def detector_server(tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, Manners]]:
    """Address and manners of a running server."""
    manners = Manners()
    server = DetectorServer(manners, tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.port}", manners
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def no_server() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def answering(value: object) -> Answer:
    """Always this JSON."""
    content = json.dumps(value).encode()
    return lambda _received: content


def server_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """TLS of a server with a certificate of its own for 127.0.0.1, and the certificate's file."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", *kind, *files, "-days", "2", *subject]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
