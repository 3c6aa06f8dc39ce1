"""Requests over one kept connection; the only module that imports http.client and ssl.

A frame is sent once. A server with a tracker or a counter would take a repeated one for a new one,
so nothing is retried after a first byte was sent. What is checked before is whether the server has
closed the idle connection; then a new one is opened.
"""

from __future__ import annotations

import selectors
import socket
import ssl
from collections.abc import Mapping
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
    RemoteDisconnected,
)
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vbench.engines.printable import printable
from vbench.engines.redaction import Redaction
from vbench.errors import EngineError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes; an answer is a list of boxes."""

_CHUNK = 1 << 16
_SHOWN = 200
_REDIRECTS = range(300, 400)
_SUCCESSES = range(200, 300)
_ADVICE = {
    401: "does the pipeline file send the right token in `headers`?",
    403: "does the pipeline file send the right token in `headers`?",
    404: "is the path in `url` right?",
    405: "frames are sent with POST; is the path in `url` right?",
    413: "send `frames: jpeg`, or raise the server's limit for a request's size",
    415: "does the server take what `body` and `frames` say?",
    422: "does the server take what `body`, `field` and `fields` say?",
    429: "the server takes fewer requests than a benchmark sends: raise its limit",
}
_SERVER_ADVICE = "the server's own log has more"


class Exchange:
    """A connection to one address; not safe for use by several threads at once.

    Proxies of the environment are not used.
    """

    def __init__(self, url: str, timeout_s: float, redacted: Redaction) -> None:
        """Connect.

        Args:
            url: the checked address.
            timeout_s: limit for connecting, and for a request with its answer.
            redacted: takes out of messages what none may show.

        Raises:
            EngineError: nobody answers there, or the certificate is not trusted.
        """
        parts = urlsplit(url)
        self._address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        self._timeout_s = timeout_s
        self._redacted = redacted
        host = parts.hostname or ""
        self._connection: HTTPConnection = (
            HTTPSConnection(
                host, parts.port, timeout=timeout_s, context=ssl.create_default_context()
            )
            if parts.scheme == "https"
            else HTTPConnection(host, parts.port, timeout=timeout_s)
        )
        self._connection.response_class = _TimedResponse
        self._has_answered = False
        self._connect()

    @property
    def address(self) -> str:
        """Where it goes, without the query: that may hold a key."""
        return self._address

    def post(self, headers: Mapping[str, str], body: bytes | memoryview) -> bytes:
        """Send a request and return the body of its answer.

        Raises:
            EngineError: no answer in time, a broken connection, another status than 200 to 299, or
                an answer above `LARGEST_ANSWER`. The connection is closed then.
        """
        deadline = monotonic() + self._timeout_s
        try:
            if self._connection.sock is None or _was_closed(self._connection.sock):
                self._connection.close()
                self._connect()
            sock = self._connection.sock
            sock.settimeout(self._timeout_s)
            self._send(headers, body)
            sock.settimeout(max(deadline - monotonic(), 1e-3))
            response = self._connection.getresponse()
            self._has_answered = True
            content = self._read(response)
        except EngineError:
            self._connection.close()
            raise
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise self._failure(error) from error
        self._check_status(response, content)
        return content

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _connect(self) -> None:
        try:
            self._connection.connect()
        except TimeoutError as error:
            raise self._error(
                f"no connection within {self._timeout_s:g} s",
                "is the host right, and does a firewall let the port through?",
            ) from error
        except OSError as error:
            raise self._failure(error) from error

    def _send(self, headers: Mapping[str, str], body: bytes | memoryview) -> None:
        try:
            self._connection.request("POST", self._target, body, dict(headers))
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse a request before it has read it, and say why.
            return

    def _read(self, response: HTTPResponse) -> bytes:
        chunks: list[bytes] = []
        n_read = 0
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            n_read += len(chunk)
            if n_read > LARGEST_ANSWER:
                raise self._error(
                    f"the answer is longer than {LARGEST_ANSWER // 1024**2} MiB",
                    "answer with boxes, not with pictures or masks",
                )
        content = b"".join(chunks)
        if response.length:
            raise IncompleteRead(content, response.length)
        # The end of a body of known length goes unnoticed otherwise, and the connection with it.
        response.close()
        return content

    def _check_status(self, response: HTTPResponse, content: bytes) -> None:
        if response.status in _SUCCESSES:
            encoding = response.headers.get("Content-Encoding", "identity")
            if encoding != "identity":
                raise self._error(
                    f"the answer has the content encoding {encoding}, which was not asked for",
                    "let the server, or what is before it, answer without compression",
                )
            return
        status = f"{response.status} {response.reason}".strip()
        if response.status in _REDIRECTS:
            target = response.headers.get("Location", "").partition("?")[0]
            raise self._error(
                f"the server answers {status} and points to {target or 'nowhere'}",
                "write the final address as `url`; redirects are not followed",
            )
        said = first_line(content)
        advice = _ADVICE.get(response.status, _SERVER_ADVICE)
        raise self._error(f"the server answers {status}" + (f": {said}" if said else ""), advice)

    def _failure(self, error: OSError | HTTPException) -> EngineError:
        """What went wrong below HTTP, in words."""
        if isinstance(error, TimeoutError):
            hint = "find out what keeps the server, or raise `timeout_s`"
            if not self._has_answered:
                hint += "; does it serve several connections at a time? Each pipeline keeps one"
            return self._error(f"no whole answer within {self._timeout_s:g} s", hint)
        if isinstance(error, ConnectionRefusedError):
            return self._error(
                "connection refused", "start the server there; are host and port right?"
            )
        if isinstance(error, socket.gaierror):
            return self._error(
                "the host's name is not known", "is `url` spelled right, and is this the network?"
            )
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._error(
                f"the server's certificate is not trusted: {error.verify_message}",
                "for a certificate of your own, set SSL_CERT_FILE to the file of its authority",
            )
        if isinstance(error, ssl.SSLError):
            return self._error(
                f"no TLS connection: {error.reason or error}",
                "does the server speak https on this port? otherwise write http://",
            )
        if isinstance(error, IncompleteRead):
            return self._error("the connection broke off in the middle of the answer", _RESTARTED)
        if isinstance(error, RemoteDisconnected | ConnectionResetError | BrokenPipeError):
            return self._error("the server closed the connection without an answer", _RESTARTED)
        if isinstance(error, BadStatusLine):
            return self._error(
                "what answers there does not speak HTTP", "are port and scheme of `url` right?"
            )
        return self._error(f"{type(error).__name__}: {error}", _SERVER_ADVICE)

    def _error(self, what: str, hint: str) -> EngineError:
        return EngineError(f"{self._address}: {printable(self._redacted(what))}", hint=hint)


_RESTARTED = "did it crash or restart? its own log has more"


class _TimedResponse(HTTPResponse):
    """An answer that must have come whole when the socket's time-out has passed once."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp.close()
        self.fp = BufferedReader(_TimedReader(sock))


class _TimedReader(RawIOBase):
    """A socket's bytes until a deadline.

    The socket's own time-out is for each wait for more, and an answer may come byte by byte.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline = monotonic() + (sock.gettimeout() or 0.0)
        # It keeps the socket open until the answer is read, also where the connection has let go.
        self._source = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left_s = self._deadline - monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._sock.settimeout(left_s)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


def first_line(content: bytes) -> str:
    """The first line with text of an answer, short and printable."""
    text = content[: 20 * _SHOWN].decode("utf-8", "replace")
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = printable(line)
    return shown[:_SHOWN] + ("..." if len(shown) > _SHOWN else "")


def _was_closed(sock: socket.socket) -> bool:
    """Whether an idle connection has something to read: its end, or what nobody asked for."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
