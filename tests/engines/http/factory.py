"""The http engine for the contract test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from tests.engines.http.server import Received, detector_server
from vbench.config.engines.http import HttpEntry
from vbench.engines.http.engine import open_engine
from vbench.engines.protocol import EngineSite, FrameEngine


@contextmanager
def http_engine_factory(folder: Path, **keys: object) -> Iterator[Callable[[], FrameEngine]]:
    """Opens engines on one server of two boxes, scored by the mean blue and red of the frame."""
    with detector_server() as (url, manners):
        manners.answer = _blue_box
        entry = HttpEntry.model_validate({"type": "http", "url": url, **keys})
        site = EngineSite(folder, "pipeline.yaml: engine.{}".format, "detect", ("person", "truck"))
        yield lambda: open_engine(entry, site)


@contextmanager
def raw_http_engine_factory(folder: Path) -> Iterator[Callable[[], FrameEngine]]:
    """The same with raw frames."""
    with http_engine_factory(folder, frames="raw") as opened:
        yield opened


def _blue_box(received: Received) -> bytes:
    headers = received.headers
    width, height = int(headers["vbench-width"]), int(headers["vbench-height"])
    pixels = np.frombuffer(received.body, np.uint8)
    if headers["content-type"] == "image/jpeg":
        image = cv2.imdecode(pixels, cv2.IMREAD_COLOR)
        assert image is not None
    else:
        assert headers["vbench-color"] == "bgr"
        image = pixels.reshape(height, width, 3)
    blue, _, red = image.reshape(-1, 3).mean(axis=0) / 255
    boxes = [[0, 0, width / 2, height / 2], [width / 4, height / 4, width, height]]
    answer = {"boxes": boxes, "scores": [float(blue), float(red)], "classes": [0, 1]}
    return json.dumps(answer).encode()
