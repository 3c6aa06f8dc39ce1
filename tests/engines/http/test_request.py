"""What goes over the wire."""

from __future__ import annotations

import json
from base64 import b64decode
from email import message_from_bytes
from email.message import Message

import cv2
import numpy as np
import pytest

from vbench.config.engines.http import HttpEntry
from vbench.engines.http.request import RequestForm
from vbench.types.frame import Frame

IMAGE = np.random.default_rng(5).integers(0, 256, (24, 32, 3), np.uint8)


def form(**keys: object) -> RequestForm:
    return RequestForm(
        HttpEntry.model_validate({"type": "http", "url": "http://localhost/", **keys})
    )


def frame(color: str = "bgr") -> Frame:
    return Frame(3, 0.12, IMAGE, "bgr" if color == "bgr" else "rgb")


def test_raw_frames_are_the_pixels_in_the_order_asked_for() -> None:
    bgr = form(frames="raw").body(frame())
    assert bytes(bgr) == IMAGE.tobytes()
    assert isinstance(bgr, memoryview), "a view of the frame, no copy"
    rgb = form(frames="raw", color="rgb")
    assert bytes(rgb.body(frame())) == IMAGE[..., ::-1].tobytes()
    headers = rgb.headers(None, frame())
    assert headers["Vbench-Color"] == "rgb"
    assert (headers["Vbench-Width"], headers["Vbench-Height"]) == ("32", "24")
    assert headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("color", ["bgr", "rgb"])
def test_png_keeps_every_pixel(color: str) -> None:
    content = form(frames="png").body(frame(color))
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    wanted = IMAGE if color == "bgr" else IMAGE[..., ::-1]
    np.testing.assert_array_equal(found, wanted)
    assert form(frames="png").headers(None, frame())["Content-Type"] == "image/png"


def test_jpeg_is_the_default() -> None:
    content = form().body(frame())
    assert bytes(content[:3]) == b"\xff\xd8\xff"
    assert form().headers(None, frame())["Content-Type"] == "image/jpeg"
    assert "Vbench-Color" not in form().headers(None, frame())


def test_json_with_base64() -> None:
    made = form(
        frames="raw",
        body="json",
        field="image.value",
        fields={"image.type": "base64", "threshold": 0.01, "n": 3, "tile": False},
    )
    found = json.loads(bytes(made.body(frame())))
    assert b64decode(found["image"].pop("value")) == IMAGE.tobytes()
    assert found == {"image": {"type": "base64"}, "threshold": 0.01, "n": 3, "tile": False}
    assert made.headers(None, frame())["Content-Type"] == "application/json"


def test_a_form_with_a_file() -> None:
    made = form(frames="png", body="multipart", field="file", fields={"conf": 0.01, "on": True})
    content_type = made.headers(None, frame())["Content-Type"]
    message = message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + bytes(made.body(frame()))
    )
    parts = message.get_payload()
    assert isinstance(parts, list)
    found = {}
    for part in parts:
        assert isinstance(part, Message)
        found[part.get_param("name", header="content-disposition")] = part
    assert found["conf"].get_payload(decode=True) == b"0.01"
    assert found["on"].get_payload(decode=True) == b"true"
    assert found["file"].get_filename() == "frame.png"
    assert found["file"].get_content_type() == "image/png"
    assert found["file"].get_payload(decode=True) == bytes(form(frames="png").body(frame()))


def test_a_header_of_the_users_takes_the_place_of_vbenchs() -> None:
    headers = form(headers={"content-type": "image/x-own", "X-Key": "k"}).headers(None, frame())
    assert "Content-Type" not in headers
    assert headers["content-type"] == "image/x-own"
    assert headers["X-Key"] == "k"


def test_secrets_are_values_of_headers_and_texts() -> None:
    made = form(body="json", headers={"A": "Bearer t"}, fields={"api_key": "k", "n": 1})
    assert made.secrets == ("Bearer t", "k")


@pytest.mark.parametrize(
    ("query", "expected"), [("?mode=a&key=b%20c", {"a", "b%20c", "b c"}), ("?token", {"token"})]
)
def test_what_follows_the_question_mark_is_secret(query: str, expected: set[str]) -> None:
    assert set(form(url=f"http://h/p{query}").secrets) == expected
