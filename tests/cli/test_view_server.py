"""The server of `vbench view`: a token, a host, numbers; anything else gets an empty answer."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from tests.bench.small import N_FRAMES
from tests.video.clips import number_of
from vbench.bench.finished import FinishedRun
from vbench.bench.view import RunView, served_page
from vbench.cli.view_server import ViewServer, is_loopback
from vbench.record.folder import RunFolder

TOKEN = "secret-0123456789-abcdefghijklmnop"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a server for exactly what it is told to ask for."""

    server: ViewServer

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def ask(self, path: str, *, method: str = "GET", host: str | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        with closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", self.host if host is None else host)
            connection.endheaders()
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body for a path as it is, whatever is in it."""
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
        head, _, body = self.raw(request.encode("latin-1")).partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def raw(self, request: bytes) -> bytes:
        with closing(socket.create_connection(("127.0.0.1", self.server.port), 30)) as sent:
            sent.sendall(request)
            sent.shutdown(socket.SHUT_WR)
            found = b""
            while more := sent.recv(1 << 16):
                found += more
            return found


@pytest.fixture(scope="module")
def served(finished: FinishedRun) -> Iterator[Client]:
    view = RunView(finished.folder.path, (), lambda _: None)
    page = served_page(finished.folder.path)
    with ViewServer(page, view, "127.0.0.1", 0, TOKEN) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Client(server)
        server.shutdown()
        thread.join()
    view.close()


def test_the_page(served: Client) -> None:
    reply = served.ask(f"/{TOKEN}/")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.body.decode().startswith("<!doctype html>")
    assert reply.body.decode() == served.server.page.text
    assert TOKEN not in reply.body.decode()


def test_the_page_may_ask_its_own_server_alone(served: Client) -> None:
    header = served.ask(f"/{TOKEN}/").headers["Content-Security-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in header.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert set(policy["img-src"].split()) == {"data:", "blob:", "'self'"}
    assert all(source.startswith("'sha256-") for source in policy["script-src"].split())
    assert policy["frame-ancestors"] == "'none'"


def test_every_answer_is_for_this_page_alone(served: Client) -> None:
    for path in (f"/{TOKEN}/", f"/{TOKEN}/frames/0/3.jpg", f"/{TOKEN}/frames/0/3.json", "/"):
        headers = served.ask(path).headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Access-Control-Allow-Origin"] is None
        assert headers["Content-Security-Policy"]
        assert headers["Server"] == "vbench"


@pytest.mark.parametrize("frame", [0, 5, N_FRAMES - 1])
def test_a_frame(served: Client, frame: int) -> None:
    record = served.ask(f"/{TOKEN}/frames/1/{frame}.json")
    assert record.status == 200
    assert record.headers["Content-Type"] == "application/json"
    found = json.loads(record.body)
    assert (found["clip"], found["frame"], found["problem"]) == (1, frame, "")
    reply = served.ask(f"/{TOKEN}/{found['image'].removeprefix('./')}")
    assert reply.headers["Content-Type"] == "image/jpeg"
    image = cv2.imdecode(np.frombuffer(reply.body, np.uint8), cv2.IMREAD_COLOR)
    assert number_of(np.asarray(image, np.uint8)) == frame


def test_head_is_get_without_a_body(served: Client) -> None:
    for path in (f"/{TOKEN}/", f"/{TOKEN}/frames/0/3.jpg"):
        whole, head = served.ask(path), served.ask(path, method="HEAD")
        assert head.status == 200
        assert head.body == b""
        assert head.headers["Content-Length"] == str(len(whole.body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "FETCH"])
def test_nothing_else_can_be_done(served: Client, method: str) -> None:
    reply = served.ask(f"/{TOKEN}/", method=method)
    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/favicon.ico",
        f"/{TOKEN}",
        f"/{TOKEN[:-1]}/",
        f"/{TOKEN}x/",
        f"/{TOKEN.upper()}/",
        f"/x/{TOKEN}/",
        f"/%73{TOKEN[1:]}/",
        f"{TOKEN}/",
        f"/é{TOKEN}/".encode().decode("latin-1"),
        "/wrong/frames/0/3.jpg",
    ],
)
def test_no_token_no_answer(served: Client, path: str) -> None:
    status, body = served.get(path)
    assert (status, body) == (404, b"")


@pytest.mark.parametrize(
    "rest",
    [
        "?",
        "index.html",
        "frames",
        "frames/0/3.png",
        "frames/0/3.jpg?",
        "frames/0/3.jpg/",
        "frames/0/3",
        "frames/0/-1.jpg",
        "frames/-1/0.jpg",
        "frames/2/0.jpg",
        f"frames/0/{N_FRAMES}.jpg",
        "frames/0/999999999.jpg",
        "frames/0/99999999999999999999999999.jpg",
        "frames/0/3.5.jpg",
        "frames/0/1e1.jpg",
        "frames/0/٣.jpg".encode().decode("latin-1"),
        "frames/a-day/3.jpg",
        "frames/0//3.jpg",
        "../run.json",
        "frames/../../run.json",
        "frames/0/../../../run.json",
        "frames/0/%2e%2e/%2e%2e/run.json",
        "frames%2f0%2f3.jpg",
        "frames/0/..%2f3.jpg",
        "frames\\0\\3.jpg",
        "frames/0/3.jpg%00",
        "/etc/passwd",
        "run.json",
        "media.json",
    ],
)
def test_only_frames_of_the_run(served: Client, rest: str) -> None:
    status, body = served.get(f"/{TOKEN}/{rest}")
    assert (status, body) == (404, b"")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.evil.example",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "192.168.0.1:{port}",
        "[::2]:{port}",
        "127.0.0.1:{port}@evil.example",
        "[",
        "127.0.0.1:99999",
    ],
)
def test_another_name_for_the_address_is_refused(served: Client, host: str) -> None:
    """A page elsewhere can make its own name lead to this server, but not send our name."""
    reply = served.ask(f"/{TOKEN}/", host=host.format(port=served.server.port))
    assert (reply.status, reply.body) == (421, b"")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_names_of_this_machine(served: Client, host: str) -> None:
    assert served.ask(f"/{TOKEN}/", host=host.format(port=served.server.port)).status == 200


def test_a_request_names_one_host(served: Client) -> None:
    host = f"Host: {served.host}\r\n"
    for lines in ("", host + "Host: evil.example\r\n", host + host):
        request = f"GET /{TOKEN}/ HTTP/1.1\r\n{lines}Connection: close\r\n\r\n"
        assert served.raw(request.encode()).split()[1] == b"421"


@pytest.mark.parametrize(
    "sent", [b"\r\n", b"GET\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET / HTTP/9\r\n"]
)
def test_what_is_no_request_gets_no_words(served: Client, sent: bytes) -> None:
    head, _, body = served.raw(sent).partition(b"\r\n\r\n")
    assert body == b""
    assert b"Python" not in head
    assert served.ask(f"/{TOKEN}/").status == 200


def test_a_ticket_leads_to_the_page_once(served: Client) -> None:
    served.server.ticket = "ticket"
    reply = served.ask("/ticket")
    assert reply.status == 303
    assert reply.headers["Location"] == f"/{TOKEN}/"
    assert served.ask("/ticket").status == 404
    assert served.ask("/").status == 404


def test_a_frame_without_picture_says_why(
    served: Client, finished: FinishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone.mp4"
    media = served.server.view._media
    clips = [replace(clip, path=gone) for clip in media._clips]
    monkeypatch.setattr(media, "_clips", clips)
    reply = served.ask(f"/{TOKEN}/frames/0/3.jpg")
    assert reply.status == 404
    assert b"gone.mp4" in reply.body
    assert str(tmp_path).encode() not in reply.body
    record = json.loads(served.ask(f"/{TOKEN}/frames/0/3.json").body)
    assert "gone.mp4" in record["problem"]
    assert record["truth"]


def test_a_run_folder_that_lost_a_part(
    served: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served.server.view, "_folder", RunFolder(tmp_path))
    reply = served.ask(f"/{TOKEN}/frames/0/3.json")
    assert reply.status == 500
    assert b"a-day.parquet" in reply.body


def test_a_browser_that_gave_up_is_not_answered(served: Client) -> None:
    """What waits behind a slow frame and is not wanted any more is not decoded."""
    media = served.server.view._media
    request = f"GET /{TOKEN}/frames/0/9.jpg HTTP/1.1\r\nHost: {served.host}\r\n\r\n".encode()
    media._jpegs.pop((0, 9), None)
    with media._one_at_a_time:
        given_up = socket.create_connection(("127.0.0.1", served.server.port), 30)
        given_up.sendall(request)
        given_up.close()
    assert served.ask(f"/{TOKEN}/frames/0/8.jpg").status == 200
    assert (0, 9) not in media._jpegs


@pytest.mark.parametrize(
    ("listens", "named", "is_served"),
    [
        ("127.0.0.1", "[::1]", True),
        ("127.0.0.1", "10.0.0.5", False),
        ("0.0.0.0", "10.0.0.5", True),
        ("0.0.0.0", "[fe80::1]", True),
        ("0.0.0.0", "localhost", True),
        ("0.0.0.0", "evil.example", False),
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "127.0.0.1", False),
        ("lab.example", "Lab.Example", True),
        ("lab.example", "evil.example", False),
    ],
)
def test_hosts_that_are_served(served: Client, listens: str, named: str, is_served: bool) -> None:
    server = ViewServer.__new__(ViewServer)
    server._host = listens
    server.server_address = (listens, 8000)
    assert server.is_served(f"{named}:8000") == is_served


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "")],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_the_log_is_silent(served: Client, capfd: pytest.CaptureFixture[str]) -> None:
    served.ask(f"/{TOKEN}/frames/0/3.json")
    served.ask("/nothing")
    assert capfd.readouterr() == ("", "")
