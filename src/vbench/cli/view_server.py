"""The web server of `vbench view`: three kinds of addresses, one token, nothing else.

Whoever has no token, names another host, or asks for anything else gets an empty answer. What is
asked for never becomes part of a path: clips and frames are numbers.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import select
import socket
import socketserver
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import cast
from urllib.parse import urlsplit

from vbench.bench.view import RunView, ServedPage
from vbench.bench.view_media import AbandonedError
from vbench.errors import MediaError, VbenchError

_FRAME = re.compile(r"frames/([0-9]{1,9})/([0-9]{1,9})\.(jpg|json)")
_SAFE = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What listens on every address -> this machine's own."""
_HTTP_PORT = 80
_CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'"
_TEXT = "text/plain; charset=utf-8"
_IDLE_S = 120.0


class ViewServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves one run under ``http://HOST:PORT/TOKEN/``.

    Args:
        page: the report of a run.
        view: its frames.
        host: name or address to listen on.
        port: 0 for a free one.
        token: what the address must begin with.

    Raises:
        OSError: host and port cannot be listened on.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, page: ServedPage, view: RunView, host: str, port: int, token: str) -> None:
        self.page = page
        self.view = view
        self.token = token
        self.ticket = ""
        """Leads to the page once, then no more; empty: there is none."""
        # An address of version 6 has colons, and wants its own kind of socket.
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = host
        super().__init__((host, port), _Request)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """``http://HOST:PORT``, for a browser on this machine."""
        host = _ALL_ADDRESSES.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def is_served(self, host_header: str) -> bool:
        """Whether a Host header names this server and not somebody's name for its address."""
        try:
            named = urlsplit(f"//{host_header}")
            host, port = named.hostname or "", named.port or _HTTP_PORT
        except ValueError:
            return False
        if port != self.port:
            return False
        if host == self._host.lower() or (is_loopback(self._host) and is_loopback(host)):
            return True
        # Where all addresses are listened on, it can be any of them, but no name but our own: a
        # name can be made to lead here (DNS rebinding).
        return self._host in _ALL_ADDRESSES and (_is_address(host) or host == "localhost")

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away is no error; others are shown by the base class."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(cast("socket.socket", request), client_address)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Request(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    server: ViewServer

    def do_GET(self) -> None:
        """Answer, or refuse without a word."""
        if not self._is_for_us():
            return self._empty(HTTPStatus.MISDIRECTED_REQUEST)
        if self._takes_ticket():
            return self._empty(HTTPStatus.SEE_OTHER, {"Location": f"/{self.server.token}/"})
        _, given, rest = (*self.path.split("/", 2), "", "")[:3]
        if not self._is_known(given, self.server.token):
            return self._empty(HTTPStatus.NOT_FOUND)
        if rest == "" and self.path.endswith("/"):
            return self._page()
        asked = _FRAME.fullmatch(rest)
        if asked is None or not self.server.view.has(int(asked[1]), int(asked[2])):
            return self._empty(HTTPStatus.NOT_FOUND)
        return self._frame(int(asked[1]), int(asked[2]), asked[3])

    def do_HEAD(self) -> None:
        """The same without a body."""
        self.do_GET()

    def _is_for_us(self) -> bool:
        named = self.headers.get_all("Host") or []
        return len(named) == 1 and self.server.is_served(named[0].strip())

    def _takes_ticket(self) -> bool:
        ticket = self.server.ticket
        if not ticket or not self._is_known(self.path[1:], ticket):
            return False
        self.server.ticket = ""
        return True

    def _is_known(self, given: str, secret: str) -> bool:
        """Whether a part of the address is the secret; as slow for any that is not."""
        same = hmac.compare_digest(given.encode("latin-1"), secret.encode("latin-1"))
        return same and self.path.startswith("/")

    def _page(self) -> None:
        page = self.server.page
        self._send(
            HTTPStatus.OK,
            "text/html; charset=utf-8",
            page.text.encode("utf-8"),
            f"{page.policy}; frame-ancestors 'none'",
        )

    def _frame(self, clip: int, frame: int, kind: str) -> None:
        view = self.server.view
        try:
            if kind == "json":
                record = view.record(clip, frame, self._is_waiting)
                self._send(HTTPStatus.OK, "application/json", record.encode("utf-8"))
            else:
                self._send(HTTPStatus.OK, "image/jpeg", view.picture(clip, frame, self._is_waiting))
        except MediaError as error:
            self._send(HTTPStatus.NOT_FOUND, _TEXT, error.what.encode())
        except VbenchError as error:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, str(error).encode())
        except AbandonedError:
            self.close_connection = True

    def _is_waiting(self) -> bool:
        """Whether the browser still wants the answer: it closes connections that it gave up."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))

    def _empty(self, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "", b"", headers=headers)

    def _send(
        self,
        status: HTTPStatus,
        content_type: str,
        body: bytes,
        policy: str = _CLOSED_POLICY,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {
            **_SAFE,
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            **({"Content-Type": content_type} if content_type else {}),
            **(headers or {}),
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, *_words: str | None) -> None:
        """What is no GET or HEAD, or no HTTP at all, gets a status and no more."""
        self.close_connection = True
        self.command = "HEAD"
        if code == HTTPStatus.NOT_IMPLEMENTED:
            code = HTTPStatus.METHOD_NOT_ALLOWED
        self._send(HTTPStatus(code), "", b"", headers={"Connection": "close"})

    def version_string(self) -> str:
        """Without versions."""
        return "vbench"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds the token."""
