"""The http engine against a real server on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.engines.http.server import (
    Manners,
    answering,
    detector_server,
    no_server,
    server_context,
)
from vbench.config.engines.http import HttpEntry
from vbench.engines.http import exchange
from vbench.engines.http.engine import HttpEngine, files_of, open_engine
from vbench.engines.protocol import ClipFacts, EngineSite
from vbench.errors import EngineError, ExitCode
from vbench.types.frame import Frame

ONE = {"boxes": [[1, 2, 30, 40]], "scores": [0.75], "classes": ["forklift"], "tracks": [7]}
CLIP = ClipFacts("dock 3/ü", 64, 48, 25.0)


def site(tmp_path: Path = Path()) -> EngineSite:
    return EngineSite(
        tmp_path, lambda key: f"p.yaml:7: engine.{key}", "detect", ("person", "forklift")
    )


def entry(url: str, **more: object) -> HttpEntry:
    return HttpEntry.model_validate({"type": "http", "url": url, **more})


def frame(index: int = 0) -> Frame:
    image = np.full((48, 64, 3), (10, 20, 30), np.uint8)
    return Frame(index, index / 25, image, "bgr")


@pytest.fixture
def server() -> Iterator[tuple[str, Manners]]:
    with detector_server() as running:
        yield running


@pytest.fixture
def opened(server: tuple[str, Manners]) -> Iterator[tuple[HttpEngine, Manners]]:
    url, manners = server
    engine = open_engine(entry(f"{url}/detect?key=topsecret", timeout_s=5.0), site())
    yield engine, manners
    engine.close()


def test_answers_become_detections(opened: tuple[HttpEngine, Manners]) -> None:
    engine, manners = opened
    manners.answer = answering(ONE)
    found = engine.detect(frame())
    np.testing.assert_array_equal(found.boxes_xyxy, [[1, 2, 30, 40]])
    np.testing.assert_array_equal(found.scores, [0.75])
    np.testing.assert_array_equal(found.class_index, [1])
    np.testing.assert_array_equal(found.track_id, [7])
    assert manners.received[0].path == "/detect?key=topsecret"


def test_boxes_may_have_another_form(server: tuple[str, Manners]) -> None:
    url, manners = server
    manners.answer = answering(ONE)
    engine = open_engine(entry(url, boxes="xywh"), site())
    np.testing.assert_array_equal(engine.detect(frame()).boxes_xyxy, [[1, 2, 31, 42]])
    engine.close()


def test_an_answer_of_the_servers_own(server: tuple[str, Manners]) -> None:
    url, manners = server
    row = {"label": "person", "conf": 0.5, "at": [0.25, 0.5, 0.5, 1.0]}
    manners.answer = answering({"predictions": [row]})
    mapping = {
        "detections": "predictions",
        "box": "at",
        "normalized": True,
        "score": "conf",
        "class": "label",
    }
    engine = open_engine(entry(url, answer=mapping), site())
    found = engine.detect(frame())
    np.testing.assert_array_equal(found.boxes_xyxy, [[16, 24, 32, 48]])
    np.testing.assert_array_equal(found.class_index, [0])
    manners.answer = answering({"error": "no model", "code": 3})
    with pytest.raises(
        EngineError,
        match=r'detect, frame 2: the answer has no "predictions": it has "error", "code" \('
        r"correct `answer.detections`",
    ):
        engine.detect(frame(2))
    engine.close()


def test_one_connection_for_all_frames(opened: tuple[HttpEngine, Manners]) -> None:
    engine, manners = opened
    engine.begin_clip(CLIP)
    for index in range(5):
        engine.detect(frame(index))
    assert [item.connection for item in manners.received] == [0] * 5
    assert [item.headers["vbench-frame"] for item in manners.received] == list("01234")
    assert {item.headers["vbench-clip"] for item in manners.received} == {"dock%203/%C3%BC"}
    assert manners.received[3].headers["vbench-time"] == "0.120000"


def test_the_first_frame_of_a_clip_is_marked(opened: tuple[HttpEngine, Manners]) -> None:
    """The clip's name alone would not do: a warm-up frame has it as well."""
    engine, manners = opened
    for _ in range(2):
        engine.begin_clip(CLIP)
        engine.detect(frame(0))
        engine.detect(frame(1))
    marks = [item.headers.get("vbench-new-clip") for item in manners.received]
    assert marks == ["true", None, "true", None]


def test_a_connection_closed_between_frames_is_opened_again(
    opened: tuple[HttpEngine, Manners],
) -> None:
    """The server may close an idle connection; a frame is still sent only once."""
    engine, manners = opened
    manners.close_after = True
    for index in range(3):
        engine.detect(frame(index))
        time.sleep(0.2)
    assert [item.headers["vbench-frame"] for item in manners.received] == list("012")
    assert [item.connection for item in manners.received] == [0, 1, 2]


def test_info_names_the_server_without_its_key(opened: tuple[HttpEngine, Manners]) -> None:
    engine, _ = opened
    text = engine.info.text()
    assert text.startswith("http 1.1 (http://127.0.0.1:")
    assert text.endswith("/detect)")
    assert files_of(entry("http://localhost"), Path()) == ()


def test_a_closed_engine_says_so(opened: tuple[HttpEngine, Manners]) -> None:
    engine, _ = opened
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match=r"closed.*open it again"):
        engine.detect(frame())


BAD_MANNERS: dict[str, tuple[dict[str, object], str]] = {
    "500": (
        {"status": 500, "answer": lambda _: b"\n  CUDA out of memory\nTraceback"},
        r"the server answers 500 Internal Server Error: CUDA out of memory \(",
    ),
    "503 without a word": ({"status": 503, "answer": lambda _: b""}, r"503 Service Unavailable \("),
    "401": ({"status": 401}, r"401 Unauthorized.*right token in `headers`"),
    "404": ({"status": 404}, r"404 Not Found.*path in `url`"),
    "413": ({"status": 413}, r"413 .*frames: jpeg"),
    "redirect": (
        {"status": 307, "headers": {"Location": "https://other/v2?key=hidden"}},
        r"answers 307 Temporary Redirect and points to https://other/v2 \(write the final",
    ),
    "html": ({"answer": lambda _: b"<html>hi</html>"}, r"the answer is not JSON: <html>hi</html>"),
    "binary": ({"answer": lambda _: b"\xff\xd8\xff\xe0"}, "the answer is not JSON"),
    "deep": ({"answer": lambda _: b"[" * 200_000}, r"the answer is not JSON: \[\[.*\.\.\. \("),
    "compressed": (
        {"headers": {"Content-Encoding": "gzip"}},
        r"content encoding gzip, which was not asked for \(let the server",
    ),
    "half a surrogate pair": (
        {"answer": lambda _: b'{"boxes": [], "scores": [], "\\ud800\\u001b": 1}'},
        r'unknown key "\?\?" \(',
    ),
    "nothing": ({"status": 204, "answer": lambda _: b""}, r"the answer is empty \("),
    "a list": ({"answer": answering([1])}, r"expected a JSON object"),
    "no such class": (
        {"answer": answering({"boxes": [[0, 0, 1, 1]], "scores": [1], "classes": ["persn"]})},
        r'"persn".*did you mean "person"',
    ),
    "percent": (
        {"answer": answering({"boxes": [[0, 0, 1, 1]], "scores": [91], "classes": [0]})},
        r"91, expected 0 to 1",
    ),
    "hangs up": ({"raw": b""}, r"closed the connection without an answer"),
    "cut short": (
        {"raw": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"},
        r"broke off in the middle of the answer",
    ),
    "cut short in a chunk": (
        {"raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"},
        r"broke off in the middle of the answer",
    ),
    "cut short in the header": ({"raw": b"HTTP/1.1 200 OK\r\nConte"}, r"the answer is empty"),
    "not http": ({"raw": b"220 mail.example ESMTP\r\n"}, r"does not speak HTTP"),
}


@pytest.mark.parametrize("name", BAD_MANNERS)
def test_each_bad_answer_is_one_clear_error(name: str, opened: tuple[HttpEngine, Manners]) -> None:
    engine, manners = opened
    changes, message = BAD_MANNERS[name]
    for key, value in changes.items():
        setattr(manners, key, value)
    with pytest.raises(EngineError, match=message) as caught:
        engine.detect(frame(3))
    assert caught.value.where == "stage detect, frame 3"
    assert caught.value.hint
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert "topsecret" not in str(caught.value)
    assert len(manners.received) == 1, "a frame is never sent twice"


def test_the_next_frame_may_go_well_again(opened: tuple[HttpEngine, Manners]) -> None:
    engine, manners = opened
    manners.raw = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
    with pytest.raises(EngineError):
        engine.detect(frame(0))
    manners.raw = None
    manners.answer = answering(ONE)
    assert len(engine.detect(frame(1))) == 1


@pytest.mark.parametrize(
    "slow",
    [
        {"wait_s": 3.0},
        {"drip_s": 0.1},
        {"drip_s": 0.1, "raw": b"HTTP/1.1 200 OK\r\nX-Long: aaaaaaaaaaaaaaa\r\n\r\n"},
        {"drip_s": 0.1, "raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;aaaa"},
    ],
)
def test_a_slow_answer_times_out(slow: dict[str, object], server: tuple[str, Manners]) -> None:
    """Also one that comes, but byte by byte: the limit is for the whole answer."""
    url, manners = server
    for key, value in slow.items():
        setattr(manners, key, value)
    engine = open_engine(entry(url, timeout_s=0.3), site())
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"no whole answer within 0.3 s.*raise `timeout_s`"):
        engine.detect(frame())
    assert time.monotonic() - start < 2.0
    engine.close()


def test_a_server_that_never_answered_may_be_busy_with_another_connection(
    opened: tuple[HttpEngine, Manners], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes a connection at a time keeps all pipelines but the first waiting."""
    engine, manners = opened
    monkeypatch.setattr(engine._exchange, "_timeout_s", 0.2)
    manners.wait_s = 1.0
    with pytest.raises(EngineError, match="serve several connections at a time"):
        engine.detect(frame())
    manners.wait_s = 0.0
    engine.detect(frame())
    manners.wait_s = 1.0
    with pytest.raises(EngineError, match=r"raise `timeout_s`\)$"):
        engine.detect(frame())


def test_a_flood_is_cut_off(
    opened: tuple[HttpEngine, Manners], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, manners = opened
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 1 << 20)
    manners.answer = lambda _: b"0" * (2 << 20)
    with pytest.raises(EngineError, match="longer than 1 MiB"):
        engine.detect(frame())


def test_a_server_that_repeats_the_token_does_not_give_it_away(
    server: tuple[str, Manners],
) -> None:
    url, manners = server
    manners.status = 403
    manners.answer = lambda received: (
        f"no: {received.headers['authorization']} and s3cr3t-token and apikey77".encode()
    )
    engine = open_engine(
        entry(
            f"{url}/?key=apikey77",
            headers={"Authorization": "Bearer s3cr3t-token"},
        ),
        site(),
    )
    with pytest.raises(EngineError, match=r"403 Forbidden: no: \*\*\* and \*\*\* and \*\*\* \("):
        engine.detect(frame())
    assert manners.received[0].headers["authorization"] == "Bearer s3cr3t-token"
    engine.close()


@pytest.mark.parametrize("form", ["no: {}", '{{"{}": 1}}', '{{"boxes": "{}", "scores": []}}'])
def test_a_good_status_gives_no_secret_away_either(form: str, server: tuple[str, Manners]) -> None:
    url, manners = server
    token = "Bearer 0123456789" + "abcdef" * 50
    manners.answer = lambda received: form.format(received.headers["authorization"]).encode()
    engine = open_engine(entry(url, headers={"Authorization": token}), site())
    with pytest.raises(EngineError, match=r"\*\*\*") as caught:
        engine.detect(frame())
    assert "01234567" not in f"{caught.value}{caught.value.hint}"
    engine.close()


def test_nobody_there() -> None:
    with (
        no_server() as port,
        pytest.raises(
            EngineError, match=rf"engine.url: http://127.0.0.1:{port}.*connection refused \(start"
        ),
    ):
        open_engine(entry(f"http://127.0.0.1:{port}/detect"), site())


def test_a_server_that_went_away() -> None:
    with detector_server() as (url, manners):
        engine = open_engine(entry(url), site())
        manners.close_after = True
        engine.detect(frame(0))
    time.sleep(0.2)
    with pytest.raises(EngineError, match=r"stage detect, frame 1: .*connection refused"):
        engine.detect(frame(1))
    engine.close()


def test_unknown_host() -> None:
    with pytest.raises(EngineError, match=r"engine.url: .*host's name is not known"):
        open_engine(entry("http://no-such-host.invalid/"), site())


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = server_context(tmp_path)
    with detector_server(context) as (url, manners):
        manners.answer = answering(ONE)
        with pytest.raises(EngineError, match=r"certificate is not trusted: self.signed.*SSL_CERT"):
            open_engine(entry(url), site())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        engine = open_engine(entry(url), site())
        for index in range(3):
            assert len(engine.detect(frame(index))) == 1
        assert {item.connection for item in manners.received} == {manners.received[0].connection}
        engine.close()


def test_https_to_a_plain_server(server: tuple[str, Manners]) -> None:
    url, _ = server
    with pytest.raises(EngineError, match=r"no TLS connection.*otherwise write http://"):
        open_engine(entry(url.replace("http", "https"), timeout_s=2.0), site())


def test_plain_http_to_a_tls_server(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    with detector_server(context) as (url, _), pytest.raises(EngineError, match="frame 0: http://"):
        open_engine(entry(url.replace("https", "http")), site()).detect(frame())
    assert isinstance(context, ssl.SSLContext)


def test_a_frame_refused_before_it_was_read() -> None:
    """Servers with a limit answer the header and hang up while the frame is still being sent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(2048)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 8\r\n\r\nlimit 1M")

        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        engine = open_engine(entry(url, frames="raw", timeout_s=5.0), site())
        large = Frame(0, 0.0, np.zeros((2160, 3840, 3), np.uint8), "bgr")
        with pytest.raises(EngineError, match=r"413 Too Large: limit 1M \(send `frames: jpeg`"):
            engine.detect(large)
        engine.close()
        thread.join()
